//! The figures of a run, as they are printed and written.
//!
//! The JSON is versioned: fields may be added within a version, never renamed. Every name carries its unit.

use heliograph::waveform::synchronizer::SynchronizerCounters;
use serde::Serialize;

use super::settings::Settings;
use super::statistics::{Figure, Moments, Rate};
use super::stream::{Caption, Reception, Record, StreamResult};

pub const SCHEMA: &str = "heliograph-soak";
pub const SCHEMA_VERSION: u32 = 1;

/// Width of the bins of the SNR that arrived, dB.
const BIN_DB: f64 = 1.0;

/// All figures of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub schema: &'static str,
    pub schema_version: u32,
    pub program_version: &'static str,
    pub settings: Settings,
    /// Ended by the user: the figures are those of the streams that were done.
    pub interrupted: bool,
    pub search: SearchFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bursts: Option<BurstFigures>,
}

/// What the synchronizer counted.
#[derive(Clone, Debug, Serialize)]
pub struct SearchFigures {
    pub samples: u64,
    pub suspicions: u64,
    pub detections: u64,
    pub headers_lost: u64,
    pub headers_refused: u64,
    pub bursts: u64,
    /// Bursts where none was sent, or a second time.
    pub false_bursts: u64,
    /// Bursts in their place with a header that was never sent.
    pub headers_wrong: u64,
}

/// Figures over the bursts that were sent.
#[derive(Clone, Debug, Serialize)]
pub struct BurstFigures {
    /// Not detected at all.
    pub detection_loss: Option<Rate>,
    /// Header not received: not detected, or detected and not decoded.
    pub burst_loss: Option<Rate>,
    /// Both of two neighbours lost: the loss of bursts sent twice over independent draws.
    pub burst_loss_sent_twice: Option<Rate>,
    /// Caption not decoded, out of the bursts received.
    pub caption_loss: Option<Rate>,
    /// Caption other than sent: must be 0.
    pub captions_wrong: u64,
    pub clipping_flagged: Option<Rate>,
    pub damaged_symbols_per_burst: Option<Figure>,
    pub papr_db: Option<Figure>,
    pub snr_estimate: Option<SnrFigures>,
    /// Estimate minus truth.
    pub cfo_error_hz: Spread,
    pub clock_error_ppm: Spread,
    pub timing_error_samples: Spread,
    pub header_evm_db: Option<Figure>,
    pub analog: AnalogFigures,
    /// Bursts by the SNR that arrived.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_received_snr: Vec<SnrBin>,
}

/// Mean and standard deviation.
#[derive(Clone, Debug, Serialize)]
pub struct Spread {
    pub mean: Option<Figure>,
    pub sigma: Option<Figure>,
}

/// The SNR estimate against the SNR that arrived (of the channel times mean |H|^2).
#[derive(Clone, Debug, Serialize)]
pub struct SnrFigures {
    pub bias_db: Option<Figure>,
    pub sigma_db: Option<Figure>,
    /// Root mean square of the standard errors that the bursts claimed.
    pub claimed_standard_error_db: f64,
    /// Standard deviation of (estimate - truth) / claimed standard error: 1 if honest.
    pub normalized_sigma: Option<Figure>,
    /// Estimate minus the effective SNR of the burst's own analog symbols.
    pub bias_against_effective_db: Option<Figure>,
}

/// The analog symbols against those that were sent.
#[derive(Clone, Debug, Serialize)]
pub struct AnalogFigures {
    pub symbols: u64,
    pub lost: Option<Rate>,
    /// Error power over symbol power, mean over the bursts; minus this is the effective SNR.
    pub evm_db: Option<Figure>,
    /// Error against a receiver that knows channel, phase and clock exactly: 0 is ideal.
    pub loss_db: Option<Figure>,
    /// Error over the variance claimed: 0 dB if honest, positive if the claims are too good.
    pub error_over_claimed_db: Option<Figure>,
}

/// Bursts whose SNR arrived within a range.
#[derive(Clone, Debug, Serialize)]
pub struct SnrBin {
    pub low_db: f64,
    pub high_db: f64,
    pub sent: u64,
    pub received: u64,
}

impl Summary {
    pub fn new(settings: &Settings, results: &[StreamResult], interrupted: bool) -> Self {
        let records: Vec<Record> = results
            .iter()
            .flat_map(|r| r.records.iter().copied())
            .collect();
        Self {
            schema: SCHEMA,
            schema_version: SCHEMA_VERSION,
            program_version: env!("CARGO_PKG_VERSION"),
            settings: settings.clone(),
            interrupted,
            search: SearchFigures::new(results),
            bursts: (!records.is_empty()).then(|| BurstFigures::new(&records, results)),
        }
    }
}

impl SearchFigures {
    fn new(results: &[StreamResult]) -> Self {
        let sum = |field: &dyn Fn(&SynchronizerCounters) -> u64| {
            results.iter().map(|r| field(&r.counters)).sum()
        };
        Self {
            samples: sum(&|c| c.samples),
            suspicions: sum(&|c| c.suspected),
            detections: sum(&|c| c.detected),
            headers_lost: sum(&|c| c.headers_lost),
            headers_refused: sum(&|c| c.headers_refused),
            bursts: sum(&|c| c.bursts),
            false_bursts: results.iter().map(|r| r.false_bursts).sum(),
            headers_wrong: results.iter().map(|r| r.headers_wrong).sum(),
        }
    }
}

