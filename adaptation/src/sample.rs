//! What the link does to a photo: symbols, white noise, and what the receiver makes of them.

use heliograph::codec::{Cbr, Codec, DeepJsccCodec, Latents, ReceivedLatents};
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
