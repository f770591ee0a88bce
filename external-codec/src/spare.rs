//! Symbols that a codec leaves over: they repeat the first ones, and the receiver combines both.

use heliograph::codec::ReceivedLatents;
use num_complex::{Complex32, Complex64};

/// Its symbols over and over, `count` in all, and the deviation that they were divided by to have unit mean power.
pub fn repeated(symbols: &[Complex32], count: usize) -> (Vec<Complex32>, f32) {
    let all = || symbols.iter().cycle().take(count);
    let power = |symbol: &Complex32| f64::from(symbol.re).powi(2) + f64::from(symbol.im).powi(2);
    let deviation = (all().map(power).sum::<f64>() / count as f64).sqrt() as f32;
    // Nothing to send stays nothing.
    let divisor = if deviation.is_normal() {
        deviation
    } else {
        1.0
    };
    (all().map(|symbol| symbol / divisor).collect(), divisor)
}

/// The first `own` symbols, each combined with its repetitions by maximum ratio, and their variances, as they were before they
/// were divided by `deviation`.
pub fn combined(
    received: ReceivedLatents<'_>,
    own: usize,
    deviation: f32,
) -> (Vec<Complex32>, Vec<f32>) {
    let heard = (0..own).map(|first| one(received, first, own));
    heard
        .map(|(symbol, variance)| (symbol * deviation, variance * deviation * deviation))
        .unzip()
}

/// What was heard at `first` and every `step` after it.
fn one(received: ReceivedLatents<'_>, first: usize, step: usize) -> (Complex32, f32) {
    let (symbols, variances) = (received.symbols, received.variances);
    let places = (first..symbols.len()).step_by(step);
    if places.len() == 1 {
        return (symbols[first], variances[first]);
    }
    let (mut sum, mut total) = (Complex64::ZERO, 0.0);
    for at in places {
        // Infinite or no number: lost.
        if !variances[at].is_finite() {
            continue;
        }
        // An exact one outweighs all others.
        let weight = 1.0 / f64::from(variances[at].max(f32::MIN_POSITIVE));
        let symbol = symbols[at];
        sum += Complex64::new(symbol.re.into(), symbol.im.into()) * weight;
        total += weight;
    }
    if total == 0.0 {
        return (Complex32::ZERO, f32::INFINITY);
    }
    let mean = sum / total;
    let symbol = Complex32::new(mean.re as f32, mean.im as f32);
    (symbol, (1.0 / total) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received<'a>(symbols: &'a [Complex32], variances: &'a [f32]) -> ReceivedLatents<'a> {
        ReceivedLatents { symbols, variances }
    }

    #[test]
    fn what_is_heard_twice_counts_by_its_noise_and_what_is_lost_not_at_all() {
        let one = |re: f32| Complex32::new(re, -re);
        let symbols = [2.0, 7.0, 0.0, 2.0, 1.0].map(one);
        let variances = [0.2, f32::INFINITY, 0.2, 0.5, f32::INFINITY];
        let (found, noise) = combined(received(&symbols, &variances), 2, 1.0);
        assert_eq!(found, [one(1.0), one(2.0)]);
        assert!((noise[0] - 0.1).abs() < 1e-6 && (noise[1] - 0.5).abs() < 1e-6);
        let lost = [
            f32::INFINITY,
            f32::NAN,
            f32::INFINITY,
            f32::INFINITY,
            f32::NAN,
        ];
        let (found, noise) = combined(received(&symbols, &lost), 2, 1.0);
        assert_eq!((found[0], noise[0]), (Complex32::ZERO, f32::INFINITY));
        // With none to spare nothing changes.
        let (found, noise) = combined(received(&symbols, &variances), 5, 1.0);
        assert_eq!((&found[..], &noise[..]), (&symbols[..], &variances[..]));
    }

    #[test]
    fn repetitions_of_strong_symbols_send_no_more_power() {
        let own = [4.0, 1.0, 0.5].map(|re| Complex32::new(re, 0.0));
        let (sent, deviation) = repeated(&own, 5);
        let power = sent.iter().map(Complex32::norm_sqr).sum::<f32>() / 5.0;
        assert!((power - 1.0).abs() < 1e-6, "{power}");
        let (found, noise) = combined(received(&sent, &[0.1; 5]), 3, deviation);
        for (found, own) in found.iter().zip(own) {
            assert!((found - own).norm() < 1e-5, "{found} {own}");
        }
        // Noise is measured in the codec's own unit; the third was heard once.
        assert!((noise[2] - 0.1 * deviation * deviation).abs() < 1e-5);
        assert!((noise[0] - noise[2] / 2.0).abs() < 1e-5);
        assert_eq!(
            repeated(&[Complex32::ZERO], 2),
            (vec![Complex32::ZERO; 2], 1.0)
        );
    }
}