impl BurstFigures {
    fn new(records: &[Record], results: &[StreamResult]) -> Self {
        let received: Vec<(f64, Reception)> = records
            .iter()
            .filter_map(|r| Some((r.snr_db.unwrap_or(f64::NAN), r.received?)))
            .collect();
        let sent = records.len() as u64;
        let of =
            |value: &dyn Fn(&Reception) -> f64| Moments::of(received.iter().map(|(_, r)| value(r)));
        let captions = |wanted| {
            received
                .iter()
                .filter(|(_, r)| r.caption == Some(wanted))
                .count() as u64
        };
        let (right, lost, wrong) = (
            captions(Caption::Right),
            captions(Caption::Lost),
            captions(Caption::Wrong),
        );
        let flagged = received.iter().filter(|(_, r)| r.clipping_flagged).count();
        let pairs = records.chunks_exact(2);
        let pairs_lost = pairs
            .clone()
            .filter(|p| p.iter().all(|r| r.received.is_none()))
            .count();
        Self {
            detection_loss: Rate::new(results.iter().map(undetected).sum(), sent),
            burst_loss: Rate::new(sent - received.len() as u64, sent),
            burst_loss_sent_twice: Rate::new(pairs_lost as u64, pairs.len() as u64),
            caption_loss: Rate::new(lost + wrong, right + lost + wrong),
            captions_wrong: wrong,
            clipping_flagged: Rate::new(flagged as u64, received.len() as u64),
            damaged_symbols_per_burst: of(&|r| r.damaged_symbols as f64).mean(),
            papr_db: Moments::of(records.iter().map(|r| r.papr_db)).mean(),
            snr_estimate: SnrFigures::new(&received),
            cfo_error_hz: Spread::new(of(&|r| r.cfo_error_hz)),
            clock_error_ppm: Spread::new(of(&|r| r.clock_error_ppm)),
            timing_error_samples: Spread::new(of(&|r| r.timing_error_samples)),
            header_evm_db: of(&|r| r.header_evm_db).mean(),
            analog: AnalogFigures::new(&received),
            by_received_snr: bins(records),
        }
    }
}

/// Bursts of a stream that were not detected. The synchronizer does not say where it lost a header, but in a stream there
/// are as many detections as headers received and lost.
fn undetected(result: &StreamResult) -> u64 {
    let received = result
        .records
        .iter()
        .filter(|r| r.received.is_some())
        .count() as u64;
    let seen = received
        + result.headers_wrong
        + result.counters.headers_lost
        + result.counters.headers_refused;
    (result.records.len() as u64).saturating_sub(seen)
}

impl Spread {
    fn new(moments: Moments) -> Self {
        Self {
            mean: moments.mean(),
            sigma: moments.sigma(),
        }
    }
}

impl SnrFigures {
    fn new(received: &[(f64, Reception)]) -> Option<Self> {
        let error = |(snr, r): &(f64, Reception)| r.snr_estimate_db - snr;
        let errors = Moments::of(received.iter().map(error));
        let normalized = Moments::of(
            received
                .iter()
                .map(|r| error(r) / r.1.snr_standard_error_db),
        );
        let squares = Moments::of(
            received
                .iter()
                .map(|(_, r)| r.snr_standard_error_db.powi(2)),
        );
        let effective =
            |r: &Reception| r.snr_estimate_db - 10.0 * (r.analog.power / r.analog.error).log10();
        Some(Self {
            bias_db: Some(errors.mean()?),
            sigma_db: errors.sigma(),
            claimed_standard_error_db: squares.mean()?.value.sqrt(),
            normalized_sigma: normalized.sigma(),
            bias_against_effective_db: Moments::of(received.iter().map(|(_, r)| effective(r)))
                .mean(),
        })
    }
}

impl AnalogFigures {
    fn new(received: &[(f64, Reception)]) -> Self {
        let symbols: usize = received.iter().map(|(_, r)| r.analog.symbols).sum();
        let lost: usize = received.iter().map(|(_, r)| r.analog.lost).sum();
        let per_burst = |sum: &dyn Fn(&Reception) -> f64| {
            Moments::of(
                received
                    .iter()
                    .map(|(_, r)| sum(r) / r.analog.compared() as f64),
            )
        };
        let known_noise = received.iter().any(|(snr, _)| snr.is_finite());
        let evm = Moments::of(
            received
                .iter()
                .map(|(_, r)| r.analog.error / r.analog.power),
        );
        Self {
            symbols: symbols as u64,
            lost: Rate::new(lost as u64, symbols as u64),
            evm_db: evm.mean_db(),
            loss_db: known_noise
                .then(|| per_burst(&|r| r.analog.error_over_ideal).mean_db())
                .flatten(),
            error_over_claimed_db: per_burst(&|r| r.analog.error_over_claimed).mean_db(),
        }
    }
}

fn bins(records: &[Record]) -> Vec<SnrBin> {
    let bin = |r: &Record| r.snr_db.map(|snr| (snr / BIN_DB).floor() as i64);
    let mut bins = std::collections::BTreeMap::<i64, (u64, u64)>::new();
    for record in records {
        if let Some(bin) = bin(record) {
            let counts = bins.entry(bin).or_default();
            counts.0 += 1;
            counts.1 += u64::from(record.received.is_some());
        }
    }
    let of = |(bin, (sent, received)): (i64, (u64, u64))| SnrBin {
        low_db: bin as f64 * BIN_DB,
        high_db: (bin + 1) as f64 * BIN_DB,
        sent,
        received,
    };
    bins.into_iter().map(of).collect()
}
