//! A radio that is set anew while it receives: its stream is dropped, the radio opened with the new settings, and what was missed
//! meanwhile reported as lost. The old settings come back where the new ones are refused.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliograph_hardware::profile::{Overrides, Profile};
use heliograph_hardware::{
    Capabilities, Direction, Lost, RadioError, RadioSettings, Reception, RxStream,
};
use heliograph_page::Command;
use heliograph_page::state::{Controls, Dial, NamedDial};
use num_complex::Complex32;

use crate::radio_args;

/// A radio that is not set anew by then is still busy with it.
const PATIENCE: Duration = Duration::from_secs(4);
/// What stands for a file name in errors.
const ORIGIN: &str = "page";
/// Steps of gains, dB.
const GAIN_STEP_DB: f64 = 0.5;

/// How a radio is set, and how it is to be. Clones share it.
#[derive(Clone)]
pub struct Tuning(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    answered: Condvar,
    abilities: Capabilities,
}

struct State {
    profile: Profile,
    settings: RadioSettings,
    wanted: Option<Profile>,
    answer: Option<Result<(), String>>,
}

impl Tuning {
    /// Of a radio as it was opened.
    pub fn new(profile: Profile, settings: RadioSettings, abilities: Capabilities) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                profile,
                settings,
                wanted: None,
                answer: None,
            }),
            answered: Condvar::new(),
            abilities,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The profile now.
    pub fn profile(&self) -> Profile {
        self.state().profile.clone()
    }

    /// As the radio took its settings.
    pub fn settings(&self) -> RadioSettings {
        self.state().settings.clone()
    }

    /// Sets the radio anew; waits until it is.
    ///
    /// # Errors
    /// What the profile or the radio refuses, with what is allowed; another command.
    pub fn obey(&self, command: &Command) -> Result<(), String> {
        if self.is_recording() {
            return Err("a recording is as it is: there is no radio to set".to_owned());
        }
        let overrides = match command {
            Command::GainDb { value } => Overrides {
                gain_db: Some(*value),
                ..Overrides::default()
            },
            Command::GainElementDb { name, value } => Overrides {
                gain_elements_db: [(name.clone(), *value)].into(),
                ..Overrides::default()
            },
            Command::FrequencyHz { value } => Overrides {
                frequency_hz: Some(*value),
                ..Overrides::default()
            },
            _ => return Err("this radio has no such control".to_owned()),
        };
        let mut state = self.state();
        let wanted = state
            .profile
            .clone()
            .with_overrides(Direction::Receive, &overrides, ORIGIN)
            .map_err(|error| error.to_string())?;
        if let Some(settings) = &wanted.receive {
            let abilities = &self.0.abilities;
            abilities.check(settings).map_err(|e| e.to_string())?;
        }
        (state.wanted, state.answer) = (Some(wanted), None);
        let waiting = |state: &mut State| state.answer.is_none();
        let waited = self.0.answered.wait_timeout_while(state, PATIENCE, waiting);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let still = || Err("the radio is still being set".to_owned());
        state.answer.take().unwrap_or_else(still)
    }

    /// Does a recording stand for the radio?
    fn is_recording(&self) -> bool {
        self.state().profile.device.starts_with(radio_args::FILE)
    }

    /// The radio's controls as the page shows them.
    pub fn show(&self, controls: &mut Controls) {
        if self.is_recording() {
            return;
        }
        let settings = self.settings();
        let abilities = &self.0.abilities;
        let gain = |value: f64, range: heliograph_hardware::Range| Dial {
            value,
            min: range.min,
            max: range.max,
            step: GAIN_STEP_DB,
        };
        controls.gain_db = settings.gain_db.map(|db| gain(db, abilities.gain_db));
        let element = |(name, range): (&String, &heliograph_hardware::Range)| NamedDial {
            name: name.clone(),
            dial: gain(
                settings
                    .gain_elements_db
                    .get(name)
                    .copied()
                    .unwrap_or(range.min),
                *range,
            ),
        };
        let elements = abilities.gain_elements_db.iter();
        // Stages are turned where the profile sets them; elsewhere the radio spreads one gain over them.
        controls.gain_elements_db = match settings.gain_elements_db.is_empty() {
            true => Vec::new(),
            false => elements.map(element).collect(),
        };
        controls.frequency_hz = Some(Dial {
            value: settings.frequency_hz,
            min: abilities.frequency_hz.min,
            max: abilities.frequency_hz.max,
            step: 1.0,
        });
    }

    fn take_wanted(&self) -> Option<Profile> {
        self.state().wanted.take()
    }

    fn done(&self, outcome: Result<(Profile, RadioSettings), String>) {
        let mut state = self.state();
        state.answer = Some(outcome.map(|(profile, settings)| {
            state.profile = profile;
            state.settings = settings;
        }));
        self.0.answered.notify_all();
    }
}

/// A stream of such a radio.
pub struct Tunable {
    /// `None` while the radio is set.
    stream: Option<Box<dyn RxStream>>,
    tuning: Tuning,
    /// Was the radio set since the last read?
    broken: bool,
}

impl Tunable {
    /// A stream that was opened with the settings of `tuning`.
    pub fn new(stream: Box<dyn RxStream>, tuning: Tuning) -> Self {
        Self {
            stream: Some(stream),
            tuning,
            broken: false,
        }
    }

    fn set(&mut self, wanted: Profile) -> Result<(), RadioError> {
        // A radio has one stream at a time.
        self.stream = None;
        self.broken = true;
        let outcome = match opened(&wanted) {
            Ok((stream, settings)) => {
                self.stream = Some(stream);
                Ok((wanted, settings))
            }
            Err(refused) => {
                let (stream, _) = opened(&self.tuning.profile())?;
                self.stream = Some(stream);
                Err(refused.to_string())
            }
        };
        self.tuning.done(outcome);
        Ok(())
    }
}

/// Opens the radio of a profile.
pub fn opened(profile: &Profile) -> Result<(Box<dyn RxStream>, RadioSettings), RadioError> {
    let (mut radio, settings) = radio_args::configured(profile, Direction::Receive)?;
    Ok((radio.receive()?, settings))
}

impl RxStream for Tunable {
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
        Tuning::new(profile, settings, abilities)
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
        let mut stream = Tunable::new(Box::new(Steady), tuning);
        let read = stream.read(&mut [Complex32::ZERO; 8], Duration::ZERO);
        assert_eq!(read.unwrap().lost, Lost::Nothing);
    }

    #[test]
    fn a_radio_that_does_not_come_back_is_gone() {
        let tuning = tuning();
        tuning.state().wanted = Some(tuning.profile());
        let mut stream = Tunable::new(Box::new(Steady), tuning);
        assert!(
            stream
                .read(&mut [Complex32::ZERO; 8], Duration::ZERO)
                .is_err()
        );
        let again = stream.read(&mut [Complex32::ZERO; 8], Duration::ZERO);
        assert!(matches!(again, Err(RadioError::Gone { .. })));
    }
}
