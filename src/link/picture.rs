//! A picture as it arrived: symbols with variances, digital sections, and what the link was like.

use num_complex::Complex32;

use super::LinkError;
use super::ledger::Ledger;
use crate::bits::header::{Checked, Header};
use crate::codec::{Arrival, Codec, ReceivedLatents};
use crate::photo::{Photo, PhotoSize};
use crate::waveform::snr::SnrEstimate;

pub use crate::bits::digital::Section;

/// Why a picture was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// All its bursts are there.
    Complete,
    /// No burst of it came for a while.
    TimedOut,
    /// Room was needed for newer ones.
    Evicted,
    /// The stream ended.
    EndOfStream,
    /// It is not given out yet, only looked at.
    InProgress,
}

/// What the bursts of one picture said about the link.
#[derive(Clone, Copy, Debug)]
pub struct LinkReport {
    /// SNR over the bursts (mean in the power domain) with its standard error.
    pub snr: SnrEstimate,
    /// Carrier offset, mean, cycles a sample.
    pub cfo_cycles_per_sample: f32,
    /// Offset of the sampling clock, mean, parts per million.
    pub clock_ppm: f32,
    /// Error vector magnitude of the known header symbols, dB.
    pub evm_db: f32,
    /// Bursts in which the receiver clipped.
    pub bursts_clipped: usize,
    /// OFDM symbols that were cut off or far noisier than the rest.
    pub damaged_symbols: usize,
}

/// What tells a picture from others: its number on the air, the seed of its interleaver, and where its first burst began.
pub type PictureKey = (u16, u8, i64);

/// A received picture.
#[derive(Clone, Debug)]
pub struct ReceivedPicture {
    /// Header of its first burst that arrived.
    pub header: Header<Checked>,
    /// Size of the picture.
    pub(super) size: PhotoSize,
    /// Position of that burst in the stream, samples.
    pub start_sample: i64,
    /// Why it is given out now.
    pub completion: Completion,
    /// Analog symbols in the codec's order; 0 where lost.
    pub symbols: Vec<Complex32>,
    /// Noise variance of each symbol; infinite where lost.
    pub variances: Vec<f32>,
    /// The caption.
    pub caption: Section<String>,
    /// The rate map, encoded.
    pub rate_map: Section<Vec<u8>>,
    /// Side information of the codec.
    pub side_information: Section<Vec<u8>>,
    /// Bursts that were announced, repetitions included.
    pub bursts_expected: usize,
    /// Bursts that arrived, repetitions included.
    pub bursts_received: usize,
    /// Bursts of which not one repetition arrived.
    pub bursts_missing: usize,
    /// The link while it came.
    pub link: LinkReport,
    /// Channel uses of the whole transmission as announced.
    pub ledger: Ledger,
}

impl ReceivedPicture {
    /// What tells it from others.
    pub fn key(&self) -> PictureKey {
        let fields = self.header.fields();
        (
            fields.picture_id,
            fields.interleaver_seed,
            self.start_sample,
        )
    }

    /// Size of the picture.
    pub fn size(&self) -> PhotoSize {
        self.size
    }

    /// Paints the picture: with what there is, grey if even the side information is lost.
    ///
    /// # Errors
    /// [`LinkError::OtherCodec`], [`LinkError::OtherWeights`] when `codec` is not what it was sent with;
    /// [`LinkError::Codec`] when the side information makes no sense to the codec.
    pub fn paint(&self, codec: &dyn Codec) -> Result<Photo, LinkError> {
        Self::paint_all(&[self], codec).swap_remove(0)
    }

    /// [`Self::paint`] of several pictures, in their order: on a GPU those of one size together.
    ///
    /// # Errors
    /// Those of [`Self::paint`], each picture its own.
    pub fn paint_all(pictures: &[&Self], codec: &dyn Codec) -> Vec<Result<Photo, LinkError>> {
        let arrivals = pictures.iter().map(|picture| picture.arrival(codec));
        let arrivals: Vec<Result<Option<Arrival>, LinkError>> = arrivals.collect();
        let usable: Vec<Arrival> = arrivals.iter().flatten().flatten().copied().collect();
        let mut painted = codec.decode_all(&usable).into_iter();
        let photo = |(arrival, picture): (Result<Option<_>, LinkError>, &&Self)| {
            Ok(match arrival? {
                Some(_) => painted.next().expect("one of each that was usable")?,
                None => codec.decode_blind(picture.size()),
            })
        };
        arrivals.into_iter().zip(pictures).map(photo).collect()
    }

    /// What the codec decodes; `None` where the side information is lost.
    fn arrival(&self, codec: &dyn Codec) -> Result<Option<Arrival<'_>>, LinkError> {
        let fields = self.header.fields();
        if fields.codec != codec.id() as u8 {
            return Err(LinkError::OtherCodec {
                found: fields.codec,
                allowed: codec.id(),
            });
        }
        if fields.weights_hash != codec.weights_hash() {
            return Err(LinkError::OtherWeights {
                found: fields.weights_hash,
                allowed: codec.weights_hash(),
            });
        }
        let side_information = match &self.side_information {
            Section::Received(side) => side,
            Section::Absent => &[][..],
            Section::Lost => return Ok(None),
        };
        Ok(Some(Arrival {
            received: ReceivedLatents {
                symbols: &self.symbols,
                variances: &self.variances,
            },
            side_information,
            size: self.size(),
        }))
    }
}
