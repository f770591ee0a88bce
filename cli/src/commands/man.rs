//! `heliograph man`: the manual, a page a command.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use crate::args::Cli;
use crate::exit::Ending;
use crate::output;

/// Write the manual: into a folder, a page a command, or the first page to standard output
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES\n  \
    heliograph man | man -l -\n  \
    heliograph man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Folder of the pages; made if it is not there
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Writes the pages.
///
/// # Errors
/// Names the file that cannot be written.
pub fn run(args: &ManArgs) -> anyhow::Result<Ending> {
    let pages = pages()?;
    let Some(folder) = &args.folder else {
        output::print(pages[0].1.trim_end())?;
        return Ok(Ending::Done);
    };
    output::make_folder(folder)?;
    for (name, text) in &pages {
        output::write_text(&folder.join(format!("{name}.1")), text)?;
    }
    Ok(Ending::Done)
}

/// Names and texts, the program's own first.
fn pages() -> anyhow::Result<Vec<(String, String)>> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut commands = vec![root];
    let mut at = 0;
    while at < commands.len() {
        let below: Vec<clap::Command> = commands[at].get_subcommands().cloned().collect();
        commands.extend(below.into_iter().filter(|c| !c.is_hide_set()));
        at += 1;
    }
    let page = |command: clap::Command| {
        let name = command
            .get_display_name()
            .unwrap_or("heliograph")
            .to_owned();
        let mut text = Vec::new();
        Man::new(command).render(&mut text)?;
        Ok((name, String::from_utf8(text)?))
    };
    commands.into_iter().map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_page() {
        let pages = pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "heliograph");
        for name in ["heliograph-loopback", "heliograph-rig-run"] {
            assert!(names.contains(&name), "{names:?}");
        }
        let loopback = &pages
            .iter()
            .find(|(n, _)| n == "heliograph-loopback")
            .unwrap()
            .1;
        assert!(
            loopback.contains("EXAMPLES") && loopback.contains("snr"),
            "{loopback}"
        );
    }
}
