//! Which coefficients are sent and with what power: water-filling over the modelled variances.
//!
//! For coefficients of variance lambda, sent with power a each and estimated by least squares at
//! SNR gamma, the squared error is sum lambda / (1 + a gamma). Under a total power it is least for
//! a = (sqrt(lambda / mu) - 1) / gamma, or 0 where that is negative (Lee and Petersen, "Optimal linear
//! coding for vector channels", IEEE Trans. Communications 24(12), 1976). Towards high SNR this
//! becomes SoftCast's gain lambda^(-1/4).

use super::spectrum::{BINS, bin_variance};

/// The plan both ends derive from the modelled spectrum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Allocation {
    /// Coefficients of higher variance than those of each bin: the rank of its first.
    first_rank: Vec<usize>,
    /// Power of a coefficient of each bin; 0 where none is sent.
    power: Vec<f64>,
    /// Number of coefficients sent; those of rank below it.
    sent: usize,
}

impl Allocation {
    /// Spends `values` real channel uses of unit mean power on coefficients counted by bin.
    pub(super) fn new(histogram: &[usize], values: usize, design_snr: f64) -> Self {
        let mut first_rank = vec![0; BINS];
        let mut taken = vec![0; BINS];
        let mut rank = 0;
        for bin in (0..BINS).rev() {
            first_rank[bin] = rank;
            taken[bin] = histogram[bin].min(values.saturating_sub(rank));
            rank += histogram[bin];
        }
        let power = water_filling(&taken, values as f64, design_snr);
        let sent = (0..BINS)
            .filter(|&bin| power[bin] > 0.0)
            .map(|bin| taken[bin])
            .sum();
        Self {
            first_rank,
            power,
            sent,
        }
    }

    /// Amplitude gain of each bin.
    pub(super) fn gains(&self) -> Vec<f32> {
        let gain = |bin: usize| (self.power[bin] / bin_variance(bin)).sqrt() as f32;
        (0..BINS).map(gain).collect()
    }

    /// Expected power of each element, by rank; 0 beyond those sent.
    pub(super) fn powers_by_rank(&self, values: usize) -> Vec<f32> {
        let mut powers = vec![0.0; values];
        for bin in (0..BINS).filter(|&bin| self.power[bin] > 0.0) {
            let end = if bin == 0 {
                self.sent
            } else {
                self.first_rank[bin - 1].min(self.sent)
            };
            let start = self.first_rank[bin].min(end);
            powers[start..end].fill(self.power[bin] as f32);
        }
        powers
    }

    /// Hands out ranks in the order of a scan.
    pub(super) fn ranks(&self) -> Ranks {
        Ranks {
            next: self.first_rank.clone(),
            sent: self.sent,
        }
    }
}

/// The next free rank of each bin.
pub(super) struct Ranks {
    next: Vec<usize>,
    sent: usize,
}

impl Ranks {
    /// Rank of the next coefficient of a bin; `None` when it is not sent.
    pub(super) fn take(&mut self, bin: usize) -> Option<usize> {
        let rank = self.next[bin];
        self.next[bin] += 1;
        (rank < self.sent).then_some(rank)
    }
}

/// The bin of the last coefficient that `values` channel uses can carry.
pub(super) fn cutoff_bin(histogram: &[usize], values: usize) -> usize {
    let mut rank = 0;
    let reached = |&bin: &usize| {
        rank += histogram[bin];
        rank >= values
    };
    (0..BINS).rev().find(reached).unwrap_or(0)
}

/// Power of a coefficient of each bin, `counts[bin]` of them, `total` power together.
fn water_filling(counts: &[usize], total: f64, snr: f64) -> Vec<f64> {
    let deviation: Vec<f64> = (0..BINS).map(|bin| bin_variance(bin).sqrt()).collect();
    let used: Vec<usize> = (0..BINS).filter(|&bin| counts[bin] > 0).collect();
    let mut count: f64 = used.iter().map(|&bin| counts[bin] as f64).sum();
    let mut sum: f64 = used
        .iter()
        .map(|&bin| counts[bin] as f64 * deviation[bin])
        .sum();
    let mut power = vec![0.0; BINS];
    for (k, &lowest) in used.iter().enumerate() {
        // 1 / sqrt(mu) such that the powers of this bin and those above add up to the total.
        let level = (total * snr + count) / sum;
        if level * deviation[lowest] > 1.0 {
            for &bin in &used[k..] {
                power[bin] = (level * deviation[bin] - 1.0) / snr;
            }
            break;
        }
        // The lowest bin is not worth its power.
        count -= counts[lowest] as f64;
        sum -= counts[lowest] as f64 * deviation[lowest];
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(entries: &[(usize, usize)]) -> Vec<usize> {
        let mut histogram = vec![0; BINS];
        entries
            .iter()
            .for_each(|&(bin, count)| histogram[bin] = count);
        histogram
    }

    fn error(counts: &[(usize, usize)], powers: &[f64], snr: f64) -> f64 {
        let each = |(&(bin, n), a): (&(usize, usize), &f64)| {
            n as f64 * bin_variance(bin) / (1.0 + a * snr)
        };
        counts.iter().zip(powers).map(each).sum()
    }

    #[test]
    fn all_power_is_spent_and_no_shift_between_two_bins_lowers_the_error() {
        let counts = [(2000, 40), (4000, 10), (6000, 3)];
        let allocation = Allocation::new(&histogram(&counts), 53, 4.0);
        let powers = counts.map(|(bin, _)| allocation.power[bin]);
        let total: f64 = counts.iter().zip(powers).map(|(c, a)| c.1 as f64 * a).sum();
        assert!((total - 53.0).abs() < 1e-9);
        let best = error(&counts, &powers, 4.0);
        for (from, to) in [(0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)] {
            let mut shifted = powers;
            let amount = (0.01 * shifted[from]).max(0.0);
            shifted[from] -= amount;
            shifted[to] += amount * counts[from].1 as f64 / counts[to].1 as f64;
            assert!(error(&counts, &shifted, 4.0) >= best - 1e-12);
        }
    }

    #[test]
    fn ranks_run_from_the_highest_variance_down_and_end_at_the_budget() {
        let counts = histogram(&[(100, 5), (3000, 4), (2990, 4)]);
        let allocation = Allocation::new(&counts, 6, 10.0);
        assert_eq!(allocation.sent, 6);
        let mut ranks = allocation.ranks();
        assert_eq!(ranks.take(2990), Some(4));
        assert_eq!(ranks.take(3000), Some(0));
        assert_eq!(ranks.take(2990), Some(5));
        assert_eq!(ranks.take(2990), None);
        assert_eq!(ranks.take(100), None);
    }

    #[test]
    fn coefficients_far_below_the_others_are_left_out_at_low_snr() {
        let counts = histogram(&[(1000, 10), (9000, 10)]);
        assert_eq!(Allocation::new(&counts, 20, 1.0).sent, 10);
        assert_eq!(Allocation::new(&counts, 20, 1e9).sent, 20);
    }

    #[test]
    fn nothing_to_send_gives_no_power() {
        let allocation = Allocation::new(&vec![0; BINS], 8, 4.0);
        assert_eq!(allocation.sent, 0);
        assert!(
            allocation
                .powers_by_rank(8)
                .iter()
                .all(|&power| power == 0.0)
        );
    }
}
