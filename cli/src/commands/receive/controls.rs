//! The page's controls of a radio: gains, frequency, recording.

use std::path::Path;

use heliograph_hardware::RxStream;
use heliograph_page::{Command, state};

use super::Receiver;
use super::on_demand::{OnDemand, Recordable};
use crate::recording::Recording;
use crate::tuning::Tuning;

/// The stream with a recorder beside it that the page starts and stops.
pub fn join(
    receiver: &Receiver,
    stream: Box<dyn RxStream>,
    tuning: &Tuning,
) -> (Box<dyn RxStream>, OnDemand) {
    let recorder = OnDemand::new(&receiver.args.out);
    tune(receiver, tuning, Some(recorder.clone()));
    (
        Box::new(Recordable::new(stream, recorder.clone())),
        recorder,
    )
}

/// Shows the recording of the whole run on the page, if there is one; its files can be had as far as they are.
pub fn show_recording(receiver: &Receiver, recording: &Recording, path: &Path) {
    let Some(page) = receiver.page() else { return };
    let handle = recording.handle();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = name.into_owned();
    page.shows_recording(move || {
        let summary = handle.summary();
        let files = ["sigmf-meta", "sigmf-data"].map(|e| summary.path.with_extension(e));
        let shown = state::Recording {
            name: name.clone(),
            running: true,
            samples: summary.samples,
            ..state::Recording::default()
        };
        Some((shown, files.into()))
    });
}

/// Lets the page, if there is one, set the radio anew, and record where a recorder is given.
pub fn tune(receiver: &Receiver, tuning: &Tuning, recorder: Option<OnDemand>) {
    let Some(page) = receiver.page() else { return };
    let (publisher, tuning) = (page.publisher().clone(), tuning.clone());
    tuning.show_on(&publisher);
    let show = move |recorder: Option<&OnDemand>| {
        let running = recorder.map(OnDemand::is_running);
        publisher.update(|live| live.controls.recording = running);
    };
    show(recorder.as_ref());
    if let Some(recorder) = recorder.clone() {
        page.shows_recording(move || recorder.latest());
    }
    page.answer_with(move |command| {
        let obeyed = match (command, &recorder) {
            (Command::Record { on: true }, Some(recorder)) => {
                let settings = tuning.settings();
                recorder.start(settings.sample_rate_hz, settings.frequency_hz)
            }
            (Command::Record { on: false }, Some(recorder)) => recorder.stop(),
            (Command::Record { .. }, None) => {
                Err("--record records the whole run already".to_owned())
            }
            (Command::FrequencyHz { .. }, recorder)
                if recorder.as_ref().is_none_or(OnDemand::is_running) =>
            {
                Err("a recording goes on, which names one frequency: stop it first".to_owned())
            }
            (other, _) => tuning.obey(other),
        };
        show(recorder.as_ref());
        obeyed
    });
}
