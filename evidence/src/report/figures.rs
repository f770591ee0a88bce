//! Plots and picture grids.

use super::boxed;
use crate::draw::escape;
use crate::grid::Grid;
use crate::plots::Plot;

pub fn plots(plots: &[Plot]) -> String {
    plots.iter().map(plot).collect()
}

fn plot(plot: &Plot) -> String {
    let (alt, heading) = (escape(&plot.alt), escape(&plot.heading));
    let (svg, png) = (plot.svg(), plot.png());
    let (width, height) = (plot.scene.width, plot.scene.height);
    let image = format!(
        "<img class=\"plot\" src=\"{svg}\" width=\"{width}\" height=\"{height}\" alt=\"{alt}\">\n"
    );
    format!(
        "<figure>\n{}<figcaption>{heading} · <a href=\"{svg}\">SVG</a> · <a href=\"{png}\">PNG</a></figcaption>\n</figure>\n",
        boxed(&plot.heading, &image)
    )
}

pub fn grids(grids: &[Grid]) -> String {
    grids.iter().map(grid).collect()
}

fn grid(grid: &Grid) -> String {
    let picture = escape(&grid.picture);
    let file = &grid.file;
    let (width, height) = grid.size();
    let image = format!(
        "<a href=\"{file}\"><img class=\"grid\" src=\"{file}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" \
         alt=\"{picture}: codecs down, SNRs across, the sent photo in the first column\"></a>\n"
    );
    format!(
        "<figure>\n{}<figcaption>{picture} · rows: codecs, columns: SNR; at most six SNRs are shown</figcaption>\n</figure>\n",
        boxed(&grid.picture, &image)
    )
}
