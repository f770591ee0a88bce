//! `heliograph plot`: summary, plots, grids and report from the raw rows of an evaluation.

use std::path::PathBuf;

use clap::Args;

use crate::exit::Ending;
use crate::output;

/// Make every plot of an evaluation again, from its raw rows alone
///
/// Reads rows.csv in the folder; writes summary.csv, plots (SVG and PNG), a grid a kept picture, and report.html, which opens
/// from disk. The same rows give the same bytes.
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES\n  \
    heliograph plot results")]
pub struct PlotArgs {
    /// Folder that `heliograph evaluate` wrote
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Print what was made as one line of JSON
    #[arg(long)]
    json: bool,
}

/// Makes them, and says which.
///
/// # Errors
/// Names the file, the line, what was found and what is allowed.
pub fn run(args: &PlotArgs) -> anyhow::Result<Ending> {
    let folder = args.folder.display();
    anyhow::ensure!(
        !args.folder.is_file(),
        "{folder}: found a file, allowed the folder that rows.csv is in"
    );
    let made = heliograph_evidence::remake(&args.folder)?;
    if args.json {
        let made = serde_json::json!({ "rows": made.rows, "files": made.files });
        output::print(&made.to_string())?;
        return Ok(Ending::Done);
    }
    for file in &made.files {
        output::print(&file.display().to_string())?;
    }
    Ok(Ending::Done)
}
