//! The radio of a receiver: opened once, and again when it goes away.

use std::cell::Cell;
use std::time::Duration;

use anyhow::Context;
use heliograph_hardware::{Direction, RadioError, RadioSettings, Reconnecting, RxStream};

use crate::exit;
use crate::radio_args::{FILE, RadioArgs};
use crate::reception::RadioState;
use crate::tuning::{self, TunableReceiver, Tuning};

/// Longer than a busy computer keeps samples waiting.
const USUAL_PATIENCE_S: f64 = 10.0;
/// Devices of the virtual ether, which may go in lock-step with others.
const VIRTUAL: &str = "driver=heliograph";

/// What is done when a radio goes away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WhenGone {
    /// It is opened again, as often as it takes; so it is after a silence of these seconds (0: none is too long), or of what suits
    /// the radio.
    OpenAgain { gone_after: Option<f64> },
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
        WhenGone::OpenAgain { gone_after } => {
            let patience = patience(&tuning.profile().device, gone_after);
            reconnecting(&tuning, first, &name, patience)?
        }
    };
    Ok(Link {
        stream,
        state,
        settings,
        name,
        tuning,
    })
}

/// How long a radio may be silent; `None` for those that stand still at times.
fn patience(device: &str, asked: Option<f64>) -> Option<Duration> {
    let stands_still = device.starts_with(FILE) || device.contains(VIRTUAL);
    let seconds = asked.unwrap_or(if stands_still { 0.0 } else { USUAL_PATIENCE_S });
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds))
}

/// The stream, and after it as many others as it takes.
fn reconnecting(
    tuning: &Tuning,
    first: Box<dyn RxStream>,
    name: &str,
    patience: Option<Duration>,
) -> anyhow::Result<(Box<dyn RxStream>, RadioState)> {
    let tuning = tuning.clone();
    let again = move || -> Result<Box<dyn RxStream>, RadioError> {
        let (stream, _) = tuning::opened(&tuning.profile())?;
        Ok(Box::new(TunableReceiver::new(stream, tuning.clone())))
    };
    let mut first = Some(first);
    let mut stream = Reconnecting::new(move || first.take().map_or_else(&again, Ok))?;
    if let Some(silence) = patience {
        stream = stream.with_patience(silence);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_radio_that_never_stands_still_may_be_silent_for_ten_seconds() {
        let seconds = |device, asked| patience(device, asked).map(|time| time.as_secs_f64());
        assert_eq!(seconds("driver=hackrf", None), Some(10.0));
        assert_eq!(seconds("driver=heliograph,ether=lab", None), None);
        assert_eq!(seconds("file:air", None), None);
        assert_eq!(seconds("driver=hackrf", Some(0.0)), None);
        assert_eq!(seconds("driver=heliograph,ether=lab", Some(2.5)), Some(2.5));
    }
}
