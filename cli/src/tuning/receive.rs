//! A receiver's stream: what was missed while the radio was set is reported as lost.

use std::time::Duration;

use heliograph_hardware::profile::Profile;
use heliograph_hardware::{Direction, Lost, RadioError, RadioSettings, Reception, RxStream};
use num_complex::Complex32;

use super::Tuning;
use crate::radio_args;

/// A stream of such a radio.
pub struct TunableReceiver {
    /// `None` while the radio is set.
    stream: Option<Box<dyn RxStream>>,
    tuning: Tuning,
    /// Was the radio set since the last read?
    broken: bool,
}

impl TunableReceiver {
    /// A stream that was opened with the settings of `tuning`.
    pub fn new(stream: Box<dyn RxStream>, tuning: Tuning) -> Self {
        Self {
            stream: Some(stream),
            tuning,
            broken: false,
        }
    }

    fn set(&mut self, wanted: (u64, Profile)) -> Result<(), RadioError> {
        // A radio has one stream at a time.
        self.stream = None;
        self.broken = true;
        self.stream = Some(self.tuning.renew(wanted, opened)?);
        Ok(())
    }
}

/// Opens the radio of a profile.
pub fn opened(profile: &Profile) -> Result<(Box<dyn RxStream>, RadioSettings), RadioError> {
    let (mut radio, settings) = radio_args::configured(profile, Direction::Receive)?;
    Ok((radio.receive()?, settings))
}

impl RxStream for TunableReceiver {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        if let Some(wanted) = self.tuning.take_wanted() {
            self.set(wanted)?;
        }
        let gone = || RadioError::Gone {
            radio: self.tuning.profile().name,
            reason: "it could not be opened again".to_owned(),
        };
        let stream = self.stream.as_mut().ok_or_else(gone)?;
        let mut reception = stream.read(samples, limit)?;
        if std::mem::take(&mut self.broken) {
            reception.lost = Lost::Unknown;
        }
        Ok(reception)
    }
}

#[cfg(test)]
mod tests {
    use heliograph_page::Command;

    use super::*;

    /// Samples that are all the same.
    struct Steady;

    impl RxStream for Steady {
        fn read(&mut self, s: &mut [Complex32], _: Duration) -> Result<Reception, RadioError> {
            Ok(Reception {
                samples: s.len(),
                time: None,
                lost: Lost::Nothing,
            })
        }
    }

    fn tuning() -> Tuning {
        let mut radio = heliograph_hardware::Loopback::new(16);
        let settings = RadioSettings::new(433e6, 2e6);
        let profile = Profile {
            name: "none".to_owned(),
            device: "driver=none".to_owned(),
            traits: Default::default(),
            limits: Default::default(),
            receive: Some(settings.clone()),
            transmit: None,
        };
        use heliograph_hardware::Radio;
        let abilities = radio.capabilities(Direction::Receive);
        let settings = radio.configure(Direction::Receive, &settings).unwrap();
        Tuning::new(Direction::Receive, profile, settings, abilities)
    }

    #[test]
    fn what_is_out_of_range_is_refused_before_anything_is_dropped() {
        let tuning = tuning();
        let refused = tuning.obey(&Command::GainDb { value: 1e6 }).unwrap_err();
        assert!(
            refused.contains("gain_db") && refused.contains("1000000"),
            "{refused}"
        );
        assert!(tuning.obey(&Command::Pause { on: true }).is_err());
        let mut stream = TunableReceiver::new(Box::new(Steady), tuning);
        let read = stream.read(&mut [Complex32::ZERO; 8], Duration::ZERO);
        assert_eq!(read.unwrap().lost, Lost::Nothing);
    }

    #[test]
    fn a_radio_that_does_not_come_back_is_gone() {
        let tuning = tuning();
        tuning.state().wanted = Some((1, tuning.profile()));
        let mut stream = TunableReceiver::new(Box::new(Steady), tuning);
        assert!(
            stream
                .read(&mut [Complex32::ZERO; 8], Duration::ZERO)
                .is_err()
        );
        let again = stream.read(&mut [Complex32::ZERO; 8], Duration::ZERO);
        assert!(matches!(again, Err(RadioError::Gone { .. })));
    }
}
