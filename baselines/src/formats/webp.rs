//! Lossy WebP by libwebp, at its slowest method.

use heliograph::photo::Photo;

/// Longest side of a WebP picture, pixels.
const MAX_SIDE: u32 = 16_383;

/// At a quality of 0 to 100.
pub fn encode(photo: &Photo, quality: f32) -> Option<Vec<u8>> {
    let size = photo.size();
    if size.width().max(size.height()) > MAX_SIDE {
        return None;
    }
    let mut config = webp::WebPConfig::new().ok()?;
    config.quality = quality;
    config.method = 6;
    let encoder = webp::Encoder::from_rgb(photo.rgb(), size.width(), size.height());
    let bytes = encoder.encode_advanced(&config).ok()?;
    Some(bytes.to_vec())
}
