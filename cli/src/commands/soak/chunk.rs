//! How many samples the receiver gets at a time.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Samples pushed at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// 1 to 65,536, drawn anew for each push; short and long ones alike.
    Random,
    Fixed(usize),
}

impl Chunk {
    const LONGEST: usize = 65_536;

    /// Size of the next chunk; logarithmically uniform when random.
    pub fn draw(self, rng: &mut Xoshiro256PlusPlus) -> usize {
        match self {
            Self::Random => {
                let power = rng.random_range(0.0..(Self::LONGEST as f64 + 1.0).ln());
                (power.exp() as usize).clamp(1, Self::LONGEST)
            }
            Self::Fixed(samples) => samples,
        }
    }
}

impl std::str::FromStr for Chunk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(samples) if samples > 0 => Ok(Self::Fixed(samples)),
            _ if text == "random" => Ok(Self::Random),
            _ => Err(format!(
                "found {text}, allowed `random` or a number of samples from 1"
            )),
        }
    }
}

impl std::fmt::Display for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::Fixed(samples) => samples.fmt(f),
        }
    }
}
