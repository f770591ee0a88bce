//! Elements to symbols: random signs, Hadamard groups, pairs; and back by linear least squares.
//!
//! Following Jakubczak and Katabi, elements of very different power are mixed by an orthonormal
//! Hadamard transform, so that all symbols have nearly the same power and a lost symbol costs
//! every element of its group a little. A group takes 16 elements that lie far apart, and its
//! mixtures lie as far apart in the picture's symbols. The receiver knows the noise variance of
//! each symbol and the prior variance of each element, so it solves every group exactly.

use num_complex::Complex32;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::least_squares::GroupSolver;

/// Elements that are mixed with each other.
pub(super) const GROUP: usize = 16;

/// Noise variances below this are taken as this: -90 dB, beyond the precision of the symbols.
const MIN_VARIANCE: f64 = 1e-9;

/// Seed of the signs; both ends know it.
const SIGN_SEED: u64 = 0x48e1_1067_a9b5;

/// Mixes elements (an even number) into half as many symbols; total power is kept.
pub(super) fn spread(mut elements: Vec<f32>) -> Vec<Complex32> {
    for (element, sign) in elements.iter_mut().zip(Signs::new()) {
        *element *= sign;
    }
    for group in groups(elements.len()) {
        let mut values = [0.0; GROUP];
        let values = &mut values[..group.length];
        group.gather(&elements, values);
        hadamard(values);
        group.scatter(values, &mut elements);
    }
    let pair = |pair: &[f32]| Complex32::new(pair[0], pair[1]);
    elements.chunks_exact(2).map(pair).collect()
}

/// What the receiver wants to hear of every element beside its estimate.
#[derive(Debug)]
pub(super) enum Told<'a> {
    /// Nothing.
    Estimate,
    /// The share of its prior variance that remains, one value an element.
    Remaining(&'a mut [f32]),
}

/// Least-squares estimates of the elements. On entry `elements` holds the prior variance of
/// each (at least 0), on exit its estimate; `elements.len() == 2 * symbols.len()`. Symbols that
/// are no numbers and variances that are none, negative or infinite count as lost.
pub(super) fn despread(
    symbols: &[Complex32],
    variances: &[f32],
    elements: &mut [f32],
    mut told: Told<'_>,
) {
    let received = |slot: usize| {
        let (symbol, variance) = (symbols[slot / 2], f64::from(variances[slot / 2]));
        let value = if slot.is_multiple_of(2) {
            symbol.re
        } else {
            symbol.im
        };
        let usable = variance >= 0.0 && variance.is_finite() && value.is_finite();
        // Half of a complex symbol's noise is in each of its two values.
        let precision = if usable {
            2.0 / variance.max(2.0 * MIN_VARIANCE)
        } else {
            0.0
        };
        (if usable { f64::from(value) } else { 0.0 }, precision)
    };
    let mut solver = GroupSolver::default();
    for group in groups(elements.len()) {
        for k in 0..group.length {
            let slot = group.slot(k);
            (solver.received[k], solver.precision[k]) = received(slot);
            solver.deviation[k] = f64::from(elements[slot]).max(0.0).sqrt();
        }
        solver.solve(group.length);
        for k in 0..group.length {
            elements[group.slot(k)] = solver.estimate[k] as f32;
        }
        if let Told::Remaining(shares) = &mut told {
            let remaining = solver.remaining(group.length).map(|share| share as f32);
            group.scatter(&remaining[..group.length], shares);
        }
    }
    for (element, sign) in elements.iter_mut().zip(Signs::new()) {
        *element *= sign;
    }
}

/// A group: in each of `length` (a power of two) runs of `stride` slots, one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    start: usize,
    stride: usize,
    length: usize,
    /// Number of the group among those that share its runs.
    turn: usize,
}

