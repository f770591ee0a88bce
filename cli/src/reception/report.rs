//! `0001.json`: all that is known of a received picture. `RECEPTION.md` explains every field to users.
//!
//! Nothing in it depends on when or how fast it was computed: a recording that is played again gives the same bytes (but for
//! the name of a picture in a queue, which is its own each time).

use heliograph::bits::digital::Section;
use heliograph::codec::{Cbr, CodecId};
use heliograph::link::{Completion, PictureMessage, ReceivedPicture};
use heliograph::waveform::Numerology;
use serde::{Deserialize, Serialize};

use crate::figures::counted;
use crate::json;
use crate::live::figures::one_line;
use crate::report::{LedgerInfo, ModelInfo, Outcome, Program, SectionState};

/// Version of the schema: raised when a field changes its meaning or goes; new fields may come without.
pub const SCHEMA_VERSION: u32 = 1;

/// The report of one picture.
#[derive(Clone, Debug, Serialize)]
pub struct Reception {
    pub schema_version: u32,
    pub program: Program,
    pub number: u32,
    pub id: Option<String>,
    pub receiver: Option<String>,
    pub picture_id: u16,
    pub outcome: Outcome,
    pub completion: CompletionState,
    /// Why there is no picture.
    pub not_painted: Option<String>,
    pub width: u32,
    pub height: u32,
    pub snr_db_estimated: Option<f64>,
    pub snr_db_standard_error: Option<f64>,
    pub cfo_hz_estimated: f64,
    pub sfo_ppm_estimated: f64,
    pub evm_db: Option<f64>,
    pub cbr: String,
    pub cbr_analog: f64,
    pub cbr_total: f64,
    pub ledger: LedgerInfo,
    pub caption: Option<String>,
    pub caption_state: SectionState,
    pub side_information_state: SectionState,
    pub bursts_expected: u64,
    pub bursts_received: u64,
    pub bursts_missing: u64,
    pub bursts_clipped: u64,
    pub symbols_damaged: u64,
    pub symbols_lost: u64,
    pub start_sample: i64,
    pub air_time_seconds: f64,
    pub occupied_bandwidth_hz: f64,
    pub codec: Option<String>,
    pub codec_number: u8,
    pub weights_hash: Option<String>,
    pub model: Option<ModelInfo>,
    pub numerology: String,
    pub sample_rate_hz: f64,
    pub repeats: u8,
    pub files: Vec<String>,
}

/// Why a picture was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletionState {
    /// All its bursts arrived.
    Complete,
    /// No burst of it came for a while.
    TimedOut,
    /// Newer ones needed the room.
    Evicted,
    /// The run ended.
    EndOfStream,
    /// It still comes: on the page only, never in a file.
    InProgress,
}

impl From<Completion> for CompletionState {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Complete => Self::Complete,
            Completion::TimedOut => Self::TimedOut,
            Completion::Evicted => Self::Evicted,
            Completion::EndOfStream => Self::EndOfStream,
            Completion::InProgress => Self::InProgress,
        }
    }
}

impl Reception {
    /// All that the picture says of itself; what the painter adds is still empty.
    pub fn new(number: u32, picture: &ReceivedPicture, sample_rate_hz: f64) -> Self {
        let (fields, link) = (picture.header.fields(), &picture.link);
        let values = 3.0 * picture.size().pixels() as f64;
        let codec = CodecId::try_from(fields.codec).ok();
        let numerology = numerology(fields.numerology);
        Self {
            schema_version: SCHEMA_VERSION,
            program: Program::THIS,
            number,
            id: None,
            receiver: None,
            picture_id: fields.picture_id,
            outcome: Outcome::of(picture),
            completion: picture.completion.into(),
            not_painted: None,
            width: fields.width,
            height: fields.height,
            snr_db_estimated: finite(link.snr.db),
            snr_db_standard_error: finite(link.snr.standard_error_db),
            cfo_hz_estimated: f64::from(link.cfo_cycles_per_sample) * sample_rate_hz,
            sfo_ppm_estimated: link.clock_ppm.into(),
            evm_db: finite(link.evm_db),
            cbr: Cbr::from_code(fields.cbr_code).map_or_else(|_| "–".to_owned(), |c| c.to_string()),
            cbr_analog: picture.ledger.analog / values,
            cbr_total: picture.ledger.total() / values,
            ledger: picture.ledger.into(),
            caption: picture.caption.received().cloned(),
            caption_state: (&picture.caption).into(),
            side_information_state: (&picture.side_information).into(),
            bursts_expected: picture.bursts_expected as u64,
            bursts_received: picture.bursts_received as u64,
            bursts_missing: picture.bursts_missing as u64,
            bursts_clipped: link.bursts_clipped as u64,
            symbols_damaged: link.damaged_symbols as u64,
            symbols_lost: picture.variances.iter().filter(|v| v.is_infinite()).count() as u64,
            start_sample: picture.start_sample,
            air_time_seconds: picture.ledger.samples as f64 / sample_rate_hz,
            occupied_bandwidth_hz: numerology
                .map_or(0.0, |n| n.occupied_bandwidth_hz(sample_rate_hz)),
            codec: codec.map(|c| c.to_string()),
            codec_number: fields.codec,
            weights_hash: (fields.weights_hash != 0)
                .then(|| format!("{:08x}", fields.weights_hash)),
            model: None,
            numerology: numerology.map_or_else(|| "–".to_owned(), |n| n.to_string()),
            sample_rate_hz,
            repeats: fields.repeat_count,
            files: Vec::new(),
        }
    }

