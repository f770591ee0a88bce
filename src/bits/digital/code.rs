//! How the bytes of a digital stream become the coded bits of bursts.
//!
//! Every burst has the same number of bits of every code block, dealt in turn, so that a faded carrier meets all
//! blocks alike; within a block the bursts take consecutive runs of the golden-ratio order of
//! [`RateMatcher`], so that a lost burst thins the block evenly and copies of a bit fall into different bursts.

use super::{DigitalError, MAX_STREAM_BYTES, in_range};
use crate::bits::ldpc::rate_matcher::RateMatcher;
use crate::bits::ldpc::segmentation::Segmentation;
use crate::bits::prbs::GoldSequence;

/// Most bursts of a picture.
pub const MAX_BURST_COUNT: u32 = 65_536;

/// Most bits that the digital part of one burst may have.
const MAX_BITS_PER_BURST: usize = 1 << 20;

/// The scrambling sequence of burst i starts from this plus i.
const SCRAMBLING_C_INIT: u32 = 0x4449_0000;

/// The code of one digital stream over all bursts of a picture.
#[derive(Clone, Debug)]
pub struct DigitalCode {
    stream_length_bytes: usize,
    burst_count: u32,
    bits_per_burst: usize,
    segmentation: Segmentation,
    rate_matcher: RateMatcher,
}

impl DigitalCode {
    /// For a stream of 1..=65535 bytes over 1..=65536 bursts of `bits_per_burst` digital bits each.
    ///
    /// There must be at least as many coded bits as information bits. Allocates nothing.
    ///
    /// # Errors
    /// [`DigitalError::Range`] names the number that is not.
    pub fn new(
        stream_length_bytes: usize,
        burst_count: u32,
        bits_per_burst: usize,
    ) -> Result<Self, DigitalError> {
        let segmentation = segmentation(stream_length_bytes, burst_count)?;
        let minimum = smallest_burst(&segmentation, burst_count, 1.0);
        let (minimum, maximum) = (minimum as u64, MAX_BITS_PER_BURST as u64);
        in_range(
            "digital bits per burst",
            bits_per_burst as u64,
            minimum,
            maximum,
        )?;
        let share = (bits_per_burst / segmentation.blocks()) as u64;
        let rate_matcher = RateMatcher::new(segmentation.code(), share * u64::from(burst_count));
        Ok(DigitalCode {
            stream_length_bytes,
            burst_count,
            bits_per_burst,
            segmentation,
            rate_matcher,
        })
    }

    /// Fewest bits per burst at which the code rate (CRCs counted as information) is at most `rate`.
    ///
    /// # Errors
    /// [`DigitalError::Rate`] for a rate outside 0.001 to 1, [`DigitalError::Range`] for lengths that [`DigitalCode::new`] refuses.
    pub fn minimum_bits_per_burst(
        stream_length_bytes: usize,
        burst_count: u32,
        rate: f64,
    ) -> Result<usize, DigitalError> {
        if !(0.001..=1.0).contains(&rate) {
            return Err(DigitalError::Rate { found: rate });
        }
        Ok(smallest_burst(
            &segmentation(stream_length_bytes, burst_count)?,
            burst_count,
            rate,
        ))
    }

    /// Bytes of the stream.
    pub fn stream_length_bytes(&self) -> usize {
        self.stream_length_bytes
    }

    /// Bursts of the picture.
    pub fn burst_count(&self) -> u32 {
        self.burst_count
    }

    /// Digital bits of each burst.
    pub fn bits_per_burst(&self) -> usize {
        self.bits_per_burst
    }

    /// Number of code blocks.
    pub fn blocks(&self) -> usize {
        self.segmentation.blocks()
    }

    /// Information bits (CRCs counted) over coded bits, repetitions counted.
    pub fn rate(&self) -> f64 {
        let coded = f64::from(self.burst_count) * (self.bits_per_burst / self.blocks()) as f64;
        self.segmentation.code().information_bits() as f64 / coded
    }

    /// Encodes exactly `stream_length_bytes` bytes.
    ///
    /// # Errors
    /// [`DigitalError::Range`] for another number of bytes.
    pub fn encode(&self, bytes: &[u8]) -> Result<DigitalEncoder, DigitalError> {
        let allowed = self.stream_length_bytes as u64;
        in_range("digital stream bytes", bytes.len() as u64, allowed, allowed)?;
        let bits: Vec<u8> = bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1))
            .collect();
        let code = self.segmentation.code();
        let blocks = self.segmentation.split(&bits);
        let buffers = blocks
            .iter()
            .map(|block| code.encode(block).expect("a block fits its code"));
        Ok(DigitalEncoder {
            code: self.clone(),
            buffers: buffers.collect(),
        })
    }

    pub(super) fn segmentation(&self) -> &Segmentation {
        &self.segmentation
    }

    pub(super) fn rate_matcher(&self) -> &RateMatcher {
        &self.rate_matcher
    }

    /// For each coded bit of a burst: its code block and its place in that block's circular buffer.
    ///
    /// Up to `blocks() - 1` bits at the end of the burst are padding and have no item.
    pub(super) fn layout(&self, burst_index: u32) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (blocks, share) = (self.blocks(), self.bits_per_burst / self.blocks());
        let positions = self
            .rate_matcher
            .positions(u64::from(burst_index) * share as u64);
        positions
            .take(share)
            .flat_map(move |position| (0..blocks).map(move |block| (block, position)))
    }

    pub(super) fn scrambling(&self, burst_index: u32) -> impl Iterator<Item = u8> {
        GoldSequence::new(SCRAMBLING_C_INIT.wrapping_add(burst_index)).take(self.bits_per_burst)
    }
}

/// An encoded stream, ready to fill bursts.
#[derive(Clone, Debug)]
pub struct DigitalEncoder {
    code: DigitalCode,
    buffers: Vec<Vec<u8>>,
}

impl DigitalEncoder {
    /// The digital bits of a burst, exactly `bits_per_burst`, scrambled; what the code leaves over is filled.
    pub fn burst_bits(&self, burst_index: u32) -> Vec<u8> {
        let coded = self
            .code
            .layout(burst_index)
            .map(|(block, position)| self.buffers[block][position]);
        let filled = coded.chain(std::iter::repeat(0));
        filled
            .zip(self.code.scrambling(burst_index))
            .map(|(bit, mask)| bit ^ mask)
            .collect()
    }
}

fn segmentation(
    stream_length_bytes: usize,
    burst_count: u32,
) -> Result<Segmentation, DigitalError> {
    let maximum = MAX_STREAM_BYTES as u64;
    in_range(
        "digital stream bytes",
        stream_length_bytes as u64,
        1,
        maximum,
    )?;
    in_range(
        "burst count",
        u64::from(burst_count),
        1,
        u64::from(MAX_BURST_COUNT),
    )?;
    Ok(Segmentation::new(8 * stream_length_bytes).expect("segmentation takes any length but 0"))
}

fn smallest_burst(segmentation: &Segmentation, burst_count: u32, rate: f64) -> usize {
    let coded_bits = (segmentation.code().information_bits() as f64 / rate).ceil() as usize;
    coded_bits.div_ceil(burst_count as usize) * segmentation.blocks()
}
