//! The flags that choose codec, painter and device, and the codec they make.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use heliograph::codec::latent::{DEFAULT_PERCEPTION, PAINTER_FILE, WEIGHTS_FILE};
use heliograph::codec::{
    Codec, CodecId, DeepJsccCodec, LatentCodec, OnProgress, Painter, RestoredCodec, SoftCast,
    deepjscc, restored,
};
use heliograph::nn::{self, Adapter};
use heliograph::regions::Interest;

use crate::args::{device, perception};
use crate::exit::UsageError;
use crate::large_models;
use crate::region_args::RegionArgs;
use crate::report::ModelInfo;

const WEIGHTS_FILES: [&str; 4] = [
    WEIGHTS_FILE,
    PAINTER_FILE,
    restored::WEIGHTS_FILE,
    deepjscc::WEIGHTS_FILE,
];

/// Codec, painter and device.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Codec")]
pub struct CodecArgs {
    /// What turns photos into symbols
    #[arg(long, value_name = "NAME", default_value = "deepjscc", value_parser = codec())]
    pub codec: CodecId,

    #[command(flatten)]
    pub painter: PainterArgs,

    #[command(flatten)]
    pub model: ModelArgs,

    #[command(flatten)]
    pub regions: RegionArgs,
}

/// How the learned codec paints.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Codec")]
pub struct PainterArgs {
    /// Between least squares and the picture: fast refines at once, diffusion paints on in steps, linear does nothing [default: fast]
    #[arg(long, value_name = "NAME", value_parser = painter())]
    painter: Option<Painter>,

    /// Steps of painter diffusion, 1 to 20 [default: 1]
    #[arg(long, value_name = "N", value_parser = steps(), allow_negative_numbers = true)]
    steps: Option<usize>,

    /// From least distortion (0) to best perception (1) [default: 0.5]
    #[arg(long, value_name = "P", value_parser = perception, allow_negative_numbers = true)]
    perception: Option<f32>,

    /// Folder (or name, see heliograph models) of an autoencoder of FLUX.2's latents whose decoder paints those of codec latent, in a
    /// build with feature large-models
    #[arg(long, value_name = "DIR")]
    synthesis: Option<PathBuf>,
}

/// Which weights, and where the networks run.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Codec")]
pub struct ModelArgs {
    /// Folder with other weights: codec.safetensors and painter.safetensors, restorer.safetensors for codec restored, deepjscc.safetensors for codec deepjscc; .gguf may stand for .safetensors (heliograph quantize) [default: those in the program]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,

    /// Adapter of codec deepjscc that heliograph adapt wrote; sender and receiver need the same
    #[arg(long, value_name = "FILE.safetensors")]
    adapter: Option<PathBuf>,

    /// Where the networks run: cpu, or cuda:N in a build with feature cuda [default: cpu]
    #[arg(long, value_name = "NAME", value_parser = device)]
    device: Option<String>,
}

impl ModelArgs {
    /// Where the networks run.
    pub fn device(&self) -> &str {
        self.device.as_deref().unwrap_or("cpu")
    }

    /// What of it means something to `codec`: a receiver has one set of flags for whatever comes.
    pub fn for_codec(&self, codec: CodecId) -> Self {
        Self {
            adapter: self.adapter.clone().filter(|_| codec == CodecId::DeepJscc),
            ..self.clone()
        }
    }

    /// Whether the networks of codec deepjscc are changed.
    pub fn has_adapter(&self) -> bool {
        self.adapter.is_some()
    }

    /// Files of the weights that are read.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let in_folder = |folder: &PathBuf| WEIGHTS_FILES.map(|name| folder.join(name));
        let files = self.model.as_ref().map(in_folder).into_iter().flatten();
        let files = files.flat_map(|path| [path.with_extension("gguf"), path]);
        files.chain(self.adapter.clone())
    }
}

impl CodecArgs {
    /// Makes the codec.
    ///
    /// # Errors
    /// [`UsageError`] for flags that the codec does not know; weights or a device that cannot be opened.
    pub fn open(&self, on_progress: OnProgress) -> anyhow::Result<Opened> {
        let opened = self.open_plain(on_progress)?;
        let interest = self.interest(&*opened.codec)?;
        Ok(Opened {
            codec: self.regions.wrap(opened.codec, interest.clone()),
            interest,
            ..opened
        })
    }

    /// What is asked to matter, for a codec that can do so.
    ///
    /// # Errors
    /// [`UsageError`] for flags that do not go together; a mask or a model that cannot be read.
    pub fn interest(&self, codec: &dyn Codec) -> anyhow::Result<Option<Interest>> {
        self.regions.interest(codec, self.model.device())
    }

    /// The same without regions.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_plain(&self, on_progress: OnProgress) -> anyhow::Result<Opened> {
        open(self.codec, &self.painter, &self.model, on_progress)
    }
}

impl PainterArgs {
    /// What of it means something to `codec`: a receiver has one set of flags for whatever comes.
    pub fn for_codec(&self, codec: CodecId) -> Self {
        match codec {
            CodecId::Latent => self.clone(),
            CodecId::Restored | CodecId::DeepJscc => Self {
                perception: self.perception,
                ..Self::default()
            },
            CodecId::SoftCast | CodecId::Digital => Self::default(),
        }
    }