    /// The same of a picture that another received.
    pub fn of_message(message: &PictureMessage) -> Self {
        Self {
            id: Some(message.id.clone()),
            receiver: Some(message.receiver.clone()),
            ..Self::new(message.number, &message.picture, message.sample_rate_hz)
        }
    }

    /// Indented, for files.
    ///
    /// # Errors
    /// None that a report could cause.
    pub fn text(&self) -> anyhow::Result<String> {
        json::text(self)
    }

    /// The picture in a line of words.
    pub fn words(&self) -> String {
        let caption = match (&self.caption, self.caption_state) {
            (Some(caption), _) => format!("  “{}”", one_line(caption)),
            (None, SectionState::Lost) => "  caption lost".to_owned(),
            (None, _) => String::new(),
        };
        let snr = self
            .snr_db_estimated
            .map_or_else(|| "–".to_owned(), |db| format!("{db:.1}"));
        let name = match (&self.id, &self.receiver) {
            (Some(id), Some(_)) => id.clone(),
            _ => format!("{:04}", self.number),
        };
        format!(
            "{name}  {}x{}  {} of {}  SNR {snr} dB  {}{caption}",
            self.width,
            self.height,
            self.bursts_received,
            counted(self.bursts_expected, "burst"),
            match (&self.not_painted, &self.id, &self.receiver) {
                (Some(reason), ..) => format!("not painted: {reason}"),
                (None, Some(id), None) => format!("{}, in the queue as {id}", self.outcome.words()),
                _ => self.outcome.words().to_owned(),
            },
        )
    }
}

fn numerology(code: u8) -> Option<Numerology> {
    Numerology::ALL.into_iter().find(|n| n.code() == code)
}

fn finite(value: f32) -> Option<f64> {
    value.is_finite().then(|| value.into())
}

impl Outcome {
    /// What became of a picture of which at least one burst arrived.
    pub fn of(picture: &ReceivedPicture) -> Self {
        if picture.side_information == Section::Lost {
            Self::PaintedBlind
        } else if picture.bursts_missing > 0 {
            Self::ReceivedWithLosses
        } else {
            Self::Received
        }
    }

    /// In words.
    fn words(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::ReceivedWithLosses => "received with losses",
            Self::PaintedBlind => "side information lost, grey",
            Self::NothingReceived => "nothing received",
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use heliograph::codec::SoftCast;
    use heliograph::link::{Receiver, ReceiverEvent, Transmitter};
    use heliograph::photo::{Photo, PhotoSize};
    use std::sync::Arc;

    /// A small picture as received over a perfect channel.
    pub fn picture(caption: &str) -> ReceivedPicture {
        let photo = Photo::filled(PhotoSize::new(64, 48).unwrap(), [200, 120, 40]);
        let codec = Arc::new(SoftCast::default());
        let mut transmitter = Transmitter::new(Default::default(), codec).unwrap();
        let mut receiver = Receiver::new(Default::default());
        let bursts = transmitter.picture(&photo, Some(caption)).unwrap();
        let mut events: Vec<_> = bursts.flat_map(|burst| receiver.push(&burst)).collect();
        events.extend(receiver.finish());
        let picture = events.into_iter().find_map(|event| match event {
            ReceiverEvent::Picture(picture) => Some(*picture),
            ReceiverEvent::Burst(_) => None,
        });
        picture.expect("it arrives")
    }

    #[test]
    fn every_field_is_explained_to_users() {
        let text = include_str!("../../RECEPTION.md");
        let reception = Reception::new(1, &picture("x"), 2e6);
        let json = serde_json::to_value(reception).unwrap();
        for name in json.as_object().unwrap().keys() {
            assert!(
                text.contains(&format!("`{name}`")),
                "{name} is not in RECEPTION.md"
            );
        }
        assert!(text.contains(&format!("version {SCHEMA_VERSION}")));
    }

    #[test]
    fn control_characters_of_a_caption_do_not_reach_the_terminal() {
        let words = Reception::new(7, &picture("a\x1b[2Jb\nc"), 2e6).words();
        assert!(
            words.starts_with("0007  64x48") && words.contains("“a [2Jb c”"),
            "{words}"
        );
    }
}
