//! Curves of one codec, taken out of a summary.

use super::figure::{Marks, Series};
use super::style;
use crate::codecs::Label;
use crate::summary::{Cell, Metric, Summary};

/// Codecs of the ordinary plots: all but fixed-rate digital links, which the cliff shows; these too where nothing else was measured.
pub fn ordinary(summary: &Summary) -> Vec<usize> {
    let all = 0..summary.codecs.len();
    let is_fixed = |i: &usize| Label::new(&summary.codecs[*i]).is_fixed_rate();
    let free: Vec<usize> = all.clone().filter(|i| !is_fixed(i)).collect();
    if free.is_empty() { all.collect() } else { free }
}

/// A metric of a codec over `cells`, each with its place on the axis.
pub fn of<'a>(
    summary: &Summary,
    codec: usize,
    metric: Metric,
    cells: impl Iterator<Item = (f64, Option<&'a Cell>)>,
) -> Option<Series> {
    // A mean of those that arrived would rise as the link fails.
    let is_whole = |cell: &&Cell| !cell.is_of_survivors[metric as usize];
    let estimates = cells.filter_map(|(x, cell)| Some((x, cell.filter(is_whole)?.of(metric)?)));
    let points: Vec<_> = estimates
        .map(|(x, e)| (x, e.mean, e.low(), e.high()))
        .collect();
    (!points.is_empty()).then(|| Series {
        style: style::of(summary, codec),
        points: points.iter().map(|p| (p.0, p.1)).collect(),
        band: points.iter().map(|p| (p.0, p.2, p.3)).collect(),
        marks: Marks::Full,
        is_joined: true,
        shift: 0.0,
    })
}

/// At most `most` of the places 0 to `n` - 1, spread evenly with both ends.
pub fn spread(n: usize, most: usize) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    let last = (most - 1).max(1);
    (0..most).map(|k| (k * (n - 1) + last / 2) / last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_keeps_both_ends() {
        assert_eq!(spread(11, 6), [0, 2, 4, 6, 8, 10]);
        assert_eq!(spread(3, 6), [0, 1, 2]);
        assert_eq!(spread(9, 4), [0, 3, 5, 8]);
    }
}
