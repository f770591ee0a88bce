//! Networks at both ends of the linear stage, made for the channel from the start.
//!
//! The transmitter's networks work on the bands of block DCTs, hear the rate of every block and give latents; these
//! become symbols as those of codec [`latent`](super::latent) do, but for what the blocks have in common, which travels digitally. The receiver's take the least-squares latents and
//! what remains uncertain of them back to bands. There is no network at full resolution, so it is quick at both ends.
//! Blocks get symbols by what they hold (`allocation.rs`, `spending.rs`); a rate map that is asked for multiplies this. Where some
//! blocks sent nothing, the receiver has further layers, the inpainter (`inpainting.rs`).
//! One set of weights for all SNRs and all rates. Trained by `training/deepjscc.py`.
//!
//! ```
//! use heliograph::codec::{Codec, DeepJsccCodec, ReceivedLatents};
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let codec = DeepJsccCodec::shipped()?;
//! let size = PhotoSize::new(50, 30)?;
//! let sent = codec.encode(&Photo::filled(size, [200, 120, 40]), None, 300)?;
//! let variances = vec![0.1; 300];
//! let received = ReceivedLatents { symbols: &sent.symbols, variances: &variances };
//! let photo = codec.decode(received, &sent.side_information, size)?;
//! assert_eq!(photo.size(), size);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod allocation;
mod inpainting;
mod painting;
mod spending;
#[cfg(test)]
mod tests;
mod texture;

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;

use super::block_latents::{self, Grid, LinearStage, Loudness, Rates};
use super::network_settings::{NetworkSettings, OnProgress};
use super::weights_files::{find, read};
use super::{Arrival, BlockSymbols, Codec, CodecError, CodecId, Latents, ReceivedLatents};
use crate::nn::{BAND_LATENTS, BandAnalysis, BandSynthesis, Planes, Weights, WeightsError};
use crate::photo::{Photo, PhotoSize};
use crate::regions::RateMap;

pub use allocation::Allocation;
pub use inpainting::INPAINTER_FILE;
use inpainting::Inpainter;

/// File of the weights in a folder of models; `.gguf` may stand for its end.
pub const WEIGHTS_FILE: &str = "deepjscc.safetensors";

/// Of a block: all of them at CBR 1/8, copies above.
const COMPONENTS: usize = Grid::components(BAND_LATENTS);

static SHIPPED: &[u8] = include_bytes!("../../../weights/deepjscc.safetensors");

struct Networks {
    analysis: BandAnalysis,
    linear: LinearStage,
    synthesis: BandSynthesis,
    inpainter: Option<Inpainter>,
    hash: u32,
}

/// The codec. Networks are shared: copies with other settings are cheap.
#[derive(Clone)]
pub struct DeepJsccCodec {
    networks: Arc<Networks>,
    settings: NetworkSettings,
    allocation: Allocation,
    inpaints: bool,
}

impl DeepJsccCodec {
    /// The weights that came with the program, on the processor.
    ///
    /// # Errors
    /// [`CodecError::Weights`] if they do not fit this program, which its tests rule out.
    pub fn shipped() -> Result<Self, CodecError> {
        Self::open(None, &Device::Cpu)
    }

    /// The weights in a folder of models, or those that came with the program.
    ///
    /// # Errors
    /// [`CodecError::Weights`] naming the file, the codec's or the inpainter's, that is missing, damaged, of another shape, or made for
    /// another codec.
    pub fn open(models: Option<&Path>, device: &Device) -> Result<Self, CodecError> {
        Self::with_weights(&Self::weights(models)?, models, device)
    }

