//! Codec `latent`: the latents of an autoencoder of photos are the symbols.
//!
//! Analysis network `g_a` (32 channels at 1/8 resolution), linear stage (transform of 4x4 latent blocks, the
//! components that matter most first, power allocation), and at the receiver least squares with every symbol's own
//! noise, a network that refines the latents by what is uncertain of them, a painter that moves them on in steps, and
//! synthesis network `g_s`, which hears of the uncertainty too. One set of weights for all SNRs and all rates. Trained by `training/`, described in
//! `weights/codec.md`.
//!
//! ```
//! use heliograph::codec::{Codec, LatentCodec, ReceivedLatents};
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let codec = LatentCodec::shipped()?;
//! let size = PhotoSize::new(50, 30)?;
//! let sent = codec.encode(&Photo::filled(size, [200, 120, 40]), None, 300)?;
//! let variances = vec![0.1; 300];
//! let received = ReceivedLatents { symbols: &sent.symbols, variances: &variances };
//! let photo = codec.decode(received, &sent.side_information, size)?;
//! assert_eq!(photo.size(), size);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod networks;
mod painter;
mod synthesis;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
#[cfg(test)]
use num_complex::Complex32;

use networks::Networks;

pub use super::weights_files::MAX_WEIGHTS_BYTES;
pub use networks::{PAINTER_FILE, WEIGHTS_FILE};
pub use painter::{DEFAULT_STEPS, Painter};
pub use synthesis::LatentSynthesis;

#[cfg(test)]
use super::block_latents::Arrived;
use super::block_latents::{self, Grid, Loudness, Rates};
use super::network_settings::{NetworkSettings, OnProgress};
use super::{BlockSymbols, Codec, CodecError, CodecId, Latents, ReceivedLatents};
use crate::nn::{FlowSettings, NetworkError, Planes};
use crate::photo::{Photo, PhotoSize};
use crate::regions::RateMap;

/// The codec. Networks are shared: copies with other settings are cheap.
#[derive(Clone)]
pub struct LatentCodec {
    networks: Arc<Networks>,
    painter: Painter,
    settings: NetworkSettings,
    /// In place of the codec's own.
    synthesis: Option<Arc<dyn LatentSynthesis>>,
}

impl LatentCodec {
    /// The weights that came with the program, on the processor.
    ///
    /// # Errors
    /// [`CodecError::Weights`] if they do not fit this program, which its tests rule out.
    pub fn shipped() -> Result<Self, CodecError> {
        Ok(Self::of(Networks::shipped(&Device::Cpu)?))
    }

    /// The weights in a folder of models, or those that came with the program.
    ///
    /// A folder without `painter.safetensors` or `painter.gguf` cannot paint with [`Painter::Diffusion`].
    ///
    /// # Errors
    /// [`CodecError::Weights`] naming the file that is missing, damaged, of another shape, or made for another codec.
    pub fn open(models: Option<&Path>, device: &Device) -> Result<Self, CodecError> {
        let networks = match models {
            Some(folder) => Networks::open(folder, device)?,
            None => Networks::shipped(device)?,
        };
        Ok(Self::of(networks))
    }

    fn of(networks: Networks) -> Self {
        Self {
            networks: Arc::new(networks),
            painter: Painter::default(),
            settings: NetworkSettings::default(),
            synthesis: None,
        }
    }

    /// With another painter.
    ///
    /// # Errors
    /// [`CodecError::Weights`] when its weights are not there.
    pub fn with_painter(mut self, painter: Painter) -> Result<Self, CodecError> {
        if painter.steps().is_some() && self.networks.flow.is_none() {
            let reason =
                format!("painter diffusion needs {PAINTER_FILE}; allowed without: fast, linear");
            return Err(CodecError::Weights { reason });
        }
        self.painter = painter;
        Ok(self)
    }

    /// First 32 bits of the SHA-256 of the painter's weights, if there are any.
    pub fn painter_hash(&self) -> Option<u32> {
        self.networks.painter_hash
    }

    /// With the dial at `perception`: 0 for least distortion, 1 for best perception.
    ///
    /// # Errors
    /// [`CodecError::Perception`] outside 0 to 1.
    pub fn with_perception(mut self, perception: f32) -> Result<Self, CodecError> {
        self.settings.turn(perception)?;
        Ok(self)
    }

