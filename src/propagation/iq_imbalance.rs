//! IQ imbalance of the receiver's mixer: unequal gains and a quadrature that is not quite 90 degrees.
//!
//! A real mixer gives y = mu x + nu conj(x): every carrier leaks onto its mirror image, |mu / nu|^2 below itself
//! (the image rejection ratio). M. Valkama, M. Renfors, V. Koivunen, "Advanced methods for I/Q imbalance
//! compensation in communication receivers", IEEE Trans. Signal Process. 49(10), 2001, section II.

use num_complex::Complex32;

use super::Impairment;

/// y = mu x + nu conj(x) with mu, nu from the two branches' gains and angle.
#[derive(Debug, Clone)]
pub struct IqImbalance {
    i_gain: f32,
    /// Part of Q and of I in the received Q.
    q_from_q: f32,
    q_from_i: f32,
}

impl IqImbalance {
    /// `gain_db`: gain of the I branch over the Q branch, split evenly so that the mean power nearly stays (0.03 dB more at 1 dB);
    /// `phase_deg`: how far the angle between the branches is from 90 degrees.
    pub fn new(gain_db: f64, phase_deg: f64) -> Self {
        let half_gain = 10f64.powf(gain_db / 40.0);
        let (sin, cos) = phase_deg.to_radians().sin_cos();
        Self {
            i_gain: half_gain as f32,
            q_from_q: (cos / half_gain) as f32,
            q_from_i: (-sin / half_gain) as f32,
        }
    }
}

impl Impairment for IqImbalance {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        for sample in samples {
            let q = self.q_from_q * sample.im + self.q_from_i * sample.re;
            *sample = Complex32::new(self.i_gain * sample.re, q);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Power of a received tone over that of its image, in dB.
    fn image_rejection_db(gain_db: f64, phase_deg: f64) -> f32 {
        let tone = |n: usize| Complex32::cis(n as f32 * std::f32::consts::TAU / 16.0);
        let mut samples: Vec<_> = (0..160).map(tone).collect();
        IqImbalance::new(gain_db, phase_deg).process(&mut samples);
        let project = |reference: &dyn Fn(usize) -> Complex32| -> f32 {
            let sum: Complex32 = samples
                .iter()
                .enumerate()
                .map(|(n, x)| x * reference(n))
                .sum();
            sum.norm_sqr()
        };
        10.0 * (project(&|n| tone(n).conj()) / project(&tone)).log10()
    }

    #[test]
    fn the_image_rejection_ratio_is_that_of_theory() {
        for (gain_db, phase_deg) in [(1.0, 0.0), (0.0, 3.0), (0.5, -2.0), (-1.0, 5.0)] {
            let g = 10f64.powf(gain_db / 20.0);
            let cos = f64::to_radians(phase_deg).cos();
            let theory_db =
                10.0 * ((1.0 + 2.0 * g * cos + g * g) / (1.0 - 2.0 * g * cos + g * g)).log10();
            let found_db = f64::from(image_rejection_db(gain_db, phase_deg));
            assert!(
                (found_db - theory_db).abs() < 0.05,
                "{found_db} dB, theory {theory_db} dB"
            );
        }
    }

    #[test]
    fn a_perfect_mixer_changes_nothing() {
        let mut samples = vec![Complex32::new(0.25, -0.75)];
        IqImbalance::new(0.0, 0.0).process(&mut samples);
        assert_eq!(samples, [Complex32::new(0.25, -0.75)]);
    }

    #[test]
    fn a_wider_angle_turns_part_of_minus_i_into_q() {
        let mut samples = vec![Complex32::new(1.0, 0.0)];
        IqImbalance::new(0.0, 30.0).process(&mut samples);
        assert!(
            (samples[0] - Complex32::new(1.0, -0.5)).norm() < 1e-6,
            "{}",
            samples[0]
        );
    }
}
