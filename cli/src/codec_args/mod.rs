//! The flags that choose codec, painter and device, and the codec they make.

mod allocation;
mod model;
mod open;
mod painter;
mod refuse;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use heliograph::codec::{Codec, CodecId, OnProgress};
use heliograph::regions::Interest;

pub use self::allocation::AllocationArgs;
pub use self::model::ModelArgs;
pub use self::open::{Opened, adapted, open, started};
pub use self::painter::PainterArgs;
pub use self::refuse::painting as refuse_painting;
use crate::region_args::RegionArgs;

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
    pub allocation: AllocationArgs,

    #[command(flatten)]
    pub regions: RegionArgs,
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
        let Self {
            codec,
            painter,
            model,
            allocation,
            ..
        } = self;
        open(*codec, painter, model, allocation.allocation, on_progress)
    }
}

/// The name of a codec.
pub fn codec() -> impl TypedValueParser<Value = CodecId> {
    let known = || {
        let all = CodecId::ALL.into_iter();
        all.filter(|id| *id != CodecId::Digital)
    };
    PossibleValuesParser::new(known().map(CodecId::name)).map(move |name| {
        let known = known().find(|id| id.name() == name);
        known.expect("only known names pass")
    })
}