    /// With another network that paints the latents; symbols and weights hash stay the codec's.
    #[must_use]
    pub fn with_synthesis(mut self, synthesis: Arc<dyn LatentSynthesis>) -> Self {
        self.synthesis = Some(synthesis);
        self
    }

    /// Tells `on_progress` how far the networks are.
    #[must_use]
    pub fn with_progress(mut self, on_progress: OnProgress) -> Self {
        self.settings.on_progress = Some(on_progress);
        self
    }

    fn paint(
        &self,
        latents: &Planes,
        deviations: &Planes,
        snr_db: f32,
    ) -> Result<Planes, NetworkError> {
        let refined = match self.painter {
            Painter::Linear => None,
            Painter::Fast => Some(self.refine(latents, deviations)?),
            Painter::Diffusion { steps } => {
                let refined = self.refine(latents, deviations)?;
                Some(self.flow(refined, deviations, steps, snr_db)?)
            }
        };
        let latents = refined.as_ref().unwrap_or(latents);
        let (synthesis, mut tell) = (&self.networks.synthesis, self.settings.tell("synthesis"));
        if let Some(other) = &self.synthesis {
            return other.paint(latents, &mut tell);
        }
        synthesis.paint(latents, deviations, self.settings.perception(), &mut tell)
    }

    fn refine(&self, latents: &Planes, deviations: &Planes) -> Result<Planes, NetworkError> {
        let (refiner, mut tell) = (&self.networks.refiner, self.settings.tell("refining"));
        refiner.refine(latents, deviations, self.settings.perception(), &mut tell)
    }

    fn flow(
        &self,
        refined: Planes,
        deviations: &Planes,
        steps: usize,
        snr_db: f32,
    ) -> Result<Planes, NetworkError> {
        let Some(flow) = &self.networks.flow else {
            return Ok(refined);
        };
        let settings = FlowSettings {
            steps,
            snr_db,
            perception: self.settings.perception(),
        };
        flow.paint(
            &refined,
            deviations,
            settings,
            &mut self.settings.tell("painting"),
        )
    }
}

/// Noise variance below which a symbol is no better: what painters are told ends at 30 dB.
const LEAST_VARIANCE: f32 = 1e-3;

/// SNR of the mean precision of what was sent, in dB, -90 to 30; what was lost (a variance that is infinite or no number) has none.
fn mean_snr_db(variances: &[f32]) -> f32 {
    let precision = |v: &f32| match *v {
        v if v >= 0.0 => f64::from(v.max(LEAST_VARIANCE).recip()),
        _ => 0.0,
    };
    let mean = variances.iter().map(precision).sum::<f64>() / variances.len().max(1) as f64;
    (10.0 * mean.max(1e-9).log10()) as f32
}

impl Codec for LatentCodec {
    fn id(&self) -> CodecId {
        CodecId::Latent
    }

    fn weights_hash(&self) -> u32 {
        self.networks.hash
    }

    fn encode(
        &self,
        photo: &Photo,
        rate_map: Option<&RateMap>,
        budget: usize,
    ) -> Result<Latents, CodecError> {
        if budget == 0 {
            return Err(CodecError::Budget { found: budget });
        }
        let grid = Grid::of(photo.size());
        let planes = grid.planes(photo);
        let latents = self
            .networks
            .analysis
            .latents(&planes, &mut self.settings.tell("encoding"))?;
        drop(planes);
        let linear = &self.networks.linear;
        let rates = Rates::new(grid, rate_map, 2 * budget, linear.components());
        Ok(block_latents::send(
            linear,
            grid,
            &latents,
            &rates,
            rate_map,
            // Louder blocks were measured with `deepjscc` alone.
            Loudness::Even,
        ))
    }

    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        let grid = Grid::of(size);
        let linear = &self.networks.linear;
        let found = block_latents::receive(linear, grid, received, side_information, 0.0)?;
        let snr_db = mean_snr_db(received.variances);
        let planes = self.paint(&found.latents, &found.deviations, snr_db)?;
        Ok(grid.photo(&planes, size))
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        Photo::filled(size, [128; 3])
    }

    fn block_symbols(
        &self,
        side_information: &[u8],
        size: PhotoSize,
        budget: usize,
    ) -> Result<Option<BlockSymbols>, CodecError> {
        block_latents::block_symbols(
            self.networks.linear.components(),
            side_information,
            size,
            budget,
        )
        .map(Some)
    }
}
