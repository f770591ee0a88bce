//! The networks, each with the file of weights it is read from.
//!
//! | networks | file | for |
//! |---|---|---|
//! | [`BandAnalysis`], [`BandSynthesis`]: `bands`, `block_dct` | `deepjscc.safetensors` | codec `deepjscc`, the default |
//! | [`Analysis`], refiner, [`Synthesis`], [`Flow`] | `codec.gguf`, `painter.gguf` | codec `latent` and its painter |
//! | restorer | `restorer.safetensors` | codec `restored` |
//! | `salient` (U2Netp) | `u2netp.safetensors` | regions: what stands out |
//! | `efficientnet`, `words` | `captioner.gguf` | captions; of the user's file: semantic consistency |
//! | `vgg` | the user's | LPIPS on VGG16 |
//!
//! `latent_net` is what the networks of codecs have in common; [`Weights`], `gguf`, `quantize` and [`Adapter`] are about files.
//!
//! Analysis and synthesis of codec `latent` are TAEF2 (after madebyollin/taesd, MIT), trained further for the channel by
//! `training/`; tensor names are the checkpoint's. On the processor networks of codecs run in strips of rows on a convolution of
//! our own; where a layer looks at the whole picture (the group norms at 1/8 resolution) it does so exactly, so there are no tiles
//! and no seams. Memory grows with the picture all the same: about 75 bytes a pixel, the picture itself included. On a GPU (feature
//! `cuda`) candle's operations take their place, for large pictures in strips too.
//!
//! ```no_run
//! use candle_core::Device;
//! use heliograph::nn::{Analysis, Planes, Synthesis, Weights};
//!
//! let weights = Weights::from_bytes(&std::fs::read("weights/codec.gguf")?)?;
//! let g_a = Analysis::load(&weights, &Device::Cpu)?;
//! let g_s = Synthesis::load(&weights, &Device::Cpu)?;
//! let photo = Planes::zeros(3, 512, 768);
//! let y = g_a.latents(&photo, &mut |_, _| ())?;
//! assert_eq!(y.shape(), [32, 64, 96]);
//! let certain = Planes::zeros(32, 64, 96);
//! let painted = g_s.paint(&y, &certain, 0.0, &mut |done, total| println!("{done}/{total}"))?;
//! assert_eq!(painted.shape(), photo.shape());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adapter;
mod analysis;
mod bands;
mod block_dct;
mod conv;
mod device;
mod efficientnet;
mod flow;
mod gguf;
mod latent_net;
#[cfg(test)]
pub(crate) mod made_up;
mod network;
mod on_device;
mod planes;
mod pool;
mod quantize;
mod refiner;
mod restorer;
mod rows;
mod salient;
mod strips;
mod synthesis;
mod vgg;
mod weights;
mod whole;
pub(crate) mod words;

pub use adapter::{Adapter, AdapterError};
pub use analysis::Analysis;
pub(crate) use bands::bits_of_blocks;
pub use bands::{BAND_LATENTS, BandAnalysis, BandLatents, BandSynthesis};
pub use device::open_device;
pub(crate) use efficientnet::{Activation, Backbone, Pointwise};
pub use flow::{Flow, FlowSettings, MAX_STEPS};
pub use gguf::{GgufError, UnknownWeightType, WeightType, gguf_tensors};
pub use planes::Planes;
pub use quantize::{
    Quantization, QuantizeError, Quantized, QuantizedTensor, RelativeError, quantize,
};
pub use refiner::Refiner;
pub use restorer::{ErrorSpectrum, Restorer};
pub(crate) use salient::{SalientNet, stretched};
pub use synthesis::Synthesis;
pub(crate) use vgg::{StageMap, VggNet};
pub(crate) use weights::check_positive;
pub use weights::{Weights, WeightsError};
pub(crate) use words::WordNet;

use thiserror::Error;

/// Channels of the latents.
pub const LATENT_CHANNELS: usize = 32;

/// Pixels of a latent's side.
pub const SCALE: usize = 8;

const PHOTO_CHANNELS: usize = 3;
const WIDTH: usize = 64;
const POOL_WIDTH: usize = 4 * WIDTH;
const POOL_GROUPS: usize = 4;

/// What can be wrong with a network's input.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// The values do not fit the shape.
    #[error("{found} values for planes of {expected:?} (channels, rows, columns)")]
    Length { found: usize, expected: [usize; 3] },
    /// Not a photo that can be analysed.
    #[error(
        "photo of {found:?} (channels, rows, columns); {PHOTO_CHANNELS} channels and sides of multiples of {SCALE} are needed"
    )]
    Photo { found: [usize; 3] },
    /// Not a photo whose blocks have one rate each.
    #[error(
        "photo of {found:?} (channels, rows, columns) with {rates} rates; {PHOTO_CHANNELS} channels, sides of multiples of 32 and a rate for every block of 32x32 are needed"
    )]
    Blocks { found: [usize; 3], rates: usize },
    /// Not latents that can be painted.
    #[error(
        "latents of {found:?}, deviations of {deviation:?} (channels, rows, columns); both must be {channels} channels of the same sides, none of them 0"
    )]
    Latents {
        found: [usize; 3],
        deviation: [usize; 3],
        channels: usize,
    },
    /// Pictures that cannot be evaluated together.
    #[error(
        "latents of {found:?} beside {expected:?} (channels, rows, columns); pictures of one size are needed"
    )]
    Sizes {
        found: [usize; 3],
        expected: [usize; 3],
    },
    /// Not a picture that can be restored.
    #[error(
        "planes of {found:?} (channels, rows, columns); {PHOTO_CHANNELS} channels and sides of at least 1 are needed"
    )]
    Received { found: [usize; 3] },
    /// Not the spectrum of an error.
    #[error(
        "error spectrum of {found:?} deviations (4x4 and 8x8 bands); 48 and 192 are needed, all finite and above 0"
    )]
    ErrorSpectrum { found: [usize; 2] },
    /// The dial has no such place.
    #[error("perception is {found}; it may be 0 to 1")]
    Perception { found: f32 },
    /// Not a number of steps.
    #[error("{found} steps; allowed are 1 to {MAX_STEPS}")]
    Steps { found: usize },
    /// No name of a device.
    #[error("device {found:?}; allowed are cpu and cuda:N")]
    DeviceName { found: String },
    /// A device that is not there.
    #[error("device {name}: {reason}")]
    NoDevice { name: String, reason: String },
    /// The device failed.
    #[error("network on the device: {0}")]
    Device(#[from] candle_core::Error),
}

/// Rows and columns of latents that can be decoded.
fn check_latents(
    channels: usize,
    latents: &Planes,
    deviation: &Planes,
    perception: f32,
) -> Result<(usize, usize), NetworkError> {
    let found = latents.shape();
    let [own, height, width] = found;
    if own != channels || height * width == 0 || deviation.shape() != found {
        let deviation = deviation.shape();
        return Err(NetworkError::Latents {
            found,
            deviation,
            channels,
        });
    }
    if !(0.0..=1.0).contains(&perception) {
        return Err(NetworkError::Perception { found: perception });
    }
    Ok((height, width))
}

#[cfg(test)]
mod tests;
