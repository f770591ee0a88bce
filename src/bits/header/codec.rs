//! Header bits to coded bits and back: CRC-16, LDPC, rate matching, scrambling.

use super::packing::{HEADER_BITS, pack, unpack};
use super::{Header, HeaderError, Unchecked};
use crate::bits::crc::CRC16;
use crate::bits::ldpc::rate_matcher::RateMatcher;
use crate::bits::ldpc::{CheckRule, LdpcCode, LdpcDecoder};
use crate::bits::llr::Llr;
use crate::bits::prbs::GoldSequence;

/// Fewest coded bits a header may have: rate 1/2.
pub const MIN_CODED_BITS: usize = 384;

/// Most coded bits: the buffer sixteen times over.
const MAX_CODED_BITS: usize = 16 * 1472;

/// Start of the scrambling sequence of headers.
const SCRAMBLING_C_INIT: u32 = 0x4845_4C49;

/// Iterations after which a header counts as lost.
const ITERATION_LIMIT: usize = 50;

/// Encoder and decoder of headers of one length; keeps the decoder's memory from burst to burst.
#[derive(Clone, Debug)]
pub struct HeaderCodec {
    code: LdpcCode,
    rate_matcher: RateMatcher,
    scrambling: Vec<u8>,
    decoder: LdpcDecoder,
    buffer: Vec<Llr>,
}

impl HeaderCodec {
    /// For headers of `coded_bits` (two a QPSK symbol), [`MIN_CODED_BITS`] or more.
    ///
    /// # Errors
    /// [`HeaderError::CodedBits`] for fewer bits, or more than 23,552.
    pub fn new(coded_bits: usize) -> Result<Self, HeaderError> {
        let error = || HeaderError::CodedBits {
            found: coded_bits,
            allowed: format!("{MIN_CODED_BITS} to {MAX_CODED_BITS}"),
        };
        if !(MIN_CODED_BITS..=MAX_CODED_BITS).contains(&coded_bits) {
            return Err(error());
        }
        let code = LdpcCode::new(HEADER_BITS + CRC16.degree()).map_err(|_| error())?;
        let rate_matcher = RateMatcher::new(&code, coded_bits as u64);
        Ok(HeaderCodec {
            code,
            rate_matcher,
            scrambling: GoldSequence::new(SCRAMBLING_C_INIT)
                .take(coded_bits)
                .collect(),
            decoder: LdpcDecoder::new(code, rate_matcher.used_bits(), CheckRule::default()),
            buffer: vec![Llr::ERASED; rate_matcher.used_bits()],
        })
    }

    /// Coded bits of a header.
    pub fn coded_bits(&self) -> usize {
        self.scrambling.len()
    }

    /// The coded bits of `header`, exactly [`HeaderCodec::coded_bits`].
    pub fn encode(&self, header: &Header) -> Vec<u8> {
        let mut information = pack(header);
        CRC16.attach(&mut information);
        self.encode_information(&information)
    }

    fn encode_information(&self, information: &[u8]) -> Vec<u8> {
        let buffer = self
            .code
            .encode(information)
            .expect("175 bits and 16 of CRC are what the code takes");
        let selected = self.rate_matcher.select(&buffer, 0);
        selected
            .zip(&self.scrambling)
            .map(|(bit, mask)| bit ^ mask)
            .collect()
    }

    /// Decodes the soft bits of a header.
    ///
    /// # Errors
    /// [`HeaderError::CodedBits`] for another number of soft bits, [`HeaderError::NotDecoded`] and [`HeaderError::Crc`] where noise won,
    /// [`HeaderError::Version`] for a header of another format.
    pub fn decode(&mut self, llrs: &[Llr]) -> Result<Header<Unchecked>, HeaderError> {
        if llrs.len() != self.coded_bits() {
            return Err(HeaderError::CodedBits {
                found: llrs.len(),
                allowed: format!("exactly {}", self.coded_bits()),
            });
        }
        self.buffer.fill(Llr::ERASED);
        let descrambled = llrs
            .iter()
            .zip(&self.scrambling)
            .map(|(llr, &mask)| llr.descrambled(mask));
        self.rate_matcher.combine(&mut self.buffer, 0, descrambled);
        let decoded = self.decoder.decode(&self.buffer, ITERATION_LIMIT);
        if !decoded.converged {
            return Err(HeaderError::NotDecoded {
                iterations: decoded.iterations,
            });
        }
        unpack(CRC16.check(&decoded.information).ok_or(HeaderError::Crc)?)
    }
}

/// The `coded_bits` coded bits of a header; a [`HeaderCodec`] does it without setting up anew.
///
/// # Errors
/// That of [`HeaderCodec::new`].
pub fn encode_header(header: &Header, coded_bits: usize) -> Result<Vec<u8>, HeaderError> {
    Ok(HeaderCodec::new(coded_bits)?.encode(header))
}

/// Decodes one header of `llrs.len()` coded bits; a [`HeaderCodec`] does it without setting up anew.
///
/// # Errors
/// Those of [`HeaderCodec::new`] and [`HeaderCodec::decode`].
pub fn decode_header(llrs: &[Llr]) -> Result<Header<Unchecked>, HeaderError> {
    HeaderCodec::new(llrs.len())?.decode(llrs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_word_that_no_transmitter_made_is_refused() {
        let mut codec = HeaderCodec::new(1152).unwrap();
        let mut information = vec![1; HEADER_BITS];
        CRC16.attach(&mut information);
        let mut decode = |information: &[u8]| {
            let bits = codec.encode_information(information);
            let llrs: Vec<Llr> = bits
                .iter()
                .map(|&bit| Llr(1.0 - 2.0 * f32::from(bit)))
                .collect();
            codec.decode(&llrs)
        };
        assert_eq!(
            decode(&information),
            Err(HeaderError::Version { found: 0xFF })
        );
        information[190] ^= 1;
        assert_eq!(decode(&information), Err(HeaderError::Crc));
    }
}
