//! Codecs by their labels on the command line and in the CSV.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use heliograph::codec::DEFAULT_PERCEPTION;
use heliograph::codec::{
    Allocation, Codec, CodecId, LatentCodec, Painter, RestoredCodec, SoftCast,
};
use heliograph::nn;
use heliograph_baselines::Mcs;

use crate::codec_args::{adapted, started};

/// Where the networks run: rows are the same on every machine.
const CPU: &str = "cpu";

/// Allocations that stand in labels; the default does not, so that no contender has two.
const NAMED: [Allocation; 2] = [Allocation::Distortion, Allocation::Even];

/// What is on the air; contenders of one sender get the same symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A codec of analog symbols, and how codec deepjscc shares them among the blocks.
    Analog(CodecId, Allocation),
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
    painter: Painter,
}

/// What networks and programs are made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files<'a> {
    /// Folder with other weights.
    pub models: Option<&'a Path>,
    pub adapter: Option<&'a Path>,
    /// Command of codec external.
    pub external: Option<&'a str>,
}

/// A codec, and in words which weights its networks have.
pub struct Opened {
    pub codec: Arc<dyn Codec>,
    pub weights: Option<String>,
    /// That a program gave itself.
    pub name: Option<String>,
}

impl Opened {
    fn new(codec: Arc<dyn Codec>, painter: Option<u32>) -> Self {
        let painter = painter.map_or_else(String::new, |hash| format!(" and {hash:08x}"));
        let weights = format!("{:08x}{painter}", codec.weights_hash());
        Self {
            weights: (codec.weights_hash() != 0).then_some(weights),
            codec,
            name: None,
        }
    }
}

impl Contender {
    /// As it was asked for.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// As it is written in the CSV: codec external by the name of its program.
    pub fn shown(&self, opened: Option<&Opened>) -> String {
        match opened.and_then(|opened| opened.name.as_ref()) {
            None => self.label.clone(),
            Some(name) => self.label.replacen(CodecId::External.name(), name, 1),
        }
    }

    /// What it needs on the air.
    pub fn sender(&self) -> Sender {
        self.sender
    }

    /// Makes the codec; a picture file needs none.
    ///
    /// # Errors
    /// Weights that cannot be read, with the file.
    pub fn open(&self, files: Files<'_>) -> anyhow::Result<Option<Opened>> {
        let models = files.models;
        let (device, dial) = (nn::open_device(CPU)?, self.perception);
        let Sender::Analog(id, allocation) = self.sender else {
            return Ok(None);
        };
        let codec: Arc<dyn Codec> = match id {
            CodecId::SoftCast => Arc::new(SoftCast::default()),
            CodecId::Latent => {
                let latent = LatentCodec::open(models, &device)?.with_perception(dial)?;
                let latent = latent.with_painter(self.painter)?;
                let hash = self.painter.steps().and(latent.painter_hash());
                return Ok(Some(Opened::new(Arc::new(latent), hash)));
            }
            CodecId::Restored => {
                Arc::new(RestoredCodec::open(models, &device)?.with_perception(dial)?)
            }
            CodecId::DeepJscc => {
                let codec = adapted(models, files.adapter, CPU)?.with_perception(dial)?;
                Arc::new(codec.with_allocation(allocation))
            }
            CodecId::External => {
                let codec = started(files.external, dial)?;
                let name = codec.name().to_owned();
                let opened = Opened {
                    name: Some(name),
                    ..Opened::new(Arc::new(codec), None)
                };
                return Ok(Some(opened));
            }
            CodecId::Digital => return Ok(None),
        };
        Ok(Some(Opened::new(codec, None)))
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl FromStr for Contender {
    type Err = String;

    /// A codec's name, a learned one's with its dial (`deepjscc-0.5`), codec deepjscc's with its allocation (`deepjscc-0-distortion`), codec
    /// latent's with its painter (`latent-0.5-diffusion`), `digital`, or that with a scheme (`digital-16qam-1/2`).
    fn from_str(label: &str) -> Result<Self, String> {
        let (rest, painter) = without_word(label, &Painter::ALL, Painter::name);
        let (codec, allocation) = without_word(rest, &NAMED, Allocation::name);
        let parsed = parse(codec).and_then(|(sender, perception)| {
            let id = match sender {
                Sender::Analog(id, _) => Some(id),
                Sender::Digital(_) | Sender::Genie => None,
            };
            let fits = (painter.is_none() || id == Some(CodecId::Latent))
                && (allocation.is_none() || id == Some(CodecId::DeepJscc));
            let sender = id.map_or(sender, |id| {
                Sender::Analog(id, allocation.unwrap_or_default())
            });
            fits.then_some((sender, perception))
        });
        let (sender, perception) = parsed.ok_or_else(|| {
            let names = CodecId::ALL.map(CodecId::name).join(", ");
            format!(
                "found {label:?}, allowed {names}, learned ones with a dial from 0 to 1 (deepjscc-0.5), deepjscc with an allocation \
                 (deepjscc-0-distortion), latent with a painter (latent-diffusion, latent-1-linear), digital with a scheme (digital-16qam-1/2)"
            )
        })?;
        Ok(Self {
            label: label.to_owned(),
            sender,
            perception,
            painter: painter.unwrap_or_default(),
        })
    }
}

/// A label without the name of one of `all` at its end, and that one.
fn without_word<'a, T: Copy>(
    label: &'a str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> (&'a str, Option<T>) {
    let at_end = |&one: &T| {
        let rest = label.strip_suffix(name(one))?.strip_suffix('-')?;
        Some((rest, Some(one)))
    };
    all.iter().find_map(at_end).unwrap_or((label, None))
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
        id => Sender::Analog(id, Allocation::default()),
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
            (
                Sender::Analog(CodecId::DeepJscc, Allocation::Balanced),
                0.25
            )
        );
        assert_eq!("restored".parse::<Contender>().unwrap().perception, 0.5);
        for wrong in [
            "",
            "softcast-1",
            "deepjscc-2",
            "deepjscc-",
            "jpeg",
            "digital-1",
            "deepjscc-diffusion",
            "latent-diffusion-1",
            "latent-distortion",
            "softcast-even",
            "deepjscc-distortion-0",
            "deepjscc-0-balanced",
        ] {
            assert!(wrong.parse::<Contender>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn codec_deepjscc_has_a_choice_of_allocations() {
        let parsed = |label: &str| {
            let contender: Contender = label.parse().unwrap();
            (contender.sender, contender.perception)
        };
        let sender = |allocation| Sender::Analog(CodecId::DeepJscc, allocation);
        assert_eq!(
            parsed("deepjscc-0-distortion"),
            (sender(Allocation::Distortion), 0.0)
        );
        assert_eq!(parsed("deepjscc-even"), (sender(Allocation::Even), 0.5));
    }

    #[test]
    fn codec_latent_has_a_choice_of_painters() {
        let painter = |label: &str| {
            let contender: Contender = label.parse().unwrap();
            (contender.perception, contender.painter.name())
        };
        assert_eq!(painter("latent"), (0.5, "fast"));
        assert_eq!(painter("latent-diffusion"), (0.5, "diffusion"));
        assert_eq!(painter("latent-1-linear"), (1.0, "linear"));
    }

    #[test]
    fn digital_has_a_scheme_or_a_genie() {
        let sender = |label: &str| label.parse::<Contender>().unwrap().sender;
        assert_eq!(sender("digital"), Sender::Genie);
        let scheme = Sender::Digital("16qam-1/2".parse().unwrap());
        assert_eq!(sender("digital-16qam-1/2"), scheme);
    }
}
