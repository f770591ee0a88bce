//! The program `heliograph`: photos through the air, from the command line.
// Lines are said by `say!`.
#![warn(clippy::print_stderr)]

mod args;
mod captioners;
mod chain;
mod channels;
mod codec_args;
mod commands;
mod exit;
mod figures;
mod interrupt;
mod json;
mod large_models;
mod live;
mod output;
mod painters;
mod photo_files;
mod progress;
mod quality;
mod queue;
mod radio_args;
mod reception;
mod recording;
mod region_args;
mod render;
mod report;
mod sample;
mod say;
mod tuning;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let result = interrupt::install().and_then(|()| commands::run(cli.command));
    exit::conclude(result)
}