impl Group {
    /// Each run is rotated by another amount, so that no comb of lost symbols, whatever its
    /// period, meets many slots of one group and none of the next.
    fn slot(self, k: usize) -> usize {
        let rotation = 7919 * k * k + 104_729 * k;
        self.start + k * self.stride + (self.turn + rotation) % self.stride
    }

    fn gather(self, elements: &[f32], values: &mut [f32]) {
        for (k, value) in values.iter_mut().enumerate() {
            *value = elements[self.slot(k)];
        }
    }

    fn scatter(self, values: &[f32], elements: &mut [f32]) {
        for (k, value) in values.iter().enumerate() {
            elements[self.slot(k)] = *value;
        }
    }
}

/// Full groups over the longest multiple of 16, powers of two over the rest.
fn groups(elements: usize) -> impl Iterator<Item = Group> {
    let stride = elements / GROUP;
    let group = |start, stride, length, turn| Group {
        start,
        stride,
        length,
        turn,
    };
    let full = (0..stride).map(move |turn| group(0, stride, GROUP, turn));
    let mut start = stride * GROUP;
    let rest = (0..GROUP.ilog2()).rev().filter_map(move |power| {
        let length = 1 << power;
        let fits = elements & length != 0;
        let found = fits.then_some(group(start, 1, length, 0));
        start += if fits { length } else { 0 };
        found
    });
    full.chain(rest)
}

/// Orthonormal fast Walsh-Hadamard transform, its own inverse.
fn hadamard(values: &mut [f32]) {
    butterflies(values);
    let scale = 1.0 / (values.len() as f32).sqrt();
    values.iter_mut().for_each(|value| *value *= scale);
}

