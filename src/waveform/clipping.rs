//! Does the front end clip? Counted at the rails, because an SNR estimate cannot know: it flattens near 10 dB instead.
//!
//! OFDM samples are nearly Gaussian: towards the largest value they get rarer. A rail turns that around: many values lie
//! exactly at the top. The highest 1.5 percent of the range is compared with the 2.5 percent below it.

use num_complex::Complex32;

/// Values at the top needed before anything is said.
const MIN_HITS: u32 = 8;
/// Hits at the top against values just below: Gaussian tails give less than 0.5.
const MIN_RATIO: f32 = 1.5;

/// I or Q from here on is at full scale: the positive rail of eight bits lies at 127/128.
pub const RAIL: f32 = 0.99;

/// What the samples of a burst say about clipping.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clipping {
    /// Share of I and Q values that lie at a rail, 0 where none is seen.
    pub share: f32,
}

impl Clipping {
    /// Looks at I and Q of `samples`, each against its own largest and smallest value.
    pub fn measure(samples: &[Complex32]) -> Self {
        let hits =
            rail_hits(samples.iter().map(|x| x.re)) + rail_hits(samples.iter().map(|x| x.im));
        Self {
            share: hits as f32 / (2 * samples.len().max(1)) as f32,
        }
    }

    /// Was a rail seen?
    pub fn is_flagged(self) -> bool {
        self.share > 0.0
    }
}

/// Each rail is measured against its own: an offset (the oscillator's leakage, taken out before this) moves them apart.
fn rail_hits(values: impl Iterator<Item = f32> + Clone) -> usize {
    let (highest, lowest) = values
        .clone()
        .fold((0.0f32, 0.0f32), |(high, low), v| (high.max(v), low.min(v)));
    let (mut top, mut near) = (0u32, 0u32);
    for v in values.filter(|v| *v != 0.0) {
        let share = if v > 0.0 { v / highest } else { v / lowest };
        top += u32::from(share > 0.985);
        near += u32::from(share > 0.96);
    }
    let below = near - top;
    // Nothing below the top: so few levels are in use that the converter is far from its rails.
    if top >= MIN_HITS && below > 0 && top as f32 > MIN_RATIO * below as f32 {
        top as usize
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn gaussian(n: usize, seed: u64) -> Vec<Complex32> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut value = || StandardNormal.sample(&mut rng);
        (0..n).map(|_| Complex32::new(value(), value())).collect()
    }

    #[test]
    fn a_weak_signal_on_few_levels_is_no_clipping() {
        for seed in 0..20 {
            let coarse = |v: f32| (v * 4.0).round() / 127.0;
            let x: Vec<_> = gaussian(20_000, seed)
                .iter()
                .map(|x| Complex32::new(coarse(x.re), coarse(x.im)))
                .collect();
            assert!(!Clipping::measure(&x).is_flagged(), "seed {seed}");
        }
    }

    #[test]
    fn clipped_samples_are_flagged_and_others_not() {
        for seed in 0..20 {
            let x = gaussian(5_000, seed);
            assert!(!Clipping::measure(&x).is_flagged(), "seed {seed}");
            let clip = |v: f32| v.clamp(-1.5, 1.5);
            let y: Vec<_> = x
                .iter()
                .map(|x| Complex32::new(clip(x.re), clip(x.im)))
                .collect();
            assert!(Clipping::measure(&y).share > 0.01, "seed {seed}");
        }
    }

    #[test]
    fn the_rails_of_eight_bits_are_seen_though_they_differ() {
        for seed in 0..20 {
            let rail = |v: f32| (v * 60.0).round().clamp(-128.0, 127.0) / 128.0;
            let x: Vec<_> = gaussian(20_000, seed)
                .iter()
                .map(|x| Complex32::new(rail(x.re), rail(x.im)))
                .collect();
            assert!(Clipping::measure(&x).is_flagged(), "seed {seed}");
        }
    }

    #[test]
    fn rails_moved_apart_by_an_offset_are_seen_and_a_weak_signal_with_one_is_no_clipping() {
        for seed in 0..20 {
            let rail = |v: f32| (v * 60.0).round().clamp(-128.0, 127.0) / 128.0 - 0.014;
            let weak = |v: f32| (v * 0.7).round() / 128.0 - 0.004;
            for (convert, is_clipping) in [(&rail as &dyn Fn(f32) -> f32, true), (&weak, false)] {
                let x: Vec<_> = gaussian(20_000, seed)
                    .iter()
                    .map(|x| Complex32::new(convert(x.re), convert(x.im)))
                    .collect();
                let found = Clipping::measure(&x).is_flagged();
                assert_eq!(found, is_clipping, "seed {seed}");
            }
        }
    }

    #[test]
    fn silence_and_nothing_are_no_clipping() {
        assert!(!Clipping::measure(&[]).is_flagged());
        assert!(!Clipping::measure(&[Complex32::new(0.5, 0.1)]).is_flagged());
    }
}
