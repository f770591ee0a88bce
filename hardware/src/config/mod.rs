//! Descriptions in TOML, of radios and of rigs: read with a bound, checked, with errors that name file and field.

mod error;

mod fields;

mod file;

pub use error::ConfigError;
pub(crate) use fields::Fields;
pub(crate) use file::{parse, read_bounded};
