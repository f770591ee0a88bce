//! The decoder's schedule: which rows run, on which columns, each with the rotation it needs.
//!
//! A column's values are kept in the rotation of the last row that used them, so that a row rotates each column
//! once and writes its result straight back.

use super::LdpcCode;
use super::base_graph::{COLUMNS, CORE_ROWS, INFORMATION_COLUMNS, ROWS, row_edges};

/// One edge of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerEdge {
    pub column: usize,
    /// Rotation from how the column stands when the layer starts to how the layer needs it, in 0..Z_c.
    pub rotation: usize,
    /// The same from how the column stands after the last layer.
    pub final_rotation: usize,
}

/// The rows of H that a rate-matched block needs, in order of processing.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    /// Z_c.
    pub z_c: usize,
    /// Edges of each layer.
    pub layers: Vec<Vec<LayerEdge>>,
    /// Shift in which each column stands before and after an iteration.
    pub resting_shifts: [usize; COLUMNS],
}

impl Layers {
    /// For the first `used_bits` of the circular buffer: a row whose own parity bits were never sent tells nothing.
    pub fn new(code: &LdpcCode, used_bits: usize) -> Self {
        let lifting_size = code.lifting_size();
        let z_c = lifting_size.z_c();
        let sent_parity = used_bits.saturating_sub(code.sent_information_bits());
        let rows = sent_parity.div_ceil(z_c).clamp(CORE_ROWS, ROWS);
        let shifted_edges: Vec<Vec<(usize, usize)>> = (0..rows)
            .map(|row| {
                row_edges(row)
                    .iter()
                    .filter(|edge| !is_all_filler(code, edge.column()))
                    .map(|edge| (edge.column(), edge.shift(lifting_size)))
                    .collect()
            })
            .collect();
        let mut resting_shifts = [0; COLUMNS];
        for &(column, shift) in shifted_edges.iter().flatten() {
            resting_shifts[column] = shift;
        }
        let mut standing = resting_shifts;
        let mut layer_edge = |(column, shift): (usize, usize)| {
            let edge = LayerEdge {
                column,
                rotation: (shift + z_c - standing[column]) % z_c,
                final_rotation: (shift + z_c - resting_shifts[column]) % z_c,
            };
            standing[column] = shift;
            edge
        };
        let layers = shifted_edges
            .into_iter()
            .map(|edges| edges.into_iter().map(&mut layer_edge).collect())
            .collect();
        Layers {
            z_c,
            layers,
            resting_shifts,
        }
    }

    /// Edges of all layers together.
    pub fn edge_count(&self) -> usize {
        self.layers.iter().map(Vec::len).sum()
    }
}

/// Columns of known zeros drop out; the first six stay, which every row has an edge to.
fn is_all_filler(code: &LdpcCode, column: usize) -> bool {
    (6..INFORMATION_COLUMNS).contains(&column)
        && column * code.lifting_size().z_c() >= code.information_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rows_whose_parity_was_sent_are_kept() {
        let code = LdpcCode::new(191).unwrap();
        let rows = |used_bits| Layers::new(&code, used_bits).layers.len();
        assert_eq!(rows(100), 4);
        assert_eq!(rows(127 + 4 * 32 + 1), 5);
        assert_eq!(rows(1152), 33);
        assert_eq!(rows(code.buffer_bits()), 42);
    }

    #[test]
    fn the_rotations_of_an_iteration_bring_every_column_back() {
        let code = LdpcCode::new(1000).unwrap();
        let layers = Layers::new(&code, code.buffer_bits());
        let mut turned = [0; COLUMNS];
        for edge in layers.layers.iter().flatten() {
            turned[edge.column] += edge.rotation;
        }
        assert!(turned.iter().all(|turn| turn % layers.z_c == 0));
        assert_eq!(layers.edge_count(), 197);
    }

    #[test]
    fn every_layer_has_two_edges_or_more_at_every_block_size() {
        for bits in 1..=400 {
            let code = LdpcCode::new(bits).unwrap();
            let layers = Layers::new(&code, code.buffer_bits());
            assert!(
                layers.layers.iter().all(|edges| edges.len() >= 2),
                "{bits} bits"
            );
        }
    }
}
