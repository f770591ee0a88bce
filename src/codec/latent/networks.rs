//! The networks of the codec, from the files that came with the program or from a folder.

use std::path::Path;

use candle_core::Device;

use super::linear::LinearStage;
use crate::codec::CodecError;
use crate::nn::{Analysis, Flow, Refiner, Synthesis, Weights};

/// Files of the weights in a folder of models. The painter's may be missing.
pub const WEIGHTS_FILE: &str = "codec.safetensors";
/// See [`WEIGHTS_FILE`].
pub const PAINTER_FILE: &str = "painter.safetensors";

static SHIPPED: &[u8] = include_bytes!("../../../weights/codec.safetensors");
static SHIPPED_PAINTER: &[u8] = include_bytes!("../../../weights/painter.safetensors");

/// Largest file of weights that is read, in bytes.
pub const MAX_WEIGHTS_BYTES: u64 = 256 << 20;

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
        let painter = Weights::from_safetensors(SHIPPED_PAINTER)?;
        Self::load(&Weights::from_safetensors(SHIPPED)?, Some(&painter), device)
    }

    /// # Errors
    /// [`CodecError::Weights`] naming the file that is missing, damaged, of another shape, or made for another codec.
    pub(super) fn open(folder: &Path, device: &Device) -> Result<Self, CodecError> {
        let codec = read(&folder.join(WEIGHTS_FILE))?;
        let path = folder.join(PAINTER_FILE);
        let painter = match path.try_exists() {
            Ok(false) => None,
            _ => Some(read(&path)?),
        };
        let named = |error: CodecError| error.in_file(&folder.join(WEIGHTS_FILE));
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
            linear: LinearStage::load(codec)?,
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

fn read(path: &Path) -> Result<Weights, CodecError> {
    let named = |reason: String| CodecError::Weights { reason }.in_file(path);
    // Asked before it is opened: a pipe would wait for a writer, a device never end.
    let kind = std::fs::metadata(path).map_err(|e| named(e.to_string()))?;
    if !kind.is_file() || kind.len() > MAX_WEIGHTS_BYTES {
        let found = kind.len();
        return Err(named(format!(
            "found {found} bytes; a file of at most {MAX_WEIGHTS_BYTES} is read"
        )));
    }
    let bytes = std::fs::read(path).map_err(|e| named(e.to_string()))?;
    Weights::from_safetensors(&bytes).map_err(|e| named(e.to_string()))
}
