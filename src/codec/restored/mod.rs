//! SoftCast with a network behind it: for least distortion.
//!
//! The symbols and the side information are SoftCast's (see [`softcast`](super::softcast)). The receiver knows more of
//! its linear least-squares picture than the picture itself: what remains uncertain of every DCT coefficient, and with
//! it the spectrum of the error. A network restores the picture, told of that spectrum, and adds what it finds in units
//! of the error; where the channel was good it leaves the picture as it is. One set of weights for all SNRs and all
//! rates. Trained by `training/`, described in `weights/restorer.md`; why there is this codec:
//! `docs/decisions/0006-restored-codec.md`.
//!
//! ```
//! use heliograph::codec::{Codec, ReceivedLatents, RestoredCodec};
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let codec = RestoredCodec::shipped()?;
//! let size = PhotoSize::new(50, 30)?;
//! let sent = codec.encode(&Photo::filled(size, [200, 120, 40]), None, 300)?;
//! let variances = vec![0.1; 300];
//! let received = ReceivedLatents { symbols: &sent.symbols, variances: &variances };
//! let photo = codec.decode(received, &sent.side_information, size)?;
//! assert!(photo.pixel(20, 10)[0].abs_diff(200) < 8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;

use super::network_settings::{NetworkSettings, OnProgress};
use super::softcast::{Estimate, SoftCast, photo_of};
use super::weights_files::{find, read};
use super::{Codec, CodecError, CodecId, Latents, ReceivedLatents};
use crate::nn::{Restorer, Weights};
use crate::photo::{Photo, PhotoSize};
use crate::regions::RateMap;

/// File of the weights in a folder of models; `.gguf` may stand for its end.
pub const WEIGHTS_FILE: &str = "restorer.safetensors";

static SHIPPED: &[u8] = include_bytes!("../../../weights/restorer.safetensors");

/// The codec. The network is shared: copies with other settings are cheap.
#[derive(Clone)]
pub struct RestoredCodec {
    softcast: SoftCast,
    restorer: Arc<Restorer>,
    hash: u32,
    settings: NetworkSettings,
}

impl RestoredCodec {
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
    /// [`CodecError::Weights`] naming the file that is missing, damaged, or of another shape.
    pub fn open(models: Option<&Path>, device: &Device) -> Result<Self, CodecError> {
        let Some(folder) = models else {
            return Self::of(&Weights::from_bytes(SHIPPED)?, device);
        };
        let path = find(folder, WEIGHTS_FILE)?;
        Self::of(&read(&path)?, device).map_err(|error| error.in_file(&path))
    }

    fn of(weights: &Weights, device: &Device) -> Result<Self, CodecError> {
        Ok(Self {
            softcast: SoftCast::default(),
            restorer: Arc::new(Restorer::load(weights, device)?),
            hash: weights.hash32(),
            settings: NetworkSettings::default(),
        })
    }

    /// With the dial at `perception`: 0 for least distortion, 1 for best perception.
    ///
    /// # Errors
    /// [`CodecError::Perception`] outside 0 to 1.
    pub fn with_perception(mut self, perception: f32) -> Result<Self, CodecError> {
        self.settings.turn(perception)?;
        Ok(self)
    }

    /// Tells `on_progress` how far the network is.
    #[must_use]
    pub fn with_progress(mut self, on_progress: OnProgress) -> Self {
        self.settings.on_progress = Some(on_progress);
        self
    }
}

impl Codec for RestoredCodec {
    fn id(&self) -> CodecId {
        CodecId::Restored
    }

    fn weights_hash(&self) -> u32 {
        self.hash
    }

    /// SoftCast's symbols; the rate map is not used, as there.
    fn encode(
        &self,
        photo: &Photo,
        rate_map: Option<&RateMap>,
        budget: usize,
    ) -> Result<Latents, CodecError> {
        self.softcast.encode(photo, rate_map, budget)
    }

    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        let Estimate { mut planes, error } = Estimate::new(received, side_information, size)?;
        let mut tell = self.settings.tell("restoring");
        self.restorer
            .restore(&mut planes, &error, self.settings.perception(), &mut tell)?;
        Ok(photo_of(&planes, size))
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        self.softcast.decode_blind(size)
    }
}
