//! The radio of a transmitter, which a page may set anew.

use anyhow::Context;
use heliograph_hardware::{Direction, TxStream};

use super::TransmitArgs;
use super::on_page;
use crate::live::Page;
use crate::radio_args::OpenRadio;
use crate::tuning::{TunableTransmitter, Tuning};

/// A radio that is ready to transmit.
pub struct Link {
    pub radio: Box<dyn TxStream>,
    /// Name for people.
    pub name: String,
    pub rate_hz: f64,
}

/// Opens the radio, and shows it on the page if there is one.
///
/// # Errors
/// Names the radio and what it refuses.
pub fn open(args: &TransmitArgs, page: Option<&Page>) -> anyhow::Result<Link> {
    let OpenRadio {
        mut radio,
        settings,
        name,
    } = args.radio.open(Direction::Transmit)?;
    let mut stream = radio.transmit().with_context(|| name.clone())?;
    if let Some(page) = page {
        let tuning = Tuning::new(
            Direction::Transmit,
            args.radio.profile(Direction::Transmit)?,
            settings.clone(),
            radio.capabilities(Direction::Transmit),
        );
        on_page::begin(page, &name, &tuning, args.numerology);
        stream = Box::new(TunableTransmitter::new(stream, tuning));
    }
    Ok(Link {
        radio: stream,
        name,
        rate_hz: settings.sample_rate_hz,
    })
}
