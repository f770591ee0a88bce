//! What can be wrong with the folder of an evaluation.

use std::io;
use std::path::PathBuf;

/// An error that names the file, and the line where there is one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: not found; allowed: a folder that `heliograph evaluate` wrote", path.display())]
    Missing { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}:{line}: {what}", path.display())]
    Csv {
        path: PathBuf,
        line: u64,
        what: String,
    },
    #[error("{}:1: header: found {found:?}, allowed {allowed:?}", path.display())]
    Header {
        path: PathBuf,
        found: String,
        allowed: String,
    },
    #[error("{}:{line}: {column}: found {found:?}, allowed {allowed}", path.display())]
    Value {
        path: PathBuf,
        line: u64,
        column: &'static str,
        found: String,
        allowed: &'static str,
    },
    #[error("{}:{line}: the picture, channel, CBR, SNR, codec and seed of line {first} again; allowed: once", path.display())]
    Repeated {
        path: PathBuf,
        line: u64,
        first: u64,
    },
    #[error("{}: found no rows beneath the header, allowed: one or more", path.display())]
    NoRows { path: PathBuf },
    #[error("{}: found no settings, allowed: a JSON object: {what}", path.display())]
    Settings { path: PathBuf, what: String },
}
