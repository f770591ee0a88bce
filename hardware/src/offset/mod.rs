//! Offset tuning: the radio's oscillator stands beside the signal, and samples are shifted by the difference.
//!
//! A radio leaks some of its oscillator into its own centre: the DC spike. Tuned `shift_hz` above the wanted frequency,
//! the wanted signal lies at -`shift_hz` and the spike at 0; the receiver shifts both up, the transmitter shifts its
//! signal down. The signal's edge must stay below half of the sample rate with the shift added, or the radio's filters
//! cut it off.

mod oscillator;

use std::time::Duration;

use num_complex::Complex32;

use crate::error::RadioError;
use crate::radio::{BurstEnd, Lost, Reception, RxStream, TxReport, TxStart, TxStream};
use oscillator::Oscillator;

/// Received samples of a radio that is tuned `shift_hz` too high. The phase goes on across lost samples, where their
/// number is known.
pub(crate) struct ShiftedReceiver {
    radio: Box<dyn RxStream>,
    oscillator: Oscillator,
}

impl ShiftedReceiver {
    pub fn new(radio: Box<dyn RxStream>, shift_hz: f64, rate_hz: f64) -> Self {
        Self {
            radio,
            oscillator: Oscillator::new(shift_hz, rate_hz),
        }
    }
}

impl RxStream for ShiftedReceiver {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        let reception = self.radio.read(samples, limit)?;
        if let Lost::Samples(lost) = reception.lost {
            self.oscillator.skip(lost);
        }
        self.oscillator.mix(&mut samples[..reception.samples]);
        Ok(reception)
    }
}

/// Samples for a radio that is tuned `shift_hz` too high. The phase goes on from burst to burst.
pub(crate) struct ShiftedTransmitter {
    radio: Box<dyn TxStream>,
    oscillator: Oscillator,
    shifted: Vec<Complex32>,
}

impl ShiftedTransmitter {
    pub fn new(radio: Box<dyn TxStream>, shift_hz: f64, rate_hz: f64) -> Self {
        Self {
            radio,
            oscillator: Oscillator::new(-shift_hz, rate_hz),
            shifted: Vec::new(),
        }
    }
}

impl TxStream for ShiftedTransmitter {
    fn send(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        limit: Duration,
    ) -> Result<(), RadioError> {
        self.shifted.clear();
        self.shifted.extend_from_slice(samples);
        self.oscillator.mix(&mut self.shifted);
        let sent = self.radio.send(&self.shifted, start, end, limit);
        let done = match &sent {
            Ok(()) => samples.len(),
            Err(RadioError::Timeout { done, .. }) => *done,
            Err(_) => 0,
        };
        self.oscillator.back((samples.len() - done) as u64);
        sent
    }

    fn report(&mut self, limit: Duration) -> Result<Option<TxReport>, RadioError> {
        self.radio.report(limit)
    }

    fn finish(&mut self) -> Result<(), RadioError> {
        self.radio.finish()
    }
}

#[cfg(test)]
mod tests;
