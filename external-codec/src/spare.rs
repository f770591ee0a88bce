//! Symbols that a codec leaves over: they repeat the first ones, and the receiver combines both.

use heliograph::codec::ReceivedLatents;
use num_complex::Complex32;

/// Its symbols over and over, `count` in all.
pub fn repeated(symbols: &[Complex32], count: usize) -> Vec<Complex32> {
    symbols.iter().copied().cycle().take(count).collect()
}

/// The first `own` symbols, each combined with its repetitions by maximum ratio, and their variances.
pub fn combined(received: ReceivedLatents<'_>, own: usize) -> (Vec<Complex32>, Vec<f32>) {
    let (symbols, variances) = (received.symbols, received.variances);
    (0..own)
        .map(|first| {
            let places = || (first..symbols.len()).step_by(own);
            if places().nth(1).is_none() {
                return (symbols[first], variances[first]);
            }
            // Exact symbols outweigh all others.
            let weight = |at: usize| 1.0 / f64::from(variances[at].max(f32::MIN_POSITIVE));
            let heard = places().filter(|&at| variances[at].is_finite() && variances[at] >= 0.0);
            let (mut sum, mut total) = (num_complex::Complex64::ZERO, 0.0);
            for at in heard {
                let symbol = symbols[at];
                let symbol = num_complex::Complex64::new(symbol.re.into(), symbol.im.into());
                sum += symbol * weight(at);
                total += weight(at);
            }
            if total == 0.0 {
                return (Complex32::ZERO, f32::INFINITY);
            }
            let mean = sum / total;
            (
                Complex32::new(mean.re as f32, mean.im as f32),
                (1.0 / total) as f32,
            )
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_twice_counts_by_its_noise_and_what_is_lost_not_at_all() {
        let one = |re: f32| Complex32::new(re, -re);
        let sent = repeated(&[one(1.0), one(2.0)], 5);
        assert_eq!(sent, [1.0, 2.0, 1.0, 2.0, 1.0].map(one));
        let symbols = [2.0, 7.0, 0.0, 2.0, 1.0].map(one);
        let variances = [0.2, f32::INFINITY, 0.2, 0.5, f32::INFINITY];
        let received = ReceivedLatents {
            symbols: &symbols,
            variances: &variances,
        };
        let (found, noise) = combined(received, 2);
        assert_eq!(found, [one(1.0), one(2.0)]);
        assert!((noise[0] - 0.1).abs() < 1e-6 && (noise[1] - 0.5).abs() < 1e-6);
        let lost = [f32::INFINITY; 5];
        let received = ReceivedLatents {
            symbols: &symbols,
            variances: &lost,
        };
        let (found, noise) = combined(received, 2);
        assert_eq!((found[0], noise[0]), (Complex32::ZERO, f32::INFINITY));
        // With none to spare nothing changes.
        let all = combined(received, 5);
        assert_eq!((all.0, all.1), (symbols.to_vec(), lost.to_vec()));
    }
}
