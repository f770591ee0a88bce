//! The radio of a receiver: opened once, and again when it goes away.

use std::cell::Cell;

use anyhow::Context;
use heliograph_hardware::{Direction, RadioError, RadioSettings, Reconnecting, RxStream};

use crate::exit;
use crate::radio_args::RadioArgs;
use crate::reception::RadioState;
use crate::tuning::{self, TunableReceiver, Tuning};

/// What is done when a radio goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenGone {
    /// It is opened again, as often as it takes.
    OpenAgain,
    /// The run ends with an error.
    End,
}

/// A radio's stream and what is known beside it.
pub struct Link {
    pub stream: Box<dyn RxStream>,
    pub state: RadioState,
    /// As the radio took them.
    pub settings: RadioSettings,
    pub name: String,
    /// Sets it anew.
    pub tuning: Tuning,
}

/// Opens the radio; the first time must succeed.
///
/// # Errors
/// Names the radio and what it refuses.
pub fn open(args: &RadioArgs, when_gone: WhenGone) -> anyhow::Result<Link> {
    let mut open = args.open(Direction::Receive)?;
    let (settings, name) = (open.settings, open.name);
    let first = open.radio.receive().with_context(|| name.clone())?;
    let tuning = Tuning::new(
        Direction::Receive,
        args.profile(Direction::Receive)?,
        settings.clone(),
        open.radio.capabilities(Direction::Receive),
    );
    let first = Box::new(TunableReceiver::new(first, tuning.clone()));
    let (stream, state): (Box<dyn RxStream>, _) = match when_gone {
        WhenGone::End => (first, RadioState::default()),
        WhenGone::OpenAgain => reconnecting(&tuning, first, &name)?,
    };
    Ok(Link {
        stream,
        state,
        settings,
        name,
        tuning,
    })
}

/// The stream, and after it as many others as it takes.
fn reconnecting(
    tuning: &Tuning,
    first: Box<dyn RxStream>,
    name: &str,
) -> anyhow::Result<(Box<dyn RxStream>, RadioState)> {
    let tuning = tuning.clone();
    let again = move || -> Result<Box<dyn RxStream>, RadioError> {
        let (stream, _) = tuning::opened(&tuning.profile())?;
        Ok(Box::new(TunableReceiver::new(stream, tuning.clone())))
    };
    let mut first = Some(first);
    let stream = Reconnecting::new(move || first.take().map_or_else(&again, Ok))?;
    let (state, count) = (stream.connection(), stream.connection());
    let name = name.to_owned();
    // Radios that went away, and those that came back, as far as it was said.
    let said = Cell::new((0, 0));
    let trouble = move || {
        let back = state.reconnections();
        let gone = back + u64::from(!state.is_up());
        let reason = state.reason().unwrap_or_default();
        let words = format!("{name} is gone and will be opened again: {reason}");
        let before = said.replace((gone, back));
        if gone > before.0 {
            exit::say(&anyhow::anyhow!("{words}"));
        }
        if back > before.1 {
            exit::say(&anyhow::anyhow!("{name} is opened again"));
        }
        (gone > back).then_some(words)
    };
    let state = RadioState {
        trouble: Some(Box::new(trouble)),
        reconnections: Some(Box::new(move || count.reconnections())),
    };
    Ok((Box::new(stream), state))
}
