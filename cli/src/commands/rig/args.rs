//! The flags of `heliograph rig`, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Test a bench of two radios against limits
#[derive(Clone, Debug, Args)]
pub struct RigArgs {
    #[command(subcommand)]
    pub action: RigAction,
}

/// What to do with a rig.
#[derive(Clone, Debug, Subcommand)]
pub enum RigAction {
    Run(RunArgs),
}

/// Run a rig's scenarios and check their limits
///
/// Each scenario sends its photos with `heliograph transmit` and receives them with `heliograph receive`, two processes as on a bench
/// of two computers. Written are junit.xml, report.json, report.html and a folder a scenario. The exit code is 1 when a limit is
/// broken. Ctrl-C ends the scenario at hand and begins no other: the report says what was done. hardware/rigs/README.md explains the file.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    /// The rig
    #[arg(value_name = "RIG.toml")]
    pub file: PathBuf,

    /// Folder of the results; made if it is not there
    #[arg(short, long, value_name = "DIR", default_value = "heliograph-rig")]
    pub out: PathBuf,

    /// Photos for scenarios that name only a number, again and again if there are too few [default: the shipped one]
    #[arg(long, value_name = "PHOTO", num_args = 1..)]
    pub photos: Vec<PathBuf>,

    /// Only this scenario; may be given several times
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,

    /// Read and check the file, say what would be done, touch no radio
    #[arg(long)]
    pub dry_run: bool,

    /// Print the report as JSON instead of words
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph rig run hardware/rigs/virtual.toml\n  \
    heliograph rig run hardware/rigs/cabled-b210.toml --dry-run\n  \
    heliograph rig run bench.toml --scenario 15-db --photos kodak/*.png --out night";
