//! What every burst begins with: a ramp, the preamble that is searched for, and two training symbols.
//!
//! **Preamble**: 21 repetitions of a 16-sample period (12 tones, PAPR 2.5 dB), each with a sign. The products of
//! neighbouring repetitions follow `PRODUCT_SIGNS`, which sums to zero: a constant (the spike of a direct-conversion
//! receiver) or any other steady tone cancels in the search metric, and the metric is a peak instead of the plateau of
//! Schmidl and Cox ("Robust frequency and timing synchronization for OFDM", 1997), after Minn, Zeng and Bhargava ("On
//! timing offset estimation for OFDM systems", 2000). Partial overlaps reach at most 3/20 of the peak.
//!
//! **Training**: one symbol twice behind a double prefix, as in IEEE 802.11 (17.3.3): a Zadoff-Chu sequence over all used carriers.

use std::f32::consts::TAU;

use num_complex::Complex32;

use super::numerology::{CarrierPlan, Numerology};
use super::ofdm::OfdmModulator;

/// Samples of one repetition in the preamble.
pub(crate) const PERIOD: usize = 16;

/// Signs of the products of neighbouring repetitions: balanced, off-peak autocorrelation at most 3 (exhaustive search).
pub(crate) const PRODUCT_SIGNS: [i8; 20] = [
    1, -1, -1, -1, 1, -1, -1, -1, 1, 1, 1, 1, 1, -1, -1, 1, -1, 1, 1, -1,
];

/// Samples of the preamble.
pub const PREAMBLE_SAMPLES: usize = PERIOD * (PRODUCT_SIGNS.len() + 1);

/// Samples before the preamble: silence, then a ramp that spares power amplifiers a step.
pub const RAMP_SAMPLES: usize = 64;

/// Samples of the ramp itself, at the end of [`RAMP_SAMPLES`].
const RAMP_RISE_SAMPLES: usize = 16;

/// Quarter turns of the tones -6..=-1 and 1..=6 of the period (lowest PAPR of a random search).
const TONE_QUARTER_TURNS: [u8; 12] = [0, 1, 3, 2, 1, 2, 2, 3, 2, 1, 1, 2];

/// The preamble, mean power that of a data symbol.
pub fn preamble() -> Vec<Complex32> {
    let period = period();
    let mut sign = 1.0;
    let mut out = Vec::with_capacity(PREAMBLE_SAMPLES);
    for repetition in 0..=PRODUCT_SIGNS.len() {
        if repetition > 0 {
            sign *= f32::from(PRODUCT_SIGNS[repetition - 1]);
        }
        out.extend(period.iter().map(|x| x * sign));
    }
    out
}

/// Silence and ramp before the preamble.
pub fn ramp() -> Vec<Complex32> {
    let period = period();
    let mut out = vec![Complex32::default(); RAMP_SAMPLES - RAMP_RISE_SAMPLES];
    out.extend((0..RAMP_RISE_SAMPLES).map(|i| {
        let rise = (i as f32 + 0.5) / RAMP_RISE_SAMPLES as f32;
        period[i % PERIOD] * (0.5 - 0.5 * (TAU / 2.0 * rise).cos())
    }));
    out
}

fn period() -> Vec<Complex32> {
    let power = Numerology::Standard.mean_sample_power() as f32;
    let amplitude = (power / TONE_QUARTER_TURNS.len() as f32).sqrt();
    let tones = (-6..=6).filter(|&k| k != 0).zip(TONE_QUARTER_TURNS);
    (0..PERIOD)
        .map(|n| {
            tones
                .clone()
                .map(|(k, turns)| {
                    let phase =
                        TAU * (k * n as i32) as f32 / PERIOD as f32 + TAU / 4.0 * f32::from(turns);
                    Complex32::from_polar(amplitude, phase)
                })
                .sum()
        })
        .collect()
}

/// Root of the training's Zadoff-Chu sequence: coprime to its length, and such that an offset of one, two or three carriers
/// looks like an echo far outside the prefix. With root 1 one carrier cannot be told from an echo 1.25 samples later.
const fn training_root(numerology: Numerology) -> usize {
    match numerology {
        Numerology::Standard => 41,
        Numerology::Narrow => 25,
        Numerology::Wide => 191,
    }
}

