//! How a photo's symbols are shared among its blocks.

use std::str::FromStr;

use crate::codec::CodecError;
use crate::codec::block_latents::Grid;
use crate::nn::{Planes, bits_of_blocks};

/// How the sender shares a photo's symbols among its blocks; every receiver reads all of them (docs/decisions/0009).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allocation {
    /// To blocks that hold more, gently: for receivers at any place of the dial.
    #[default]
    Balanced,
    /// To where they save most squared error, for receivers with the dial at 0: faint texture gets less.
    Distortion,
    /// The same everywhere.
    Even,
}

/// Distortion of a coefficient at which bits are counted, of planes in 0..255, and the power of the bits that a share follows.
#[derive(Clone, Copy)]
struct Measure {
    distortion: f32,
    exponent: f32,
}

impl Allocation {
    pub const ALL: [Self; 3] = [Self::Balanced, Self::Distortion, Self::Even];

    /// On the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Distortion => "distortion",
            Self::Even => "even",
        }
    }

    /// Distortion and exponent by measurement on held-out photos (`training/compare_allocations.py`).
    fn measure(self) -> Option<Measure> {
        let (distortion, exponent) = match self {
            Self::Balanced => (200.0, 0.7),
            Self::Distortion => (3200.0, 1.0),
            Self::Even => return None,
        };
        Some(Measure {
            distortion,
            exponent,
        })
    }

    /// What is due to each block, in no unit; `None` for the same to all.
    pub(super) fn due(self, photo: &Planes) -> Option<Vec<f32>> {
        let measure = self.measure()?;
        let bits = bits_of_blocks(photo, Grid::PIXELS, measure.distortion / (255.0 * 255.0));
        Some(
            bits.iter()
                .map(|bits| bits.powf(measure.exponent))
                .collect(),
        )
    }
}

impl FromStr for Allocation {
    type Err = CodecError;

    fn from_str(name: &str) -> Result<Self, CodecError> {
        let known = Self::ALL.into_iter().find(|one| one.name() == name);
        known.ok_or_else(|| CodecError::UnknownAllocation {
            found: name.to_owned(),
        })
    }
}
