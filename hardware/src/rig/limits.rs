//! Limits: the table of what can be limited, and how it is measured.

use std::collections::BTreeMap;

use super::measured::Measured;
use crate::config::{ConfigError, Fields};
use crate::settings::Range;

/// Which side of a limit is allowed. The limit itself always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    AtLeast,
    AtMost,
}

/// Something that can be limited.
#[derive(Debug)]
pub struct Limit {
    /// Its field in a file.
    pub name: &'static str,
    pub bound: Bound,
    /// What is measured, in words.
    pub what: &'static str,
    /// Values that make sense.
    allowed: Range,
    measure: fn(&Measured) -> Option<f64>,
}

const DB: Range = Range {
    min: -100.0,
    max: 200.0,
};
const COUNT: Range = Range {
    min: 0.0,
    max: 1e15,
};
const SHARE: Range = Range { min: 0.0, max: 1.0 };

const fn limit(
    name: &'static str,
    bound: Bound,
    allowed: Range,
    what: &'static str,
    measure: fn(&Measured) -> Option<f64>,
) -> Limit {
    Limit {
        name,
        bound,
        what,
        allowed,
        measure,
    }
}

use Bound::{AtLeast, AtMost};

/// All of them, in the order of reports.
const LIMITS: [Limit; 10] = [
    limit(
        "snr_db_min",
        AtLeast,
        DB,
        "lowest SNR of a picture, dB",
        Measured::snr_db_lowest,
    ),
    limit(
        "snr_db_max",
        AtMost,
        DB,
        "highest SNR of a picture, dB",
        Measured::snr_db_highest,
    ),
    limit(
        "evm_db_max",
        AtMost,
        DB,
        "mean EVM, dB",
        Measured::evm_db_mean,
    ),
    limit(
        "detection_min",
        AtLeast,
        SHARE,
        "bursts detected of those sent, share",
        Measured::detection,
    ),
    limit(
        "pictures_min",
        AtLeast,
        COUNT,
        "pictures received",
        Measured::pictures_received,
    ),
    limit(
        "pictures_lost_max",
        AtMost,
        COUNT,
        "pictures sent and not received",
        Measured::pictures_lost,
    ),
    limit(
        "captions_exact_min",
        AtLeast,
        SHARE,
        "captions exact of those sent, share",
        Measured::captions_exact,
    ),
    limit(
        "psnr_db_min",
        AtLeast,
        DB,
        "mean PSNR, dB",
        Measured::psnr_db_mean,
    ),
    limit(
        "lpips_alex_max",
        AtMost,
        COUNT,
        "mean LPIPS (AlexNet)",
        Measured::lpips_alex_mean,
    ),
    limit(
        "samples_lost_max",
        AtMost,
        COUNT,
        "samples lost by the receiver",
        Measured::samples_lost,
    ),
];

impl Limit {
    /// All that can be limited.
    pub fn all() -> &'static [Self] {
        &LIMITS
    }

    /// The value that a run has; `None` if it is not known.
    pub fn measure(&self, measured: &Measured) -> Option<f64> {
        (self.measure)(measured)
    }
}

/// Limits of a scenario; what is absent is not limited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    values: BTreeMap<&'static str, f64>,
}

impl Limits {
    /// The fields there are.
    pub fn names() -> Vec<&'static str> {
        LIMITS.iter().map(|limit| limit.name).collect()
    }

    /// The value of a limit.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.get(name).copied()
    }

    /// Those that are set, in the order of reports.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Limit, f64)> {
        LIMITS
            .iter()
            .filter_map(|limit| Some((limit, self.get(limit.name)?)))
    }

    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        for limit in &LIMITS {
            if let Some(value) = fields.number(limit.name, limit.allowed)? {
                values.insert(limit.name, value);
            }
        }
        let range = values.get("snr_db_min").zip(values.get("snr_db_max"));
        if let Some((min, max)) = range.filter(|(min, max)| min > max) {
            return Err(fields.fault(
                "snr_db_max",
                max.to_string(),
                format!("at least snr_db_min, {min}"),
            ));
        }
        Ok(Self { values })
    }
}
