//! From coefficients to the surface that describes their variances.
//!
//! Coefficients are Gaussian to the model; the update that raises a node by the log of the energy
//! excess around it climbs their likelihood (multiplicative updates as of Fevotte, Bertin and
//! Durrieu, "Nonnegative matrix factorization with the Itakura-Saito divergence", Neural Computation
//! 21(3), 2009).

use std::ops::Range;

use super::spectrum::{Axes, Axis, STEPS, level_of_variance};

/// Rounds of the fit.
const FIT_ROUNDS: usize = 12;

/// A cell of n coefficients weighs n^0.5: the likelihood alone (n^1) would spend all nodes on the
/// many coefficients of the highest frequencies.
const COUNT_EXPONENT: f64 = 0.5;

/// Measured level of neighbouring coefficients, and where they lie between the nodes.
struct Cell {
    level: f64,
    weight: f64,
    corners: [(usize, f64); 4],
}

impl Axes {
    /// Maximum-likelihood surface for the coefficients of a plane: levels (with fraction) at the
    /// nodes.
    pub(super) fn fit(&self, coefficients: &[f32]) -> Vec<f64> {
        let cells = self.energy_cells(coefficients);
        let total: Vec<f64> = self.project(&cells, |_| 1.0);
        let average = |values: Vec<f64>| -> Vec<f64> {
            let pairs = values.iter().zip(&total);
            pairs.map(|(sum, weight)| sum / weight.max(1e-9)).collect()
        };
        let mut levels = average(self.project(&cells, |cell| cell.level));
        for _ in 0..FIT_ROUNDS {
            // Where the energy exceeds the model, the model rises by the log of the excess.
            let excess = self.project(&cells, |cell| {
                let model = cell
                    .corners
                    .iter()
                    .map(|&(node, weight)| levels[node] * weight);
                (cell.level - model.sum::<f64>()).exp2().clamp(0.05, 8.0)
            });
            for (level, excess) in levels.iter_mut().zip(average(excess)) {
                *level += 0.8 * excess.max(1e-3).log2().clamp(-2.0, 2.0);
            }
        }
        levels
    }

    /// Sums of `value` over the cells, weighted to the nodes around them.
    fn project(&self, cells: &[Cell], value: impl Fn(&Cell) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.nodes()];
        for cell in cells {
            let value = cell.weight * value(cell);
            for &(node, weight) in &cell.corners {
                sums[node] += weight * value;
            }
        }
        sums
    }

    fn energy_cells(&self, coefficients: &[f32]) -> Vec<Cell> {
        let height = self.y.length();
        let rows = self.y.cells();
        let mut cells = Vec::new();
        for columns in self.x.cells() {
            for rows in &rows {
                if columns.start == 0 && rows.start == 0 {
                    continue;
                }
                let line = |x: usize| &coefficients[x * height + rows.start..x * height + rows.end];
                let squares = columns
                    .clone()
                    .flat_map(line)
                    .map(|c| f64::from(*c).powi(2));
                let count = (columns.len() * rows.len()) as f64;
                let level = level_of_variance(squares.sum::<f64>() / count);
                let corners = self.corners(columns.clone(), rows.clone());
                cells.push(Cell {
                    level,
                    weight: count.powf(COUNT_EXPONENT),
                    corners,
                });
            }
        }
        cells
    }

    /// The four nodes around the middle of a cell with their weights.
    fn corners(&self, columns: Range<usize>, rows: Range<usize>) -> [(usize, f64); 4] {
        let (left, right, x) = middle(&self.x, columns);
        let (below, above, y) = middle(&self.y, rows);
        let at = |x: usize, y: usize| x * self.y.nodes() + y;
        [
            (at(left, below), (1.0 - x) * (1.0 - y)),
            (at(left, above), (1.0 - x) * y),
            (at(right, below), x * (1.0 - y)),
            (at(right, above), x * y),
        ]
    }
}

fn middle(axis: &Axis, cell: Range<usize>) -> (usize, usize, f64) {
    let count = cell.len() as f64;
    let sum: f64 = cell.map(|f| f64::from(axis.position(f))).sum();
    let position = sum / count / STEPS as f64;
    let below = (position as usize).min(axis.nodes() - 1);
    (
        below,
        (below + 1).min(axis.nodes() - 1),
        position - below as f64,
    )
}

#[cfg(test)]
mod tests {
    use super::super::spectrum::{NodeSpacing, bin_variance};
    use super::*;

    #[test]
    fn the_fit_recovers_a_surface_that_the_nodes_can_describe() {
        let axes = Axes::new(96, 64, NodeSpacing::Medium);
        let levels: Vec<u8> = (0..axes.nodes())
            .map(|k| 40 - 3 * (k / axes.y.nodes()) as u8 - 4 * (k % axes.y.nodes()) as u8)
            .collect();
        let mut coefficients = vec![0.0; 96 * 64];
        let mut sign = 1.0;
        axes.scan(&levels, |at, bin| {
            sign = -sign;
            coefficients[at] = (sign * bin_variance(bin).sqrt()) as f32;
        });
        for (found, expected) in axes.fit(&coefficients).iter().zip(&levels) {
            assert!(
                (found - f64::from(*expected)).abs() < 0.5,
                "{found} {expected}"
            );
        }
    }
}
