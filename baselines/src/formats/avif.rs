//! AV1 still pictures: `rav1e` writes the open bitstream units, `rav1d` reads them (both without assembly).

use std::panic::catch_unwind;

use heliograph::photo::{Photo, PhotoSize};
use rav1e::prelude::{ChromaSampling, Config, EncoderConfig, PixelRange, SpeedSettings, Tune};
use re_rav1d::dav1d::{Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings};

use super::ycbcr::{Plane, Planes};
use super::{Effort, FormatError, PictureFormat};

/// Preset of the encoder, 0 (slowest) to 10: on three Kodak pictures at equal bytes 0.1 dB better than 5 in the same time.
const SPEED: u8 = 3;

/// At a quantizer of 0 (best) to 255; `None` also where the encoder panics.
pub fn encode(photo: &Photo, quantizer: usize, effort: Effort) -> Option<Vec<u8>> {
    catch_unwind(|| write(photo, quantizer, effort)).ok()?
}

fn write(photo: &Photo, quantizer: usize, effort: Effort) -> Option<Vec<u8>> {
    let planes = Planes::from_photo(photo);
    let config = Config::new().with_threads(1).with_encoder_config(settings(
        photo.size(),
        quantizer,
        effort,
    ));
    let mut context = config.new_context::<u8>().ok()?;
    let mut frame = context.new_frame();
    for (target, source) in frame.planes.iter_mut().zip(&planes.0) {
        target.copy_from_raw_u8(&source.values, source.width, 1);
    }
    context.send_frame(frame).ok()?;
    context.flush();
    context.receive_packet().ok().map(|packet| packet.data)
}

fn settings(size: PhotoSize, quantizer: usize, effort: Effort) -> EncoderConfig {
    let mut speed_settings = SpeedSettings::from_preset(SPEED);
    speed_settings.transform.rdo_tx_decision = effort == Effort::Thorough;
    EncoderConfig {
        width: size.width() as usize,
        height: size.height() as usize,
        bit_depth: 8,
        chroma_sampling: ChromaSampling::Cs420,
        pixel_range: PixelRange::Full,
        still_picture: true,
        low_latency: true,
        quantizer,
        min_quantizer: quantizer.min(255) as u8,
        tune: Tune::Psnr,
        speed_settings,
        ..EncoderConfig::default()
    }
}

/// Reads what [`encode`] writes.
///
/// # Errors
/// [`FormatError`] for bytes that are no AVIF, or one of another size.
pub fn decode(bytes: &[u8], size: PhotoSize) -> Result<Photo, FormatError> {
    let format = PictureFormat::Avif;
    // In a debug build the decoder aborts at no bytes.
    if bytes.is_empty() {
        return Err(format.damaged("no bytes"));
    }
    let owned = bytes.to_vec();
    // The bytes are hostile and the decoder is large: a panic in it is a damaged picture.
    let decoded = catch_unwind(|| planes(owned, size));
    decoded
        .unwrap_or_else(|_| Err(format.damaged("the decoder panicked")))?
        .into_photo(size)
        .ok_or_else(|| format.damaged("planes of another size than the picture"))
}

fn planes(bytes: Vec<u8>, size: PhotoSize) -> Result<Planes, FormatError> {
    let format = PictureFormat::Avif;
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(size.pixels() as u32);
    let failed = |error: Error| format.damaged(error);
    let mut decoder = Decoder::with_settings(&settings).map_err(failed)?;
    decoder.send_data(bytes, None, None, None).map_err(failed)?;
    let picture = decoder.get_picture().map_err(failed)?;
    format.check_size(picture.width(), picture.height(), size)?;
    if picture.pixel_layout() != PixelLayout::I420 || picture.bit_depth() != 8 {
        return Err(format.damaged("not 8 bits with halved chroma"));
    }
    let components = [
        PlanarImageComponent::Y,
        PlanarImageComponent::U,
        PlanarImageComponent::V,
    ];
    let mut planes = components.map(|component| plane(&picture, component));
    let [y, u, v] = &mut planes;
    match (y.take(), u.take(), v.take()) {
        (Some(y), Some(u), Some(v)) => Ok(Planes([y, u, v])),
        _ => Err(format.damaged("a plane is too short")),
    }
}

/// A plane without the padding of its rows.
fn plane(picture: &Picture, component: PlanarImageComponent) -> Option<Plane> {
    let stride = picture.stride(component) as usize;
    let (mut width, mut height) = (picture.width() as usize, picture.height() as usize);
    if component != PlanarImageComponent::Y {
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
    }
    let data = picture.plane(component);
    let mut values = Vec::with_capacity(width * height);
    for row in 0..height {
        values.extend_from_slice(data.get(row * stride..row * stride + width)?);
    }
    Some(Plane { width, values })
}
