//! One run of a rig.

use std::path::PathBuf;

use super::limits::Limits;
use crate::profile::Overrides;

/// Photos to send, what is done to the link, and what must come out.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Letters, digits, `-`, `_` and `.`: also the name of its folder.
    pub name: String,
    pub photos: Photos,
    /// Device arguments on top of the transmitter's.
    pub transmitter_args: String,
    /// Device arguments on top of the receiver's: the link of the virtual radio (`noise_dbfs=-26,cfo_hz=20000`).
    pub receiver_args: String,
    /// Settings in the place of the transmitter's.
    pub transmitter: Overrides,
    /// Settings in the place of the receiver's.
    pub receiver: Overrides,
    /// Channel bandwidth ratio, `1/24`; `None` for the program's.
    pub cbr: Option<String>,
    /// How often every burst is sent, 1 to 8; `None` for the program's.
    pub repeat: Option<u8>,
    /// Caption of every photo; `None` for the photo's own, if it has one.
    pub caption: Option<String>,
    /// Of everything that is random.
    pub seed: u64,
    /// Seconds after which the run is ended and has failed.
    pub timeout_s: f64,
    /// Why its failures do not count, for now: it is run and reported all the same.
    pub quarantine: Option<String>,
    pub limits: Limits,
}

/// Which photos are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Photos {
    /// So many: the program takes those it was given, or its own, again and again.
    Count(u32),
    /// These files.
    Files(Vec<PathBuf>),
}

impl Photos {
    /// How many are sent.
    pub fn count(&self) -> usize {
        match self {
            Self::Count(count) => *count as usize,
            Self::Files(files) => files.len(),
        }
    }
}
