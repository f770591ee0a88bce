//! The commands, one a file.

pub mod completions;
pub mod decode;
pub mod encode;
pub mod loopback;
pub mod man;
pub mod soak;

use crate::args::Command;
use crate::exit::Ending;

/// Runs a command.
///
/// # Errors
/// What the user should read, with the file or flag it is about.
pub fn run(command: Command) -> anyhow::Result<Ending> {
    match command {
        Command::Loopback(args) => loopback::run(*args),
        Command::Encode(args) => encode::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Soak(args) => soak::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
