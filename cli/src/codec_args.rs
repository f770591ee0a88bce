//! The flags that choose codec, painter and device, and the codec they make.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use heliograph::codec::latent::DEFAULT_PERCEPTION;
use heliograph::codec::{Codec, CodecId, LatentCodec, OnProgress, Painter, SoftCast};
use heliograph::nn;

use crate::args::{device, perception};
use crate::exit::UsageError;

/// Codec, painter and device.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Codec")]
pub struct CodecArgs {
    /// What turns photos into symbols
    #[arg(long, value_name = "NAME", default_value = "latent", value_parser = codec())]
    pub codec: CodecId,

    #[command(flatten)]
    pub painter: PainterArgs,

    #[command(flatten)]
    pub model: ModelArgs,
}

/// How the learned codec paints.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Codec")]
pub struct PainterArgs {
    /// Between least squares and the picture: fast evaluates a network once, linear does nothing [default: fast]
    #[arg(long, value_name = "NAME", value_parser = painter())]
    painter: Option<Painter>,

    /// From least distortion (0) to best perception (1) [default: 0.5]
    #[arg(long, value_name = "P", value_parser = perception, allow_negative_numbers = true)]
    perception: Option<f32>,
}

/// Which weights, and where the networks run.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Codec")]
pub struct ModelArgs {
    /// Folder with other weights, codec.safetensors [default: those in the program]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,

    /// Where the networks run: cpu, or cuda:N in a build with feature cuda [default: cpu]
    #[arg(long, value_name = "NAME", value_parser = device)]
    device: Option<String>,
}

impl ModelArgs {
    /// Where the networks run.
    pub fn device(&self) -> &str {
        self.device.as_deref().unwrap_or("cpu")
    }
}

impl CodecArgs {
    /// Makes the codec.
    ///
    /// # Errors
    /// [`UsageError`] for flags that the codec does not know; weights or a device that cannot be opened.
    pub fn open(&self, on_progress: OnProgress) -> anyhow::Result<Arc<dyn Codec>> {
        open(self.codec, &self.painter, &self.model, on_progress)
    }
}

impl PainterArgs {
    /// What stands between least squares and the synthesis network.
    pub fn painter(&self) -> Painter {
        self.painter.unwrap_or_default()
    }

    /// Where the dial stands.
    pub fn perception(&self) -> f32 {
        self.perception.unwrap_or(DEFAULT_PERCEPTION)
    }
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
) -> anyhow::Result<Arc<dyn Codec>> {
    match codec {
        CodecId::SoftCast => {
            refuse_networks(painter, model)?;
            Ok(Arc::new(SoftCast::default()))
        }
        CodecId::Latent => {
            let device = nn::open_device(model.device())?;
            let latent = LatentCodec::open(model.model.as_deref(), &device)?
                .with_painter(painter.painter())
                .with_perception(painter.perception())?;
            Ok(Arc::new(latent.with_progress(on_progress)))
        }
    }
}

fn refuse_networks(painter: &PainterArgs, model: &ModelArgs) -> Result<(), UsageError> {
    let given = [
        ("--painter", painter.painter.is_some()),
        ("--perception", painter.perception.is_some()),
        ("--model", model.model.is_some()),
        ("--device", model.device.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(UsageError(format!(
            "{flag}: codec {} has no networks; allowed with codec {}",
            CodecId::SoftCast,
            CodecId::Latent
        ))),
        None => Ok(()),
    }
}

/// The name of a codec.
pub fn codec() -> impl TypedValueParser<Value = CodecId> {
    PossibleValuesParser::new(CodecId::ALL.map(CodecId::name)).map(|name| {
        let known = CodecId::ALL.into_iter().find(|id| id.name() == name);
        known.expect("only known names pass")
    })
}

fn painter() -> impl TypedValueParser<Value = Painter> {
    PossibleValuesParser::new(Painter::ALL.map(Painter::name)).map(|name| {
        let known = Painter::ALL.into_iter().find(|p| p.name() == name);
        known.expect("only known names pass")
    })
}
