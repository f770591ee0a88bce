//! The commands, one a file.

pub mod adapt;
pub mod calibrate;
pub mod completions;
pub mod decode;
pub mod encode;
pub mod evaluate;
pub mod inspect;
pub mod loopback;
pub mod man;
pub mod metrics;
pub mod models;
pub mod paint;
pub mod plot;
pub mod quantize;
pub mod radios;
pub mod receive;
pub mod record;
pub mod replay;
pub mod rig;
pub mod soak;
pub mod spectrum;
pub mod transmit;

use crate::args::Command;
use crate::exit::Ending;

/// Runs a command.
///
/// # Errors
/// What the user should read, with the file or flag it is about.
pub fn run(command: Command) -> anyhow::Result<Ending> {
    match command {
        Command::Loopback(args) => loopback::run(*args),
        Command::Transmit(args) => transmit::run(*args),
        Command::Receive(args) => receive::run(*args),
        Command::Record(args) => record::run(&args),
        Command::Replay(args) => replay::run(*args),
        Command::Paint(args) => paint::run(*args),
        Command::Radios(args) => radios::run(&args),
        Command::Spectrum(args) => spectrum::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Rig(args) => rig::run(&args),
        Command::Encode(args) => encode::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Soak(args) => soak::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Metrics(args) => metrics::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::Adapt(args) => adapt::run(&args),
        Command::Quantize(args) => quantize::run(&args),
        Command::Models(args) => models::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
