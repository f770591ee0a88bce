//! Ways to paint the same received symbols.

use std::path::PathBuf;
use std::sync::Arc;

use candle_core::Device;
use heliograph::codec::{
    Allocation, Codec, CodecId, DeepJsccCodec, LatentCodec, Painter, RestoredCodec, SoftCast,
};
use heliograph::link::ReceivedPicture;
use heliograph::photo::Photo;
use serde_json::{Value, json};

use crate::Error;

/// What the codec hears of the noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variances {
    /// The variance of every symbol.
    Symbol,
    /// That of the mean SNR, for all that arrived.
    Mean,
}

/// Every combination of them is a way.
pub struct Ways {
    pub painters: Vec<Painter>,
    pub perceptions: Vec<f64>,
    pub variances: Vec<Variances>,
    /// Folder with other weights than the shipped ones.
    pub models: Option<PathBuf>,
    /// Of codec deepjscc's sender.
    pub allocation: Allocation,
}

/// One way.
pub struct Way {
    pub codec: Arc<dyn Codec>,
    variances: Variances,
    /// What it is called in the rows: painter, dial, variances.
    pub name: [(&'static str, Value); 3],
}

pub fn variances(name: &str) -> Result<Variances, Error> {
    match name {
        "symbol" => Ok(Variances::Symbol),
        "mean" => Ok(Variances::Mean),
        _ => Err(format!("--variances: found {name:?}, allowed symbol, mean").into()),
    }
}

impl Ways {
    /// Codecs with the same weights; only the receiver's end differs.
    pub fn of(&self, codec: CodecId) -> Result<Vec<Way>, Error> {
        let mut ways = Vec::new();
        for &variances in &self.variances {
            match codec {
                CodecId::SoftCast => {
                    let softcast = Arc::new(SoftCast::default());
                    ways.push(Way::new(softcast, variances, None, None));
                }
                CodecId::Latent => self.latent(variances, &mut ways)?,
                CodecId::Restored => self.restored(variances, &mut ways)?,
                CodecId::DeepJscc => self.deepjscc(variances, &mut ways)?,
                CodecId::Digital | CodecId::External => {
                    return Err(format!(
                        "--codec: found {codec}, which heliograph evaluate measures"
                    )
                    .into());
                }
            }
        }
        Ok(ways)
    }

    fn latent(&self, variances: Variances, ways: &mut Vec<Way>) -> Result<(), Error> {
        let opened = LatentCodec::open(self.models.as_deref(), &Device::Cpu)?;
        for &painter in &self.painters {
            for &perception in &self.perceptions {
                let codec = opened.clone().with_painter(painter)?;
                let codec = Arc::new(codec.with_perception(perception as f32)?);
                ways.push(Way::new(codec, variances, Some(painter), Some(perception)));
            }
        }
        Ok(())
    }

    fn restored(&self, variances: Variances, ways: &mut Vec<Way>) -> Result<(), Error> {
        let opened = RestoredCodec::open(self.models.as_deref(), &Device::Cpu)?;
        for &perception in &self.perceptions {
            let codec = Arc::new(opened.clone().with_perception(perception as f32)?);
            ways.push(Way::new(codec, variances, None, Some(perception)));
        }
        Ok(())
    }

    fn deepjscc(&self, variances: Variances, ways: &mut Vec<Way>) -> Result<(), Error> {
        let opened = DeepJsccCodec::open(self.models.as_deref(), &Device::Cpu)?;
        let opened = opened.with_allocation(self.allocation);
        for &perception in &self.perceptions {
            let codec = Arc::new(opened.clone().with_perception(perception as f32)?);
            ways.push(Way::new(codec, variances, None, Some(perception)));
        }
        Ok(())
    }
}

impl Way {
    fn new(
        codec: Arc<dyn Codec>,
        variances: Variances,
        painter: Option<Painter>,
        perception: Option<f64>,
    ) -> Self {
        let heard = format!("{variances:?}").to_lowercase();
        Self {
            codec,
            variances,
            name: [
                ("painter", json!(painter.map(|painter| painter.to_string()))),
                ("perception", json!(perception)),
                ("variances", json!(heard)),
            ],
        }
    }

    pub fn paint(&self, received: &ReceivedPicture) -> Result<Photo, Error> {
        match self.variances {
            Variances::Symbol => Ok(received.paint(&*self.codec)?),
            Variances::Mean => Ok(with_mean_snr(received.clone()).paint(&*self.codec)?),
        }
    }

    /// For file names.
    pub fn label(&self) -> String {
        let words = self.name.iter().filter(|(_, value)| !value.is_null());
        let words: Vec<String> = words
            .map(|(_, value)| value.to_string().replace('"', ""))
            .collect();
        words.join("-")
    }
}

fn with_mean_snr(mut received: ReceivedPicture) -> ReceivedPicture {
    let arrived: Vec<f64> = received
        .variances
        .iter()
        .map(|v| f64::from(*v))
        .filter(|v| v.is_finite())
        .collect();
    let mean_snr = arrived.iter().map(|v| 1.0 / v).sum::<f64>() / arrived.len().max(1) as f64;
    let one = (1.0 / mean_snr) as f32;
    received
        .variances
        .iter_mut()
        .filter(|v| v.is_finite())
        .for_each(|v| *v = one);
    received
}
