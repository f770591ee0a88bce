//! Bytes to QAM symbols and back: segmentation and CRC of TS 38.212 section 5.1, LDPC on base graph 2, rate matching with
//! redundancy version 0, the bit interleaver of section 5.4.2.2, Gold scrambling of TS 38.211 section 7.3.1.1.
//!
//! Block b of C gets the symbols b, b + C, b + 2C, ... of the picture, so that what is lost thins all blocks alike.
//!
//! ```
//! use heliograph::codec::ReceivedLatents;
//! use heliograph_baselines::Payload;
//! let payload = Payload::new("16qam-1/2".parse()?, 1000)?;
//! let bytes: Vec<u8> = (0..payload.bytes()).map(|i| i as u8).collect();
//! let symbols = payload.modulate(&bytes)?;
//! assert_eq!(symbols.len(), 1000);
//! let received = ReceivedLatents { symbols: &symbols, variances: &[0.05; 1000] };
//! assert_eq!(payload.demodulate(received).into_bytes(), Some(bytes));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use heliograph::bits::ldpc::segmentation::Segmentation;
use heliograph::bits::ldpc::{CheckRule, LdpcCode, LdpcDecoder, LdpcError};
use heliograph::bits::llr::Llr;
use heliograph::bits::prbs::GoldSequence;
use heliograph::codec::ReceivedLatents;
use num_complex::Complex32;
use thiserror::Error;

use crate::Mcs;

/// Iterations of a block's decoder.
const ITERATIONS: usize = 40;

/// c_init of the scrambling sequence.
const SCRAMBLER: u32 = 0x2D_1617;

/// Symbols of one picture, at most: one in which every colour value has one (16,384 x 16,384 pixels).
pub const MAX_SYMBOLS: usize = 3 << 28;

/// Why bytes cannot travel.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PayloadError {
    /// Too few symbols for one byte, or more than a picture has.
    #[error("{found} symbols of {mcs} for a picture file; allowed are {least} to {MAX_SYMBOLS}", least = Payload::least_symbols(*mcs))]
    Symbols { mcs: Mcs, found: usize },
    /// More bytes than fit.
    #[error("picture file of {found} bytes; allowed are up to {allowed}")]
    Bytes { found: usize, allowed: usize },
    /// The code refuses.
    #[error(transparent)]
    Ldpc(#[from] LdpcError),
}

/// How so many symbols of a scheme carry bytes; both ends derive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    mcs: Mcs,
    symbols: usize,
    bytes: usize,
    segmentation: Segmentation,
}

/// What came of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// All blocks and the whole are right.
    Whole(Vec<u8>),
    /// So many of the blocks are wrong (0 when each is right alone and the whole is not).
    Outage { blocks_lost: usize, blocks: usize },
}

impl Arrival {
    /// The bytes when they arrived.
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Outage { .. } => None,
        }
    }
}

impl Payload {
    /// As many whole bytes as `symbols` carry at the rate of `mcs`.
    ///
    /// # Errors
    /// [`PayloadError::Symbols`] when that is none, or there are too many symbols.
    pub fn new(mcs: Mcs, symbols: usize) -> Result<Self, PayloadError> {
        let error = PayloadError::Symbols {
            mcs,
            found: symbols,
        };
        if symbols > MAX_SYMBOLS {
            return Err(error);
        }
        let coded_bits = symbols * mcs.modulation().bits();
        let information_bits = mcs.rate().information_bits(coded_bits);
        let fits = |bytes: usize| {
            let segmentation = Segmentation::new(8 * bytes).ok()?;
            let sent = segmentation.blocks() * segmentation.code().information_bits();
            (sent <= information_bits && segmentation.blocks() <= symbols).then_some(segmentation)
        };
        // Bits of all blocks grow with the bytes: the largest number that fits lies between the two.
        let (mut bytes, mut beyond) = (0, information_bits / 8 + 1);
        while beyond - bytes > 1 {
            let middle = usize::midpoint(bytes, beyond);
            if fits(middle).is_some() {
                bytes = middle;
            } else {
                beyond = middle;
            }
        }
        let segmentation = fits(bytes).filter(|_| bytes > 0).ok_or(error)?;
        Ok(Self {
            mcs,
            symbols,
            bytes,
            segmentation,
        })
    }

    /// Fewest symbols that carry a byte.
    fn least_symbols(mcs: Mcs) -> usize {
        (1..)
            .find(|symbols| Self::new(mcs, *symbols).is_ok())
            .unwrap_or(1)
    }

    /// Bytes it carries.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Code blocks.
    pub fn blocks(&self) -> usize {
        self.segmentation.blocks()
    }

