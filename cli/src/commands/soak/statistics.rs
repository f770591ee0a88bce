//! Figures with their uncertainty: rates, means and standard deviations with 95 % intervals.
//!
//! Rates: exact (Clopper and Pearson, "The use of confidence or fiducial limits", 1934), conservative and meaningful at zero
//! events. Means: Student's t. Standard deviations: chi-squared by the cube-root rule of Wilson and Hilferty (1931).

use serde::{Deserialize, Serialize};

/// Two-sided 95 % quantile of the normal distribution.
const Z_95: f64 = 1.959_963_985;
/// Probability outside of the interval on either side.
const TAIL: f64 = 0.025;

/// Events out of trials.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    pub events: u64,
    pub trials: u64,
    pub rate: f64,
    pub low_95: f64,
    pub high_95: f64,
}

impl Rate {
    /// The rate of `events` in `trials`; `None` without trials.
    pub fn new(events: u64, trials: u64) -> Option<Self> {
        if trials == 0 {
            return None;
        }
        let (k, n) = (events as f64, trials as f64);
        let low = if events == 0 {
            0.0
        } else {
            beta_quantile(TAIL, k, n - k + 1.0)
        };
        let high = if events >= trials {
            1.0
        } else {
            beta_quantile(1.0 - TAIL, k + 1.0, n - k)
        };
        Some(Self {
            events,
            trials,
            rate: k / n,
            low_95: low,
            high_95: high,
        })
    }
}

/// A figure with its interval and the number of values behind it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub value: f64,
    pub low_95: f64,
    pub high_95: f64,
    pub count: u64,
}

/// Mean and spread of values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Of all finite values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut moments = Self::default();
        // Welford's recursion: no cancellation.
        for x in values.into_iter().filter(|x| x.is_finite()) {
            moments.count += 1;
            let before = x - moments.mean;
            moments.mean += before / moments.count as f64;
            moments.squares += before * (x - moments.mean);
        }
        moments
    }

    /// Standard deviation, unbiased in the variance.
    pub fn deviation(&self) -> f64 {
        (self.squares / (self.count.max(2) - 1) as f64).sqrt()
    }

    /// The mean with its interval; `None` of fewer than two values.
    pub fn mean(&self) -> Option<Figure> {
        let half =
            student_95(self.count.checked_sub(1)?)? * self.deviation() / (self.count as f64).sqrt();
        Some(Figure {
            value: self.mean,
            low_95: self.mean - half,
            high_95: self.mean + half,
            count: self.count,
        })
    }

    /// The standard deviation with its interval; `None` of fewer than two values.
    pub fn sigma(&self) -> Option<Figure> {
        let freedom = self.count.checked_sub(1).filter(|&f| f > 0)? as f64;
        let bound = |z: f64| {
            self.deviation()
                * (1.0 - 2.0 / (9.0 * freedom) + z * (2.0 / (9.0 * freedom)).sqrt())
                    .max(0.05)
                    .powf(-1.5)
        };
        Some(Figure {
            value: self.deviation(),
            low_95: bound(Z_95),
            high_95: bound(-Z_95),
            count: self.count,
        })
    }

    /// Ten times the logarithm of the mean, the interval carried over.
    pub fn mean_db(&self) -> Option<Figure> {
        let db = |x: f64| 10.0 * x.max(f64::MIN_POSITIVE).log10();
        self.mean().map(|m| Figure {
            value: db(m.value),
            low_95: db(m.low_95),
            high_95: db(m.high_95),
            count: m.count,
        })
    }
}

/// Two-sided 95 % quantile of Student's t (Cornish-Fisher expansion; within 0.5 % from 5 degrees of freedom).
fn student_95(freedom: u64) -> Option<f64> {
    let n = freedom as f64;
    let z = Z_95;
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    (freedom > 0).then(|| z + first / n + second / (n * n))
}

/// x at which the regularized incomplete beta function reaches `p`.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if incomplete_beta(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Regularized incomplete beta function (continued fraction, DLMF 8.17.22).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges fast below the mean; symmetry does the rest.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let log_front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let mut fraction = 1.0;
    for m in (1..=400).rev() {
        let k = f64::from(m / 2);
        let d = if m % 2 == 0 {
            k * (b - k) * x / ((a + 2.0 * k - 1.0) * (a + 2.0 * k))
        } else {
            -(a + k) * (a + b + k) * x / ((a + 2.0 * k) * (a + 2.0 * k + 1.0))
        };
        fraction = 1.0 + d / fraction;
    }
    (log_front.exp() / (a * fraction)).clamp(0.0, 1.0)
}

/// Logarithm of the gamma function (Stirling's series, DLMF 5.11.1, moved up by recursion).
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 12.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let series = inverse / 12.0 - inverse.powi(3) / 360.0 + inverse.powi(5) / 1260.0;
    shift + (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) -> bool {
        (a - b).abs() <= tolerance
    }

    #[test]
    fn exact_intervals_are_those_of_the_tables() {
        // Clopper-Pearson by R 4.3, binom.test.
        let r = Rate::new(0, 10_000).unwrap();
        assert!(close(r.high_95, 1.0 - TAIL.powf(1e-4), 1e-9) && r.low_95 == 0.0);
        let r = Rate::new(3, 10).unwrap();
        assert!(
            close(r.low_95, 0.066_739_5, 1e-6) && close(r.high_95, 0.652_452_9, 1e-6),
            "{r:?}"
        );
        let r = Rate::new(10, 10).unwrap();
        assert!(close(r.low_95, TAIL.powf(0.1), 1e-9) && r.high_95 == 1.0);
        assert_eq!(Rate::new(0, 0), None);
    }

    #[test]
    fn one_event_in_many_trials_is_bounded_as_a_poisson_count() {
        let r = Rate::new(1, 100_000).unwrap();
        assert!(
            close(r.low_95 * 1e5, 0.025_318, 1e-4) && close(r.high_95 * 1e5, 5.571_6, 1e-2),
            "{r:?}"
        );
    }

    #[test]
    fn means_and_deviations_of_five_values() {
        let m = Moments::of([1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN]);
        let mean = m.mean().unwrap();
        // t(4) = 2.7764, sigma = 1.5811.
        assert!(
            close(mean.value, 3.0, 1e-12)
                && close(mean.high_95, 3.0 + 2.7764 * 1.5811 / 5f64.sqrt(), 0.06)
        );
        assert!(close(m.deviation(), 2.5f64.sqrt(), 1e-12));
        assert_eq!(mean.count, 5);
        assert!(Moments::of([1.0]).mean().is_none());
    }

    #[test]
    fn the_interval_of_a_deviation_is_that_of_chi_squared() {
        let values = (0..1000).map(|i| f64::from(i % 2));
        let s = Moments::of(values).sigma().unwrap();
        // sqrt(999 / chi2) at 0.975 and 0.025: 0.9580 and 1.0459.
        assert!(
            close(s.low_95 / s.value, 0.9580, 5e-4) && close(s.high_95 / s.value, 1.0459, 5e-4),
            "{s:?}"
        );
    }

    #[test]
    fn a_mean_in_db_carries_its_interval() {
        let m = Moments::of([9.0, 10.0, 11.0]).mean_db().unwrap();
        assert!(close(m.value, 10.0, 1e-12) && m.low_95 < 10.0 && m.high_95 > 10.0);
    }
}
