//! The plots: quality against SNR and CBR, the cliff, perception against distortion.

mod axis;
mod cliff;
mod figure;
mod legend;
mod over_cbr;
mod over_snr;
mod perception;
mod published;
mod series;
mod style;

use std::path::{Path, PathBuf};

use crate::draw::{Scene, rasterize, to_svg};
use crate::names::Names;
use crate::summary::{Metric, Summary};
use crate::{Error, files};

pub use series::spread;

/// Folder of the plots.
const FOLDER: &str = "plots";
/// Pixels of the PNG a unit of the SVG.
const PNG_SCALE: f32 = 1.5;

/// A plot that is ready to be written.
pub struct Plot {
    /// File name without its ending.
    pub name: String,
    /// What stands above it in the report.
    pub heading: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    pub scene: Scene,
}

impl Plot {
    /// Path of the SVG from the folder of the report.
    pub fn svg(&self) -> String {
        format!("{FOLDER}/{}.svg", self.name)
    }

    /// Path of the PNG from the folder of the report.
    pub fn png(&self) -> String {
        format!("{FOLDER}/{}.png", self.name)
    }

    /// Writes both files.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn write(&self, dir: &Path) -> Result<[PathBuf; 2], Error> {
        files::make_folder(&dir.join(FOLDER))?;
        let (svg, png) = (dir.join(self.svg()), dir.join(self.png()));
        files::write(&svg, to_svg(&self.scene).as_bytes())?;
        files::write(&png, &files::png(&rasterize(&self.scene, PNG_SCALE)))?;
        Ok([svg, png])
    }
}

/// All plots for which there are figures, channel by channel.
pub fn draw_all(summary: &Summary) -> Vec<Plot> {
    let mut names = Names::default();
    let mut plots = Vec::new();
    for channel in 0..summary.channels.len() {
        for metric in Metric::SHOWN {
            plots.extend(over_snr::draw(summary, channel, metric));
        }
        plots.extend(cliff::draw(summary, channel));
        for metric in Metric::SHOWN {
            plots.extend(over_cbr::draw(summary, channel, metric));
        }
        for cbr in 0..summary.cbrs.len() {
            plots.extend(perception::draw(summary, channel, cbr));
        }
    }
    for plot in &mut plots {
        plot.name = names.take(&plot.name);
    }
    plots
}
