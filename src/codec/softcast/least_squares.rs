//! Linear least squares of one Hadamard group, exact for any mixture of noise variances.

use super::whitening::{GROUP, butterflies};

/// Solves y = H x + n for one group: x of independent priors, n of known variances.
#[derive(Default)]
pub(super) struct GroupSolver {
    pub(super) received: [f64; GROUP],
    pub(super) precision: [f64; GROUP],
    pub(super) deviation: [f64; GROUP],
    pub(super) estimate: [f64; GROUP],
    /// Lower triangle L with L L^T = I + D M D, of the last group solved.
    factor: [[f64; GROUP]; GROUP],
}

impl GroupSolver {
    /// x = D (I + D M D)^-1 D H W y with D the prior deviations, W the precisions, M = H W H.
    /// M depends on the exclusive-or of its indices only: it is the transform of W.
    pub(super) fn solve(&mut self, length: usize) {
        let deviation = &self.deviation[..length];
        let mut spectrum = self.precision;
        butterflies(&mut spectrum[..length]);
        let scale = 1.0 / length as f64;

        let mut target: [f64; GROUP] =
            std::array::from_fn(|k| self.received[k] * self.precision[k]);
        butterflies(&mut target[..length]);
        let root = scale.sqrt();
        for (value, d) in target.iter_mut().zip(deviation) {
            *value *= root * d;
        }
        let mut matrix = [[0.0; GROUP]; GROUP];
        for i in 0..length {
            for j in 0..=i {
                matrix[i][j] = deviation[i] * deviation[j] * scale * spectrum[i ^ j];
            }
            matrix[i][i] += 1.0;
        }
        solve_positive_definite(&mut matrix, &mut target, length);
        for ((estimate, x), d) in self.estimate.iter_mut().zip(target).zip(deviation) {
            *estimate = d * x;
        }
        self.factor = matrix;
    }

    /// Share of each element's prior variance that remains, after [`GroupSolver::solve`]: the diagonal
    /// of (L L^T)^-1, column by column of L^-1.
    pub(super) fn remaining(&self, length: usize) -> [f64; GROUP] {
        let mut share = [0.0; GROUP];
        for (column, share) in share.iter_mut().enumerate().take(length) {
            let mut inverse = [0.0; GROUP];
            inverse[column] = 1.0 / self.factor[column][column];
            for row in column + 1..length {
                let dot: f64 = (column..row)
                    .map(|k| self.factor[row][k] * inverse[k])
                    .sum();
                inverse[row] = -dot / self.factor[row][row];
            }
            *share = inverse[column..length].iter().map(|x| x * x).sum();
        }
        share
    }
}

/// Cholesky factorization in place, then both substitutions.
fn solve_positive_definite(a: &mut [[f64; GROUP]; GROUP], b: &mut [f64; GROUP], length: usize) {
    for i in 0..length {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            let rest = a[i][j] - dot;
            // The matrix is I plus a positive part; rounding alone could bring a pivot below 1.
            a[i][j] = if i == j {
                rest.max(1.0).sqrt()
            } else {
                rest / a[j][j]
            };
        }
    }
    for i in 0..length {
        let dot: f64 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i][i];
    }
    for i in (0..length).rev() {
        let dot: f64 = (i + 1..length).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i][i];
    }
}
