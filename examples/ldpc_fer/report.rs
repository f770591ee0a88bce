//! The JSON: every point with its interval, and for each code the Es/N0 at a frame error rate of 1e-3.

use std::fmt;

use serde::Serialize;

use crate::Tally;
use crate::cases::{CASES, Case};
use crate::decoders::{ITERATION_LIMIT, REFERENCE_ITERATION_LIMIT};

#[derive(Serialize)]
pub struct Report {
    what: &'static str,
    command: &'static str,
    channel: &'static str,
    seed: u64,
    iteration_limit: usize,
    reference_iteration_limit: usize,
    thresholds: Vec<Threshold>,
    points: Vec<Point>,
}

/// Where a decoder reaches FER 1e-3, from the points that all decoders of the code ran at.
#[derive(Serialize)]
pub struct Threshold {
    code: &'static str,
    decoder: &'static str,
    es_n0_db_at_fer_1e_3: f64,
}

#[derive(Serialize)]
pub struct Point {
    code: &'static str,
    information_bits: usize,
    coded_bits: usize,
    decoder: &'static str,
    es_n0_db: f64,
    eb_n0_db: f64,
    frames: u64,
    frame_errors: u64,
    /// Of these, words that met all parity checks and were wrong.
    false_decodes: u64,
    fer: f64,
    fer_low_95: f64,
    fer_high_95: f64,
    mean_iterations: f64,
    /// Shown, not written: the file is the same on every machine.
    #[serde(skip)]
    mean_microseconds: f64,
}

impl Report {
    pub fn new(seed: u64, points: Vec<Point>) -> Self {
        Report {
            what: "LDPC base graph 2 of TS 38.212: frame error rates, detected and false alike",
            command: "cargo run --release -p heliograph --example ldpc_fer -- docs/results/ldpc.json",
            channel: "QPSK, AWGN, exact LLRs; Es/N0 of a complex symbol; Eb counts the K information bits",
            seed,
            iteration_limit: ITERATION_LIMIT,
            reference_iteration_limit: REFERENCE_ITERATION_LIMIT,
            thresholds: thresholds(&points),
            points,
        }
    }
}

impl Point {
    pub fn new(case: &Case, es_n0_db: f64, decoder: &'static str, tally: &Tally) -> Self {
        let frames = tally.frames as f64;
        let bits_per_symbol = 2.0 * case.information_bits as f64 / case.coded_bits as f64;
        let (fer_low_95, fer_high_95) = wilson_interval(tally.frame_errors as f64, frames);
        Point {
            code: case.name,
            information_bits: case.information_bits,
            coded_bits: case.coded_bits,
            decoder,
            es_n0_db,
            eb_n0_db: es_n0_db - 10.0 * bits_per_symbol.log10(),
            frames: tally.frames,
            frame_errors: tally.frame_errors,
            false_decodes: tally.false_decodes,
            fer: tally.frame_errors as f64 / frames,
            fer_low_95,
            fer_high_95,
            mean_iterations: (10.0 * tally.iterations as f64 / frames).round() / 10.0,
            mean_microseconds: tally.time.as_secs_f64() * 1e6 / frames,
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Point {
            code,
            decoder,
            es_n0_db,
            fer,
            frame_errors,
            frames,
            false_decodes,
            ..
        } = self;
        write!(
            f,
            "{code:19} {decoder:21} {es_n0_db:6.3} dB  FER {fer:.2e} ({frame_errors} of {frames}, "
        )?;
        write!(
            f,
            "{false_decodes} false)  {:.1} iterations  {:.0} us",
            self.mean_iterations, self.mean_microseconds
        )
    }
}

fn thresholds(points: &[Point]) -> Vec<Threshold> {
    let mut thresholds = Vec::new();
    for case in &CASES {
        let on_common_points = |point: &&Point| {
            point.code == case.name
                && (case.reference_es_n0_db.is_empty()
                    || case.reference_es_n0_db.contains(&point.es_n0_db))
        };
        for decoder in ["box-plus", "offset min-sum", "ldpc-toolbox HLPhif64"] {
            let curve = points.iter().filter(on_common_points);
            let curve: Vec<&Point> = curve.filter(|point| point.decoder == decoder).collect();
            if let Some(es_n0_db_at_fer_1e_3) = crossing(&curve, 1e-3) {
                thresholds.push(Threshold {
                    code: case.name,
                    decoder,
                    es_n0_db_at_fer_1e_3,
                });
            }
        }
    }
    thresholds
}

/// Es/N0 at which a line through log FER crosses `target`: least squares, each point weighted by its errors
/// (the variance of log FER is one over them), points of FER above 0.1 left out.
fn crossing(curve: &[&Point], target: f64) -> Option<f64> {
    let points: Vec<(f64, f64, f64)> = curve
        .iter()
        .filter(|point| point.frame_errors > 0 && point.fer <= 0.1)
        .map(|point| {
            (
                point.frame_errors as f64,
                point.es_n0_db,
                (point.fer / target).log10(),
            )
        })
        .collect();
    let weight: f64 = points.iter().map(|(w, _, _)| w).sum();
    let mean_x = points.iter().map(|(w, x, _)| w * x).sum::<f64>() / weight;
    let mean_y = points.iter().map(|(w, _, y)| w * y).sum::<f64>() / weight;
    let slope = points
        .iter()
        .map(|(w, x, y)| w * (x - mean_x) * (y - mean_y))
        .sum::<f64>()
        / points
            .iter()
            .map(|(w, x, _)| w * (x - mean_x).powi(2))
            .sum::<f64>();
    let crossing = mean_x - mean_y / slope;
    crossing.is_finite().then_some(crossing)
}

/// Wilson's 95 % score interval of a proportion.
fn wilson_interval(successes: f64, trials: f64) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let share = successes / trials;
    let centre = share + Z * Z / (2.0 * trials);
    let width = Z * (share * (1.0 - share) / trials + Z * Z / (4.0 * trials * trials)).sqrt();
    let scale = 1.0 + Z * Z / trials;
    (
        ((centre - width) / scale).max(0.0),
        (centre + width) / scale,
    )
}
