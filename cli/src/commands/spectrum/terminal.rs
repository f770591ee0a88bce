//! A spectrum in characters: bars of eighths, the band marked beneath.

use heliograph::metrics::Spectrum;

use super::finding::Finding;
use crate::figures::{hertz, number};

const COLUMNS: usize = 76;
const ROWS: usize = 12;
/// Least height of the drawing, dB.
const LEAST_SPAN_DB: f64 = 20.0;

/// Draws the mean power.
pub fn draw(spectrum: &Spectrum, finding: &Finding) -> String {
    let columns = columns(&spectrum.mean_dbfs);
    let top = columns.iter().copied().fold(f64::MIN, f64::max) + 1.0;
    let bottom = (spectrum.floor_dbfs() - 3.0).min(top - LEAST_SPAN_DB);
    let mut lines: Vec<String> = (0..ROWS)
        .map(|row| line(&columns, row, (bottom, top)))
        .collect();
    lines.push(format!("{:>6} {}", "", band(finding)));
    let half_hz = finding.sample_rate_hz / 2.0;
    let (low, mid, high) = (
        hertz(finding.frequency_hz - half_hz),
        hertz(finding.frequency_hz),
        hertz(finding.frequency_hz + half_hz),
    );
    let gap = (COLUMNS.saturating_sub(low.chars().count() + high.chars().count())).max(1);
    lines.push(format!("{:>6} {low}{mid:^gap$}{high}", "dBFS"));
    lines.join("\n")
}

/// The loudest bin of each column.
fn columns(bins: &[f64]) -> Vec<f64> {
    let column = |c: usize| {
        let (from, to) = (c * bins.len() / COLUMNS, (c + 1) * bins.len() / COLUMNS);
        let bins = &bins[from..to.max(from + 1)];
        bins.iter().copied().fold(f64::MIN, f64::max)
    };
    (0..COLUMNS).map(column).collect()
}

fn line(columns: &[f64], row: usize, (bottom, top): (f64, f64)) -> String {
    let step = (top - bottom) / ROWS as f64;
    let foot = top - step * (row + 1) as f64;
    let label = match row % 3 {
        0 => number(foot + step, 0),
        _ => String::new(),
    };
    let bar = |level: &f64| {
        let eighths = (8.0 * (level - foot) / step).clamp(0.0, 8.0) as usize;
        [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][eighths]
    };
    format!("{label:>6} {}", columns.iter().map(bar).collect::<String>())
}

/// A line under the columns of the band.
fn band(finding: &Finding) -> String {
    let place = |hz: f64| {
        let share = (hz - finding.frequency_hz) / finding.sample_rate_hz + 0.5;
        (share * COLUMNS as f64).round().clamp(0.0, COLUMNS as f64) as usize
    };
    let (from, to) = (place(finding.band_hz[0]), place(finding.band_hz[1]));
    format!("{}{}", " ".repeat(from), "─".repeat(to - from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::spectrum::finding::tests::{finding, heard};

    #[test]
    fn the_drawing_fits_eighty_columns_and_stands_highest_at_the_tone() {
        let text = draw(&heard(0.25, 0.1).spectrum, &finding(0.25, 0.1));
        assert!(
            text.lines().all(|line| line.chars().count() <= 84),
            "{text}"
        );
        let first = text.lines().next().unwrap();
        let column = first.chars().skip(7).position(|c| c != ' ').unwrap();
        assert!((COLUMNS * 3 / 4).abs_diff(column) <= 1, "{text}");
    }
}