/// Values of the training symbol on the used carriers: unit modulus, a Zadoff-Chu sequence, so that the peak stays low.
pub fn training_carriers(numerology: Numerology) -> Vec<Complex32> {
    let used = CarrierPlan::new(numerology).used;
    let len = used.len() as f64;
    (0..used.len())
        .map(|i| {
            let turns = (training_root(numerology) * i * i) as f64 / (2.0 * len);
            Complex32::cis((turns.fract() * std::f64::consts::TAU) as f32)
        })
        .collect()
}

/// Prefix of the training part, samples: two symbol prefixes.
pub fn training_prefix_samples(numerology: Numerology) -> usize {
    2 * numerology.prefix_samples()
}

/// Samples of the training part: double prefix and twice the symbol.
pub fn training_samples(numerology: Numerology) -> usize {
    2 * numerology.symbol_samples()
}

/// The training part.
pub fn training(numerology: Numerology) -> Vec<Complex32> {
    let mut out = Vec::with_capacity(training_samples(numerology));
    let mut modulator = OfdmModulator::new(numerology);
    let carriers = training_carriers(numerology);
    modulator.symbol(&carriers, training_prefix_samples(numerology), &mut out);
    modulator.symbol(&carriers, 0, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_power(x: &[Complex32]) -> f32 {
        x.iter().map(|v| v.norm_sqr()).sum::<f32>() / x.len() as f32
    }

    fn papr_db(x: &[Complex32]) -> f32 {
        let peak = x.iter().map(|v| v.norm_sqr()).fold(0.0, f32::max);
        10.0 * (peak / mean_power(x)).log10()
    }

    #[test]
    fn preamble_and_training_have_the_power_of_data_and_low_peaks() {
        let wanted = Numerology::Standard.mean_sample_power() as f32;
        let preamble = preamble();
        assert_eq!(preamble.len(), PREAMBLE_SAMPLES);
        assert!((mean_power(&preamble) - wanted).abs() < 0.01);
        assert!(papr_db(&preamble) < 3.5, "{}", papr_db(&preamble));
        for n in Numerology::ALL {
            let training = training(n);
            assert_eq!(training.len(), training_samples(n));
            let power = mean_power(&training[training.len() - 2 * n.carriers()..]);
            assert!((power as f64 - n.mean_sample_power()).abs() < 0.01);
            assert!(papr_db(&training) < 6.0, "{n}: {}", papr_db(&training));
        }
    }

    #[test]
    fn product_signs_are_balanced_with_low_sidelobes() {
        let c = PRODUCT_SIGNS.map(i32::from);
        assert_eq!(c.iter().sum::<i32>(), 0);
        for lag in 1..c.len() {
            let sidelobe: i32 = c.iter().zip(&c[lag..]).map(|(a, b)| a * b).sum();
            assert!(sidelobe.abs() <= 3, "lag {lag}: {sidelobe}");
        }
    }

    #[test]
    fn a_wrong_carrier_does_not_look_like_an_echo_within_the_prefix() {
        for n in Numerology::ALL {
            let x = training_carriers(n);
            let plan = CarrierPlan::new(n).used;
            // The acquisition looks +-1/96 cycles a sample around its first guess.
            for offset in 1..=(n.carriers() / 96 + 1).min(3) {
                for delay in -(n.prefix_samples() as i32)..=n.prefix_samples() as i32 {
                    let sum: Complex32 = (offset..x.len())
                        .map(|i| {
                            let phase = (plan[i] * delay) as f32 / n.carriers() as f32;
                            x[i] * x[i - offset].conj() * Complex32::cis(TAU * phase.fract())
                        })
                        .sum();
                    let share = sum.norm_sqr() / (x.len() * x.len()) as f32;
                    assert!(
                        share < 0.05,
                        "{n}: {offset} carriers, {delay} samples: {share}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_training_symbol_stands_there_twice() {
        let n = Numerology::Standard;
        let t = training(n);
        let (a, b) = t[training_prefix_samples(n)..].split_at(n.carriers());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).norm() < 1e-6));
    }
}
