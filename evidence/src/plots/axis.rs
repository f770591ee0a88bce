//! Axes: limits that hold the figures, ticks at round numbers.

/// An axis: values from `low` to `high`, and where it is labelled.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<(f64, String)>,
    pub label: String,
    is_logarithmic: bool,
}

impl Axis {
    /// Holds all `values` with a little room at both ends; about `wanted` ticks at round numbers.
    pub fn round(values: impl Iterator<Item = f64>, wanted: f64, label: &str) -> Self {
        let (low, high) = limits(values);
        let step = round_step((high - low) / wanted);
        let room = 0.04 * (high - low);
        let (low, high) = (low - room, high + room);
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let ticks = (0..=(last - first) as i64).map(|k| {
            let value = (first + k as f64) * step;
            (value, minus(&format!("{value:.decimals$}")))
        });
        Self {
            low,
            high,
            ticks: ticks.collect(),
            label: label.to_owned(),
            is_logarithmic: false,
        }
    }

    /// The SNRs measured.
    pub fn snr(values: &[f64]) -> Self {
        let mut axis = Self::round(values.iter().copied(), 5.0, "SNR (dB)");
        if let [only] = values {
            (axis.low, axis.high) = (only - 1.0, only + 1.0);
            axis.ticks = vec![(*only, minus(&only.to_string()))];
        }
        axis
    }

    /// Channel uses a sample on a logarithmic axis, a tick at each that was measured.
    pub fn cbr(values: &[f64], names: &[String]) -> Self {
        let low = values.first().copied().unwrap_or(1.0);
        let high = values.last().copied().unwrap_or(1.0);
        let room = (high / low).powf(0.06).max(1.05);
        let ticks = values.iter().copied().zip(names.iter().cloned());
        Self {
            low: low / room,
            high: high * room,
            ticks: ticks.collect(),
            label: "CBR (channel uses / (3 × pixels))".to_owned(),
            is_logarithmic: true,
        }
    }

    /// 0 at `low`, 1 at `high`.
    pub fn place(&self, value: f64) -> f32 {
        let share = if self.is_logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share as f32
    }

    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// The span of the values; a single one gets room around it.
fn limits(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    if !low.is_finite() {
        return (0.0, 1.0);
    }
    if high - low < 1e-9 * low.abs().max(1e-3) {
        let room = (0.05 * low.abs()).max(0.5e-3);
        return (low - room, high + room);
    }
    (low, high)
}

/// 1, 2 or 5 times a power of ten, no less than `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let factor = factors.into_iter().find(|f| f * power >= least * 0.999);
    factor.unwrap_or(10.0) * power
}

/// With the minus sign of typography.
fn minus(text: &str) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        let axis = Axis::round([21.3, 37.2].into_iter(), 5.0, "");
        let names: Vec<&str> = axis.ticks.iter().map(|t| t.1.as_str()).collect();
        assert_eq!(names, ["25", "30", "35"]);
        let axis = Axis::round([0.9, 0.98].into_iter(), 4.0, "");
        assert_eq!(axis.ticks[0].1, "0.90");
    }

    #[test]
    fn one_value_and_none_give_an_axis() {
        for values in [vec![], vec![0.0], vec![27.0], vec![-3.0, -3.0]] {
            let axis = Axis::round(values.iter().copied(), 5.0, "");
            assert!(axis.high > axis.low && axis.ticks.len() > 1, "{axis:?}");
            assert!(values.iter().all(|v| axis.holds(*v)));
        }
        assert!(Axis::snr(&[7.0]).holds(7.0));
        assert!(Axis::cbr(&[0.1], &["1/10".to_owned()]).holds(0.1));
    }
}
