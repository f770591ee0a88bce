//! Maximum-ratio combining: several receptions of the same symbols become one, with less noise.
//!
//! Brennan, "Linear diversity combining techniques", 1959: weights are inverse noise variances. A lost reception has
//! infinite variance and so no weight.

use num_complex::Complex32;

/// Symbols under combination.
#[derive(Clone, Debug)]
pub struct Combiner {
    symbols: Vec<Complex32>,
    /// Sum of inverse variances.
    weights: Vec<f32>,
}

impl Combiner {
    /// `len` symbols of which nothing is known yet.
    pub fn new(len: usize) -> Self {
        Self {
            symbols: vec![Complex32::default(); len],
            weights: vec![0.0; len],
        }
    }

    /// Adds one reception of symbol `index`. Values that are no numbers count as lost.
    pub fn add(&mut self, index: usize, symbol: Complex32, variance: f32) {
        let weight = variance.recip();
        if weight.is_finite() && weight > 0.0 && symbol.re.is_finite() && symbol.im.is_finite() {
            self.symbols[index] += symbol * weight;
            self.weights[index] += weight;
        }
    }

    /// Symbols and their noise variances; infinite where nothing came.
    pub fn finish(mut self) -> (Vec<Complex32>, Vec<f32>) {
        for (s, w) in self.symbols.iter_mut().zip(&mut self.weights) {
            if *w > 0.0 {
                *s /= *w;
            }
            *w = w.recip();
        }
        (self.symbols, self.weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_receptions_weigh_more_and_lost_ones_nothing() {
        let mut c = Combiner::new(2);
        let one = Complex32::new(1.0, 0.0);
        c.add(0, one, 1.0);
        c.add(0, one * 4.0, 0.5);
        c.add(0, one * 100.0, f32::INFINITY);
        c.add(0, Complex32::new(f32::NAN, 0.0), 1.0);
        let (symbols, variances) = c.finish();
        assert_eq!(symbols[0], one * 3.0);
        assert!((variances[0] - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(
            (symbols[1], variances[1]),
            (Complex32::default(), f32::INFINITY)
        );
    }
}
