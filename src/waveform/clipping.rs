//! Does the front end clip? Counted at the rails, because an SNR estimate cannot know: it flattens near 10 dB instead.
//!
//! OFDM samples are nearly Gaussian: towards the largest value they get rarer. A rail turns that around: many values lie
//! exactly at the top. The highest 1.5 percent of the range is compared with the 2.5 percent below it.

use num_complex::Complex32;

/// Values at the top needed before anything is said.
const MIN_HITS: u32 = 8;
/// Hits at the top against values just below: Gaussian tails give less than 0.5.
const MIN_RATIO: f32 = 1.5;

/// Bins over the upper half of the range. The levels of a converter near its rails fill all of them, eight bits four times; so few
/// levels that one lies empty are far from any rail.
const BINS: usize = 16;

/// I or Q from here on is at full scale: the positive rail of eight bits lies at 127/128.
pub const RAIL: f32 = 0.99;

/// Is I or Q at full scale?
pub fn is_at_rail(sample: &Complex32) -> bool {
    sample.re.abs().max(sample.im.abs()) >= RAIL
}

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
    let (mut top, mut near, mut bins) = (0u32, 0u32, [0u32; BINS]);
    for v in values.filter(|v| *v != 0.0) {
        let share = if v > 0.0 { v / highest } else { v / lowest };
        top += u32::from(share > 0.985);
        near += u32::from(share > 0.96);
        if let Some(bin) = bins.get_mut(((1.0 - share) * (2 * BINS) as f32) as usize) {
            *bin += 1;
        }
    }
    let below = near - top;
    let has_many_levels = bins.iter().all(|n| *n > 0);
    if top >= MIN_HITS && has_many_levels && top as f32 > MIN_RATIO * below as f32 {
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

    /// What is left of few levels when a drifting offset was taken out: each is smeared.
    #[test]
    fn smeared_levels_of_a_weak_signal_are_no_clipping_and_smeared_rails_are() {
        let smeared = |gain: f32, seed: u64| {
            let convert = |v: f32, i: usize| {
                let drift = 0.03 * (i as f32 * 1e-3).sin();
                ((v * gain).round().clamp(-128.0, 127.0) - drift) / 128.0
            };
            let samples = gaussian(20_000, seed);
            let each = samples.iter().enumerate();
            let x: Vec<_> = each
                .map(|(i, x)| Complex32::new(convert(x.re, i), convert(x.im, i)))
                .collect();
            Clipping::measure(&x).is_flagged()
        };
        for seed in 0..20 {
            for gain in [0.7, 1.0, 2.0, 4.0, 8.0, 16.0] {
                assert!(!smeared(gain, seed), "gain {gain}, seed {seed}");
            }
            assert!(smeared(60.0, seed), "seed {seed}");
        }
    }

    #[test]
    fn silence_and_nothing_are_no_clipping() {
        assert!(!Clipping::measure(&[]).is_flagged());
        assert!(!Clipping::measure(&[Complex32::new(0.5, 0.1)]).is_flagged());
    }
}
