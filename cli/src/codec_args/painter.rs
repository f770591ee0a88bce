//! The flags of how the learned codecs paint.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use heliograph::codec::DEFAULT_PERCEPTION;
use heliograph::codec::{CodecId, Painter};
use heliograph::nn;

use crate::args::perception;
use crate::exit::UsageError;

/// How the learned codec paints.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Codec")]
pub struct PainterArgs {
    /// Between least squares and the picture: fast refines at once, diffusion paints on in steps, linear does nothing [default: fast]
    #[arg(long, value_name = "NAME", value_parser = painter())]
    pub(super) painter: Option<Painter>,

    /// Steps of painter diffusion, 1 to 20 [default: 1]
    #[arg(long, value_name = "N", value_parser = steps(), allow_negative_numbers = true)]
    pub(super) steps: Option<usize>,

    /// From least distortion (0) to best perception (1) [default: 0.5]
    #[arg(long, value_name = "P", value_parser = perception, allow_negative_numbers = true)]
    pub(super) perception: Option<f32>,

    /// Folder (or name, see heliograph models) of an autoencoder of FLUX.2's latents whose decoder paints those of codec latent, in a
    /// build with feature large-models
    #[arg(long, value_name = "DIR")]
    pub(super) synthesis: Option<PathBuf>,
}

impl PainterArgs {
    /// What of it means something to `codec`: a receiver has one set of flags for whatever comes.
    pub fn for_codec(&self, codec: CodecId) -> Self {
        match codec {
            CodecId::Latent => self.clone(),
            CodecId::Restored | CodecId::DeepJscc | CodecId::External => Self {
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

    /// Whether the flags go together, without the networks.
    ///
    /// # Errors
    /// [`UsageError`] for steps of a painter that has none.
    pub fn check(&self) -> anyhow::Result<()> {
        self.painter().map(drop)
    }

    /// What stands between least squares and the synthesis network.
    pub(super) fn painter(&self) -> anyhow::Result<Painter> {
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

fn steps() -> impl TypedValueParser<Value = usize> {
    RangedU64ValueParser::<usize>::new().range(1..=nn::MAX_STEPS as u64)
}

fn painter() -> impl TypedValueParser<Value = Painter> {
    PossibleValuesParser::new(Painter::ALL.map(Painter::name)).map(|name| {
        let known = Painter::ALL.into_iter().find(|p| p.name() == name);
        known.expect("only known names pass")
    })
}
