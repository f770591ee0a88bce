//! A radio without hardware: its receiver hears its transmitter.
//!
//! Its clock is the receiver: reading n samples lets n sample periods pass. What is sent waits in a queue of fixed size
//! until its time has come; where nothing was sent there is silence. So late bursts, underflows and lost samples happen
//! as on a bench, and every test of them repeats exactly.

mod ether;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use num_complex::Complex32;

use crate::error::RadioError;
use crate::radio::{BurstEnd, Radio, Reception, RxStream, TxReport, TxStart, TxStream};
use crate::settings::{Capabilities, Direction, Duplex, RadioSettings, Range, Timestamps};
use ether::{Ether, Part};

/// Sample rates that a loopback takes, samples per second.
pub const LOOPBACK_RATES_HZ: Range = Range {
    min: 1e3,
    max: 100e6,
};

/// The radio.
pub struct Loopback {
    ether: Arc<Ether>,
    settings: [Option<RadioSettings>; 2],
}

impl Loopback {
    /// A loopback whose transmitter can be `capacity` samples (at least one) ahead of its receiver.
    pub fn new(capacity: usize) -> Self {
        Self {
            ether: Arc::new(Ether::new(capacity.max(1))),
            settings: [None, None],
        }
    }

    /// Loses the next `samples` of the receiver, as an overrun does.
    pub fn lose(&self, samples: u64) {
        self.ether.lose(samples);
    }

    /// Claims a direction; gives its sample rate.
    fn open(&self, direction: Direction) -> Result<f64, RadioError> {
        let Some(settings) = &self.settings[direction as usize] else {
            return Err(RadioError::NotConfigured { direction });
        };
        self.ether.claim(direction)?;
        Ok(settings.sample_rate_hz)
    }
}

impl Radio for Loopback {
    fn capabilities(&self, _direction: Direction) -> Capabilities {
        Capabilities {
            name: "loopback".to_owned(),
            frequency_hz: Range {
                min: 0.0,
                max: 1e12,
            },
            sample_rate_hz: LOOPBACK_RATES_HZ,
            bandwidth_hz: None,
            gain_db: Range { min: 0.0, max: 0.0 },
            gain_elements_db: BTreeMap::new(),
            antennas: vec!["loopback".to_owned()],
            clock_sources: Vec::new(),
            channels: 1,
            duplex: Duplex::Full,
            timestamps: Timestamps::Supported,
            mtu_samples: self.ether.capacity(),
        }
    }

    fn configure(
        &mut self,
        direction: Direction,
        settings: &RadioSettings,
    ) -> Result<RadioSettings, RadioError> {
        self.capabilities(direction).check(settings)?;
        self.ether.check_idle(direction)?;
        let other = self.settings[1 - direction as usize].as_ref();
        if let Some(other) = other.filter(|o| o.sample_rate_hz != settings.sample_rate_hz) {
            return Err(RadioError::Setting {
                field: "sample_rate_hz",
                found: settings.sample_rate_hz.to_string(),
                allowed: format!("{} as in the other direction", other.sample_rate_hz),
            });
        }
        self.settings[direction as usize] = Some(settings.clone());
        Ok(settings.clone())
    }

    fn receive(&mut self) -> Result<Box<dyn RxStream>, RadioError> {
        let rate_hz = self.open(Direction::Receive)?;
        let ether = self.ether.clone();
        Ok(Box::new(Receiver { ether, rate_hz }))
    }

    fn transmit(&mut self) -> Result<Box<dyn TxStream>, RadioError> {
        let rate_hz = self.open(Direction::Transmit)?;
        let ether = self.ether.clone();
        Ok(Box::new(Transmitter { ether, rate_hz }))
    }
}

struct Receiver {
    ether: Arc<Ether>,
    rate_hz: f64,
}

impl RxStream for Receiver {
    /// Fills all of `samples` at once: there is always something on the air, if only silence.
    fn read(
        &mut self,
        samples: &mut [Complex32],
        _limit: Duration,
    ) -> Result<Reception, RadioError> {
        Ok(self.ether.hear(samples, self.rate_hz))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.ether.release(Direction::Receive);
    }
}

struct Transmitter {
    ether: Arc<Ether>,
    rate_hz: f64,
}

impl TxStream for Transmitter {
    fn send(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        limit: Duration,
    ) -> Result<(), RadioError> {
        let part = Part {
            samples,
            start,
            end,
            rate_hz: self.rate_hz,
        };
        self.ether.send(part, limit)
    }

    fn report(&mut self, limit: Duration) -> Result<Option<TxReport>, RadioError> {
        Ok(self.ether.report(limit))
    }
}

impl Drop for Transmitter {
    fn drop(&mut self) {
        self.ether.release(Direction::Transmit);
    }
}

#[cfg(test)]
mod tests;
