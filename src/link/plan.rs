//! How a picture is divided into bursts: the same arithmetic at both ends.

use super::LinkError;
use crate::bits::digital::DigitalCode;
use crate::bits::header::{Checked, Header};
use crate::codec::Cbr;
use crate::photo::PhotoSize;
use crate::waveform::Numerology;
use crate::waveform::framing::{BurstLayout, MAX_ANALOG_SYMBOLS, MAX_DIGITAL_SYMBOLS};

/// Code rate of the digital stream when all bursts arrive: decodes at 0 dB with a margin for losses.
const DIGITAL_RATE: f64 = 0.25;
/// Bursts of a picture, at most (16 bits in the header).
const MAX_BURSTS: usize = 1 << 16;

/// The bursts of one picture (of one repetition).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PicturePlan {
    numerology: Numerology,
    size: PhotoSize,
    symbols: usize,
    bursts: usize,
    digital_symbols: usize,
    stream_length_bytes: usize,
}

impl PicturePlan {
    /// The plan for a picture of `size` at `cbr` with a digital stream of so many bytes.
    ///
    /// # Errors
    /// [`LinkError::TooManyBursts`] when the picture does not fit into the 65,536 bursts that a header can count.
    pub fn new(
        numerology: Numerology,
        size: PhotoSize,
        cbr: Cbr,
        stream_length_bytes: usize,
    ) -> Result<Self, LinkError> {
        let symbols = cbr.symbols(size);
        let data = numerology.data_carriers();
        let rows = symbols.div_ceil(data).max(1);
        let mut bursts = rows.div_ceil(MAX_ANALOG_SYMBOLS);
        loop {
            if bursts > MAX_BURSTS {
                return Err(LinkError::TooManyBursts {
                    symbols,
                    allowed: MAX_BURSTS * MAX_ANALOG_SYMBOLS * data,
                });
            }
            let bits = DigitalCode::minimum_bits_per_burst(
                stream_length_bytes,
                bursts as u32,
                DIGITAL_RATE,
            )?;
            let digital_symbols = bits.div_ceil(2 * data);
            if digital_symbols <= MAX_DIGITAL_SYMBOLS {
                return Ok(Self {
                    numerology,
                    size,
                    symbols,
                    bursts,
                    digital_symbols,
                    stream_length_bytes,
                });
            }
            bursts += bursts.div_ceil(8);
        }
    }

    /// The plan that a header announces.
    ///
    /// # Errors
    /// [`LinkError::Inconsistent`] when count and lengths do not fit the size of the picture.
    pub fn announced(numerology: Numerology, header: &Header<Checked>) -> Result<Self, LinkError> {
        let fields = header.fields();
        let cbr = Cbr::from_code(fields.cbr_code)?;
        let size = PhotoSize::new(fields.width, fields.height)?;
        let plan = Self {
            numerology,
            size,
            symbols: cbr.symbols(size),
            bursts: fields.burst_count as usize,
            digital_symbols: usize::from(fields.digital_symbols),
            stream_length_bytes: usize::from(fields.stream_length_bytes),
        };
        let rows = plan.rows();
        if rows > plan.bursts * MAX_ANALOG_SYMBOLS {
            return Err(LinkError::Inconsistent {
                field: "burst_count",
                found: plan.bursts as u64,
                allowed: format!("at least {}", rows.div_ceil(MAX_ANALOG_SYMBOLS)),
            });
        }
        let wanted = plan.analog_symbols(usize::from(fields.burst_index));
        if usize::from(fields.analog_symbols) != wanted {
            return Err(LinkError::Inconsistent {
                field: "analog_symbols",
                found: u64::from(fields.analog_symbols),
                allowed: wanted.to_string(),
            });
        }
        Ok(plan)
    }

    fn rows(&self) -> usize {
        self.symbols
            .div_ceil(self.numerology.data_carriers())
            .max(1)
    }

    /// Size of the picture.
    pub fn size(&self) -> PhotoSize {
        self.size
    }

    /// Analog symbols of the picture.
    pub fn symbols(&self) -> usize {
        self.symbols
    }

    /// Bursts of one repetition.
    pub fn bursts(&self) -> usize {
        self.bursts
    }

    /// Bytes of the digital stream.
    pub fn stream_length_bytes(&self) -> usize {
        self.stream_length_bytes
    }

    /// Digital OFDM symbols of every burst.
    pub fn digital_symbols(&self) -> usize {
        self.digital_symbols
    }

    /// Coded bits of the digital part of every burst.
    pub fn digital_bits(&self) -> usize {
        2 * self.digital_symbols * self.numerology.data_carriers()
    }

    /// Analog OFDM symbols of burst `index`: as even as whole symbols allow, at least one.
    pub fn analog_symbols(&self, index: usize) -> usize {
        let (each, more) = (self.rows() / self.bursts, self.rows() % self.bursts);
        (each + usize::from(index < more)).max(1)
    }

    /// First slot of burst `index`.
    pub fn first_slot(&self, index: usize) -> usize {
        let (each, more) = (self.rows() / self.bursts, self.rows() % self.bursts);
        let symbols = if each == 0 {
            index
        } else {
            each * index + index.min(more)
        };
        symbols * self.numerology.data_carriers()
    }

    /// Slots of all bursts of one repetition.
    pub fn slots(&self) -> usize {
        self.first_slot(self.bursts)
    }

    /// Layout of burst `index`.
    pub fn layout(&self, index: usize) -> BurstLayout {
        BurstLayout::new(
            self.numerology,
            self.digital_symbols,
            self.analog_symbols(index),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(width: u32, height: u32, cbr: &str, stream: usize) -> Result<PicturePlan, LinkError> {
        let size = PhotoSize::new(width, height).unwrap();
        PicturePlan::new(Numerology::Standard, size, cbr.parse().unwrap(), stream)
    }

    #[test]
    fn slots_of_the_bursts_follow_each_other_and_hold_the_picture() {
        for (width, height) in [(1, 1), (8, 8), (97, 31), (768, 512), (4000, 3000)] {
            for stream in [1, 100, 3_000] {
                let plan = plan(width, height, "1/24", stream).unwrap();
                let mut next = 0;
                for i in 0..plan.bursts() {
                    assert_eq!(plan.first_slot(i), next);
                    assert!((1..=64).contains(&plan.analog_symbols(i)));
                    next += plan.analog_symbols(i) * 192;
                }
                assert_eq!(plan.slots(), next);
                assert!(next >= plan.symbols());
            }
        }
    }

    #[test]
    fn a_kodak_picture_at_one_24th_takes_four_full_bursts() {
        let plan = plan(768, 512, "1/24", 140).unwrap();
        assert_eq!((plan.bursts(), plan.analog_symbols(3)), (4, 64));
        assert!(plan.digital_symbols() <= 4, "{}", plan.digital_symbols());
    }

    #[test]
    fn too_large_a_picture_is_refused_in_words() {
        let size = PhotoSize::new(16_384, 16_384).unwrap();
        let cbr = "1".parse().unwrap();
        let error = PicturePlan::new(Numerology::Narrow, size, cbr, 10).unwrap_err();
        assert!(error.to_string().contains("805306368"), "{error}");
    }
}
