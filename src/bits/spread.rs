//! The order in which coded bits go on the air: a golden-ratio stride round the circular buffer.
//!
//! Neighbours on the air are far apart in the code word, so a faded carrier, a notch or a lost burst thins
//! the word evenly (three-distance theorem: any run of a golden-ratio rotation is evenly spaced).
//! It stands where TS 38.212 section 5.4.2.2 has its bit interleaver, which orders bits by their reliability
//! inside a QAM symbol: QPSK has nothing to order.
//!
//! ```
//! use heliograph::bits::spread::Spread;
//! let spread = Spread::new(1000);
//! let mut positions: Vec<usize> = spread.positions(0).take(1000).collect();
//! assert!(positions[0].abs_diff(positions[1]) > 300);
//! positions.sort();
//! assert!(positions.iter().copied().eq(0..1000)); // each position once
//! ```

/// (sqrt 5 - 1) / 2
const GOLDEN_RATIO: f64 = 0.618_033_988_749_894_9;

/// Strides tried on each side of the golden one: the nearest may have a small multiple near the period.
const SEARCH_WIDTH: u64 = 24;

/// A permutation of `0..period`, repeated for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    period: u64,
    stride: u64,
}

impl Spread {
    /// The spread over `period` positions (0 is taken as 1).
    pub fn new(period: usize) -> Self {
        let period = period.max(1) as u64;
        let ideal = (period as f64 * GOLDEN_RATIO).round() as u64;
        let stride = (ideal.saturating_sub(SEARCH_WIDTH)..=ideal + SEARCH_WIDTH)
            .map(|stride| stride % period)
            .filter(|&stride| greatest_common_divisor(stride, period) == 1)
            .max_by_key(|&stride| evenness(stride, period))
            .unwrap_or(1);
        Spread { period, stride }
    }

    /// Positions in the circular buffer of the bits on the air from the `first`-th on, without end.
    pub fn positions(self, first: u64) -> impl Iterator<Item = usize> {
        // Both factors are below 2^32 for every buffer this library allocates, so the product fits.
        let start = (first % self.period) * self.stride % self.period;
        std::iter::successors(Some(start), move |&position| {
            let next = position + self.stride;
            Some(if next < self.period {
                next
            } else {
                next - self.period
            })
        })
        .map(|position| position as usize)
    }
}

/// Smallest n * |n stride mod period|: how far apart the members of any run of n are, against their fair share.
fn evenness(stride: u64, period: u64) -> u64 {
    let mut place = 0;
    (1..=period / 4)
        .map(|n| {
            place += stride;
            if place >= period {
                place -= period;
            }
            n * place.min(period - place)
        })
        .min()
        .unwrap_or(0)
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_period_gives_a_permutation() {
        for period in 1..=300 {
            let mut seen = vec![false; period];
            for position in Spread::new(period).positions(0).take(period) {
                seen[position] = true;
            }
            assert!(seen.into_iter().all(|hit| hit), "period {period}");
        }
    }

    #[test]
    fn positions_from_the_middle_continue_those_from_the_start() {
        let spread = Spread::new(77);
        let whole: Vec<usize> = spread.positions(0).take(400).collect();
        for first in [1, 76, 77, 200] {
            let tail: Vec<usize> = spread.positions(first as u64).take(100).collect();
            assert_eq!(tail, whole[first..first + 100]);
        }
    }

    #[test]
    fn a_run_of_lost_bits_leaves_no_gap_longer_than_a_few_times_its_fair_share() {
        for (period, run) in [(1152usize, 24usize), (1471, 192), (5760, 576)] {
            let spread = Spread::new(period);
            for start in [0, 100, 777] {
                let mut lost: Vec<usize> = spread.positions(start).take(run).collect();
                lost.sort_unstable();
                let closest = lost.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
                assert!(closest * 4 >= period / run, "{period} {run}: {closest}");
            }
        }
    }
}
