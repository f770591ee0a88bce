//! What the link does to a photo: symbols, white noise, and what the receiver makes of them.

use heliograph::bits::digital::Section;
use heliograph::codec::{Cbr, Codec, DeepJsccCodec, Latents, ReceivedLatents};
use heliograph::link::ReceivedPicture;
use heliograph::photo::Photo;
use num_complex::Complex32;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::AdaptationError;

/// A photo's symbols as they arrived.
pub(crate) struct Arrived {
    latents: Latents,
    variances: Vec<f32>,
}

impl Arrived {
    /// Sends `photo` at `cbr` through white noise.
    ///
    /// # Errors
    /// What the codec refuses.
    pub(crate) fn new(
        codec: &DeepJsccCodec,
        photo: &Photo,
        cbr: Cbr,
        snr_db: f32,
        rng: &mut impl Rng,
    ) -> Result<Self, AdaptationError> {
        let mut latents = codec.encode(photo, None, cbr.symbols(photo.size()))?;
        let variance = 10f32.powf(-snr_db / 10.0);
        // Half of it in either part.
        let deviation = (variance / 2.0).sqrt();
        for symbol in &mut latents.symbols {
            let mut part = || {
                let part: f32 = StandardNormal.sample(rng);
                deviation * part
            };
            *symbol += Complex32::new(part(), part());
        }
        let variances = vec![variance; latents.symbols.len()];
        Ok(Self { latents, variances })
    }

    /// A picture's as a receiver has them; `None` where the side information is lost.
    pub(crate) fn heard(picture: &ReceivedPicture) -> Option<Self> {
        let Section::Received(side_information) = &picture.side_information else {
            return None;
        };
        let latents = Latents {
            symbols: picture.symbols.clone(),
            side_information: side_information.clone(),
        };
        Some(Self {
            latents,
            variances: picture.variances.clone(),
        })
    }

    /// For the codec.
    pub(crate) fn received(&self) -> ReceivedLatents<'_> {
        ReceivedLatents {
            symbols: &self.latents.symbols,
            variances: &self.variances,
        }
    }

    pub(crate) fn side_information(&self) -> &[u8] {
        &self.latents.side_information
    }
}
