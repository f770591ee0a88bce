//! `rows.csv`: one row a picture, channel, CBR, SNR, codec and seed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use csv::StringRecord;

use crate::Error;

/// The columns, in their order.
pub const HEADER: [&str; 16] = [
    "picture",
    "channel",
    "cbr",
    "snr_db",
    "codec",
    "seed",
    "outcome",
    "detail",
    "cbr_total",
    "bursts_missing",
    "psnr_db",
    "ssim",
    "ms_ssim",
    "lpips_alex",
    "semantic_top1",
    "semantic_cosine",
];

/// Plots keep their patience with no larger number.
const MOST: f64 = 1e6;

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Received,
    ReceivedWithLosses,
    PaintedBlind,
    Outage,
    NotDetected,
}

impl Outcome {
    pub const ALL: [Self; 5] = [
        Self::Received,
        Self::ReceivedWithLosses,
        Self::PaintedBlind,
        Self::Outage,
        Self::NotDetected,
    ];

    /// As `rows.csv` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::ReceivedWithLosses => "received_with_losses",
            Self::PaintedBlind => "painted_blind",
            Self::Outage => "outage",
            Self::NotDetected => "not_detected",
        }
    }

    /// Did the picture arrive, with losses or without?
    pub fn is_received(self) -> bool {
        matches!(self, Self::Received | Self::ReceivedWithLosses)
    }
}

/// One transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub picture: String,
    pub channel: String,
    /// As typed, `1/48`.
    pub cbr: String,
    pub cbr_value: f64,
    /// As typed.
    pub snr: String,
    pub snr_db: f64,
    pub codec: String,
    pub seed: String,
    pub outcome: Outcome,
    pub cbr_total: Option<f64>,
    /// PSNR, SSIM, MS-SSIM, LPIPS, top-1 agreement and cosine of features: the last six columns.
    pub quality: [Option<f64>; 6],
}

/// Reads all rows.
///
/// # Errors
/// Names the file, the line, what was found and what is allowed.
pub fn read(path: &Path) -> Result<Vec<Row>, Error> {
    let file = File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => Error::Missing { path: path.into() },
        _ => Error::Io {
            path: path.into(),
            source,
        },
    })?;
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|e| unreadable(path, &e))?.clone();
    if header.iter().ne(HEADER) {
        return Err(Error::Header {
            path: path.into(),
            found: header.iter().collect::<Vec<_>>().join(","),
            allowed: HEADER.join(","),
        });
    }
    let mut rows = Vec::new();
    let mut seen = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| unreadable(path, &e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = Fields { path, line, record }.row()?;
        if let Some(first) = seen.insert(key(&row), line) {
            let path = path.into();
            return Err(Error::Repeated { path, line, first });
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(Error::NoRows { path: path.into() });
    }
    Ok(rows)
}

/// What no two rows share.
fn key(row: &Row) -> [String; 6] {
    // 4 and 4.0 are one SNR.
    let snr = row.snr_db.to_string();
    let Row {
        picture,
        channel,
        cbr,
        codec,
        seed,
        ..
    } = row.clone();
    [picture, channel, cbr, snr, codec, seed]
}

/// An error of the CSV reader with its line.
pub fn unreadable(path: &Path, error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("found {len} fields, allowed {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => "found bytes that are no text, allowed UTF-8".to_owned(),
        _ => error.to_string(),
    };
    let path = path.into();
    Error::Csv { path, line, what }
}

/// The fields of one line.
struct Fields<'a> {
    path: &'a Path,
    line: u64,
    record: StringRecord,
}

impl Fields<'_> {
    fn row(&self) -> Result<Row, Error> {
        let text = |column: usize| self.record[column].to_owned();
        Ok(Row {
            picture: self.label(0)?,
            channel: self.label(1)?,
            cbr: text(2),
            cbr_value: self.cbr()?,
            snr: text(3),
            snr_db: self.number(3)?.ok_or_else(|| self.wrong(3, "a number"))?,
            codec: self.label(4)?,
            seed: text(5),
            outcome: self.outcome()?,
            cbr_total: self.number(8)?,
            quality: [
                self.number(10)?,
                self.number(11)?,
                self.number(12)?,
                self.number(13)?,
                self.number(14)?,
                self.number(15)?,
            ],
        })
    }

    fn label(&self, column: usize) -> Result<String, Error> {
        let text = &self.record[column];
        if text.is_empty() {
            return Err(self.wrong(column, "a name"));
        }
        Ok(text.to_owned())
    }

    /// A number, or nothing where nothing was measured.
    fn number(&self, column: usize) -> Result<Option<f64>, Error> {
        let text = self.record[column].trim();
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().ok().filter(|n: &f64| n.abs() <= MOST);
        let number = number.ok_or_else(|| self.wrong(column, "a number up to 1e6, or nothing"));
        number.map(Some)
    }

    fn cbr(&self) -> Result<f64, Error> {
        let text = &self.record[2];
        let parts = text.split_once('/').unwrap_or((text, "1"));
        let (over, under) = (parts.0.trim().parse::<f64>(), parts.1.trim().parse::<f64>());
        let value = over.ok().zip(under.ok()).map(|(o, u)| o / u);
        let value = value.filter(|v| (1.0 / MOST..=MOST).contains(v));
        value.ok_or_else(|| self.wrong(2, "a ratio like 1/48, 1e-6 to 1e6"))
    }

    fn outcome(&self) -> Result<Outcome, Error> {
        let text = &self.record[6];
        let outcome = Outcome::ALL.into_iter().find(|o| o.name() == text);
        let allowed = "received, received_with_losses, painted_blind, outage or not_detected";
        outcome.ok_or_else(|| self.wrong(6, allowed))
    }

    fn wrong(&self, column: usize, allowed: &'static str) -> Error {
        Error::Value {
            path: self.path.into(),
            line: self.line,
            column: HEADER[column],
            found: self.record[column].to_owned(),
            allowed,
        }
    }
}