    /// The symbols of `bytes`, which are filled up with zeros.
    ///
    /// # Errors
    /// [`PayloadError::Bytes`] when there are too many.
    pub fn modulate(&self, bytes: &[u8]) -> Result<Vec<Complex32>, PayloadError> {
        if bytes.len() > self.bytes {
            return Err(PayloadError::Bytes {
                found: bytes.len(),
                allowed: self.bytes,
            });
        }
        let mut symbols = vec![Complex32::ZERO; self.symbols];
        let blocks = self.segmentation.split(&to_bits(bytes));
        for (index, block) in blocks.iter().enumerate() {
            let coded = self.segmentation.code().encode(block)?;
            let map = BlockMap::new(self, index);
            let scrambler = GoldSequence::new(SCRAMBLER.wrapping_add(index as u32));
            let sent: Vec<u8> = (0..map.coded_bits)
                .zip(scrambler)
                .map(|(bit, mask)| coded[map.position(bit)] ^ mask)
                .collect();
            let places = symbols.iter_mut().skip(index).step_by(blocks.len());
            for (place, symbol) in places.zip(self.mcs.modulation().modulate(&sent)) {
                *place = symbol;
            }
        }
        Ok(symbols)
    }

    /// The bytes when every CRC holds. Symbols that are missing count as lost, more than there should be as none.
    pub fn demodulate(&self, received: ReceivedLatents<'_>) -> Arrival {
        let blocks = self.blocks();
        let mut decoder = BlockDecoder::new(self);
        let payloads: Vec<Option<Vec<u8>>> = (0..blocks)
            .map(|index| decoder.decode(self, index, received))
            .collect();
        match self.segmentation.join(&payloads) {
            Some(bits) => Arrival::Whole(to_bytes(&bits)),
            None => Arrival::Outage {
                blocks_lost: payloads.iter().filter(|payload| payload.is_none()).count(),
                blocks,
            },
        }
    }
}

/// Which bit of the circular buffer each coded bit of a block is.
struct BlockMap {
    coded_bits: usize,
    columns: usize,
    rows: usize,
    buffer_bits: usize,
}

impl BlockMap {
    fn new(payload: &Payload, block: usize) -> Self {
        let columns = (payload.symbols - block).div_ceil(payload.blocks());
        let rows = payload.mcs.modulation().bits();
        Self {
            coded_bits: columns * rows,
            columns,
            rows,
            buffer_bits: payload.segmentation.code().buffer_bits(),
        }
    }

    /// Section 5.4.2.2: written by rows, read by columns, so that the information bits, which come first, get the
    /// surer bits of the symbols.
    fn position(&self, bit: usize) -> usize {
        let (symbol, row) = (bit / self.rows, bit % self.rows);
        (row * self.columns + symbol) % self.buffer_bits
    }
}

/// One decoder for the blocks of a payload, whose lengths differ by at most a symbol.
struct BlockDecoder {
    decoder: LdpcDecoder,
    buffer: Vec<Llr>,
}

impl BlockDecoder {
    fn new(payload: &Payload) -> Self {
        let code: LdpcCode = *payload.segmentation.code();
        let used = BlockMap::new(payload, 0).coded_bits.min(code.buffer_bits());
        Self {
            decoder: LdpcDecoder::new(code, used, CheckRule::BoxPlus),
            buffer: vec![Llr::ERASED; used],
        }
    }

    fn decode(
        &mut self,
        payload: &Payload,
        block: usize,
        received: ReceivedLatents<'_>,
    ) -> Option<Vec<u8>> {
        let own = |count: usize| (block..count.min(payload.symbols)).step_by(payload.blocks());
        let symbols: Vec<Complex32> = own(received.symbols.len())
            .map(|at| received.symbols[at])
            .collect();
        let variances: Vec<f32> = own(received.variances.len())
            .map(|at| received.variances[at])
            .collect();
        let llrs = payload.mcs.modulation().demodulate(&symbols, &variances);
        let map = BlockMap::new(payload, block);
        let scrambler = GoldSequence::new(SCRAMBLER.wrapping_add(block as u32));
        self.buffer.fill(Llr::ERASED);
        for ((bit, mask), llr) in (0..map.coded_bits).zip(scrambler).zip(llrs) {
            self.buffer[map.position(bit)] += llr.descrambled(mask);
        }
        let decoded = self.decoder.decode(&self.buffer, ITERATIONS);
        // Zeros have a right CRC, and an erased block decodes to zeros, unconverged.
        let information = decoded.converged.then_some(decoded.information)?;
        payload.segmentation.check_block(&information)
    }
}

fn to_bits(bytes: &[u8]) -> Vec<u8> {
    let bits = |byte: &u8| {
        let byte = *byte;
        (0..8).rev().map(move |shift| byte >> shift & 1)
    };
    bytes.iter().flat_map(bits).collect()
}

fn to_bytes(bits: &[u8]) -> Vec<u8> {
    bits.chunks_exact(8)
        .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit & 1))
        .collect()
}

#[cfg(test)]
mod tests;
