//! Adaptive binary range coder: the carry-propagating coder of Martin ("Range encoding", 1979) in
//! the byte-wise form known from LZMA, with probabilities that learn fast at first.
//!
//! Decoding never fails and never reads out of bounds: past the end it sees zeros, which is why the
//! encoder drops trailing zero bytes. Whoever must notice cut-off data codes a mark at the end.

/// Weight of a probability: 16 bits.
const ONE: u32 = 1 << 16;
/// Renormalization threshold of the range.
const TOP: u32 = 1 << 24;
/// Slowest adaptation: `1 / 2^5` of the error.
const SLOWEST: u32 = 5;

/// Probability of a 0, adapting towards what it has seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bit {
    zero: u16,
    seen: u16,
}

impl Bit {
    /// A model that starts at `zero / 65536` and holds this for worth `confidence` symbols.
    pub(crate) const fn new(zero: u16, confidence: u16) -> Self {
        Self {
            zero,
            seen: confidence,
        }
    }

    fn learn(&mut self, bit: u8) {
        let target = if bit == 0 { ONE - 1 } else { 0 };
        let divisor = (i32::from(self.seen) + 2).min(1 << SLOWEST);
        let step = (target as i32 - i32::from(self.zero)) / divisor;
        let zero = i32::from(self.zero) + step;
        // Neither value may become free: a wrong certainty would cost without bound.
        self.zero = zero.clamp(512, ONE as i32 - 512) as u16;
        self.seen = self.seen.saturating_add(1);
    }

    /// What it takes to code `bit`, in bits.
    fn information(self, bit: u8) -> f32 {
        let zero = f32::from(self.zero) / ONE as f32;
        let probability = if bit == 0 { zero } else { 1.0 - zero };
        -probability.log2()
    }

    fn split(self, range: u32) -> u32 {
        (range >> 16) * u32::from(self.zero)
    }
}

/// Either end of the line, so that one function can describe a format for both: the encoder
/// writes what it is given and returns it, the decoder returns what it reads.
pub(crate) trait BinaryCoder {
    /// One bit under its model, which learns from it.
    fn bit(&mut self, model: &mut Bit, bit: u8) -> u8;

    /// `count` equally likely bits, highest first.
    fn plain(&mut self, value: u32, count: u32) -> u32 {
        (0..count).rev().fold(0, |read, k| {
            let bit = self.bit(&mut Bit::new(1 << 15, 0), (value >> k & 1) as u8);
            read << 1 | u32::from(bit)
        })
    }
}

/// Bits to bytes.
#[derive(Debug)]
pub(crate) struct Encoder {
    low: u64,
    range: u32,
    /// The byte that a carry may still change, and how many 0xff follow it.
    pending: Option<u8>,
    ones: usize,
    bytes: Vec<u8>,
}

impl Encoder {
    pub(crate) fn new() -> Self {
        Self {
            low: 0,
            range: u32::MAX,
            pending: None,
            ones: 0,
            bytes: Vec::new(),
        }
    }

    fn shift(&mut self) {
        let carry = (self.low >> 32) as u8;
        let top = (self.low >> 24) as u8;
        if carry == 0 && top == 0xff {
            self.ones += 1;
        } else {
            if let Some(pending) = self.pending {
                self.bytes.push(pending.wrapping_add(carry));
            }
            let follow = 0xff_u8.wrapping_add(carry);
            self.bytes.extend(std::iter::repeat_n(follow, self.ones));
            self.ones = 0;
            self.pending = Some(top);
        }
        self.low = (self.low & 0x00ff_ffff) << 8;
    }

    /// The fewest bytes that decode to what was coded.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        // The value in [low, low + range) with the most trailing zeros.
        let high = self.low + u64::from(self.range) - 1;
        let free = (0..32).rev().find(|&k| high >> k << k >= self.low);
        let free = free.unwrap_or(0);
        self.low = high >> free << free;
        for _ in 0..5 {
            self.shift();
        }
        while self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

impl BinaryCoder for Encoder {
    fn bit(&mut self, model: &mut Bit, bit: u8) -> u8 {
        let split = model.split(self.range);
        if bit == 0 {
            self.range = split;
        } else {
            self.low += u64::from(split);
            self.range -= split;
        }
        model.learn(bit);
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
        bit
    }
}

/// Counts what an encoder would write.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    bits: f32,
}

impl Meter {
    pub(crate) fn bits(&self) -> f32 {
        self.bits
    }
}

impl BinaryCoder for Meter {
    fn bit(&mut self, model: &mut Bit, bit: u8) -> u8 {
        self.bits += model.information(bit);
        model.learn(bit);
        bit
    }
}

/// Bytes to bits.
#[derive(Debug)]
pub(crate) struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    range: u32,
    value: u32,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self {
            bytes,
            at: 0,
            range: u32::MAX,
            value: 0,
        };
        for _ in 0..4 {
            decoder.value = decoder.value << 8 | decoder.next_byte();
        }
        decoder
    }

    fn next_byte(&mut self) -> u32 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        u32::from(byte)
    }

    /// Bytes never looked at.
    pub(crate) fn unread_bytes(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }
}

impl BinaryCoder for Decoder<'_> {
    fn bit(&mut self, model: &mut Bit, _: u8) -> u8 {
        let split = model.split(self.range);
        let bit = u8::from(self.value >= split);
        if bit == 0 {
            self.range = split;
        } else {
            self.value -= split;
            self.range -= split;
        }
        model.learn(bit);
        while self.range < TOP {
            self.range <<= 8;
            self.value = self.value << 8 | self.next_byte();
        }
        bit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn models() -> [Bit; 3] {
        [Bit::new(1 << 15, 0), Bit::new(60_000, 20), Bit::new(700, 2)]
    }

    proptest! {
        #[test]
        fn every_sequence_of_bits_comes_back(bits in prop::collection::vec((0usize..3, 0u8..2), 0..600)) {
            let (mut encoder, mut sending) = (Encoder::new(), models());
            for &(model, bit) in &bits {
                encoder.bit(&mut sending[model], bit);
            }
            encoder.plain(0x5a5, 11);
            let bytes = encoder.finish();
            let (mut meter, mut metered) = (Meter::default(), models());
            for &(model, bit) in &bits {
                meter.bit(&mut metered[model], bit);
            }
            prop_assert!((meter.bits() + 11.0 - 8.0 * bytes.len() as f32).abs() <= 16.0 + 0.01 * meter.bits());
            let (mut decoder, mut receiving) = (Decoder::new(&bytes), models());
            for &(model, bit) in &bits {
                prop_assert_eq!(decoder.bit(&mut receiving[model], 0), bit);
            }
            prop_assert_eq!(decoder.plain(0, 11), 0x5a5);
            prop_assert_eq!(decoder.unread_bytes(), 0);
        }

        #[test]
        fn hostile_bytes_decode_to_some_bits(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let (mut decoder, mut models) = (Decoder::new(&bytes), models());
            for k in 0..1000 {
                prop_assert!(decoder.bit(&mut models[k % 3], 0) < 2);
            }
        }
    }

    #[test]
    fn a_thousand_bits_of_one_value_in_fifty_cost_about_their_entropy() {
        let mut encoder = Encoder::new();
        let mut model = Bit::new(1 << 15, 0);
        for k in 0..1000 {
            encoder.bit(&mut model, u8::from(k % 50 == 7));
        }
        let entropy_bytes = 1000.0 * 0.1414 / 8.0;
        let found = encoder.finish().len() as f64;
        assert!(
            (entropy_bytes..1.4 * entropy_bytes).contains(&found),
            "{found}"
        );
    }
}
