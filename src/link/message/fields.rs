//! The metadata: all of a picture but its symbols.

use serde::{Deserialize, Serialize};

use super::MessageError;
use crate::bits::digital::{MAX_CAPTION_BYTES, MAX_STREAM_BYTES};
use crate::bits::header::{Checked, Header, HeaderFields, HeaderLimits};
use crate::link::{Completion, Ledger, LinkReport, ReceivedPicture, Section};
use crate::waveform::snr::SnrEstimate;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    pub receiver: String,
    pub id: String,
    pub number: u32,
    pub sample_rate_hz: f64,
    pub header: HeaderWords,
    pub completion: CompletionWord,
    pub start_sample: i64,
    pub bursts_expected: u32,
    pub bursts_received: u32,
    pub bursts_missing: u32,
    pub link: LinkWords,
    pub ledger: Ledger,
    pub caption: SectionWords<String>,
    /// Bytes behind the variances.
    pub rate_map: SectionWords<usize>,
    pub side_information: SectionWords<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderWords {
    numerology: u8,
    picture_id: u16,
    burst_index: u16,
    burst_count: u32,
    repeat_index: u8,
    repeat_count: u8,
    codec: u8,
    weights_hash: u32,
    width: u32,
    height: u32,
    cbr_code: u16,
    interleaver_seed: u8,
    digital_symbols: u8,
    analog_symbols: u8,
    stream_length_bytes: u16,
}

