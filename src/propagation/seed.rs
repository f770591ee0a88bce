//! One random stream per stage, all derived from the one seed of the run.
//!
//! A stage's stream depends on the seed and on the stage's own number only, so that switching another
//! impairment on or off leaves this one's noise as it was: two runs that differ in one stage can be compared.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator that every stage draws from.
pub(super) type StageRng = Xoshiro256PlusPlus;

/// Number of a stage's random stream. The numbers are part of "same seed, same output": never renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Multipath = 1,
    PhaseNoise = 2,
    Impulses = 3,
    Awgn = 4,
    SampleDrops = 5,
}

/// The generator of one stage for one seed.
pub(super) fn stage_rng(seed: u64, stream: Stream) -> StageRng {
    StageRng::seed_from_u64(mix(mix(seed) ^ mix(stream as u64)))
}

/// Finalizer of SplitMix64 (Steele, Lea and Flood, 2014): neighbouring numbers become unrelated ones.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Samples that pass before the next event, when each sample starts one with this probability.
pub(super) fn geometric_gap(rng: &mut StageRng, probability: f64) -> u64 {
    if probability <= 0.0 {
        return u64::MAX;
    }
    let uniform: f64 = rng.random();
    // `as` saturates, which is what a gap beyond the end of time should do.
    ((1.0 - uniform).ln() / (-probability).ln_1p()).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_seed_and_seeds_of_one_stream_differ() {
        let first = |seed, stream| stage_rng(seed, stream).random::<u64>();
        assert_eq!(first(7, Stream::Awgn), first(7, Stream::Awgn));
        assert_ne!(first(7, Stream::Awgn), first(7, Stream::Multipath));
        assert_ne!(first(7, Stream::Awgn), first(8, Stream::Awgn));
    }

    #[test]
    fn gaps_have_the_mean_of_the_geometric_distribution() {
        let mut rng = stage_rng(1, Stream::SampleDrops);
        let draws = 20_000;
        let sum: u64 = (0..draws).map(|_| geometric_gap(&mut rng, 0.01)).sum();
        let mean = sum as f64 / f64::from(draws);
        // Mean 99, standard deviation of the mean 0.7.
        assert!((mean - 99.0).abs() < 3.0, "mean gap {mean}");
        assert_eq!(geometric_gap(&mut rng, 1.0), 0);
        assert_eq!(geometric_gap(&mut rng, 0.0), u64::MAX);
    }
}
