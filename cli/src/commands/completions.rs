//! `heliograph completions`: what a shell needs to complete commands and flags.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Ending;
use crate::output;

/// Write a completion script for a shell to standard output
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES\n  \
    heliograph completions bash > ~/.local/share/bash-completion/completions/heliograph\n  \
    heliograph completions zsh > ~/.zfunc/_heliograph\n  \
    heliograph completions fish > ~/.config/fish/completions/heliograph.fish")]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// Standard output is closed.
pub fn run(args: &CompletionsArgs) -> anyhow::Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "heliograph", &mut script);
    output::print(String::from_utf8(script)?.trim_end())?;
    Ok(Ending::Done)
}
