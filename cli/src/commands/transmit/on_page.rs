//! A transmitter with a page: how it is set, and a pause between photos.

use std::thread;

use heliograph::waveform::Numerology;
use heliograph_flowgraphs::StopFlag;

use super::WATCH;
use crate::live::{self, Converter, Link, Page};
use crate::radio_args::OpenRadio;

/// The run begins.
pub fn begin(page: &Page, open: &OpenRadio, numerology: Numerology) {
    page.allow_pause();
    let radio = live::radio(&open.name, &open.settings, numerology);
    let link = Link {
        radio,
        numerology,
        // What is beyond full scale is clipped and counted by the sink.
        converter: Converter::None,
    };
    page.running(link, "transmitting".to_owned());
}

/// The photos, none of them while the page has the run paused.
pub fn pausing<I: Iterator + Send>(
    photos: I,
    page: Option<&Page>,
    stop: StopFlag,
) -> impl Iterator<Item = I::Item> + Send + use<I> {
    let dials = page.map(|page| page.dials().clone());
    photos.inspect(move |_| {
        while dials.as_ref().is_some_and(|dials| dials.is_paused()) && !stop.is_set() {
            thread::sleep(WATCH);
        }
    })
}
