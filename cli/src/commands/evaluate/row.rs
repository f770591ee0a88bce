//! One row of rows.csv.

use std::fmt;

use crate::quality::Quality;

/// First line of every file of rows.
pub const HEADER: &str = "picture,channel,cbr,snr_db,codec,seed,outcome,detail,cbr_total,bursts_missing,psnr_db,ssim,ms_ssim,lpips_alex,semantic_top1,semantic_cosine";

const KEYS: usize = 6;

/// What came of one photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub key: Key,
    pub result: String,
}

/// What was measured; rows are sorted by the places of these in the lists of the run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub picture: String,
    pub channel: String,
    pub cbr: String,
    /// As it stands in the file, so that it is compared exactly.
    pub snr_db: String,
    pub codec: String,
    pub seed: String,
}

/// What came of one photo, with the figures of the picture that the receiver shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub outcome: &'static str,
    /// Without commas.
    pub detail: String,
    /// `None` when nothing was sent.
    pub cbr_total: Option<f64>,
    pub bursts_missing: usize,
    pub quality: Quality,
}

/// PSNR of equal pictures: a mean over infinity says nothing.
const MOST_PSNR_DB: f64 = 100.0;

impl Figures {
    /// The columns behind the key.
    pub fn columns(&self) -> String {
        let optional = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.6}"));
        format!(
            "{},{},{},{},{:.4},{:.6},{},{},{},{}",
            self.outcome,
            self.detail,
            optional(self.cbr_total),
            self.bursts_missing,
            self.quality.psnr_db.min(MOST_PSNR_DB),
            self.quality.ssim,
            optional(self.quality.ms_ssim),
            optional(self.quality.lpips_alex),
            optional(self.quality.semantic_top1),
            optional(self.quality.semantic_cosine),
        )
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        write!(
            f,
            "{},{},{},{},{},{},{}",
            key.picture, key.channel, key.cbr, key.snr_db, key.codec, key.seed, self.result
        )
    }
}

impl Row {
    /// Reads a line; `None` when it does not have the columns of a row.
    pub fn parse(line: &str) -> Option<Self> {
        let columns = HEADER.split(',').count();
        let parts: Vec<&str> = line.split(',').collect();
        if parts.len() != columns {
            return None;
        }
        let [picture, channel, cbr, snr_db, codec, seed] =
            std::array::from_fn(|i| parts[i].to_owned());
        Some(Self {
            key: Key {
                picture,
                channel,
                cbr,
                snr_db,
                codec,
                seed,
            },
            result: parts[KEYS..].join(","),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let figures = Figures {
            outcome: "received",
            detail: String::new(),
            cbr_total: Some(0.02083),
            bursts_missing: 0,
            quality: Quality {
                psnr_db: 27.123_456,
                ssim: 0.8,
                ms_ssim: None,
                lpips_alex: Some(0.25),
                lpips_vgg: None,
                semantic_top1: Some(1.0),
                semantic_cosine: None,
            },
        };
        let names = ["kodim01", "awgn", "1/48", "7", "deepjscc-0", "0"].map(str::to_owned);
        let [picture, channel, cbr, snr_db, codec, seed] = names;
        let row = Row {
            key: Key {
                picture,
                channel,
                cbr,
                snr_db,
                codec,
                seed,
            },
            result: figures.columns(),
        };
        let line = row.to_string();
        assert!(
            line.ends_with(",received,,0.020830,0,27.1235,0.800000,,0.250000,1.000000,"),
            "{line}"
        );
        assert_eq!(Row::parse(&line), Some(row));
        assert_eq!(Row::parse(&line[..line.len() - 12]), None);
    }
}