/// A number that is no number is `null` in JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkWords {
    snr_db: Option<f32>,
    snr_standard_error_db: Option<f32>,
    cfo_cycles_per_sample: Option<f32>,
    clock_ppm: Option<f32>,
    evm_db: Option<f32>,
    bursts_clipped: u32,
    damaged_symbols: u32,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CompletionWord {
    Complete,
    TimedOut,
    Evicted,
    EndOfStream,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SectionWords<T> {
    Received(T),
    Lost,
    Absent,
}

impl<T> SectionWords<T> {
    pub fn of<S>(section: &Section<S>, write: impl FnOnce(&S) -> T) -> Self {
        match section {
            Section::Received(content) => Self::Received(write(content)),
            Section::Lost => Self::Lost,
            Section::Absent => Self::Absent,
        }
    }

    pub fn map<S>(self, read: impl FnOnce(T) -> S) -> Section<S> {
        match self {
            Self::Received(content) => Section::Received(read(content)),
            Self::Lost => Section::Lost,
            Self::Absent => Section::Absent,
        }
    }
}

impl SectionWords<usize> {
    pub fn bytes(&self) -> usize {
        match self {
            Self::Received(bytes) => *bytes,
            Self::Lost | Self::Absent => 0,
        }
    }
}

impl HeaderWords {
    pub fn of(fields: &HeaderFields) -> Self {
        Self {
            numerology: fields.numerology,
            picture_id: fields.picture_id,
            burst_index: fields.burst_index,
            burst_count: fields.burst_count,
            repeat_index: fields.repeat_index,
            repeat_count: fields.repeat_count,
            codec: fields.codec,
            weights_hash: fields.weights_hash,
            width: fields.width,
            height: fields.height,
            cbr_code: fields.cbr_code,
            interleaver_seed: fields.interleaver_seed,
            digital_symbols: fields.digital_symbols,
            analog_symbols: fields.analog_symbols,
            stream_length_bytes: fields.stream_length_bytes,
        }
    }

    pub fn check(self) -> Result<Header<Checked>, MessageError> {
        let fields = HeaderFields {
            numerology: self.numerology,
            picture_id: self.picture_id,
            burst_index: self.burst_index,
            burst_count: self.burst_count,
            repeat_index: self.repeat_index,
            repeat_count: self.repeat_count,
            codec: self.codec,
            weights_hash: self.weights_hash,
            width: self.width,
            height: self.height,
            cbr_code: self.cbr_code,
            interleaver_seed: self.interleaver_seed,
            digital_symbols: self.digital_symbols,
            analog_symbols: self.analog_symbols,
            stream_length_bytes: self.stream_length_bytes,
        };
        Ok(Header::unchecked(fields).check(&HeaderLimits::default())?)
    }
}

impl LinkWords {
    pub fn of(link: &LinkReport) -> Self {
        let number = |value: f32| value.is_finite().then_some(value);
        Self {
            snr_db: number(link.snr.db),
            snr_standard_error_db: number(link.snr.standard_error_db),
            cfo_cycles_per_sample: number(link.cfo_cycles_per_sample),
            clock_ppm: number(link.clock_ppm),
            evm_db: number(link.evm_db),
            bursts_clipped: count(link.bursts_clipped),
            damaged_symbols: count(link.damaged_symbols),
        }
    }

    pub fn report(self) -> LinkReport {
        let number = |value: Option<f32>| value.unwrap_or(f32::NAN);
        LinkReport {
            snr: SnrEstimate {
                db: number(self.snr_db),
                standard_error_db: number(self.snr_standard_error_db),
            },
            cfo_cycles_per_sample: number(self.cfo_cycles_per_sample),
            clock_ppm: number(self.clock_ppm),
            evm_db: number(self.evm_db),
            bursts_clipped: self.bursts_clipped as usize,
            damaged_symbols: self.damaged_symbols as usize,
        }
    }
}

impl CompletionWord {
    /// `None` for a picture that still comes.
    pub fn of(completion: Completion) -> Option<Self> {
        match completion {
            Completion::Complete => Some(Self::Complete),
            Completion::TimedOut => Some(Self::TimedOut),
            Completion::Evicted => Some(Self::Evicted),
            Completion::EndOfStream => Some(Self::EndOfStream),
            Completion::InProgress => None,
        }
    }

    pub fn completion(self) -> Completion {
        match self {
            Self::Complete => Completion::Complete,
            Self::TimedOut => Completion::TimedOut,
            Self::Evicted => Completion::Evicted,
            Self::EndOfStream => Completion::EndOfStream,
        }
    }
}

impl Fields {
    /// Everything that JSON alone does not rule out; the header checks itself.
    pub fn check(&self) -> Result<(), MessageError> {
        let name = |field, found: &str| match super::PictureMessage::is_name(found) {
            true => Ok(()),
            false => Err(MessageError::field(field, found, NAMES)),
        };
        name("receiver", &self.receiver)?;
        name("id", &self.id)?;
        // Files of that name are no receiver's own.
        let own = self.id.strip_prefix(&self.receiver);
        if !own.is_some_and(|rest| rest.starts_with('-')) {
            let allowed = "the receiver's name, - and more";
            return Err(MessageError::field("id", &self.id, allowed));
        }
        let rate = self.sample_rate_hz;
        if !(1.0..=1e10).contains(&rate) {
            return Err(MessageError::field("sample_rate_hz", rate, "1 to 1e10"));
        }
        for (kind, uses) in self.ledger.kinds() {
            if !(0.0..=1e12).contains(&uses) {
                return Err(MessageError::field(
                    "ledger",
                    format!("{kind} {uses}"),
                    "0 to 1e12",
                ));
            }
        }
        if let SectionWords::Received(caption) = &self.caption
            && caption.len() > MAX_CAPTION_BYTES
        {
            let found = format!("{} bytes", caption.len());
            return Err(MessageError::field("caption", found, "at most 1,024 bytes"));
        }
        for (field, section) in [
            ("rate_map", &self.rate_map),
            ("side_information", &self.side_information),
        ] {
            if section.bytes() > MAX_STREAM_BYTES {
                let found = format!("{} bytes", section.bytes());
                return Err(MessageError::field(field, found, "at most 65,535 bytes"));
            }
        }
        Ok(())
    }
}

const NAMES: &str = "1 to 48 letters, digits, - and _";

/// Counts of one picture: far below what 32 bits hold.
pub(super) fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

impl Fields {
    pub fn of(message: &super::PictureMessage) -> Result<Self, MessageError> {
        let picture: &ReceivedPicture = &message.picture;
        let unfinished =
            || MessageError::field("completion", "in_progress", "a picture that was given out");
        Ok(Self {
            receiver: message.receiver.clone(),
            id: message.id.clone(),
            number: message.number,
            sample_rate_hz: message.sample_rate_hz,
            header: HeaderWords::of(picture.header.fields()),
            completion: CompletionWord::of(picture.completion).ok_or_else(unfinished)?,
            start_sample: picture.start_sample,
            bursts_expected: count(picture.bursts_expected),
            bursts_received: count(picture.bursts_received),
            bursts_missing: count(picture.bursts_missing),
            link: LinkWords::of(&picture.link),
            ledger: picture.ledger,
            caption: SectionWords::of(&picture.caption, Clone::clone),
            rate_map: SectionWords::of(&picture.rate_map, Vec::len),
            side_information: SectionWords::of(&picture.side_information, Vec::len),
        })
    }
}