pub(super) fn butterflies<T>(values: &mut [T])
where
    T: Copy + std::ops::Add<Output = T> + std::ops::Sub<Output = T>,
{
    let mut half = 1;
    while half < values.len() {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

/// Endless random signs, the same for everyone.
struct Signs {
    random: Xoshiro256PlusPlus,
    bits: u64,
    left: u32,
}

impl Signs {
    fn new() -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(SIGN_SEED);
        Self {
            random,
            bits: 0,
            left: 0,
        }
    }
}

impl Iterator for Signs {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.left == 0 {
            (self.bits, self.left) = (self.random.next_u64(), u64::BITS);
        }
        let sign = if self.bits & 1 == 0 { 1.0 } else { -1.0 };
        self.bits >>= 1;
        self.left -= 1;
        Some(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + 11) % 23) as f32 - 11.0)
            .collect()
    }

    #[test]
    fn groups_take_every_slot_once_whatever_the_length() {
        for count in (2..200).step_by(2) {
            let mut taken = vec![0; count];
            for group in groups(count) {
                (0..group.length).for_each(|k| taken[group.slot(k)] += 1);
            }
            assert!(taken.iter().all(|&times| times == 1), "{count}");
        }
    }

    #[test]
    fn without_noise_all_elements_come_back_and_power_is_kept() {
        for count in [2, 6, 16, 30, 64, 1002] {
            let sent = elements(count);
            let symbols = spread(sent.clone());
            let power: f32 = symbols.iter().map(|x| x.norm_sqr()).sum();
            let expected: f32 = sent.iter().map(|x| x * x).sum();
            assert!((power / expected - 1.0).abs() < 1e-5);
            let mut estimates = vec![100.0; count];
            despread(
                &symbols,
                &vec![0.0; count / 2],
                &mut estimates,
                Told::Estimate,
            );
            for (a, b) in sent.iter().zip(&estimates) {
                assert!((a - b).abs() < 1e-3, "{count}: {a} {b}");
            }
        }
    }

    #[test]
    fn equal_noise_gives_the_scalar_wiener_estimate_of_each_element() {
        let sent = elements(48);
        let symbols = spread(sent.clone());
        let prior = |k: usize| [0.0f32, 1.0, 20.0][k % 3];
        let mut estimates: Vec<f32> = (0..48).map(prior).collect();
        despread(&symbols, &[0.5; 24], &mut estimates, Told::Estimate);
        for k in 0..48 {
            let expected = sent[k] * prior(k) / (prior(k) + 0.25);
            assert!((estimates[k] - expected).abs() < 1e-4, "{k}");
        }
    }

    #[test]
    fn what_remains_is_the_error_that_is_made() {
        let variances: Vec<f32> = (0..8)
            .map(|i| [0.1, 0.7, f32::INFINITY, 2.0][i % 4])
            .collect();
        let prior: Vec<f32> = (0..16).map(|i| 0.2 + (i * 5 % 7) as f32).collect();
        let mut shares = vec![0.0; 16];
        despread(
            &[Complex32::ZERO; 8],
            &variances,
            &mut prior.clone(),
            Told::Remaining(&mut shares),
        );
        // An estimate is linear in what arrives: its error is that of each unit of signal and noise.
        let estimates = |symbols: &[Complex32]| {
            let mut elements = prior.clone();
            despread(symbols, &variances, &mut elements, Told::Estimate);
            elements
        };
        let mut error = [0.0f64; 16];
        for unit in 0..16 {
            let mut sent = vec![0.0; 16];
            sent[unit] = prior[unit].sqrt();
            let found = estimates(&spread(sent.clone()));
            for (error, (sent, found)) in error.iter_mut().zip(sent.iter().zip(found)) {
                *error += f64::from(sent - found).powi(2);
            }
            let variance = variances[unit / 2];
            if variance.is_finite() {
                let mut noise = vec![Complex32::ZERO; 8];
                let size = (variance / 2.0).sqrt();
                noise[unit / 2] = if unit % 2 == 0 {
                    Complex32::new(size, 0.0)
                } else {
                    Complex32::new(0.0, size)
                };
                for (error, found) in error.iter_mut().zip(estimates(&noise)) {
                    *error += f64::from(found).powi(2);
                }
            }
        }
        for k in 0..16 {
            let expected = error[k] / f64::from(prior[k]);
            assert!(
                (f64::from(shares[k]) - expected).abs() < 1e-4,
                "{k}: {} {expected}",
                shares[k]
            );
        }
    }

    #[test]
    fn a_lost_symbol_costs_its_groups_little_where_one_element_has_the_power() {
        let mut sent = vec![0.1f32; 32];
        sent[0] = 30.0;
        let symbols = spread(sent.clone());
        let mut variances = vec![1e-4f32; 16];
        variances[0] = f32::INFINITY;
        let mut estimates: Vec<f32> = sent.iter().map(|x| x * x).collect();
        despread(&symbols, &variances, &mut estimates, Told::Estimate);
        assert!((estimates[0] - 30.0).abs() < 1.0, "{}", estimates[0]);
    }

    #[test]
    fn no_comb_of_lost_symbols_meets_most_of_a_group() {
        let count = 20_000;
        for period in 2..40 {
            let lost = |slot: usize| usize::from(slot / 2 % period == 1);
            let full = groups(count).filter(|group| group.length == GROUP);
            let most = full.map(|group| (0..GROUP).map(|k| lost(group.slot(k))).sum::<usize>());
            let most = most.max().unwrap();
            assert!(most <= 4 + 2 * GROUP / period, "period {period}: {most}");
        }
    }

    #[test]
    fn hostile_symbols_and_variances_give_finite_estimates() {
        let odd = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            -1.0,
            0.0,
            1e-45,
            1e38,
            0.3,
        ];
        let symbols: Vec<_> = (0..64)
            .map(|i| Complex32::new(odd[i % 8], odd[(i / 8) % 8]))
            .collect();
        for shift in 0..8 {
            let variances: Vec<f32> = (0..64).map(|i| odd[(i * 3 + shift) % 8]).collect();
            let mut estimates = vec![2.0; 128];
            despread(&symbols, &variances, &mut estimates, Told::Estimate);
            assert!(estimates.iter().all(|x| x.is_finite()));
        }
    }
}
