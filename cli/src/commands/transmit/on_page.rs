//! A transmitter with a page: how it is set, and what of it can be turned.

use heliograph::waveform::Numerology;

use crate::live::{self, Converter, Link, Page};
use crate::tuning::Tuning;

/// The run begins.
pub fn begin(page: &Page, name: &str, tuning: &Tuning, numerology: Numerology) {
    page.paints_nothing();
    let radio = live::radio(name, &tuning.settings(), numerology);
    let link = Link {
        radio,
        numerology,
        // What is beyond full scale is clipped and counted by the sink.
        converter: Converter::None,
    };
    page.running(link, "transmitting".to_owned());
    page.allow_pause();
    tuning.show_on(page.publisher());
    let tuning = tuning.clone();
    page.answer_with(move |command| tuning.obey(command));
}
