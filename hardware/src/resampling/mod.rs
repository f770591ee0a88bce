//! A radio that runs faster than the signal: its samples are filtered and made fewer, ours more.
//!
//! For radios that cannot go so low (a HackRF's least is 2 MS/s), for offset tuning, which needs room beside the signal, and for a
//! transmitter without shoulders: between half of the sample rate and half of the radio's there is nothing.

mod polyphase;
mod ratio;
mod receive;
mod transmit;

use crate::error::RadioError;
use crate::radio::{Radio, RxStream, TxStream};
use crate::settings::{Capabilities, Direction, RadioSettings};
pub(crate) use ratio::Ratio;
use receive::ResampledReceiver;
use transmit::ResampledTransmitter;

/// A radio whose [`RadioSettings::radio_rate_hz`] counts. Where a direction has none, nothing is between it and the radio.
///
/// ```
/// use heliograph_hardware::{Direction, Loopback, Radio, RadioSettings, Resampling};
///
/// let mut radio = Resampling::new(Box::new(Loopback::new(1 << 16)));
/// let settings = RadioSettings {
///     radio_rate_hz: Some(2e6),
///     ..RadioSettings::new(868.3e6, 500e3)
/// };
/// let made = radio.configure(Direction::Receive, &settings)?;
/// assert_eq!((made.sample_rate_hz, made.radio_rate_hz), (500e3, Some(2e6)));
/// # Ok::<(), heliograph_hardware::RadioError>(())
/// ```
pub struct Resampling {
    radio: Box<dyn Radio>,
    rates: [Option<Rates>; 2],
}

#[derive(Clone, Copy)]
struct Rates {
    ratio: Ratio,
    radio_hz: f64,
}

impl Resampling {
    /// Around a radio.
    pub fn new(radio: Box<dyn Radio>) -> Self {
        let rates = [None, None];
        Self { radio, rates }
    }
}

impl Radio for Resampling {
    /// Those of the radio, its rates too.
    fn capabilities(&self, direction: Direction) -> Capabilities {
        self.radio.capabilities(direction)
    }

    fn configure(
        &mut self,
        direction: Direction,
        settings: &RadioSettings,
    ) -> Result<RadioSettings, RadioError> {
        let ratio = match settings.radio_rate_hz {
            Some(radio_rate_hz) => Ratio::of(radio_rate_hz, settings.sample_rate_hz)?,
            None => None,
        };
        check_offset(settings)?;
        let asked = RadioSettings {
            sample_rate_hz: settings.radio_rate_hz.unwrap_or(settings.sample_rate_hz),
            radio_rate_hz: None,
            ..settings.clone()
        };
        let made = self.radio.configure(direction, &asked);
        let Some(ratio) = ratio else {
            let made = made?;
            self.rates[direction as usize] = None;
            return Ok(made);
        };
        let made = made.map_err(of_the_radio)?;
        let radio_hz = made.sample_rate_hz;
        self.rates[direction as usize] = Some(Rates { ratio, radio_hz });
        Ok(RadioSettings {
            sample_rate_hz: ratio.sample_rate_hz(radio_hz),
            radio_rate_hz: Some(radio_hz),
            ..made
        })
    }

    fn receive(&mut self) -> Result<Box<dyn RxStream>, RadioError> {
        let stream = self.radio.receive()?;
        Ok(match self.rates[Direction::Receive as usize] {
            Some(Rates { ratio, radio_hz }) => {
                Box::new(ResampledReceiver::new(stream, ratio, radio_hz))
            }
            None => stream,
        })
    }

    fn transmit(&mut self) -> Result<Box<dyn TxStream>, RadioError> {
        let stream = self.radio.transmit()?;
        Ok(match self.rates[Direction::Transmit as usize] {
            Some(Rates { ratio, radio_hz }) => {
                let sample_rate_hz = ratio.sample_rate_hz(radio_hz);
                Box::new(ResampledTransmitter::new(stream, ratio, sample_rate_hz))
            }
            None => stream,
        })
    }
}

/// Where the signal ends, in sample rates of its own: 209 of 512 from its middle.
pub(crate) const EDGE: f64 = 0.41;

/// With an offset the signal's far edge has to lie within the radio's rate and its analog filter.
///
/// # Errors
/// [`RadioError::Setting`] with the offsets that are allowed.
pub(crate) fn check_offset(settings: &RadioSettings) -> Result<(), RadioError> {
    let Some(radio_rate_hz) = settings
        .radio_rate_hz
        .filter(|_| settings.lo_offset_hz != 0.0)
    else {
        return Ok(());
    };
    let filter_hz = settings.bandwidth_hz.unwrap_or(radio_rate_hz);
    let edge_hz = EDGE * settings.sample_rate_hz;
    let most_hz = radio_rate_hz.min(filter_hz) / 2.0 - edge_hz;
    if settings.lo_offset_hz.abs() <= most_hz {
        return Ok(());
    }
    Err(RadioError::Setting {
        field: "lo_offset_hz",
        found: settings.lo_offset_hz.to_string(),
        allowed: format!(
            "up to {} either way: the signal reaches {edge_hz} further, and the radio {} (radio_rate_hz, bandwidth_hz)",
            most_hz.max(0.0),
            radio_rate_hz.min(filter_hz) / 2.0
        ),
    })
}

/// The radio's sample rate is what was asked for as its own.
fn of_the_radio(error: RadioError) -> RadioError {
    match error {
        RadioError::Setting {
            field: "sample_rate_hz",
            found,
            allowed,
        } => RadioError::Setting {
            field: "radio_rate_hz",
            found,
            allowed,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests;
