//! Numbers of a `config.json`, before anything is made of their size.

use std::ops::RangeInclusive;
use std::path::Path;

use crate::ModelError;

/// Channels of a layer.
pub(crate) const CHANNELS: RangeInclusive<usize> = 1..=8192;
/// Layers of a network.
pub(crate) const LAYERS: RangeInclusive<usize> = 1..=128;

/// Heads of a layer; each has scores of all pairs of places.
pub(crate) const HEADS: RangeInclusive<usize> = 1..=64;
/// Pixels of a side of a patch.
pub(crate) const PATCH: RangeInclusive<usize> = 8..=64;
/// Places of a side of what a vision network sees: its patches.
pub(crate) const PLACES: RangeInclusive<usize> = 1..=64;

/// The fields of one file.
pub(crate) struct Fields<'a>(pub &'a Path);

impl Fields<'_> {
    /// Refuses a number outside `allowed`.
    pub(crate) fn within(
        &self,
        field: &'static str,
        found: usize,
        allowed: RangeInclusive<usize>,
    ) -> Result<(), ModelError> {
        if allowed.contains(&found) {
            return Ok(());
        }
        let allowed = format!("{} to {}", allowed.start(), allowed.end());
        Err(self.refused(field, found, allowed))
    }

    /// Refuses anything but one value.
    pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(
        &self,
        field: &'static str,
        found: T,
        allowed: T,
    ) -> Result<(), ModelError> {
        if found == allowed {
            return Ok(());
        }
        Err(self.refused(field, format!("{found:?}"), format!("{allowed:?}")))
    }

    /// Refuses a number that does not divide another.
    pub(crate) fn divides(
        &self,
        field: &'static str,
        found: usize,
        whole: usize,
    ) -> Result<(), ModelError> {
        if found > 0 && whole.is_multiple_of(found) {
            return Ok(());
        }
        Err(self.refused(field, found, format!("a divisor of {whole}")))
    }

    fn refused(&self, field: &'static str, found: impl ToString, allowed: String) -> ModelError {
        ModelError::Field {
            path: self.0.to_owned(),
            field,
            found: found.to_string(),
            allowed,
        }
    }
}
