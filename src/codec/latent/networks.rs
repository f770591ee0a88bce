//! The networks of the codec, from the files that came with the program or from a folder.

use std::path::Path;

use candle_core::Device;

use crate::codec::CodecError;
use crate::codec::block_latents::{Grid, LinearStage};
use crate::codec::weights_files::{find, read};
use crate::nn::{Analysis, Flow, LATENT_CHANNELS, Refiner, Synthesis, Weights};

/// Files of the weights in a folder of models; `.gguf` may stand for their ends. The painter's may be missing.
pub const WEIGHTS_FILE: &str = "codec.safetensors";
/// See [`WEIGHTS_FILE`].
pub const PAINTER_FILE: &str = "painter.safetensors";

static SHIPPED: &[u8] = include_bytes!("../../../weights/codec.gguf");
static SHIPPED_PAINTER: &[u8] = include_bytes!("../../../weights/painter.gguf");

/// Name in the painter's metadata under which stands for which codec it was trained: [`Weights::hash32`], hexadecimal.
const TRAINED_FOR: &str = "codec";

pub(super) struct Networks {
    pub(super) analysis: Analysis,
    pub(super) linear: LinearStage,
    pub(super) refiner: Refiner,
    pub(super) flow: Option<Flow>,
    pub(super) synthesis: Synthesis,
    pub(super) hash: u32,
    pub(super) painter_hash: Option<u32>,
}

impl Networks {
    pub(super) fn shipped(device: &Device) -> Result<Self, CodecError> {
        let painter = Weights::from_bytes(SHIPPED_PAINTER)?;
        Self::load(&Weights::from_bytes(SHIPPED)?, Some(&painter), device)
    }

    /// # Errors
    /// [`CodecError::Weights`] naming the file that is missing, damaged, of another shape, or made for another codec.
    pub(super) fn open(folder: &Path, device: &Device) -> Result<Self, CodecError> {
        let codec_path = find(folder, WEIGHTS_FILE)?;
        let codec = read(&codec_path)?;
        let path = find(folder, PAINTER_FILE)?;
        let painter = match path.try_exists() {
            Ok(false) => None,
            _ => Some(read(&path)?),
        };
        let named = |error: CodecError| error.in_file(&codec_path);
        let without = Self::load(&codec, None, device).map_err(named)?;
        let Some(painter) = painter else {
            return Ok(without);
        };
        without
            .with_painter(&codec, &painter, device)
            .map_err(|error| error.in_file(&path))
    }

    fn load(
        codec: &Weights,
        painter: Option<&Weights>,
        device: &Device,
    ) -> Result<Self, CodecError> {
        let networks = Self {
            analysis: Analysis::load(codec, device)?,
            linear: LinearStage::load(codec, Grid::components(LATENT_CHANNELS))?,
            refiner: Refiner::load(codec, device)?,
            flow: None,
            synthesis: Synthesis::load(codec, device)?,
            hash: codec.hash32(),
            painter_hash: None,
        };
        match painter {
            Some(painter) => networks.with_painter(codec, painter, device),
            None => Ok(networks),
        }
    }

    fn with_painter(
        mut self,
        codec: &Weights,
        painter: &Weights,
        device: &Device,
    ) -> Result<Self, CodecError> {
        let expected = format!("{:08x}", self.hash);
        let found = painter.metadata(TRAINED_FOR).unwrap_or("none");
        if found != expected {
            return Err(CodecError::Weights {
                reason: format!(
                    "the painter was trained for codec {found}; this one is {expected}"
                ),
            });
        }
        self.flow = Some(Flow::load(painter, codec, device)?);
        self.painter_hash = Some(painter.hash32());
        Ok(self)
    }
}
