//! The variance of every DCT coefficient, from a few numbers: log2 of the variance at nodes that are
//! evenly spaced in log-frequency on both axes, bilinear between them.
//!
//! The spectra of photos fall like a power of frequency, so such a surface follows them with far
//! fewer numbers than square chunks need (docs/decisions/0001-softcast-chunks.md). Both ends
//! evaluate it in integers, because both must choose and order the very same coefficients.

use std::ops::Range;

/// Highest node level; level L stands for the variance 2^(L - 8), so 2^-8 to 2^55.
pub(super) const MAX_LEVEL: u8 = 63;

/// Steps of a level in the interpolated surface.
pub(super) const STEPS: usize = 256;

/// Number of values of the interpolated surface.
pub(super) const BINS: usize = MAX_LEVEL as usize * STEPS + 1;

/// log2 of the variance that level 0 stands for.
const LEVEL_0_LOG2: f64 = -8.0;

/// Variance that a bin of the surface stands for.
pub(super) fn bin_variance(bin: usize) -> f64 {
    (bin as f64 / STEPS as f64 + LEVEL_0_LOG2).exp2()
}

/// Level (with fraction) of a variance.
pub(super) fn level_of_variance(variance: f64) -> f64 {
    variance.max(1e-6).log2() - LEVEL_0_LOG2
}

/// Level below which a bin lies, rounded down.
pub(super) fn bin_level(bin: usize) -> u8 {
    (bin / STEPS) as u8
}

/// Distance of the nodes in log-frequency: what is spent on describing the spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum NodeSpacing {
    /// Two octaves: five nodes an axis for 512 pixels.
    Wide = 0,
    /// A factor of three.
    Medium = 1,
    /// 1.2 octaves.
    Fine = 2,
    /// 0.8 octaves.
    Finest = 3,
}

impl NodeSpacing {
    /// From coarse to fine.
    pub const ALL: [Self; 4] = [Self::Wide, Self::Medium, Self::Fine, Self::Finest];

    /// In octaves, 16 fractional bits.
    fn octaves_q16(self) -> usize {
        match self {
            Self::Wide => 131_072,
            Self::Medium => 103_872,
            Self::Fine => 78_643,
            Self::Finest => 52_429,
        }
    }
}

/// Where the frequencies 0 to `length - 1` of one axis lie between its nodes.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    nodes: usize,
    /// Node position with 8 fractional bits, one a frequency.
    positions: Vec<u16>,
}

impl Axis {
    /// Nodes for an axis of `length` frequencies (at least 1).
    pub(super) fn new(length: usize, spacing: NodeSpacing) -> Self {
        let span_q16 = log2_q16(length);
        let step_q16 = spacing.octaves_q16();
        let gaps = if length == 1 {
            0
        } else {
            ((span_q16 + step_q16 / 2) / step_q16).max(1)
        };
        let position = |f: usize| (log2_q16(f + 1) * gaps * STEPS / span_q16.max(1)) as u16;
        Self {
            nodes: gaps + 1,
            positions: (0..length).map(position).collect(),
        }
    }

    pub(super) fn nodes(&self) -> usize {
        self.nodes
    }

    /// Node position of a frequency with 8 fractional bits.
    pub(super) fn position(&self, frequency: usize) -> u16 {
        self.positions[frequency]
    }

    /// Number of frequencies.
    pub(super) fn length(&self) -> usize {
        self.positions.len()
    }

    /// Node below a frequency, node above, and the weight of the latter in 256ths.
    fn between(&self, frequency: usize) -> (usize, usize, usize) {
        let position = usize::from(self.positions[frequency]);
        let below = position / STEPS;
        (below, (below + 1).min(self.nodes - 1), position % STEPS)
    }

    /// Runs of frequencies within an eighth of a node.
    pub(super) fn cells(&self) -> Vec<Range<usize>> {
        const CELL: u16 = STEPS as u16 / 8;
        let mut cells: Vec<Range<usize>> = Vec::new();
        for (frequency, &position) in self.positions.iter().enumerate() {
            match cells.last_mut() {
                Some(cell) if position - self.positions[cell.start] < CELL => {
                    cell.end = frequency + 1;
                }
                _ => cells.push(frequency..frequency + 1),
            }
        }
        cells
    }
}

/// log2 with 16 fractional bits, rounded down, in integers: the same on every machine.
fn log2_q16(value: usize) -> usize {
    let whole = value.ilog2() as usize;
    // Mantissa in [1, 2) with 31 fractional bits; squaring doubles its logarithm.
    let mut mantissa = (value as u64) << (31 - whole);
    (0..16).fold(whole, |log, _| {
        mantissa = (mantissa * mantissa) >> 31;
        let bit = mantissa >> 32;
        mantissa >>= bit;
        log << 1 | bit as usize
    })
}

/// The axes of a tile's planes.
#[derive(Debug, Clone)]
pub(super) struct Axes {
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Axes {
    pub(super) fn new(width: usize, height: usize, spacing: NodeSpacing) -> Self {
        Self {
            x: Axis::new(width, spacing),
            y: Axis::new(height, spacing),
        }
    }

    /// Nodes of a plane; stored column by column like the coefficients.
    pub(super) fn nodes(&self) -> usize {
        self.x.nodes * self.y.nodes
    }

    /// Calls `visit(coefficient, bin)` for all coefficients of a plane but the first (the mean),
    /// in the order in which they lie.
    pub(super) fn scan(&self, levels: &[u8], mut visit: impl FnMut(usize, usize)) {
        let height = self.y.positions.len();
        let mut column = vec![0; self.y.nodes];
        for x in 0..self.x.positions.len() {
            let (left, right, weight) = self.x.between(x);
            for (node, value) in column.iter_mut().enumerate() {
                let level = |at: usize| usize::from(levels[at * self.y.nodes + node]);
                *value = level(left) * (STEPS - weight) + level(right) * weight;
            }
            for y in usize::from(x == 0)..height {
                let (below, above, weight) = self.y.between(y);
                let sum = column[below] * (STEPS - weight) + column[above] * weight;
                visit(x * height + y, sum / STEPS);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_integer_logarithm_agrees_with_the_real_one() {
        for value in (1..3000).chain([4095, 4096, 16_383, 16_384]) {
            let expected = (value as f64).log2() * 65_536.0;
            let found = log2_q16(value) as f64;
            assert!(
                (found - expected).abs() < 2.0,
                "{value}: {found} {expected}"
            );
        }
    }

    #[test]
    fn axes_of_every_length_reach_from_the_first_node_to_the_last() {
        for spacing in NodeSpacing::ALL {
            for length in (1..300).chain([2047, 2048]) {
                let axis = Axis::new(length, spacing);
                assert_eq!(axis.positions[0], 0);
                assert_eq!(
                    usize::from(axis.positions[length - 1]),
                    (axis.nodes - 1) * STEPS
                );
                let covered: usize = axis.cells().iter().map(Range::len).sum();
                assert_eq!(covered, length);
            }
        }
    }

    #[test]
    fn the_scan_visits_all_coefficients_but_the_mean_in_order() {
        let axes = Axes::new(7, 5, NodeSpacing::Medium);
        let levels = vec![9; axes.nodes()];
        let mut visited = Vec::new();
        axes.scan(&levels, |at, bin| {
            assert_eq!(bin, 9 * STEPS);
            visited.push(at);
        });
        assert_eq!(visited, (1..35).collect::<Vec<_>>());
    }
}
