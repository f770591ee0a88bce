//! JPEG by `jpeg-encoder`: progressive, Huffman tables of the picture, chroma halved.

use heliograph::photo::Photo;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// At a quality of 1 to 100.
pub fn encode(photo: &Photo, quality: u8) -> Option<Vec<u8>> {
    let width = u16::try_from(photo.size().width()).ok()?;
    let height = u16::try_from(photo.size().height()).ok()?;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder
        .encode(photo.rgb(), width, height, ColorType::Rgb)
        .ok()?;
    Some(bytes)
}
