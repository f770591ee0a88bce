//! Plots of docs/results/codec-latent.md.

use std::collections::BTreeSet;
use std::path::Path;

use plotters::prelude::SeriesLabelPosition;
use serde_json::Value;

use crate::plot::{Mark, Plot, Point, Scale, read, series};

const CBRS: [&str; 4] = ["1/96", "1/48", "1/24", "1/12"];

/// LPIPS that the project asks of best perception at 1, 4, 7 and 13 dB, ratio by ratio.
const LPIPS_BARS: [[f64; 4]; 4] = [
    [0.27, 0.23, 0.20, 0.18],
    [0.21, 0.17, 0.145, 0.12],
    [0.17, 0.13, 0.105, 0.08],
    [0.13, 0.09, 0.065, 0.042],
];
const BAR_SNRS_DB: [f64; 4] = [1.0, 4.0, 7.0, 13.0];

/// SwinJSCC SA&RA on Kodak over an ideal channel (github.com/semcomm/SwinJSCC, issue 13), 1/48 and 1/24, dB.
const SWINJSCC_DB: [[f64; 5]; 2] = [
    [26.43, 27.65, 28.49, 29.04, 29.38],
    [28.35, 29.73, 30.79, 31.55, 32.05],
];
const SNRS_DB: [f64; 5] = [1.0, 4.0, 7.0, 10.0, 13.0];
const DIAL: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

pub fn plots(folder: &Path) -> anyhow::Result<Vec<Plot>> {
    let best = Rows::read(folder, &["latent"])?;
    let dials = Rows::read(folder, &["best", "dials", "trade"])?;
    let softcast = Rows::read(folder, &["softcast"])?;
    let shared = softcast.pictures();
    let (dials, softcast) = (dials.of(&shared), softcast.of(&shared));
    Ok(vec![
        lpips(&best)?,
        psnr(&dials, &softcast)?,
        trade(&dials, &softcast)?,
    ])
}

/// One row a picture, ratio, SNR and way of painting.
struct Rows(Vec<Value>);

impl Rows {
    fn read(folder: &Path, names: &[&str]) -> anyhow::Result<Self> {
        let mut rows = Vec::new();
        for name in names {
            let json = read(&folder.join(format!("{name}.json")))?;
            rows.extend(json["rows"].as_array().cloned().unwrap_or_default());
        }
        Ok(Self(rows))
    }

    fn pictures(&self) -> BTreeSet<String> {
        self.0
            .iter()
            .map(|row| row["picture"].to_string())
            .collect()
    }

    /// Only these pictures: all curves of a plot are means over the same ones.
    fn of(&self, pictures: &BTreeSet<String>) -> Self {
        let wanted = self
            .0
            .iter()
            .filter(|row| pictures.contains(&row["picture"].to_string()));
        Self(wanted.cloned().collect())
    }

    fn mean(&self, cbr: &str, snr_db: f64, perception: Option<f64>, figure: &str) -> Option<f64> {
        let wanted = self.0.iter().filter(|row| {
            let same = row["cbr"] == cbr && row["snr_db"].as_f64() == Some(snr_db);
            same && row["perception"].as_f64() == perception
        });
        let values: Vec<f64> = wanted.filter_map(|row| row[figure].as_f64()).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// A figure over the SNR.
    fn curve(
        &self,
        cbr: &str,
        perception: Option<f64>,
        figure: &str,
    ) -> anyhow::Result<Vec<Point>> {
        let points: Vec<Point> = SNRS_DB
            .into_iter()
            .filter_map(|snr_db| Some(at((snr_db, self.mean(cbr, snr_db, perception, figure)?))))
            .collect();
        anyhow::ensure!(
            !points.is_empty(),
            "no {figure} at {cbr}, dial {perception:?}"
        );
        Ok(points)
    }
}

fn lpips(best: &Rows) -> anyhow::Result<Plot> {
    let mut list = Vec::new();
    for (i, cbr) in CBRS.into_iter().enumerate() {
        let points = best.curve(cbr, Some(1.0), "lpips_alex")?;
        list.push(series(&format!("CBR {cbr}"), i, Mark::Measured, points));
        let bar = BAR_SNRS_DB.into_iter().zip(LPIPS_BARS[i]).map(at).collect();
        list.push(series(&format!("{cbr}, asked for"), i, Mark::Bar, bar));
    }
    Ok(Plot {
        name: "lpips",
        title: "Best perception on Kodak, 24 pictures, whole waveform in white noise",
        x_label: "Es/N0, dB",
        y_label: "LPIPS (AlexNet)",
        x: (0.5, 13.5),
        y: (0.0, 0.4),
        scale: Scale::Linear,
        legend: SeriesLabelPosition::UpperRight,
        series: list,
    })
}

fn psnr(dials: &Rows, softcast: &Rows) -> anyhow::Result<Plot> {
    let mut list = Vec::new();
    for (i, cbr) in CBRS.into_iter().enumerate() {
        let least = dials.curve(cbr, Some(0.0), "psnr_db")?;
        list.push(series(
            &format!("{cbr}, least distortion"),
            i,
            Mark::Measured,
            least,
        ));
        let classic = softcast.curve(cbr, None, "psnr_db")?;
        list.push(series(&format!("{cbr}, SoftCast"), i, Mark::Line, classic));
    }
    for (i, points) in SWINJSCC_DB.into_iter().enumerate() {
        let points = SNRS_DB.into_iter().zip(points).map(at).collect();
        let label = format!("{}, SwinJSCC as published (24 pictures)", CBRS[i + 1]);
        list.push(series(&label, i + 1, Mark::Published, points));
    }
    Ok(Plot {
        name: "psnr",
        title: "PSNR on eight Kodak pictures, whole waveform in white noise",
        x_label: "Es/N0, dB",
        y_label: "PSNR, dB",
        x: (0.5, 13.5),
        y: (20.0, 40.0),
        scale: Scale::Linear,
        legend: SeriesLabelPosition::UpperLeft,
        series: list,
    })
}

/// Perception against distortion along the dial.
fn trade(dials: &Rows, softcast: &Rows) -> anyhow::Result<Plot> {
    let mut list = Vec::new();
    for (i, snr_db) in [1.0, 7.0, 13.0].into_iter().enumerate() {
        let point = |rows: &Rows, perception| {
            let psnr = rows.mean("1/24", snr_db, perception, "psnr_db")?;
            Some(at((
                psnr,
                rows.mean("1/24", snr_db, perception, "lpips_alex")?,
            )))
        };
        let along: Vec<Point> = DIAL
            .into_iter()
            .filter_map(|p| point(dials, Some(p)))
            .collect();
        anyhow::ensure!(
            along.len() == DIAL.len(),
            "the dial is not whole at {snr_db} dB"
        );
        list.push(series(
            &format!("{snr_db} dB, dial 0 (right) to 1"),
            i,
            Mark::Measured,
            along,
        ));
        let classic = point(softcast, None).into_iter().collect();
        list.push(series(
            &format!("{snr_db} dB, SoftCast"),
            i,
            Mark::Published,
            classic,
        ));
    }
    Ok(Plot {
        name: "perception-distortion",
        title: "Perception against distortion on eight Kodak pictures at CBR 1/24",
        x_label: "PSNR, dB",
        y_label: "LPIPS (AlexNet)",
        x: (22.0, 31.0),
        y: (0.0, 0.8),
        scale: Scale::Linear,
        legend: SeriesLabelPosition::UpperRight,
        series: list,
    })
}

fn at((x, y): (f64, f64)) -> Point {
    Point {
        x,
        y,
        low: y,
        high: y,
    }
}
