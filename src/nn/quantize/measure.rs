//! What is lost, and what is written.

use std::io::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::QuantizeError;

/// Errors of stored values, in units of the root mean square of the values themselves; 0 where all of them are 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RelativeError {
    pub largest_error: f64,
    pub rms_error: f64,
}

/// Sums over values and their errors.
#[derive(Clone, Copy, Default)]
pub(super) struct Errors {
    values: f64,
    squares: f64,
    error_squares: f64,
    largest: f64,
}

impl Errors {
    /// # Errors
    /// The place of the first stored value that is not finite.
    pub(super) fn of(values: &[f32], stored: &[f32]) -> Result<Self, usize> {
        let mut errors = Self::default();
        for (place, (value, stored)) in values.iter().zip(stored).enumerate() {
            if !stored.is_finite() {
                return Err(place);
            }
            let (value, error) = (f64::from(*value), f64::from(stored - value));
            errors.values += 1.0;
            errors.squares += value * value;
            errors.error_squares += error * error;
            errors.largest = errors.largest.max(error.abs());
        }
        Ok(errors)
    }

    pub(super) fn relative(&self) -> RelativeError {
        let relative = |error: f64| if error > 0.0 { error } else { 0.0 };
        RelativeError {
            largest_error: relative(self.largest / (self.squares / self.values).sqrt()),
            rms_error: relative((self.error_squares / self.squares).sqrt()),
        }
    }
}

/// Errors of many tensors, each in the unit of its own: a bias may be a thousand times a kernel.
#[derive(Default)]
pub(super) struct Pooled {
    values: f64,
    squares: f64,
    largest: f64,
}

impl Pooled {
    pub(super) fn add(&mut self, values: u64, error: RelativeError) {
        self.values += values as f64;
        self.squares += values as f64 * error.rms_error.powi(2);
        self.largest = self.largest.max(error.largest_error);
    }

    pub(super) fn relative(&self) -> RelativeError {
        RelativeError {
            largest_error: self.largest,
            rms_error: (self.squares / self.values.max(1.0)).sqrt(),
        }
    }
}

/// A writer that knows how many bytes went through it, and which.
pub(super) struct Counting<W> {
    out: W,
    bytes: u64,
    hash: Sha256,
}

impl<W: Write> Counting<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            bytes: 0,
            hash: Sha256::new(),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), QuantizeError> {
        self.out.write_all(bytes).map_err(QuantizeError::Write)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Bytes, and their SHA-256 in hexadecimal digits.
    pub(super) fn finish(mut self) -> Result<(u64, String), QuantizeError> {
        self.out.flush().map_err(QuantizeError::Write)?;
        let digest = self.hash.finalize();
        let hexadecimal = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((self.bytes, hexadecimal))
    }
}
