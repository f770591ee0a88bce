//! Rows gathered to cells: one a channel, CBR, SNR and codec.

use std::collections::{BTreeMap, BTreeSet};

use crate::codecs;
use crate::rows::Row;
use crate::statistics::Estimate;

/// A measure of quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    Psnr,
    Ssim,
    MsSsim,
    Lpips,
    SemanticTop1,
    SemanticCosine,
}

impl Metric {
    pub const ALL: [Self; 6] = [
        Self::Psnr,
        Self::Ssim,
        Self::MsSsim,
        Self::Lpips,
        Self::SemanticTop1,
        Self::SemanticCosine,
    ];
    /// Those that are plotted and stand among the key figures.
    pub const SHOWN: [Self; 5] = [
        Self::Psnr,
        Self::MsSsim,
        Self::Lpips,
        Self::SemanticTop1,
        Self::SemanticCosine,
    ];

    /// Its column in `rows.csv`.
    pub fn column(self) -> &'static str {
        match self {
            Self::Psnr => "psnr_db",
            Self::Ssim => "ssim",
            Self::MsSsim => "ms_ssim",
            Self::Lpips => "lpips_alex",
            Self::SemanticTop1 => "semantic_top1",
            Self::SemanticCosine => "semantic_cosine",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Psnr => "PSNR",
            Self::Ssim => "SSIM",
            Self::MsSsim => "MS-SSIM",
            Self::Lpips => "LPIPS",
            Self::SemanticTop1 => "Top-1",
            Self::SemanticCosine => "Cosine",
        }
    }

    /// What stands at its axis.
    pub fn axis(self) -> &'static str {
        match self {
            Self::Psnr => "PSNR (dB)",
            Self::Ssim => "SSIM (of 1)",
            Self::MsSsim => "MS-SSIM (of 1)",
            Self::Lpips => "LPIPS AlexNet (lower is better)",
            Self::SemanticTop1 => "top-1 agreement (of 1)",
            Self::SemanticCosine => "cosine of features (of 1)",
        }
    }

    pub fn decimals(self) -> usize {
        if self == Self::Psnr { 2 } else { 3 }
    }

    /// Is `a` better than `b`?
    pub fn is_better(self, a: f64, b: f64) -> bool {
        if self == Self::Lpips { a < b } else { a > b }
    }
}

/// An SNR that can be a key: the order of the numbers is the order of these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snr(pub f64);

impl Eq for Snr {}

impl PartialOrd for Snr {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Snr {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// What is averaged over.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub count: usize,
    pub received: usize,
    /// In the order of [`Metric::ALL`].
    pub quality: [Option<Estimate>; 6],
    pub cbr_total: Option<f64>,
    /// Did a picture that was not received leave a metric without a figure?
    pub is_of_survivors: [bool; 6],
}

impl Cell {
    fn new(rows: &[&Row]) -> Self {
        let totals: Vec<f64> = rows.iter().filter_map(|r| r.cbr_total).collect();
        Self {
            count: rows.len(),
            received: rows.iter().filter(|r| r.outcome.is_received()).count(),
            quality: std::array::from_fn(|metric| Estimate::of_pictures(&by_picture(rows, metric))),
            cbr_total: Estimate::of(&totals).map(|e| e.mean),
            is_of_survivors: std::array::from_fn(|metric| {
                let is_lost = |r: &&Row| !r.outcome.is_received() && r.quality[metric].is_none();
                rows.iter().any(is_lost)
            }),
        }
    }

    pub fn of(&self, metric: Metric) -> Option<Estimate> {
        self.quality[metric as usize]
    }

    pub fn received_share(&self) -> f64 {
        self.received as f64 / self.count as f64
    }
}

/// A metric's values of each picture, one a seed.
fn by_picture<'a>(rows: &[&'a Row], metric: usize) -> BTreeMap<&'a str, Vec<f64>> {
    let mut pictures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for row in rows {
        if let Some(value) = row.quality[metric] {
            pictures.entry(&row.picture).or_default().push(value);
        }
    }
    pictures
}

/// The place of a cell; labels are indices, so that keys are small and ordered as shown.
type Key = (usize, usize, Snr, usize);

/// All cells, and the labels in the order of showing.
#[derive(Clone, Debug)]
pub struct Summary {
    pub channels: Vec<String>,
    /// As typed, from few channel uses to many.
    pub cbrs: Vec<String>,
    pub cbr_values: Vec<f64>,
    pub snrs: Vec<Snr>,
    pub codecs: Vec<String>,
    /// How many pictures there are.
    pub pictures: usize,
    cells: BTreeMap<Key, Cell>,
}

