//! What is measured on the link.

use serde::{Deserialize, Serialize};

/// Power at the converter, dB against full scale 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Mean power of the latest samples.
    pub mean_dbfs: f32,
    /// Largest of |I| and |Q| among them, squared.
    pub peak_dbfs: f32,
    /// Share of them with I or Q at full scale, 0 to 1: clipping marks.
    pub share_at_full_scale: f32,
    /// Largest peak of the last minute.
    pub held_peak_dbfs: f32,
    /// Did samples clip within the last seconds?
    pub clips: bool,
}

/// Power over frequency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// Number of the row: a row that was seen is not drawn again.
    pub row: u64,
    /// From the first to the last bin.
    pub span_hz: f64,
    /// Power of each bin, lowest frequency first, dB against full scale.
    pub power_dbfs: Vec<f32>,
}

/// What one burst said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Es/N0 on an occupied carrier; `None` where it is beyond all measure.
    pub snr_db: Option<f32>,
    /// Its standard error.
    pub snr_standard_error_db: Option<f32>,
    /// Carrier offset.
    pub cfo_hz: f64,
    /// Offset of the sampling clock, parts per million.
    pub clock_offset_ppm: f32,
    /// Error vector magnitude of the header; `None` where there is none.
    pub evm_db: Option<f32>,
    /// Mean power of the burst's samples.
    pub level_dbfs: f32,
    /// Did the receiver clip in it?
    pub clipped: bool,
}

/// Bursts of the past, at most 160, oldest first: a list a figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Seconds since the start of the run, by the clock.
    pub seconds: Vec<f32>,
    /// Es/N0; `None` where it is beyond all measure.
    pub snr_db: Vec<Option<f32>>,
    /// Its standard error.
    pub snr_standard_error_db: Vec<Option<f32>>,
    /// Carrier offset.
    pub cfo_hz: Vec<f32>,
    /// Offset of the sampling clock, parts per million.
    pub clock_offset_ppm: Vec<f32>,
}

impl Trend {
    /// Adds a burst, and forgets those beyond `most`.
    pub fn push(&mut self, seconds: f32, link: &Link, most: usize) {
        add(&mut self.seconds, seconds, most);
        add(&mut self.snr_db, link.snr_db, most);
        let error = link.snr_standard_error_db;
        add(&mut self.snr_standard_error_db, error, most);
        add(&mut self.cfo_hz, link.cfo_hz as f32, most);
        add(&mut self.clock_offset_ppm, link.clock_offset_ppm, most);
    }
}

/// Adds a value, and forgets those beyond `most`.
fn add<T>(list: &mut Vec<T>, value: T, most: usize) {
    list.push(value);
    let excess = list.len().saturating_sub(most);
    list.drain(..excess);
}

/// Equalized points, real and imaginary parts in turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Constellation {
    /// Pilot carriers, turned so that all should lie at 1.
    pub pilots: Vec<f32>,
    /// Header and digital part.
    pub qpsk: Vec<f32>,
    /// Analog part: the picture's latents.
    pub latents: Vec<f32>,
}

/// The channel over the occupied carriers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChannelEstimate {
    /// Number of each carrier, 0 at the centre.
    pub carriers: Vec<i16>,
    /// Gain of each, dB.
    pub gain_db: Vec<f32>,
    /// Phase of each, radians, delay taken out.
    pub phase_rad: Vec<f32>,
}

/// What became of bursts, counted from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bursts {
    /// Preambles found.
    pub detected: u64,
    /// Read and demodulated.
    pub received: u64,
    /// Of pictures given out, bursts of which no repetition arrived.
    pub lost: u64,
    /// Of pictures given out, lost repetitions that another one stood in for.
    pub repaired: u64,
    /// Received while the converter clipped.
    pub clipped: u64,
    /// Found, but the header could not be read.
    pub headers_lost: u64,
    /// Contradicted their picture or the limits.
    pub refused: u64,
}

/// What became of samples, counted from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samples {
    /// Heard.
    pub received: u64,
    /// Reported missing.
    pub lost: u64,
    /// Times that some were missing.
    pub gaps: u64,
    /// Those of a length that the radio could not tell.
    pub gaps_of_unknown_length: u64,
    /// With I or Q at full scale.
    pub at_full_scale: u64,
}

/// Channel uses of a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// By kind, in the order of the burst.
    pub entries: Vec<LedgerEntry>,
    /// All of them.
    pub total: f64,
    /// Share of the analog symbols, 0 to 1.
    pub analog_share: f64,
    /// All channel uses for each colour value of the picture.
    pub cbr_total: f64,
}

/// Channel uses of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// `analog`, `digital`, `pilots`, ...
    pub kind: String,
    /// How many.
    pub uses: f64,
}

/// What went out, counted from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// Pictures.
    pub pictures: u64,
    /// Bursts.
    pub bursts: u64,
    /// Samples.
    pub samples: u64,
    /// Samples beyond full scale, clipped to it.
    pub samples_clipped: u64,
    /// Times that the radio ran out of samples.
    pub underflows: u64,
    /// Transmissions that came after their time and were not sent.
    pub late: u64,
}

/// What is wrong and what to turn: a row of the guide's table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// What to know and turn, in a sentence.
    pub words: String,
    /// Why it is so.
    pub cause: String,
    /// What else helps.
    pub remedy: String,
}

/// A recording of the samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Its name, without folder.
    pub name: String,
    /// Does it go on?
    pub running: bool,
    /// Samples so far.
    pub samples: u64,
    /// Why it ended by itself, or what it misses.
    pub words: Option<String>,
    /// Where its files can be downloaded.
    pub files: Vec<super::Download>,
}