    /// For a first look: nothing between least squares and the picture, the dial at 0.
    pub fn quickest() -> Self {
        Self {
            painter: Some(Painter::Linear),
            perception: Some(0.0),
            ..Self::default()
        }
    }

    /// For a quick look: one evaluation of the networks, the dial at 0.
    pub fn fast() -> Self {
        Self {
            painter: Some(Painter::Fast),
            ..Self::quickest()
        }
    }

    /// The painter in use.
    pub fn chosen(&self) -> Painter {
        let painter = self.painter.unwrap_or_default();
        self.steps
            .and_then(|steps| painter.with_steps(steps).ok())
            .unwrap_or(painter)
    }

    /// Where the dial stands.
    pub fn dial(&self) -> f32 {
        self.perception.unwrap_or(DEFAULT_PERCEPTION)
    }

    /// With the dial elsewhere.
    ///
    /// # Errors
    /// A place that it does not have.
    pub fn with_perception(&self, value: f64) -> Result<Self, String> {
        let place = perception(&value.to_string()).map_err(|why| format!("perception: {why}"))?;
        Ok(Self {
            perception: Some(place),
            ..self.clone()
        })
    }

    /// With another painter; steps stay where it has some.
    ///
    /// # Errors
    /// A name of none.
    pub fn with_painter(&self, name: &str) -> Result<Self, String> {
        let known = Painter::ALL.into_iter().find(|p| p.name() == name);
        let painter = known.ok_or_else(|| {
            let names = Painter::ALL.map(Painter::name).join(", ");
            format!("painter: found {name:?}, allowed: {names}")
        })?;
        Ok(Self {
            painter: Some(painter),
            steps: self.steps.filter(|_| painter.steps().is_some()),
            ..self.clone()
        })
    }

    /// With another number of steps.
    ///
    /// # Errors
    /// A number that the painter does not have.
    pub fn with_steps(&self, steps: usize) -> Result<Self, String> {
        let painter = self.painter.unwrap_or_default();
        painter
            .with_steps(steps)
            .map_err(|why| format!("steps: {why}"))?;
        Ok(Self {
            steps: Some(steps),
            ..self.clone()
        })
    }

    /// What stands between least squares and the synthesis network.
    fn painter(&self) -> anyhow::Result<Painter> {
        let painter = self.painter.unwrap_or_default();
        match self.steps {
            Some(steps) => painter.with_steps(steps).map_err(|_| {
                let name = painter.name();
                let why =
                    format!("--steps: painter {name} has none; allowed with painter diffusion");
                UsageError(why).into()
            }),
            None => Ok(painter),
        }
    }
}

/// A codec, and how its networks are set.
pub struct Opened {
    pub codec: Arc<dyn Codec>,
    pub model: Option<ModelInfo>,
    /// What is asked to matter, where flags can say so.
    pub interest: Option<Interest>,
}

/// Makes a codec.
///
/// # Errors
/// [`UsageError`] for flags that the codec does not know; weights or a device that cannot be opened.
pub fn open(
    codec: CodecId,
    painter: &PainterArgs,
    model: &ModelArgs,
    on_progress: OnProgress,
) -> anyhow::Result<Opened> {
    match codec {
        CodecId::SoftCast => {
            refuse_networks(painter, model)?;
            Ok(Opened {
                codec: Arc::new(SoftCast::default()),
                model: None,
                interest: None,
            })
        }
        CodecId::Restored => open_restored(painter, model, on_progress),
        CodecId::DeepJscc => open_deepjscc(painter, model, on_progress),
        CodecId::Latent => open_latent(painter, model, on_progress),
        CodecId::Digital => anyhow::bail!(
            "codec {codec} is a baseline of studies: this program neither sends nor paints it"
        ),
    }
}

fn open_restored(
    painter: &PainterArgs,
    model: &ModelArgs,
    on_progress: OnProgress,
) -> anyhow::Result<Opened> {
    refuse_painter(CodecId::Restored, painter)?;
    refuse_adapter(CodecId::Restored, model)?;
    let device = nn::open_device(model.device())?;
    let perception = painter.perception.unwrap_or(DEFAULT_PERCEPTION);
    let restored = RestoredCodec::open(model.model.as_deref(), &device)?;
    let restored = restored.with_perception(perception)?;
    Ok(Opened {
        model: Some(ModelInfo {
            painter: RESTORER,
            steps: None,
            painter_hash: None,
            synthesis: None,
            perception,
            device: model.device().to_owned(),
        }),
        interest: None,
        codec: Arc::new(restored.with_progress(on_progress)),
    })
}