    /// The weights themselves: to be adapted, or looked at.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn weights(models: Option<&Path>) -> Result<Weights, CodecError> {
        match models {
            None => Ok(Weights::from_bytes(SHIPPED)?),
            Some(folder) => read(&find(folder, WEIGHTS_FILE)?),
        }
    }

    /// With the networks of `weights`, of a folder of models or for instance adapted; the inpainter as [`Self::open`] finds it.
    ///
    /// # Errors
    /// [`CodecError::Weights`] naming tensors that are missing or of another shape, and the file if there is one.
    pub fn with_weights(
        weights: &Weights,
        models: Option<&Path>,
        device: &Device,
    ) -> Result<Self, CodecError> {
        let named = |error: WeightsError| {
            let path = models.and_then(|folder| find(folder, WEIGHTS_FILE).ok());
            let error = CodecError::from(error);
            match path {
                Some(path) => error.in_file(&path),
                None => error,
            }
        };
        let synthesis = BandSynthesis::load(weights, device).map_err(named)?;
        let (synthesis, inpainter) = inpainting::of_folder(synthesis, models, weights)?;
        let networks = Networks {
            analysis: BandAnalysis::load(weights, device).map_err(named)?,
            linear: LinearStage::load(weights, COMPONENTS)
                .map_err(named)?
                .with_field(Grid::LATENTS),
            synthesis,
            inpainter,
            hash: weights.hash32(),
        };
        Ok(Self {
            networks: Arc::new(networks),
            settings: NetworkSettings::default(),
            allocation: Allocation::default(),
            inpaints: true,
        })
    }

    /// With the receiver's dial at `perception`: 0 for least distortion, 1 for best perception.
    ///
    /// # Errors
    /// [`CodecError::Perception`] outside 0 to 1.
    pub fn with_perception(mut self, perception: f32) -> Result<Self, CodecError> {
        self.settings.turn(perception)?;
        Ok(self)
    }

    /// The sender shares the symbols among the blocks so; what a rate map asks for multiplies it.
    #[must_use]
    pub fn with_allocation(mut self, allocation: Allocation) -> Self {
        self.allocation = allocation;
        self
    }

    /// Paints pictures with blocks that sent nothing like all others: to compare with.
    #[must_use]
    pub fn without_inpainter(mut self) -> Self {
        self.inpaints = false;
        self
    }

    /// First 32 bits of the SHA-256 of the inpainter's weights, if there is one for this codec.
    pub fn inpainter_hash(&self) -> Option<u32> {
        self.networks.inpainter.map(|inpainter| inpainter.hash)
    }

    /// Tells `on_progress` how far the networks are.
    #[must_use]
    pub fn with_progress(mut self, on_progress: OnProgress) -> Self {
        self.settings.on_progress = Some(on_progress);
        self
    }

    /// Least-squares latents, `48 x h x w`, and the standard deviation of what remains unknown of each: what the receiver's
    /// networks are told.
    ///
    /// # Errors
    /// [`CodecError`] for symbols and side information that belong to no photo of this size.
    pub fn received_latents(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<(Planes, Planes), CodecError> {
        let found = self.receive(received, side_information, size)?;
        Ok((found.latents, found.deviations))
    }
}

impl Codec for DeepJsccCodec {
    fn id(&self) -> CodecId {
        CodecId::DeepJscc
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
        let map = spending::rate_map(self.allocation, &planes, grid, rate_map, budget);
        let rates = Rates::new(grid, map.as_ref(), 2 * budget, COMPONENTS);
        let Networks {
            analysis, linear, ..
        } = &*self.networks;
        // Of regions only: without them nothing was measured to gain.
        let loudness = match rate_map {
            Some(_) => Loudness::ByRate,
            None => Loudness::Even,
        };
        let mut tell = self.settings.tell("encoding");
        let latents = analysis.latents(planes, rates.of_blocks(), &mut tell)?;
        Ok(block_latents::send(
            linear,
            grid,
            &latents,
            &rates,
            map.as_ref(),
            loudness,
        ))
    }

    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        let arrival = Arrival {
            received,
            side_information,
            size,
        };
        self.decode_all(&[arrival]).swap_remove(0)
    }

    /// Pictures of one size that follow each other are painted together.
    fn decode_all(&self, arrivals: &[Arrival<'_>]) -> Vec<Result<Photo, CodecError>> {
        let groups = arrivals.chunk_by(|a, b| a.size == b.size);
        groups.flat_map(|group| self.decode_group(group)).collect()
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
        block_latents::block_symbols(COMPONENTS, side_information, size, budget).map(Some)
    }
}
