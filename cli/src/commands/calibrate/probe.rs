//! Test bursts, and what a receiver says of them.

use std::sync::Arc;

use heliograph::codec::SoftCast;
use heliograph::link::{Receiver, ReceiverConfig, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::waveform::Numerology;
use num_complex::Complex32;
use serde::Serialize;

/// Samples of silence around the bursts.
const SILENCE: usize = 4096;

/// The samples of `bursts` test bursts at a mean power of `level_dbfs`.
///
/// # Errors
/// None that a user could cause.
pub fn samples(bursts: usize, level_dbfs: f32) -> anyhow::Result<Vec<Complex32>> {
    let config = TransmitterConfig::default();
    let power = Numerology::default().mean_sample_power() as f32;
    let gain = 10f32.powf(level_dbfs / 20.0) / power.sqrt();
    let codec = Arc::new(SoftCast::default());
    let mut transmitter = Transmitter::new(config, codec)?;
    let photo = texture()?;
    let mut samples = vec![Complex32::ZERO; SILENCE];
    for _ in 0..bursts {
        for burst in transmitter.picture(&photo, None)? {
            samples.extend(burst.iter().map(|x| x * gain));
        }
    }
    samples.extend([Complex32::ZERO; SILENCE]);
    Ok(samples)
}

/// A picture that takes one burst.
fn texture() -> anyhow::Result<Photo> {
    let size = PhotoSize::new(96, 64)?;
    let pixels = (0..size.pixels()).flat_map(|i| {
        let (x, y) = (i % 96, i / 96);
        [(x * 2) as u8, (y * 3) as u8, ((x * 7) ^ (y * 5)) as u8]
    });
    Ok(Photo::new(size, pixels.collect())?)
}

/// What was heard at one gain.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Point {
    pub gain_db: f64,
    pub bursts_sent: usize,
    pub bursts: usize,
    pub bursts_clipped: usize,
    /// Mean over the bursts; `None` without one.
    pub level_dbfs: Option<f64>,
    pub evm_db: Option<f64>,
    pub snr_db: Option<f64>,
    pub cfo_cycles_per_sample: Option<f64>,
}

/// Listens to samples in pieces.
pub struct Ear {
    receiver: Receiver,
    point: Point,
    sums: [f64; 4],
}

impl Ear {
    /// An ear that expects `bursts_sent` bursts.
    pub fn new(gain_db: f64, bursts_sent: usize) -> Self {
        Self {
            receiver: Receiver::new(ReceiverConfig::default()),
            point: Point {
                gain_db,
                bursts_sent,
                ..Point::default()
            },
            sums: [0.0; 4],
        }
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[Complex32]) {
        let events = self.receiver.push(samples);
        self.take(events);
    }

    /// Did all bursts come?
    pub fn is_satisfied(&self) -> bool {
        self.point.bursts >= self.point.bursts_sent
    }

    /// Ends; gives the means.
    pub fn finish(mut self) -> Point {
        let events = self.receiver.finish();
        self.take(events);
        if self.point.bursts > 0 {
            let [level, evm, snr, cfo] = self.sums.map(|sum| Some(sum / self.point.bursts as f64));
            self.point.level_dbfs = level;
            self.point.evm_db = evm;
            self.point.snr_db = snr;
            self.point.cfo_cycles_per_sample = cfo;
        }
        self.point
    }

    fn take(&mut self, events: Vec<ReceiverEvent>) {
        for event in events {
            let ReceiverEvent::Burst(burst) = event else {
                continue;
            };
            let report = burst.report;
            self.point.bursts += 1;
            self.point.bursts_clipped += usize::from(report.clipping.is_flagged());
            let values = [
                report.level_dbfs,
                report.evm_db,
                report.snr.db,
                report.cfo_cycles_per_sample,
            ];
            for (sum, value) in self.sums.iter_mut().zip(values) {
                *sum += f64::from(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_test_bursts_are_heard_at_their_level() {
        let samples = samples(3, -20.0).unwrap();
        let mut ear = Ear::new(7.0, 3);
        samples.chunks(5000).for_each(|piece| ear.push(piece));
        assert!(ear.is_satisfied());
        let point = ear.finish();
        assert_eq!((point.bursts, point.bursts_clipped), (3, 0));
        assert!((point.level_dbfs.unwrap() + 20.0).abs() < 1.0, "{point:?}");
        assert!(point.evm_db.unwrap() < -40.0, "{point:?}");
    }
}
