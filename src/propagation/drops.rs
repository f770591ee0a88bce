//! Sample drops: what an overrun on the USB link or a full buffer removes from the stream.
//!
//! The samples are gone, not zeroed: everything after a drop arrives early, as from a real receiver.

use num_complex::Complex32;
use rand::RngExt;

use super::seed::{StageRng, Stream, geometric_gap, stage_rng};
use super::{Impairment, PropagationStatistics};

/// Removes runs of samples at random times.
#[derive(Debug, Clone)]
pub struct SampleDrops {
    probability: f64,
    min_samples: u64,
    max_samples: u64,
    gap: u64,
    /// Samples of the current drop still to be removed.
    remaining: u64,
    drops: u64,
    dropped: u64,
    rng: StageRng,
}

impl SampleDrops {
    /// `probability`: that a drop starts at a sample outside drops; the length of each is uniform from `min_samples`
    /// to `max_samples`.
    pub fn new(probability: f64, min_samples: u64, max_samples: u64, seed: u64) -> Self {
        let mut rng = stage_rng(seed, Stream::SampleDrops);
        Self {
            probability,
            min_samples,
            max_samples,
            gap: geometric_gap(&mut rng, probability),
            remaining: 0,
            drops: 0,
            dropped: 0,
            rng,
        }
    }

    fn start_drop(&mut self) {
        self.drops += 1;
        self.remaining = self.rng.random_range(self.min_samples..=self.max_samples);
        self.gap = geometric_gap(&mut self.rng, self.probability);
    }
}

impl Impairment for SampleDrops {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        let (mut read, mut kept) = (0, 0);
        while read < samples.len() {
            let left = (samples.len() - read) as u64;
            if self.remaining > 0 {
                let take = self.remaining.min(left);
                self.remaining -= take;
                self.dropped += take;
                read += take as usize;
            } else if self.gap > 0 {
                let take = self.gap.min(left);
                self.gap -= take;
                samples.copy_within(read..read + take as usize, kept);
                read += take as usize;
                kept += take as usize;
            } else {
                self.start_drop();
            }
        }
        samples.truncate(kept);
    }

    fn count(&self, statistics: &mut PropagationStatistics) {
        statistics.drops += self.drops;
        statistics.samples_dropped += self.dropped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_what_is_reported_in_runs_of_the_allowed_length() {
        let sent: Vec<_> = (0..200_000)
            .map(|n| Complex32::new(n as f32, 0.0))
            .collect();
        let mut received = sent.clone();
        let mut drops = SampleDrops::new(1e-3, 5, 9, 11);
        drops.process(&mut received);
        assert_eq!(received.len() as u64 + drops.dropped, sent.len() as u64);
        let mut runs = 0;
        for pair in received.windows(2) {
            let missing = pair[1].re - pair[0].re - 1.0;
            // Two drops may touch, but hardly three.
            assert!(
                missing == 0.0 || (5.0..=18.0).contains(&missing),
                "{missing} missing"
            );
            runs += u64::from(missing > 0.0);
        }
        assert!(
            drops.drops - runs <= 3,
            "{} drops, {runs} runs",
            drops.drops
        );
        assert!((150..250).contains(&drops.drops), "{} drops", drops.drops);
    }

    #[test]
    fn certain_drops_leave_nothing_and_end() {
        let mut samples = vec![Complex32::ONE; 1000];
        SampleDrops::new(1.0, 1, 1, 0).process(&mut samples);
        assert!(samples.is_empty());
    }
}
