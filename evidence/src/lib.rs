//! From the raw rows of an evaluation to what a reader of the field looks at: a summary with confidence intervals, plots,
//! picture grids and a report that opens from disk.
//!
//! [`remake`] reads `rows.csv` of a folder and writes everything else beside it. The same rows give the same bytes.
//!
//! ```no_run
//! let made = heliograph_evidence::remake(std::path::Path::new("results"))?;
//! println!("{} files", made.files.len());
//! # Ok::<(), heliograph_evidence::Error>(())
//! ```

mod error;
mod files;
mod names;

mod rows;
mod settings;

mod codecs;
mod differences;
mod statistics;
mod summary;

mod draw;
mod grid;
mod plots;
mod report;

use std::path::{Path, PathBuf};

pub use error::Error;
pub use names::{safe as safe_name, unique as unique_name};
pub use rows::{HEADER, Outcome, Row};
pub use statistics::{Estimate, student_t_975};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Every file, in the order of writing; the report is the last.
    pub files: Vec<PathBuf>,
    /// Rows read.
    pub rows: usize,
}

/// Reads `rows.csv` in `dir` and writes summary, plots, grids and the report beside it.
///
/// # Errors
/// Names the file, the line, what was found and what is allowed.
pub fn remake(dir: &Path) -> Result<Made, Error> {
    let rows = rows::read(&dir.join("rows.csv"))?;
    let settings = settings::read(&dir.join("run.json"))?;
    let skipped = settings::read_skipped(&dir.join("skipped.csv"))?;
    let summary = summary::Summary::new(&rows);

    let mut made = Made {
        files: Vec::new(),
        rows: rows.len(),
    };
    let path = dir.join("summary.csv");
    files::write(&path, &summary.to_csv())?;
    made.files.push(path);
    let path = dir.join("differences.csv");
    files::write(&path, &differences::to_csv(&rows, &summary))?;
    made.files.push(path);

    let plots = plots::draw_all(&summary);
    for plot in &plots {
        made.files.extend(plot.write(dir)?);
    }
    let grids = grid::draw_all(dir, &rows);
    for grid in &grids {
        made.files.push(grid.write(dir)?);
    }
    let page = report::Page {
        rows: &rows,
        summary: &summary,
        plots: &plots,
        grids: &grids,
        settings: &settings,
        skipped: &skipped,
    };
    let path = dir.join("report.html");
    files::write(&path, page.to_html().as_bytes())?;
    made.files.push(path);
    Ok(made)
}
