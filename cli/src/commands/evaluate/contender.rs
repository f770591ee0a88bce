//! Codecs by their labels on the command line and in the CSV.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use candle_core::Device;
use heliograph::codec::latent::DEFAULT_PERCEPTION;
use heliograph::codec::{Codec, CodecId, DeepJsccCodec, LatentCodec, RestoredCodec, SoftCast};

/// A codec with its receiver's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    label: String,
    id: CodecId,
    perception: f32,
}

impl Contender {
    /// As it is written in the CSV.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Contenders of one sender get the same symbols over the air.
    pub fn sender(&self) -> CodecId {
        self.id
    }

    /// Makes the codec.
    ///
    /// # Errors
    /// Weights that cannot be read, with the file.
    pub fn open(&self, models: Option<&Path>) -> anyhow::Result<Arc<dyn Codec>> {
        let (device, dial) = (Device::Cpu, self.perception);
        Ok(match self.id {
            CodecId::SoftCast => Arc::new(SoftCast::default()),
            CodecId::Latent => Arc::new(LatentCodec::open(models, &device)?.with_perception(dial)?),
            CodecId::Restored => {
                Arc::new(RestoredCodec::open(models, &device)?.with_perception(dial)?)
            }
            CodecId::DeepJscc => {
                Arc::new(DeepJsccCodec::open(models, &device)?.with_perception(dial)?)
            }
        })
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl FromStr for Contender {
    type Err = String;

    /// A codec's name, or a learned one's with its dial: `deepjscc-0.5`.
    fn from_str(label: &str) -> Result<Self, String> {
        let plain = |id| Self {
            label: label.to_owned(),
            id,
            perception: DEFAULT_PERCEPTION,
        };
        if let Ok(id) = label.parse() {
            return Ok(plain(id));
        }
        let dialled = label.rsplit_once('-').and_then(|(name, dial)| {
            let perception: f32 = dial.parse().ok()?;
            let id: CodecId = name.parse().ok()?;
            let fits = id != CodecId::SoftCast && (0.0..=1.0).contains(&perception);
            fits.then(|| Self {
                perception,
                ..plain(id)
            })
        });
        dialled.ok_or_else(|| {
            let names = CodecId::ALL.map(CodecId::name).join(", ");
            format!("found {label:?}, allowed {names}, learned ones with a dial from 0 to 1: deepjscc-0.5")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_codec_and_dial() {
        let contender: Contender = "deepjscc-0.25".parse().unwrap();
        assert_eq!((contender.id, contender.perception), (CodecId::DeepJscc, 0.25));
        assert_eq!("restored".parse::<Contender>().unwrap().perception, 0.5);
        for wrong in ["", "softcast-1", "deepjscc-2", "deepjscc-", "jpeg", "deepjscc--1"] {
            assert!(wrong.parse::<Contender>().is_err(), "{wrong}");
        }
    }
}
