//! Weights in the order in which the kernel reads them.

use super::kernel::{BLOCK, Line, group};

/// A kernel of `rows x cols` taps: `at(out, in, row, col)` is one weight.
///
/// The result is `[out / group][row][col][in][out % group]`, zeros for the channels that fill the last block.
pub(super) fn pack(
    (out_channels, in_channels): (usize, usize),
    (rows, cols): (usize, usize),
    at: impl Fn(usize, usize, usize, usize) -> f32,
) -> Vec<Line> {
    let padded = out_channels.next_multiple_of(BLOCK);
    let group = group(padded);
    let mut packed = vec![Line([0.0; BLOCK]); padded / BLOCK * rows * cols * in_channels];
    let values = packed.iter_mut().flat_map(|line| &mut line.0);
    for (i, value) in values.enumerate() {
        let (rest, lane) = (i / group, i % group);
        let (rest, in_channel) = (rest / in_channels, rest % in_channels);
        let (rest, col) = (rest / cols, rest % cols);
        let (part, row) = (rest / rows, rest % rows);
        let out_channel = part * group + lane;
        if out_channel < out_channels {
            *value = at(out_channel, in_channel, row, col);
        }
    }
    packed
}

/// The rows (or columns) of a 3-tap kernel that meet source row 0 or 1 when the picture was doubled by repetition.
///
/// An even output sees the source rows before and at it, an odd one those at and after it.
pub(super) fn doubled_taps(odd: usize, source: usize) -> &'static [usize] {
    match (odd, source) {
        (0, 0) => &[0],
        (0, _) => &[1, 2],
        (_, 0) => &[0, 1],
        _ => &[2],
    }
}

/// The 2x2 kernel that a 3x3 kernel becomes for one parity of output row and column.
pub(super) fn pack_doubled(
    channels: (usize, usize),
    (odd_row, odd_col): (usize, usize),
    at: impl Fn(usize, usize, usize, usize) -> f32,
) -> Vec<Line> {
    pack(channels, (2, 2), |o, i, row, col| {
        let rows = doubled_taps(odd_row, row).iter();
        rows.flat_map(|&r| doubled_taps(odd_col, col).iter().map(move |&c| (r, c)))
            .map(|(r, c)| at(o, i, r, c))
            .sum()
    })
}
