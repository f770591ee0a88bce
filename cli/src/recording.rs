//! SigMF recordings of what is received: beside the pictures, or alone.

use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use heliograph_flowgraphs::event::ReceivedBurst;
use heliograph_hardware::sigmf::{
    Datatype, Existing, Recorder, RecordingHandle, RecordingInfo, RecordingSummary, SigmfWriter,
};
use heliograph_hardware::{RadioSettings, RxStream};

use crate::figures::{counted, grouped};
use crate::reception::BurstListener;

/// A recording that goes on beside something else.
pub struct Recording(RecordingHandle);

/// Records what is read of `stream`, and marks the bursts that are found.
///
/// # Errors
/// Names the file that cannot be written; one that is there is not replaced.
pub fn tee(
    stream: Box<dyn RxStream>,
    path: &Path,
    settings: &RadioSettings,
    radio: &str,
    datatype: Datatype,
) -> anyhow::Result<(Box<dyn RxStream>, Recording)> {
    let writer = SigmfWriter::create(path, info(settings, radio, datatype))?;
    let (recorder, handle) = Recorder::new(stream, writer);
    Ok((Box::new(recorder), Recording(handle)))
}

fn info(settings: &RadioSettings, radio: &str, datatype: Datatype) -> RecordingInfo {
    RecordingInfo {
        frequency_hz: Some(settings.frequency_hz),
        hardware: Some(radio.to_owned()),
        existing: Existing::Refuse,
        ..RecordingInfo::new(datatype, settings.sample_rate_hz)
    }
}

impl Recording {
    /// Ends it.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn finish(&self) -> anyhow::Result<()> {
        self.0.finish()?;
        Ok(())
    }

    /// Ends it and says what it holds.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn conclude(&self) -> anyhow::Result<RecordingSummary> {
        Ok(self.0.finish()?)
    }

    /// To look at from elsewhere.
    pub fn handle(&self) -> RecordingHandle {
        self.0.clone()
    }

    /// What it holds so far.
    pub fn summary(&self) -> RecordingSummary {
        self.0.summary()
    }
}

impl BurstListener for Recording {
    /// Marks the burst. Behind a gap the positions of stream and file differ: nothing is marked then.
    fn hear(&mut self, burst: &ReceivedBurst) -> anyhow::Result<()> {
        let now = self.0.summary();
        let Ok(start) = u64::try_from(burst.start_sample) else {
            return Ok(());
        };
        if now.samples_lost > 0 || now.gaps_unknown > 0 || start + burst.samples > now.samples {
            return Ok(());
        }
        let comment = format!(
            "picture {:04x}, burst {}, repetition {}, SNR {:.1} dB",
            burst.picture_id, burst.burst_index, burst.repeat_index, burst.report.snr.db
        );
        self.0.annotate_burst(start, burst.samples, &comment)?;
        Ok(())
    }
}

/// In words.
pub fn words(summary: &RecordingSummary, sample_rate_hz: f64) -> String {
    let mut words = format!(
        "{}: {} samples, {:.3} s",
        summary.path.display(),
        grouped(summary.samples),
        summary.samples as f64 / sample_rate_hz
    );
    for (count, what) in [
        (summary.samples_lost, "sample lost"),
        (summary.gaps_unknown, "gap of unknown length"),
        (summary.samples_saturated, "sample beyond full scale"),
        (summary.samples_not_finite, "sample not finite"),
        (summary.bursts_unmarked, "burst not marked"),
    ] {
        if count > 0 {
            let (one, rest) = what.split_once(' ').expect("two words at least");
            words.push_str(&format!("; {} {rest}", counted(count, one)));
        }
    }
    words
}

/// The name of a datatype.
pub fn datatype() -> impl TypedValueParser<Value = Datatype> {
    PossibleValuesParser::new(["cf32", "ci8"]).map(|name| match name.as_str() {
        "ci8" => Datatype::Ci8,
        _ => Datatype::Cf32Le,
    })
}
