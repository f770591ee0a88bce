//! The flag of how symbols are shared among the blocks of a photo.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use heliograph::codec::Allocation;

/// How a sender shares the symbols.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Codec")]
pub struct AllocationArgs {
    /// How codec deepjscc shares the symbols among the blocks: for any receiver (balanced), for least squared error (distortion, for
    /// receivers with --perception 0), or the same everywhere (even) [default: balanced]
    #[arg(long, value_name = "NAME", value_parser = allocation())]
    pub allocation: Option<Allocation>,
}

fn allocation() -> impl TypedValueParser<Value = Allocation> {
    PossibleValuesParser::new(Allocation::ALL.map(Allocation::name)).map(|name| {
        let known = Allocation::ALL.into_iter().find(|one| one.name() == name);
        known.expect("only known names pass")
    })
}
