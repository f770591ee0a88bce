//! What the decoder must know beside the symbols, as bytes.
//!
//! | part | bits |
//! |---|---|
//! | version | 4 |
//! | node spacing | 4 |
//! | range-coded from here: design SNR, half dB above -20 dB | 7 |
//! | gain of the whole picture, 1/256 octave | 12 |
//! | lowest level | 6 |
//! | for each tile and plane: mean, then the node levels | adaptive |
//! | end mark 1010 | 4 |
//!
//! The bytes come over the air: sizes follow from the picture's size, which was checked; nothing
//! in the bytes decides how much memory or time is spent.

use super::colour::PLANES;
use super::levels::LevelModels;
use super::spectrum::{Axes, NodeSpacing};
use super::tiles::Tile;
use crate::codec::CodecError;
use crate::codec::range_coder::{BinaryCoder, Bit, Decoder, Encoder};

/// Version of this format.
const VERSION: u8 = 1;

const END_MARK: u32 = 0b1010;

/// Half decibels above -20 dB.
const SNR_BITS: u32 = 7;
const GAIN_BITS: u32 = 12;
const LEVEL_BITS: u32 = 6;

/// Means in half steps of 8 bits; 1,024 above the negative end. Orthonormal brightness goes to
/// 442, the colour differences to +-209.
const MEAN_BITS: u32 = 11;
const MEANS_PER_STEP: f32 = 2.0;
const MEAN_ZERO: i32 = 1024;

/// Design SNR as it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DesignSnr(u8);

impl DesignSnr {
    /// Nearest of -20 dB to 43.5 dB in half decibels.
    pub(super) fn from_db(db: f64) -> Self {
        let last = f64::from((1u32 << SNR_BITS) - 1);
        Self((2.0 * (db + 20.0)).round().clamp(0.0, last) as u8)
    }

    pub(super) fn linear(self) -> f64 {
        let db = f64::from(self.0) / 2.0 - 20.0;
        10f64.powf(db / 10.0)
    }
}

/// Amplitude gain that brings the picture's symbols to unit mean power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PictureGain(u16);

impl PictureGain {
    /// Nearest of 2^-8 to 2^8 in steps of 1/256 octave.
    pub(super) fn nearest(gain: f64) -> Self {
        let last = f64::from((1u32 << GAIN_BITS) - 1);
        Self((256.0 * (gain.log2() + 8.0)).round().clamp(0.0, last) as u16)
    }

    pub(super) fn linear(self) -> f64 {
        (f64::from(self.0) / 256.0 - 8.0).exp2()
    }
}

/// Mean of a plane as it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mean(i16);

impl Mean {
    pub(super) fn nearest(value: f32) -> Self {
        let limit = MEAN_ZERO as f32;
        Self((value * MEANS_PER_STEP).round().clamp(-limit, limit - 1.0) as i16)
    }

    pub(super) fn value(self) -> f32 {
        f32::from(self.0) / MEANS_PER_STEP
    }
}

/// Mean and spectrum of one plane of one tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlaneModel {
    pub(super) mean: Mean,
    pub(super) levels: Vec<u8>,
}

/// Everything that travels digitally.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SideInformation {
    pub(super) spacing: NodeSpacing,
    pub(super) design_snr: DesignSnr,
    pub(super) gain: PictureGain,
    pub(super) floor: u8,
    /// One entry a tile; levels are at least `floor`.
    pub(super) tiles: Vec<[PlaneModel; PLANES]>,
}

impl SideInformation {
    pub(super) fn to_bytes(&self, tiles: &[Tile]) -> Vec<u8> {
        let mut copy = self.clone();
        let mut encoder = Encoder::new();
        copy.code(&mut encoder, tiles);
        encoder.plain(END_MARK, 4);
        let mut bytes = vec![VERSION << 4 | self.spacing as u8];
        bytes.extend(encoder.finish());
        bytes
    }

    /// # Errors
    /// [`CodecError`] for another version, an unknown spacing, bytes cut off or left over.
    pub(super) fn from_bytes(bytes: &[u8], tiles: &[Tile]) -> Result<Self, CodecError> {
        let error = |reason| CodecError::SideInformation {
            length: bytes.len(),
            reason,
        };
        let (&first, payload) = bytes.split_first().ok_or(error("it is empty"))?;
        if first >> 4 != VERSION {
            return Err(CodecError::Version {
                found: first >> 4,
                allowed: "1",
            });
        }
        let spacing = NodeSpacing::ALL.get(usize::from(first & 15)).copied();
        let spacing = spacing.ok_or(error("unknown node spacing"))?;
        let mut decoder = Decoder::new(payload);
        let mut found = Self::blank(spacing, tiles);
        found.code(&mut decoder, tiles);
        if decoder.plain(0, 4) != END_MARK {
            return Err(error("the end mark is missing"));
        }
        if decoder.unread_bytes() > 0 {
            return Err(error("bytes are left over"));
        }
        Ok(found)
    }

