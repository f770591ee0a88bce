//! Base graph 2 of TS 38.212 section 5.3.2 and the lifting sizes that turn it into a code.
//!
//! An edge with shift s joins bit i of its row to bit (i + s) mod Z_c of its column.

use super::tables::EDGES;

/// Rows of base graph 2: groups of Z_c parity checks.
pub const ROWS: usize = 42;

/// Columns of base graph 2: groups of Z_c code bits.
pub const COLUMNS: usize = 52;

/// Leading columns that hold information and filler bits.
pub const INFORMATION_COLUMNS: usize = 10;

/// Leading columns that are never sent.
pub const PUNCTURED_COLUMNS: usize = 2;

/// Leading rows whose parity columns (10..=13) depend on each other; every later row has a parity bit of its own.
pub const CORE_ROWS: usize = 4;

/// Most edges in one row.
pub const MAX_ROW_DEGREE: usize = 10;

/// First members a of the sets of Table 5.3.2-1, in the order of i_LS; a set is a 2^j.
const SET_BASES: [usize; 8] = [2, 3, 5, 7, 9, 11, 13, 15];

/// Largest lifting size.
const MAX_LIFTING_SIZE: usize = 384;

/// One entry of Table 5.3.2-3.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub(super) row: u8,
    pub(super) column: u8,
    pub(super) shifts: [u8; 8],
}

impl Edge {
    /// Row, 0..42.
    pub fn row(&self) -> usize {
        usize::from(self.row)
    }

    /// Column, 0..52.
    pub fn column(&self) -> usize {
        usize::from(self.column)
    }

    /// Cyclic shift at a lifting size, below Z_c.
    pub fn shift(&self, lifting_size: LiftingSize) -> usize {
        usize::from(self.shifts[lifting_size.set_index]) % lifting_size.z_c
    }
}

/// All edges, ordered by row.
pub fn edges() -> &'static [Edge] {
    &EDGES
}

/// The edges of one row, ordered by column; empty past the last row.
pub fn row_edges(row: usize) -> &'static [Edge] {
    let first = EDGES.partition_point(|edge| edge.row() < row);
    let end = EDGES.partition_point(|edge| edge.row() <= row);
    &EDGES[first..end]
}

/// A lifting size Z_c of Table 5.3.2-1 with its set index i_LS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiftingSize {
    z_c: usize,
    set_index: usize,
}

impl LiftingSize {
    /// All 51 lifting sizes, smallest first.
    pub fn all() -> impl Iterator<Item = LiftingSize> {
        (2..=MAX_LIFTING_SIZE).filter_map(LiftingSize::new)
    }

    /// The lifting size `z_c`, or `None` where the standard has none.
    pub fn new(z_c: usize) -> Option<Self> {
        if z_c > MAX_LIFTING_SIZE {
            return None;
        }
        let set_index = SET_BASES
            .iter()
            .position(|&base| z_c.is_multiple_of(base) && (z_c / base).is_power_of_two())?;
        Some(LiftingSize { z_c, set_index })
    }

    /// The smallest lifting size of at least `minimum`, or `None` above 384.
    pub fn at_least(minimum: usize) -> Option<Self> {
        (minimum.max(2)..=MAX_LIFTING_SIZE).find_map(LiftingSize::new)
    }

    /// Z_c: bits in a column, checks in a row.
    pub fn z_c(self) -> usize {
        self.z_c
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ldpc_toolbox::codes::nr5g::BaseGraph;
    use reference_sizes::ldpc_toolbox_lifting_size;

    mod reference_sizes {
        use ldpc_toolbox::codes::nr5g::LiftingSize as Reference;

        macro_rules! sizes {
            ($($variant:ident)*) => { [$(Reference::$variant),*] };
        }

        const REFERENCES: [Reference; 51] = sizes! {
            Z2 Z3 Z4 Z5 Z6 Z7 Z8 Z9 Z10 Z11 Z12 Z13 Z14 Z15 Z16 Z18 Z20 Z22 Z24 Z26 Z28 Z30 Z32 Z36 Z40 Z44
            Z48 Z52 Z56 Z60 Z64 Z72 Z80 Z88 Z96 Z104 Z112 Z120 Z128 Z144 Z160 Z176 Z192 Z208 Z224 Z240 Z256
            Z288 Z320 Z352 Z384
        };

        pub fn ldpc_toolbox_lifting_size(z_c: usize) -> Reference {
            *REFERENCES
                .iter()
                .find(|&&size| usize::from(size) == z_c)
                .unwrap()
        }
    }

    #[test]
    fn there_are_51_lifting_sizes_and_the_next_larger_is_found() {
        let sizes: Vec<usize> = LiftingSize::all().map(LiftingSize::z_c).collect();
        assert_eq!((sizes.len(), sizes[0], sizes[50]), (51, 2, 384));
        assert_eq!(LiftingSize::at_least(321).unwrap().z_c(), 352);
        assert_eq!(LiftingSize::at_least(385), None);
        assert_eq!(LiftingSize::new(17), None);
        assert_eq!(LiftingSize::new(0), None);
    }

    #[test]
    fn the_parity_check_matrix_of_every_lifting_size_is_that_of_ldpc_toolbox() {
        for lifting_size in LiftingSize::all() {
            let z_c = lifting_size.z_c();
            let reference = BaseGraph::BG2.h(ldpc_toolbox_lifting_size(z_c));
            assert_eq!(reference.iter_all().count(), edges().len() * z_c);
            for edge in edges() {
                for i in 0..z_c {
                    let column = edge.column() * z_c + (i + edge.shift(lifting_size)) % z_c;
                    assert!(
                        reference.contains(edge.row() * z_c + i, column),
                        "Z_c {z_c}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_rows_partition_the_edges_and_none_is_wider_than_stated() {
        let degrees: Vec<usize> = (0..ROWS).map(|row| row_edges(row).len()).collect();
        assert_eq!(degrees.iter().sum::<usize>(), edges().len());
        assert_eq!(degrees.iter().max(), Some(&MAX_ROW_DEGREE));
        assert!(row_edges(ROWS).is_empty());
    }
}