fn open_deepjscc(
    painter: &PainterArgs,
    model: &ModelArgs,
    on_progress: OnProgress,
) -> anyhow::Result<Opened> {
    refuse_painter(CodecId::DeepJscc, painter)?;
    let perception = painter.perception.unwrap_or(DEFAULT_PERCEPTION);
    let (folder, adapter) = (model.model.as_deref(), model.adapter.as_deref());
    let deepjscc = adapted(folder, adapter, model.device())?;
    let deepjscc = deepjscc.with_perception(perception)?;
    Ok(Opened {
        model: Some(ModelInfo {
            painter: SYNTHESIS,
            steps: None,
            painter_hash: None,
            synthesis: None,
            perception,
            device: model.device().to_owned(),
        }),
        interest: None,
        codec: Arc::new(deepjscc.with_progress(on_progress)),
    })
}

/// Codec deepjscc with an adapter, if there is one.
///
/// # Errors
/// Weights or an adapter that cannot be read, or do not belong together.
pub fn adapted(
    models: Option<&Path>,
    adapter: Option<&Path>,
    device: &str,
) -> anyhow::Result<DeepJsccCodec> {
    let device = nn::open_device(device)?;
    let Some(path) = adapter else {
        return Ok(DeepJsccCodec::open(models, &device)?);
    };
    let named = || format!("--adapter: {}", path.display());
    let mut weights = DeepJsccCodec::weights(models)?;
    Adapter::open(path)
        .and_then(|adapter| adapter.apply(&mut weights))
        .with_context(named)?;
    Ok(DeepJsccCodec::with_weights(&weights, &device)?)
}

fn open_latent(
    painter: &PainterArgs,
    model: &ModelArgs,
    on_progress: OnProgress,
) -> anyhow::Result<Opened> {
    refuse_adapter(CodecId::Latent, model)?;
    let device = nn::open_device(model.device())?;
    let latent = LatentCodec::open(model.model.as_deref(), &device)?;
    let painter_in_use = painter.painter()?;
    let perception = painter.perception.unwrap_or(DEFAULT_PERCEPTION);
    let mut latent = latent
        .with_painter(painter_in_use)?
        .with_perception(perception)?;
    if let Some(folder) = &painter.synthesis {
        latent = latent.with_synthesis(large_models::synthesis(folder, model.device())?);
    }
    let steps = painter_in_use.steps();
    Ok(Opened {
        model: Some(ModelInfo {
            painter: painter_in_use.name(),
            steps,
            painter_hash: steps
                .and(latent.painter_hash())
                .map(|hash| format!("{hash:08x}")),
            synthesis: painter
                .synthesis
                .as_ref()
                .map(|folder| folder.display().to_string()),
            perception,
            device: model.device().to_owned(),
        }),
        interest: None,
        codec: Arc::new(latent.with_progress(on_progress)),
    })
}

/// What stands in reports where codec latent has a painter.
const RESTORER: &str = "restorer";
/// See [`RESTORER`].
const SYNTHESIS: &str = "synthesis";

/// Codecs restored and deepjscc have no painter to choose.
fn refuse_painter(codec: CodecId, painter: &PainterArgs) -> Result<(), UsageError> {
    let given = [
        ("--painter", painter.painter.is_some()),
        ("--steps", painter.steps.is_some()),
        ("--synthesis", painter.synthesis.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(UsageError(format!(
            "{flag}: codec {codec} has no painter; allowed with codec {}",
            CodecId::Latent
        ))),
        None => Ok(()),
    }
}

/// Adapters are trained for one codec.
fn refuse_adapter(codec: CodecId, model: &ModelArgs) -> Result<(), UsageError> {
    match model.adapter {
        None => Ok(()),
        Some(_) => Err(UsageError(format!(
            "--adapter: codec {codec} has none; allowed with codec {}",
            CodecId::DeepJscc
        ))),
    }
}

fn refuse_networks(painter: &PainterArgs, model: &ModelArgs) -> Result<(), UsageError> {
    let given = [
        ("--painter", painter.painter.is_some()),
        ("--steps", painter.steps.is_some()),
        ("--perception", painter.perception.is_some()),
        ("--synthesis", painter.synthesis.is_some()),
        ("--model", model.model.is_some()),
        ("--adapter", model.adapter.is_some()),
        ("--device", model.device.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(UsageError(format!(
            "{flag}: codec {} has no networks; allowed with codec {}, {} and {}",
            CodecId::SoftCast,
            CodecId::DeepJscc,
            CodecId::Latent,
            CodecId::Restored
        ))),
        None => Ok(()),
    }
}

/// The name of a codec.
pub fn codec() -> impl TypedValueParser<Value = CodecId> {
    PossibleValuesParser::new(CodecId::BUILT_IN.map(CodecId::name)).map(|name| {
        let known = CodecId::BUILT_IN.into_iter().find(|id| id.name() == name);
        known.expect("only known names pass")
    })
}

fn steps() -> impl TypedValueParser<Value = usize> {
    RangedU64ValueParser::<usize>::new().range(1..=nn::MAX_STEPS as u64)
}

fn painter() -> impl TypedValueParser<Value = Painter> {
    PossibleValuesParser::new(Painter::ALL.map(Painter::name)).map(|name| {
        let known = Painter::ALL.into_iter().find(|p| p.name() == name);
        known.expect("only known names pass")
    })
}
