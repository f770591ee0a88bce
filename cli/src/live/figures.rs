//! Figures of a picture, by the names that the report has for them.

use heliograph::metrics;
use heliograph::photo::Photo;
use heliograph_page::state::Figure;
use serde_json::Value;

use crate::json;

/// Figures of a report that the page shows beside the picture.
const OF_REPORTS: [&str; 10] = [
    "psnr_db",
    "ssim",
    "ms_ssim",
    "lpips_alex",
    "snr_db_estimated",
    "snr_db_standard_error",
    "evm_db",
    "cfo_hz_estimated",
    "sfo_ppm_estimated",
    "cbr_total",
];

/// Those of a report, as they stand there.
pub fn of_report(report: &Value) -> Vec<Figure> {
    let figure = |name: &&str| {
        let value = report.get(*name)?;
        Some(Figure {
            name: (*name).to_owned(),
            value: value.as_f64(),
        })
    };
    let mut figures: Vec<Figure> = OF_REPORTS.iter().filter_map(figure).collect();
    if let Some(perception) = report["model"]["perception"].as_f64() {
        figures.push(named("perception", perception));
    }
    figures
}

/// What can be said of a preview: it is compared where the photo that was sent is known.
pub fn of_preview(photo: &Photo, sent: Option<&Photo>, perception: Option<f32>) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(sent) = sent.filter(|sent| sent.size() == photo.size()) {
        let psnr_db = metrics::psnr_db(sent, photo).ok();
        let ssim = metrics::ssim(sent, photo).ok();
        figures.extend(psnr_db.map(|v| named("psnr_db", v)));
        figures.extend(ssim.map(|v| named("ssim", v)));
    }
    figures.extend(perception.map(|p| named("perception", rounded(p))));
    figures
}

/// A dial's place without the digits that single precision adds.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e4).round() / 1e4
}

fn named(name: &str, value: f64) -> Figure {
    Figure {
        name: name.to_owned(),
        value: value.is_finite().then_some(value),
    }
}

/// What JSON can hold.
pub fn finite(value: f32) -> Option<f64> {
    value.is_finite().then(|| value.into())
}

/// A caption from the air may hold anything; what a terminal obeys stays here.
pub fn one_line(caption: &str) -> String {
    let plain = |c: char| if json::is_obeyed(c) { ' ' } else { c };
    caption.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_report() {
        let report = serde_json::json!({
            "psnr_db": 28.25, "lpips_alex": null, "seed": 4, "model": {"perception": 0.5},
        });
        let figures = of_report(&report);
        let named = |name: &str| figures.iter().find(|f| f.name == name).map(|f| f.value);
        assert_eq!(named("psnr_db"), Some(Some(28.25)));
        assert_eq!(named("lpips_alex"), Some(None));
        assert_eq!(named("perception"), Some(Some(0.5)));
        assert_eq!(named("seed"), None);
    }
}