    fn blank(spacing: NodeSpacing, tiles: &[Tile]) -> Self {
        let plane = |nodes| PlaneModel {
            mean: Mean::default(),
            levels: vec![0; nodes],
        };
        let tile = |tile: &Tile| {
            let nodes = tile.axes(spacing).nodes();
            std::array::from_fn(|_| plane(nodes))
        };
        Self {
            spacing,
            design_snr: DesignSnr(0),
            gain: PictureGain(0),
            floor: 0,
            tiles: tiles.iter().map(tile).collect(),
        }
    }

    /// The format, for both ends.
    fn code(&mut self, coder: &mut impl BinaryCoder, tiles: &[Tile]) {
        self.design_snr.0 = coder.plain(self.design_snr.0.into(), SNR_BITS) as u8;
        self.gain.0 = coder.plain(self.gain.0.into(), GAIN_BITS) as u16;
        self.floor = coder.plain(self.floor.into(), LEVEL_BITS) as u8;
        let mut models = LevelModels::new();
        let mut changed = Bit::new(1 << 15, 0);
        for (at, tile) in tiles.iter().enumerate() {
            let axes = tile.axes(self.spacing);
            let (done, rest) = self.tiles.split_at_mut(at);
            let earlier = done.last();
            for plane in 0..PLANES {
                let (coded, open) = rest[0].split_at_mut(plane);
                let model = &mut open[0];
                let guess = earlier.map_or(Mean(0), |tile| tile[plane].mean);
                code_mean(coder, &mut changed, guess, &mut model.mean);
                let reference = reference(&axes, earlier.map(|tile| &tile[plane]), coded.last());
                models.code(
                    coder,
                    &axes,
                    self.floor,
                    plane,
                    reference,
                    &mut model.levels,
                );
            }
        }
    }
}

/// The plane that predicts: the same of the tile before where its nodes match, else the one before
/// in the same tile.
fn reference<'a>(
    axes: &Axes,
    earlier: Option<&'a PlaneModel>,
    coded: Option<&'a PlaneModel>,
) -> Option<&'a [u8]> {
    let same_shape = |model: &&PlaneModel| model.levels.len() == axes.nodes();
    let model = earlier.filter(same_shape).or(coded);
    model.map(|model| model.levels.as_slice())
}

fn code_mean(coder: &mut impl BinaryCoder, changed: &mut Bit, guess: Mean, mean: &mut Mean) {
    if coder.bit(changed, u8::from(*mean != guess)) == 0 {
        *mean = guess;
        return;
    }
    let sent = (i32::from(mean.0) + MEAN_ZERO) as u32;
    mean.0 = (coder.plain(sent, MEAN_BITS) as i32 - MEAN_ZERO) as i16;
}

#[cfg(test)]
mod tests {
    use super::super::tiles::tiles;
    use super::*;
    use crate::photo::PhotoSize;
    use proptest::prelude::*;

    fn example(size: PhotoSize) -> (SideInformation, Vec<Tile>) {
        let tiles = tiles(size);
        let mut example = SideInformation::blank(NodeSpacing::Medium, &tiles);
        example.design_snr = DesignSnr::from_db(6.0);
        example.gain = PictureGain::nearest(1.1);
        example.floor = 7;
        for (at, model) in example.tiles.iter_mut().flatten().enumerate() {
            model.mean = Mean::nearest(100.0 - 40.0 * (at % 3) as f32);
            for (k, level) in model.levels.iter_mut().enumerate() {
                *level = 7 + ((k * 3 + at) % 20) as u8;
            }
        }
        (example, tiles)
    }

    #[test]
    fn every_size_of_picture_comes_back_from_its_bytes() {
        for (width, height) in [(1, 1), (1, 9), (768, 512), (2049, 3000), (16_384, 16_384)] {
            let (sent, tiles) = example(PhotoSize::new(width, height).unwrap());
            let bytes = sent.to_bytes(&tiles);
            assert_eq!(SideInformation::from_bytes(&bytes, &tiles).unwrap(), sent);
        }
    }

    #[test]
    fn other_versions_and_foreign_bytes_are_refused_in_words() {
        let (sent, tiles) = example(PhotoSize::new(64, 64).unwrap());
        let bytes = sent.to_bytes(&tiles);
        let refused = |bytes: &[u8]| SideInformation::from_bytes(bytes, &tiles).unwrap_err();
        assert!(refused(&[]).to_string().contains("empty"));
        assert_eq!(
            refused(&[0x21, 0]),
            CodecError::Version {
                found: 2,
                allowed: "1"
            }
        );
        assert!(refused(&[0x1f, 0]).to_string().contains("spacing"));
        let longer = [&bytes[..], &[9; 8]].concat();
        assert!(refused(&longer).to_string().contains("left over"));
    }

    proptest! {
        #[test]
        fn hostile_bytes_give_bounded_models_or_an_error(
            mut bytes in prop::collection::vec(any::<u8>(), 0..200),
            width in 1u32..5000,
        ) {
            if let Some(first) = bytes.first_mut() {
                *first = 0x10 | *first & 3;
            }
            let tiles = tiles(PhotoSize::new(width, 40).unwrap());
            if let Ok(found) = SideInformation::from_bytes(&bytes, &tiles) {
                prop_assert_eq!(found.tiles.len(), tiles.len());
                prop_assert!(found.tiles.iter().flatten().flat_map(|m| &m.levels).all(|&l| l <= 63));
            }
        }
    }
}
