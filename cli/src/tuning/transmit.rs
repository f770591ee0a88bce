//! A transmitter's stream: the radio is set between two transmissions, when the last one is out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use heliograph_hardware::profile::Profile;
use heliograph_hardware::{
    BurstEnd, Direction, RadioError, RadioSettings, TxReport, TxStart, TxStream,
};
use num_complex::Complex32;

use super::Tuning;
use crate::radio_args;

/// What was handed over is on the air by then, also where the radio does not say so.
const OUT: Duration = Duration::from_secs(2);
/// It is asked this often.
const WATCH: Duration = Duration::from_millis(100);

/// Opens the radio of a profile.
type OpenRadio =
    Box<dyn FnMut(&Profile) -> Result<(Box<dyn TxStream>, RadioSettings), RadioError> + Send>;

/// A stream of such a radio.
pub struct TunableTransmitter {
    /// `None` while the radio is set.
    stream: Option<Box<dyn TxStream>>,
    tuning: Tuning,
    open_radio: OpenRadio,
    /// Is a transmission under way that has not ended?
    under_way: bool,
    /// Transmissions of which the radio has said nothing yet.
    open: u64,
    /// Reports of a stream that is gone.
    heard: VecDeque<TxReport>,
}

impl TunableTransmitter {
    /// A stream that was opened with the settings of `tuning`.
    pub fn new(stream: Box<dyn TxStream>, tuning: Tuning) -> Self {
        Self {
            stream: Some(stream),
            tuning,
            open_radio: Box::new(opened),
            under_way: false,
            open: 0,
            heard: VecDeque::new(),
        }
    }

    /// Sets the radio anew, if that is wanted and nothing is under way.
    fn adjust(&mut self) -> Result<(), RadioError> {
        if self.under_way {
            return Ok(());
        }
        let Some(wanted) = self.tuning.take_wanted() else {
            return Ok(());
        };
        self.hear_out()?;
        // A radio has one stream at a time.
        self.stream = None;
        self.open = 0;
        self.stream = Some(self.tuning.renew(wanted, &mut self.open_radio)?);
        Ok(())
    }

    /// Waits until the radio has sent what it has.
    fn hear_out(&mut self) -> Result<(), RadioError> {
        let until = Instant::now() + OUT;
        while self.open > 0 && Instant::now() < until {
            if let Some(report) = self.report_of_stream(WATCH)? {
                self.heard.push_back(report);
            }
        }
        Ok(())
    }

    fn report_of_stream(&mut self, limit: Duration) -> Result<Option<TxReport>, RadioError> {
        let report = self.stream()?.report(limit)?;
        if let Some(TxReport::Sent { .. } | TxReport::Late { .. }) = report {
            self.open = self.open.saturating_sub(1);
        }
        Ok(report)
    }

    fn stream(&mut self) -> Result<&mut Box<dyn TxStream>, RadioError> {
        let tuning = &self.tuning;
        self.stream.as_mut().ok_or_else(|| RadioError::Gone {
            radio: tuning.profile().name,
            reason: "it could not be opened again".to_owned(),
        })
    }
}

/// Opens the radio of a profile.
fn opened(profile: &Profile) -> Result<(Box<dyn TxStream>, RadioSettings), RadioError> {
    let (mut radio, settings) = radio_args::configured(profile, Direction::Transmit)?;
    Ok((radio.transmit()?, settings))
}

impl TxStream for TunableTransmitter {
    fn send(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        limit: Duration,
    ) -> Result<(), RadioError> {
        self.adjust()?;
        self.stream()?.send(samples, start, end, limit)?;
        self.under_way = end == BurstEnd::Later;
        self.open += u64::from(!self.under_way);
        Ok(())
    }

    fn report(&mut self, limit: Duration) -> Result<Option<TxReport>, RadioError> {
        self.adjust()?;
        match self.heard.pop_front() {
            Some(report) => Ok(Some(report)),
            None => self.report_of_stream(limit),
        }
    }

    fn finish(&mut self) -> Result<(), RadioError> {
        self.stream
            .as_mut()
            .map_or(Ok(()), |stream| stream.finish())
    }
}

