//! How many symbols a picture may have when everything on the air counts.

use std::sync::Arc;

use heliograph::codec::{Cbr, Codec, CodecError, CodecId, Latents, ReceivedLatents};
use heliograph::link::{LinkError, Transmitter, TransmitterConfig};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::regions::RateMap;
use num_complex::Complex32;

/// As much side information as [`crate::DigitalCodec`] sends, and no picture.
struct Blank;

impl Codec for Blank {
    fn id(&self) -> CodecId {
        CodecId::Digital
    }

    fn encode(&self, _: &Photo, _: Option<&RateMap>, budget: usize) -> Result<Latents, CodecError> {
        Ok(Latents {
            symbols: vec![Complex32::ZERO; budget],
            side_information: vec![0],
        })
    }

    fn decode(
        &self,
        _: ReceivedLatents<'_>,
        _: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        Ok(self.decode_blind(size))
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        Photo::filled(size, [128; 3])
    }
}

/// The largest analog ratio at which a digital picture takes at most `cbr_total` channel uses per colour value, everything
/// counted; `None` when even the smallest takes more. No file is written for it.
///
/// # Errors
/// A caption or a picture that the link refuses.
pub fn analog_cbr(
    photo: &Photo,
    caption: Option<&str>,
    cbr_total: f64,
) -> Result<Option<Cbr>, LinkError> {
    let fits = |code: u16| -> Result<bool, LinkError> {
        let config = TransmitterConfig {
            cbr: Cbr::from_code(code)?,
            ..Default::default()
        };
        let sent = Transmitter::new(config, Arc::new(Blank))?.picture(photo, caption)?;
        Ok(sent.ledger().total() <= cbr_total * 3.0 * photo.size().pixels() as f64)
    };
    // Codes are divisors: the analog part alone bounds them from below, so the largest pictures are never tried.
    let least = (12.0 / cbr_total).clamp(f64::from(Cbr::MIN_CODE), f64::from(Cbr::MAX_CODE));
    let (mut low, mut high) = (least.floor() as u16, Cbr::MAX_CODE + 1);
    while low < high {
        let code = low.midpoint(high);
        if fits(code.min(Cbr::MAX_CODE))? {
            high = code;
        } else {
            low = code + 1;
        }
    }
    Ok(Cbr::from_code(high).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_what_is_allowed_and_hardly_less() -> Result<(), Box<dyn std::error::Error>> {
        let photo = Photo::filled(PhotoSize::new(768, 512)?, [9; 3]);
        for allowed in [1.0 / 48.0, 1.0 / 12.0] {
            let cbr = analog_cbr(&photo, Some("words"), allowed)?.ok_or("nothing fits")?;
            let config = TransmitterConfig {
                cbr,
                ..Default::default()
            };
            let sent = Transmitter::new(config, Arc::new(Blank))?.picture(&photo, Some("words"))?;
            let share = sent.ledger().total() / 3.0 / photo.size().pixels() as f64 / allowed;
            assert!((0.97..=1.0).contains(&share), "{allowed}: {share}");
        }
        Ok(())
    }

    #[test]
    fn a_photo_too_small_for_its_channel_uses_has_no_ratio()
    -> Result<(), Box<dyn std::error::Error>> {
        let photo = Photo::filled(PhotoSize::new(8, 8)?, [9; 3]);
        assert_eq!(analog_cbr(&photo, None, 1.0 / 48.0)?, None);
        Ok(())
    }
}
