//! Means with 95 % confidence intervals: Student's t over pictures.

use std::collections::BTreeMap;

/// A mean over pictures and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub mean: f64,
    /// Half the width of the 95 % interval; none for a single picture.
    pub half_width: Option<f64>,
    pub pictures: usize,
}

impl Estimate {
    /// Of one value a picture; none of none.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let half_width = (values.len() > 1).then(|| {
            let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
            let standard_error = (squares / (n - 1.0) / n).sqrt();
            student_t_975(values.len() - 1) * standard_error
        });
        Some(Self {
            mean,
            half_width,
            pictures: values.len(),
        })
    }

    /// Of values by picture, draws of one averaged first: a picture with more draws does not weigh more.
    pub fn of_pictures(pictures: &BTreeMap<&str, Vec<f64>>) -> Option<Self> {
        let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        Self::of(&pictures.values().map(mean).collect::<Vec<_>>())
    }

    pub fn low(self) -> f64 {
        self.mean - self.half_width.unwrap_or(0.0)
    }

    pub fn high(self) -> f64 {
        self.mean + self.half_width.unwrap_or(0.0)
    }
}

/// Quantiles 0.975 of Student's t for 1 to 30 degrees of freedom.
const T_975: [f64; 30] = [
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010,
    2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687,
    2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
];

/// The quantile 0.975 of Student's t; from 31 degrees on by Fisher's expansion (Abramowitz and Stegun 26.7.5).
///
/// # Panics
/// On zero degrees of freedom.
pub fn student_t_975(degrees: usize) -> f64 {
    if let Some(t) = T_975.get(degrees - 1) {
        return *t;
    }
    let (z, v) = (1.959_964_f64, degrees as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    z + first / v + second / (v * v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_one_worked_by_hand() {
        // 20, 22, 27: mean 23, variance 13, standard error 2.081666, t(2) 4.3027.
        let estimate = Estimate::of(&[20.0, 22.0, 27.0]).unwrap();
        assert_eq!((estimate.mean, estimate.pictures), (23.0, 3));
        assert!((estimate.half_width.unwrap() - 8.9568).abs() < 1e-3);
        assert_eq!(Estimate::of(&[3.0]).unwrap().half_width, None);
        assert_eq!(Estimate::of(&[]), None);
    }

    #[test]
    fn the_expansion_meets_the_tables() {
        for (degrees, t) in [(31, 2.0395), (40, 2.0211), (60, 2.0003), (120, 1.9799)] {
            assert!((student_t_975(degrees) - t).abs() < 1e-4, "{degrees}");
        }
    }
}
