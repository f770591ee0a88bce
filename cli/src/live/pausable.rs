//! A stream that rests while the page has the run paused.

use std::thread;
use std::time::Duration;

use heliograph_hardware::{Lost, RadioError, Reception, RxStream};
use num_complex::Complex32;

use super::Dials;

/// It is looked this often whether the run goes on.
const WATCH: Duration = Duration::from_millis(50);

/// What becomes of samples meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhilePaused {
    /// A radio goes on: what it hears is silence to the receiver.
    Deaf,
    /// A recording waits where it stands.
    Waits,
}

/// The stream.
pub struct Pausable {
    stream: Box<dyn RxStream>,
    dials: Dials,
    meanwhile: WhilePaused,
}

impl Pausable {
    /// `stream`, as long as the run is not paused.
    pub fn new(stream: Box<dyn RxStream>, dials: Dials, meanwhile: WhilePaused) -> Self {
        Self {
            stream,
            dials,
            meanwhile,
        }
    }
}

impl RxStream for Pausable {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        if !self.dials.is_paused() {
            return self.stream.read(samples, limit);
        }
        if self.meanwhile == WhilePaused::Waits {
            thread::sleep(limit.min(WATCH));
            return Ok(Reception {
                samples: 0,
                time: None,
                lost: Lost::Nothing,
            });
        }
        let reception = self.stream.read(samples, limit)?;
        samples[..reception.samples].fill(Complex32::ZERO);
        Ok(reception)
    }
}

#[cfg(test)]
mod tests {
    use heliograph_page::Command;

    use super::*;
    use crate::codec_args::PainterArgs;

    /// Counts up.
    struct Counting(f32);

    impl RxStream for Counting {
        fn read(&mut self, s: &mut [Complex32], _: Duration) -> Result<Reception, RadioError> {
            for x in &mut *s {
                self.0 += 1.0;
                *x = self.0.into();
            }
            Ok(Reception {
                samples: s.len(),
                time: None,
                lost: Lost::Nothing,
            })
        }
    }

    fn two_reads_and_a_pause_between(meanwhile: WhilePaused) -> [Vec<f32>; 3] {
        let dials = Dials::new(PainterArgs::default());
        let pause = |on| dials.obey(&Command::Pause { on });
        assert!(pause(true).is_err(), "not every run can be paused");
        dials.allow_pause();
        let mut stream = Pausable::new(Box::new(Counting(0.0)), dials.clone(), meanwhile);
        [false, true, false].map(|paused| {
            pause(paused).unwrap();
            let mut samples = [Complex32::ZERO; 2];
            let n = stream.read(&mut samples, Duration::ZERO).unwrap().samples;
            samples[..n].iter().map(|x| x.re).collect()
        })
    }

    #[test]
    fn a_radio_goes_on_unheard_and_a_recording_waits() {
        let heard = two_reads_and_a_pause_between(WhilePaused::Deaf);
        assert_eq!(heard, [vec![1.0, 2.0], vec![0.0, 0.0], vec![5.0, 6.0]]);
        let heard = two_reads_and_a_pause_between(WhilePaused::Waits);
        assert_eq!(heard, [vec![1.0, 2.0], vec![], vec![3.0, 4.0]]);
    }
}
