//! Samples as bytes and back: `cf32_le` and `ci8`, full scale 1.

use std::fmt;
use std::str::FromStr;

use num_complex::Complex32;

/// Full scale of 8-bit samples, as in SoapySDR's drivers: 128 is 1.
const CI8_SCALE: f32 = 128.0;

/// How a sample lies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Datatype {
    /// Two 32-bit floats, I then Q, little-endian: 8 bytes.
    Cf32Le,
    /// Two signed bytes, I then Q, 128 for 1: 2 bytes. What a HackRF gives, without loss.
    Ci8,
}

impl Datatype {
    /// All that can be read and written.
    pub const ALL: [Self; 2] = [Self::Cf32Le, Self::Ci8];

    /// SigMF's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cf32Le => "cf32_le",
            Self::Ci8 => "ci8",
        }
    }

    /// Bytes of a sample.
    pub const fn sample_bytes(self) -> usize {
        match self {
            Self::Cf32Le => 8,
            Self::Ci8 => 2,
        }
    }

    /// Datatype of a file without metadata by its ending: `cf32`, `fc32`, `cfile`; `ci8`, `cs8`.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "cf32" | "fc32" | "cfile" => Some(Self::Cf32Le),
            "ci8" | "cs8" => Some(Self::Ci8),
            _ => None,
        }
    }

    /// Appends `samples` to `bytes`; says what did not fit.
    pub(super) fn encode(self, samples: &[Complex32], bytes: &mut Vec<u8>) -> Misfits {
        bytes.reserve(samples.len() * self.sample_bytes());
        let mut misfits = Misfits::default();
        for sample in samples {
            let sample = match sample.re.is_finite() && sample.im.is_finite() {
                true => *sample,
                false => {
                    misfits.not_finite += 1;
                    Complex32::ZERO
                }
            };
            match self {
                Self::Cf32Le => {
                    bytes.extend_from_slice(&sample.re.to_le_bytes());
                    bytes.extend_from_slice(&sample.im.to_le_bytes());
                }
                Self::Ci8 => {
                    let (i, q) = (to_i8(sample.re), to_i8(sample.im));
                    misfits.saturated += u64::from(i.is_none() || q.is_none());
                    bytes.push(i.unwrap_or_else(|| limit(sample.re)) as u8);
                    bytes.push(q.unwrap_or_else(|| limit(sample.im)) as u8);
                }
            }
        }
        misfits
    }

    /// The samples of `bytes`, a whole number of them, into `samples` of the same number.
    pub(super) fn decode(self, bytes: &[u8], samples: &mut [Complex32]) {
        let pairs = bytes.chunks_exact(self.sample_bytes());
        for (sample, pair) in samples.iter_mut().zip(pairs) {
            *sample = match (self, pair) {
                (Self::Cf32Le, &[a, b, c, d, e, f, g, h]) => Complex32::new(
                    f32::from_le_bytes([a, b, c, d]),
                    f32::from_le_bytes([e, f, g, h]),
                ),
                (Self::Ci8, &[i, q]) => {
                    Complex32::new(f32::from(i as i8), f32::from(q as i8)) / CI8_SCALE
                }
                _ => Complex32::ZERO,
            };
        }
    }
}

impl fmt::Display for Datatype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Datatype {
    type Err = String;

    /// SigMF's word, or what is allowed.
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|d| d.name() == text);
        known.ok_or_else(|| Self::ALL.map(Self::name).join(", "))
    }
}

/// Samples that a file does not hold as they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Misfits {
    /// Beyond full scale, written as the largest number.
    pub saturated: u64,
    /// NaN or infinite, written as 0.
    pub not_finite: u64,
}

/// The nearest step, if it is within 8 bits.
fn to_i8(value: f32) -> Option<i8> {
    let scaled = (value * CI8_SCALE).round();
    (-128.0..=127.0).contains(&scaled).then_some(scaled as i8)
}

fn limit(value: f32) -> i8 {
    // `as` saturates.
    (value * CI8_SCALE) as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(datatype: Datatype, samples: &[Complex32]) -> (Vec<Complex32>, Misfits) {
        let mut bytes = Vec::new();
        let misfits = datatype.encode(samples, &mut bytes);
        assert_eq!(bytes.len(), samples.len() * datatype.sample_bytes());
        let mut read = vec![Complex32::ZERO; samples.len()];
        datatype.decode(&bytes, &mut read);
        (read, misfits)
    }

    #[test]
    fn floats_are_kept_to_the_bit() {
        let samples = [
            Complex32::new(1.5e-39, -0.0),
            Complex32::new(f32::MAX, f32::MIN_POSITIVE),
        ];
        let (read, misfits) = pass(Datatype::Cf32Le, &samples);
        let bits = |s: &[Complex32]| -> Vec<_> {
            s.iter().map(|x| (x.re.to_bits(), x.im.to_bits())).collect()
        };
        assert_eq!((bits(&read), misfits), (bits(&samples), Misfits::default()));
    }

    #[test]
    fn every_8_bit_sample_survives() {
        let step = |i: i16| f32::from(i) / 128.0;
        let samples: Vec<_> = (-128..128)
            .map(|i| Complex32::new(step(i), step(-1 - i)))
            .collect();
        assert_eq!(pass(Datatype::Ci8, &samples), (samples, Misfits::default()));
    }

    #[test]
    fn what_does_not_fit_is_limited_and_counted() {
        let samples = [
            Complex32::new(1.0, 0.0),
            Complex32::new(-1.0, 0.5),
            Complex32::new(0.0, -7.0),
            Complex32::new(f32::NAN, 0.1),
            Complex32::new(0.1, f32::INFINITY),
        ];
        let (read, misfits) = pass(Datatype::Ci8, &samples);
        assert_eq!((misfits.saturated, misfits.not_finite), (2, 2));
        assert_eq!(read[0].re, 127.0 / 128.0);
        assert_eq!(read[1], samples[1]);
        assert_eq!(read[2].im, -1.0);
        assert_eq!(read[3..], [Complex32::ZERO; 2]);
        assert_eq!(pass(Datatype::Cf32Le, &samples).1.not_finite, 2);
    }

    #[test]
    fn names_are_those_of_the_specification() {
        for datatype in Datatype::ALL {
            assert_eq!(datatype.name().parse(), Ok(datatype));
        }
        assert_eq!(
            "ci16_le".parse::<Datatype>(),
            Err("cf32_le, ci8".to_owned())
        );
    }
}
