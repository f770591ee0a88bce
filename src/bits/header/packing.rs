//! The header's bit layout: fields in the order of [`pack`], highest bit first.

use super::{Header, HeaderError, HeaderFields, Unchecked};

/// First byte of every header: constant of the format and its version.
pub const VERSION: u8 = 0xA1;

/// Bits of a header before its CRC.
pub const HEADER_BITS: usize = 175;

/// Name, width in bits and value of each field as it goes on the air; counts and sizes are sent less 1.
fn layout(fields: &HeaderFields) -> [(u32, u64); 16] {
    [
        (8, u64::from(VERSION)),
        (2, u64::from(fields.numerology)),
        (16, u64::from(fields.picture_id)),
        (16, u64::from(fields.burst_index)),
        (16, u64::from(fields.burst_count) - 1),
        (3, u64::from(fields.repeat_index)),
        (3, u64::from(fields.repeat_count) - 1),
        (4, u64::from(fields.codec)),
        (32, u64::from(fields.weights_hash)),
        (14, u64::from(fields.width) - 1),
        (14, u64::from(fields.height) - 1),
        (12, u64::from(fields.cbr_code)),
        (6, u64::from(fields.interleaver_seed)),
        (6, u64::from(fields.digital_symbols)),
        (7, u64::from(fields.analog_symbols)),
        (16, u64::from(fields.stream_length_bytes)),
    ]
}

/// The 175 bits of checked fields.
pub(super) fn pack(header: &Header) -> Vec<u8> {
    layout(header.fields())
        .into_iter()
        .flat_map(|(width, value)| {
            (0..width)
                .rev()
                .map(move |shift| (value >> shift & 1) as u8)
        })
        .collect()
}

/// The fields of 175 bits, as they came.
pub(super) fn unpack(bits: &[u8]) -> Result<Header<Unchecked>, HeaderError> {
    let mut reader = BitReader { bits };
    let version = reader.take(8) as u8;
    if version != VERSION {
        return Err(HeaderError::Version { found: version });
    }
    Ok(Header::with_fields(HeaderFields {
        numerology: reader.take(2) as u8,
        picture_id: reader.take(16) as u16,
        burst_index: reader.take(16) as u16,
        burst_count: reader.take(16) + 1,
        repeat_index: reader.take(3) as u8,
        repeat_count: reader.take(3) as u8 + 1,
        codec: reader.take(4) as u8,
        weights_hash: reader.take(32),
        width: reader.take(14) + 1,
        height: reader.take(14) + 1,
        cbr_code: reader.take(12) as u16,
        interleaver_seed: reader.take(6) as u8,
        digital_symbols: reader.take(6) as u8,
        analog_symbols: reader.take(7) as u8,
        stream_length_bytes: reader.take(16) as u16,
    }))
}

struct BitReader<'a> {
    bits: &'a [u8],
}

impl BitReader<'_> {
    /// The next `width` (at most 32) bits; past the end they are 0.
    fn take(&mut self, width: usize) -> u32 {
        let (taken, rest) = self.bits.split_at(width.min(self.bits.len()));
        self.bits = rest;
        taken
            .iter()
            .fold(0, |value, &bit| value << 1 | u32::from(bit & 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widths_add_up() {
        let fields = unpack(&[&[1, 0, 1, 0, 0, 0, 0, 1][..], &[1; 167]].concat()).unwrap();
        let total: u32 = layout(fields.fields()).iter().map(|(width, _)| width).sum();
        assert_eq!(total as usize, HEADER_BITS);
    }
}
