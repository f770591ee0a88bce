//! Codecs by their labels on the command line and in the CSV.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use heliograph::codec::latent::DEFAULT_PERCEPTION;
use heliograph::codec::{Codec, CodecId, LatentCodec, RestoredCodec, SoftCast};
use heliograph::nn;
use heliograph_baselines::Mcs;

use crate::codec_args::adapted;

/// Where the networks run: rows are the same on every machine.
const CPU: &str = "cpu";

/// What is on the air; contenders of one sender get the same symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A codec of analog symbols.
    Analog(CodecId),
    /// A picture file, always with this scheme.
    Digital(Mcs),
    /// A picture file with the fastest scheme that decodes, found by trying.
    Genie,
}

/// A codec with its receiver's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    label: String,
    sender: Sender,
    perception: f32,
}

impl Contender {
    /// As it is written in the CSV.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it needs on the air.
    pub fn sender(&self) -> Sender {
        self.sender
    }

    /// Makes the codec; a picture file needs none.
    ///
    /// # Errors
    /// Weights that cannot be read, with the file.
    pub fn open(
        &self,
        models: Option<&Path>,
        adapter: Option<&Path>,
    ) -> anyhow::Result<Option<Arc<dyn Codec>>> {
        let (device, dial) = (nn::open_device(CPU)?, self.perception);
        let Sender::Analog(id) = self.sender else {
            return Ok(None);
        };
        Ok(Some(match id {
            CodecId::SoftCast => Arc::new(SoftCast::default()),
            CodecId::Latent => Arc::new(LatentCodec::open(models, &device)?.with_perception(dial)?),
            CodecId::Restored => {
                Arc::new(RestoredCodec::open(models, &device)?.with_perception(dial)?)
            }
            CodecId::DeepJscc => Arc::new(adapted(models, adapter, CPU)?.with_perception(dial)?),
            CodecId::Digital => return Ok(None),
        }))
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl FromStr for Contender {
    type Err = String;

    /// A codec's name, a learned one's with its dial (`deepjscc-0.5`), `digital`, or that with a scheme (`digital-16qam-1/2`).
    fn from_str(label: &str) -> Result<Self, String> {
        let (sender, perception) = parse(label).ok_or_else(|| {
            let names = CodecId::ALL.map(CodecId::name).join(", ");
            format!(
                "found {label:?}, allowed {names}, learned ones with a dial from 0 to 1 (deepjscc-0.5), digital with a scheme \
                 (digital-16qam-1/2)"
            )
        })?;
        Ok(Self {
            label: label.to_owned(),
            sender,
            perception,
        })
    }
}

fn parse(label: &str) -> Option<(Sender, f32)> {
    if let Some(scheme) = label.strip_prefix("digital-") {
        return Some((Sender::Digital(scheme.parse().ok()?), 0.0));
    }
    if let Ok(id) = label.parse() {
        return Some((analog(id), DEFAULT_PERCEPTION));
    }
    let (name, dial) = label.rsplit_once('-')?;
    let (id, perception): (CodecId, f32) = (name.parse().ok()?, dial.parse().ok()?);
    let has_dial = !matches!(id, CodecId::SoftCast | CodecId::Digital);
    (has_dial && (0.0..=1.0).contains(&perception)).then(|| (analog(id), perception))
}

fn analog(id: CodecId) -> Sender {
    match id {
        CodecId::Digital => Sender::Genie,
        id => Sender::Analog(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_codec_and_dial() {
        let contender: Contender = "deepjscc-0.25".parse().unwrap();
        assert_eq!(
            (contender.sender, contender.perception),
            (Sender::Analog(CodecId::DeepJscc), 0.25)
        );
        assert_eq!("restored".parse::<Contender>().unwrap().perception, 0.5);
        for wrong in [
            "",
            "softcast-1",
            "deepjscc-2",
            "deepjscc-",
            "jpeg",
            "digital-1",
        ] {
            assert!(wrong.parse::<Contender>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn digital_has_a_scheme_or_a_genie() {
        let sender = |label: &str| label.parse::<Contender>().unwrap().sender;
        assert_eq!(sender("digital"), Sender::Genie);
        let scheme = Sender::Digital("16qam-1/2".parse().unwrap());
        assert_eq!(sender("digital-16qam-1/2"), scheme);
    }
}