impl Summary {
    pub fn new(rows: &[Row]) -> Self {
        let set = |label: fn(&Row) -> &String| {
            let labels: BTreeSet<&String> = rows.iter().map(label).collect();
            labels.into_iter().cloned().collect::<Vec<_>>()
        };
        let mut cbrs: Vec<(f64, String)> = Vec::new();
        for row in rows {
            if !cbrs.iter().any(|(_, cbr)| *cbr == row.cbr) {
                cbrs.push((row.cbr_value, row.cbr.clone()));
            }
        }
        cbrs.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let mut codecs = set(|r| &r.codec);
        codecs.sort_by(|a, b| codecs::order(a, b));
        let snrs: BTreeSet<Snr> = rows.iter().map(|r| Snr(r.snr_db)).collect();
        let mut summary = Self {
            pictures: set(|r| &r.picture).len(),
            channels: set(|r| &r.channel),
            cbr_values: cbrs.iter().map(|c| c.0).collect(),
            cbrs: cbrs.into_iter().map(|c| c.1).collect(),
            snrs: snrs.into_iter().collect(),
            codecs,
            cells: BTreeMap::new(),
        };
        summary.cells = summary.gather(rows);
        summary
    }

    fn gather(&self, rows: &[Row]) -> BTreeMap<Key, Cell> {
        let place = |labels: &[String], label: &String| {
            let found = labels.iter().position(|l| l == label);
            found.expect("every label was collected")
        };
        let mut groups: BTreeMap<Key, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            let key = (
                place(&self.channels, &row.channel),
                place(&self.cbrs, &row.cbr),
                Snr(row.snr_db),
                place(&self.codecs, &row.codec),
            );
            groups.entry(key).or_default().push(row);
        }
        // Sums in the order of the file would differ in their last bits when shards are joined another way.
        for rows in groups.values_mut() {
            rows.sort_by(|a, b| (&a.picture, &a.seed).cmp(&(&b.picture, &b.seed)));
        }
        let cells = groups
            .into_iter()
            .map(|(key, rows)| (key, Cell::new(&rows)));
        cells.collect()
    }

    pub fn cell(&self, channel: usize, cbr: usize, snr: Snr, codec: usize) -> Option<&Cell> {
        self.cells.get(&(channel, cbr, snr, codec))
    }

    /// All cells in order.
    pub fn cells(&self) -> impl Iterator<Item = (&Key, &Cell)> {
        self.cells.iter()
    }

    /// `summary.csv`.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut header = vec![
            "channel",
            "cbr",
            "snr_db",
            "codec",
            "count",
            "received_share",
        ];
        let columns: Vec<String> = Metric::ALL.into_iter().flat_map(columns).collect();
        header.extend(columns.iter().map(String::as_str));
        header.push("cbr_total_mean");
        write(&mut writer, &header);
        for ((channel, cbr, snr, codec), cell) in &self.cells {
            let mut line = vec![
                self.channels[*channel].clone(),
                self.cbrs[*cbr].clone(),
                snr.0.to_string(),
                self.codecs[*codec].clone(),
                cell.count.to_string(),
                format!("{:.6}", cell.received_share()),
            ];
            for estimate in cell.quality {
                line.extend(figures(estimate));
            }
            line.push(cell.cbr_total.map_or(String::new(), |t| format!("{t:.8}")));
            write(&mut writer, &line);
        }
        writer.into_inner().expect("memory takes every line")
    }
}

pub fn write<T: AsRef<[u8]>>(writer: &mut csv::Writer<Vec<u8>>, line: &[T]) {
    writer.write_record(line).expect("memory takes every line");
}

pub fn columns(metric: Metric) -> [String; 4] {
    ["pictures", "mean", "ci95_low", "ci95_high"].map(|what| format!("{}_{what}", metric.column()))
}

/// Pictures, mean and both ends; an end without an interval is empty.
pub fn figures(estimate: Option<Estimate>) -> [String; 4] {
    let Some(e) = estimate else {
        return ["0", "", "", ""].map(str::to_owned);
    };
    let end = |value: f64| {
        e.half_width
            .map_or(String::new(), |_| format!("{value:.6}"))
    };
    [
        e.pictures.to_string(),
        format!("{:.6}", e.mean),
        end(e.low()),
        end(e.high()),
    ]
}
