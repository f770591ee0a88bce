//! Collects the soft bits of a digital stream burst by burst and decodes its code blocks.

use std::ops::Range;

use super::{DigitalCode, DigitalError, in_range};
use crate::bits::ldpc::{CheckRule, LdpcDecoder};
use crate::bits::llr::Llr;

/// Iterations after which a code block counts as lost.
const ITERATION_LIMIT: usize = 50;

/// Collects soft bits; memory is bounded by five times the stream's bits, taken at the first burst.
#[derive(Clone, Debug)]
pub struct DigitalDecoder {
    code: DigitalCode,
    /// The circular buffer of each block; empty before the first burst.
    buffers: Vec<Vec<Llr>>,
    /// The payload of each block that passed its CRC.
    payloads: Vec<Option<Vec<u8>>>,
}

/// What is known of a digital stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigitalOutcome {
    /// The stream's bytes; 0 where a code block was lost.
    pub bytes: Vec<u8>,
    /// For each code block whether its CRC holds; all false when the CRC over the whole does not.
    pub block_ok: Vec<bool>,
    /// LDPC iterations of this call, all blocks together.
    pub iterations: usize,
    payload_bits: usize,
}

impl DigitalOutcome {
    /// Whether the whole stream is there.
    pub fn complete(&self) -> bool {
        self.block_ok.iter().all(|&ok| ok)
    }

    /// Whether all code blocks under a range of bytes are there.
    pub fn received(&self, range: Range<usize>) -> bool {
        let first = 8 * range.start / self.payload_bits;
        let end = (8 * range.end).div_ceil(self.payload_bits);
        range.is_empty()
            || self
                .block_ok
                .get(first..end)
                .is_some_and(|ok| ok.iter().all(|&ok| ok))
    }
}

impl DigitalDecoder {
    /// An empty decoder for one picture's stream.
    pub fn new(code: DigitalCode) -> Self {
        let payloads = vec![None; code.blocks()];
        DigitalDecoder {
            code,
            buffers: Vec::new(),
            payloads,
        }
    }

    /// Adds the soft bits (exactly `bits_per_burst`) of a burst; a repeated burst adds to the first.
    ///
    /// # Errors
    /// [`DigitalError::Range`] for another number of soft bits, or a burst that the picture does not have; nothing is added.
    pub fn accept(&mut self, burst_index: u32, llrs: &[Llr]) -> Result<(), DigitalError> {
        let bits = self.code.bits_per_burst() as u64;
        in_range("soft bits of a burst", llrs.len() as u64, bits, bits)?;
        in_range(
            "burst index",
            u64::from(burst_index),
            0,
            u64::from(self.code.burst_count()) - 1,
        )?;
        if self.buffers.is_empty() {
            let empty = vec![Llr::ERASED; self.code.rate_matcher().used_bits()];
            self.buffers = vec![empty; self.code.blocks()];
        }
        let scrambled = llrs.iter().zip(self.code.scrambling(burst_index));
        for ((block, position), (llr, mask)) in self.code.layout(burst_index).zip(scrambled) {
            self.buffers[block][position] += Llr::new(llr.0).descrambled(mask);
        }
        Ok(())
    }

    /// Decodes the blocks that are not there yet, with all that was accepted so far.
    pub fn decode(&mut self) -> DigitalOutcome {
        let code = *self.code.segmentation().code();
        let used_bits = self.code.rate_matcher().used_bits();
        let mut decoder = LdpcDecoder::new(code, used_bits, CheckRule::default());
        let mut iterations = 0;
        for (payload, buffer) in self.payloads.iter_mut().zip(&self.buffers) {
            if payload.is_none() {
                let decoded = decoder.decode(buffer, ITERATION_LIMIT);
                iterations += decoded.iterations;
                let information = decoded.converged.then_some(decoded.information);
                *payload = information.and_then(|bits| self.code.segmentation().check_block(&bits));
            }
        }
        self.outcome(iterations)
    }

    fn outcome(&self, iterations: usize) -> DigitalOutcome {
        let segmentation = self.code.segmentation();
        let all_there = self.payloads.iter().all(Option::is_some);
        let contradictory = all_there && segmentation.join(&self.payloads).is_none();
        let lost = vec![0; segmentation.payload_bits()];
        let payload_of = |payload: &Option<Vec<u8>>| match payload {
            Some(bits) if !contradictory => bits.clone(),
            _ => lost.clone(),
        };
        let bits: Vec<u8> = self.payloads.iter().flat_map(payload_of).collect();
        let whole_bytes = bits.chunks_exact(8).take(self.code.stream_length_bytes());
        DigitalOutcome {
            bytes: whole_bytes
                .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit))
                .collect(),
            block_ok: self
                .payloads
                .iter()
                .map(|p| p.is_some() && !contradictory)
                .collect(),
            iterations,
            payload_bits: segmentation.payload_bits(),
        }
    }
}
