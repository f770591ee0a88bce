//! A radio that is set anew while it streams, from the page: its stream is dropped and the radio opened with the new settings.
//! The old settings come back where the new ones are refused.

mod receive;
mod transmit;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliograph_hardware::profile::{Overrides, Profile};
use heliograph_hardware::{Capabilities, Direction, RadioError, RadioSettings};
use heliograph_page::state::{Controls, Dial, Live, NamedDial};
use heliograph_page::{Command, Publisher};

use crate::live::WhilePaused;
use crate::radio_args;
pub use receive::{TunableReceiver, opened};
pub use transmit::TunableTransmitter;

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
    direction: Direction,
}

struct State {
    profile: Profile,
    settings: RadioSettings,
    /// What was ordered, and the number of the order.
    wanted: Option<(u64, Profile)>,
    /// What is being set.
    under_way: Option<Profile>,
    orders: u64,
    /// To the order of this number and all before it.
    answer: Option<(u64, Result<(), String>)>,
    shown_on: Option<Publisher>,
}

impl Tuning {
    /// Of a radio as it was opened.
    pub fn new(
        direction: Direction,
        profile: Profile,
        settings: RadioSettings,
        abilities: Capabilities,
    ) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                profile,
                settings,
                wanted: None,
                under_way: None,
                orders: 0,
                answer: None,
                shown_on: None,
            }),
            answered: Condvar::new(),
            abilities,
            direction,
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
        // On top of what was ordered before and is not done.
        let before = state.wanted.as_ref().map(|(_, profile)| profile);
        let before = before
            .or(state.under_way.as_ref())
            .unwrap_or(&state.profile);
        let wanted = before
            .clone()
            .with_overrides(self.0.direction, &overrides, ORIGIN)
            .map_err(|error| error.to_string())?;
        let settings = match self.0.direction {
            Direction::Receive => &wanted.receive,
            Direction::Transmit => &wanted.transmit,
        };
        if let Some(settings) = settings {
            let abilities = &self.0.abilities;
            abilities.check(settings).map_err(|e| e.to_string())?;
        }
        state.orders += 1;
        let own = state.orders;
        state.wanted = Some((own, wanted));
        let waiting = |state: &mut State| state.answer.as_ref().is_none_or(|(n, _)| *n < own);
        let waited = self.0.answered.wait_timeout_while(state, PATIENCE, waiting);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        let still = || Err("the radio is still busy, and will be set after that".to_owned());
        match waited.timed_out() {
            true => still(),
            false => state.answer.take().map_or_else(still, |(_, answer)| answer),
        }
    }

    /// What becomes of samples while the run is paused.
    pub fn while_paused(&self) -> WhilePaused {
        match self.is_recording() {
            true => WhilePaused::Waits,
            false => WhilePaused::Deaf,
        }
    }

    /// Does a recording stand for the radio?
    fn is_recording(&self) -> bool {
        self.state().profile.device.starts_with(radio_args::FILE)
    }

    /// The radio's controls as the page shows them.
    fn show(&self, controls: &mut Controls) {
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

    /// What the page shows of the radio, and what of it can be turned.
    fn show_all(&self, live: &mut Live) {
        self.show(&mut live.controls);
        let settings = self.settings();
        if let Some(radio) = &mut live.radio {
            radio.frequency_hz = Some(settings.frequency_hz);
            radio.gain_db = settings.gain_db;
        }
    }

    /// The radio's settings are shown there, now and when they change.
    pub fn show_on(&self, publisher: &Publisher) {
        self.state().shown_on = Some(publisher.clone());
        publisher.update(|live| self.show_all(live));
    }

    /// How the radio is to be, once, with the number of the order.
    fn take_wanted(&self) -> Option<(u64, Profile)> {
        let mut state = self.state();
        let wanted = state.wanted.take();
        state.under_way = wanted.as_ref().map(|(_, profile)| profile.clone());
        wanted
    }

    /// Opens the radio as it is wanted, or as it was where that is refused, and answers the order.
    fn renew<S>(
        &self,
        (order, wanted): (u64, Profile),
        mut open: impl FnMut(&Profile) -> Result<(S, RadioSettings), RadioError>,
    ) -> Result<S, RadioError> {
        let refused = match open(&wanted) {
            Ok((stream, settings)) => {
                self.done(order, Ok((wanted, settings)));
                return Ok(stream);
            }
            Err(refused) => refused,
        };
        let before = open(&self.profile());
        let why = before.as_ref().err().unwrap_or(&refused);
        self.done(order, Err(why.to_string()));
        before.map(|(stream, _)| stream)
    }

    /// Ends a wait: how the radio was set, or why not.
    fn done(&self, order: u64, outcome: Result<(Profile, RadioSettings), String>) {
        let mut state = self.state();
        state.under_way = None;
        let answer = outcome.map(|(profile, settings)| {
            state.profile = profile;
            state.settings = settings;
        });
        state.answer = Some((order, answer));
        let shown_on = state.shown_on.clone();
        drop(state);
        self.0.answered.notify_all();
        // Also where nobody waits any more: what the radio has is what is shown.
        if let Some(publisher) = shown_on {
            publisher.update(|live| self.show_all(live));
        }
    }
}
