//! Silence around bursts, and the lot that decides which bursts are lost: drawn from seeds, so that every run repeats.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Samples of silence around bursts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// Before the first burst: a random number up to this one.
    pub max_lead_in_samples: usize,
    /// Between two bursts of a picture.
    pub between_bursts_samples: usize,
    /// Between two pictures.
    pub between_pictures_samples: usize,
}

impl Default for Idle {
    /// A lead-in of up to 4,096 samples; bursts back to back, their own ramps between them.
    fn default() -> Self {
        Self {
            max_lead_in_samples: 4096,
            between_bursts_samples: 0,
            between_pictures_samples: 0,
        }
    }
}

impl Idle {
    /// Samples of the lead-in of a run with this `seed`.
    pub fn lead_in_samples(&self, seed: u64) -> usize {
        generator(seed, LEAD_IN).random_range(0..=self.max_lead_in_samples)
    }
}

/// What becomes of a burst on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on the air.
    Sent,
    /// Silence goes on the air in its place.
    Lost,
}

/// Decides for one burst after the other whether it is lost.
#[derive(Clone, Debug)]
pub struct BurstLottery {
    probability: f64,
    generator: Xoshiro256PlusPlus,
}

impl BurstLottery {
    /// Loses each burst with `probability` (0 to 1), on its own.
    pub fn new(probability: f64, seed: u64) -> Self {
        Self {
            probability,
            generator: generator(seed, LOTTERY),
        }
    }

    /// The fate of the next burst.
    pub fn draw(&mut self) -> Fate {
        // Below 1 always: a probability of 1 loses all.
        let lot: f64 = self.generator.random();
        if lot < self.probability {
            Fate::Lost
        } else {
            Fate::Sent
        }
    }
}

const LEAD_IN: u64 = 0x6c65_6164;
const LOTTERY: u64 = 0x6c6f_7474;

/// Streams of their own for each use: losing bursts leaves the lead-in as it was.
fn generator(seed: u64, stream: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed ^ stream.rotate_left(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lottery_loses_its_share_and_repeats_for_its_seed() {
        let draw = |p, seed| {
            let mut lottery = BurstLottery::new(p, seed);
            (0..10_000).map(|_| lottery.draw()).collect::<Vec<_>>()
        };
        let lost = |fates: &[Fate]| fates.iter().filter(|&&f| f == Fate::Lost).count();
        // Standard deviation 46.
        assert!((2700..3300).contains(&lost(&draw(0.3, 1))));
        assert_eq!(draw(0.3, 1), draw(0.3, 1));
        assert_ne!(draw(0.3, 1), draw(0.3, 2));
        assert_eq!((lost(&draw(0.0, 1)), lost(&draw(1.0, 1))), (0, 10_000));
    }

    #[test]
    fn lead_ins_differ_by_seed_and_stay_within_their_limit() {
        let idle = Idle::default();
        let lead_ins: Vec<usize> = (0..100).map(|seed| idle.lead_in_samples(seed)).collect();
        assert!(lead_ins.iter().all(|&n| n <= 4096));
        assert!(lead_ins.iter().max() > lead_ins.iter().min());
    }
}