#[cfg(test)]
mod tests {
    use heliograph_hardware::{Loopback, Radio};
    use heliograph_page::Command;

    use super::*;

    /// Says that a transmission is out when it is asked for the second time.
    #[derive(Default)]
    struct Slow(u64, bool);

    impl TxStream for Slow {
        fn send(
            &mut self,
            _: &[Complex32],
            _: TxStart,
            end: BurstEnd,
            _: Duration,
        ) -> Result<(), RadioError> {
            self.0 += u64::from(end == BurstEnd::Here);
            Ok(())
        }

        fn report(&mut self, _: Duration) -> Result<Option<TxReport>, RadioError> {
            self.1 = !self.1;
            if self.1 || self.0 == 0 {
                return Ok(None);
            }
            self.0 -= 1;
            Ok(Some(TxReport::Sent { end: None }))
        }
    }

    fn tuning() -> Tuning {
        let mut radio = Loopback::new(16);
        let settings = RadioSettings::new(433e6, 2e6);
        let profile = Profile {
            name: "none".to_owned(),
            device: "driver=none".to_owned(),
            traits: Default::default(),
            limits: Default::default(),
            receive: None,
            transmit: Some(settings.clone()),
        };
        let abilities = radio.capabilities(Direction::Transmit);
        let settings = radio.configure(Direction::Transmit, &settings).unwrap();
        Tuning::new(Direction::Transmit, profile, settings, abilities)
    }

    fn send(stream: &mut TunableTransmitter, end: BurstEnd) -> Result<(), RadioError> {
        stream.send(&[Complex32::ZERO; 8], TxStart::Now, end, OUT)
    }

    fn order(tuning: &Tuning, gain_db: f64) {
        let mut wanted = tuning.profile();
        wanted.transmit.as_mut().unwrap().gain_db = Some(gain_db);
        tuning.state().wanted = Some((1, wanted));
    }

    #[test]
    fn the_radio_is_set_between_two_transmissions_and_no_report_is_lost() {
        let tuning = tuning();
        let refused = tuning.obey(&Command::GainDb { value: 1e6 }).unwrap_err();
        assert!(refused.contains("gain_db"), "{refused}");
        let mut stream = TunableTransmitter::new(Box::<Slow>::default(), tuning.clone());
        stream.open_radio = Box::new(|profile| {
            let settings = profile.transmit.clone().unwrap();
            Ok((Box::<Slow>::default(), settings))
        });
        send(&mut stream, BurstEnd::Later).unwrap();
        order(&tuning, 7.0);
        send(&mut stream, BurstEnd::Here).unwrap();
        assert_eq!(
            tuning.settings().gain_db,
            None,
            "a transmission was under way"
        );
        // At rest, and without a further transmission.
        assert_eq!(
            stream.report(Duration::ZERO).unwrap(),
            Some(TxReport::Sent { end: None })
        );
        assert_eq!(tuning.settings().gain_db, Some(7.0));
        assert_eq!(tuning.state().answer, Some((1, Ok(()))));
        send(&mut stream, BurstEnd::Here).unwrap();
    }

    #[test]
    fn what_the_radio_refuses_leaves_it_as_it_was_and_one_that_does_not_come_back_is_gone() {
        let tuning = tuning();
        let mut stream = TunableTransmitter::new(Box::<Slow>::default(), tuning.clone());
        let refusal = || RadioError::Ended;
        stream.open_radio = Box::new(move |profile| {
            let settings = profile.transmit.clone().unwrap();
            match settings.gain_db {
                Some(_) => Err(refusal()),
                None => Ok((Box::<Slow>::default(), settings)),
            }
        });
        order(&tuning, 7.0);
        send(&mut stream, BurstEnd::Here).unwrap();
        assert_eq!(tuning.settings().gain_db, None);
        let answer = tuning.state().answer.take();
        assert_eq!(answer, Some((1, Err(refusal().to_string()))));
        stream.open_radio = Box::new(move |_| Err(refusal()));
        order(&tuning, 7.0);
        assert!(send(&mut stream, BurstEnd::Here).is_err());
        assert!(matches!(
            send(&mut stream, BurstEnd::Here),
            Err(RadioError::Gone { .. })
        ));
    }
}
