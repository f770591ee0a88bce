//! Plots of docs/results, from the committed JSON alone: SVG and PNG beside it.
//!
//! `cargo run --release -p heliograph-cli --example plot_results [-- docs/results]`

mod air_interface;
mod codec;
mod plot;

use std::path::PathBuf;

use plotters::style::{FontStyle, register_font};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1);
    let folder = PathBuf::from(folder.as_deref().unwrap_or("docs/results"));
    let regular = include_bytes!("../../assets/fonts/Inter-Regular.otf");
    let bold = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
    // They are the project's own fonts: a failure would show at once.
    let _ = register_font("sans-serif", FontStyle::Normal, regular);
    let _ = register_font("sans-serif", FontStyle::Bold, bold);
    let air = folder.join("air-interface");
    for plot in air_interface::plots(&air)? {
        plot.write(&air)?;
    }
    let codec = folder.join("codec");
    for plot in codec::plots(&codec)? {
        plot.write(&codec)?;
    }
    Ok(())
}
