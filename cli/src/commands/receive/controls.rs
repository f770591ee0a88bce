//! The page's controls of a radio: gains, frequency, recording.

use heliograph_hardware::RxStream;
use heliograph_page::Command;

use super::Receiver;
use super::on_demand::{OnDemand, Recordable};
use super::tuning::Tuning;

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

/// Lets the page, if there is one, set the radio anew, and record where a recorder is given.
pub fn tune(receiver: &Receiver, tuning: &Tuning, recorder: Option<OnDemand>) {
    let Some(page) = receiver.page() else { return };
    let (publisher, tuning) = (page.publisher().clone(), tuning.clone());
    publisher.update(|live| {
        tuning.show(&mut live.controls);
        live.controls.recording = recorder.as_ref().map(OnDemand::is_running);
    });
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
        // Whether it was in time or not: what the radio has is what is shown.
        publisher.update(|live| {
            let settings = tuning.settings();
            tuning.show(&mut live.controls);
            live.controls.recording = recorder.as_ref().map(OnDemand::is_running);
            if let Some(radio) = &mut live.radio {
                radio.frequency_hz = Some(settings.frequency_hz);
                radio.gain_db = settings.gain_db;
            }
        });
        obeyed
    });
}
