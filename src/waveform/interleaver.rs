//! Where each analog symbol of a picture travels: spread over carriers, OFDM symbols and bursts.
//!
//! Slots are counted in the order of the air (burst, OFDM symbol, data carrier). Slot s carries symbol (a s + b) mod M with
//! a near M times a noble number (1/(k + golden ratio): badly approximable by fractions) and coprime to M: any run of slots, be it a lost burst, an interfered symbol or a band of
//! carriers, takes symbols that lie evenly over the picture (the three-distance theorem). A
//! quarter-turn by position whitens the symbols, so that the PAPR is that of ordinary OFDM. Nothing is stored: pictures of
//! a hundred million symbols need no table.
//!
//! ```
//! use heliograph::waveform::interleaver::Interleaver;
//! let i = Interleaver::new(1000, 7, 0);
//! let mut seen: Vec<_> = (0..1000).map(|slot| i.symbol(slot)).collect();
//! seen.sort();
//! assert_eq!(seen, (0..1000).collect::<Vec<_>>());
//! ```

use num_complex::Complex32;

use super::prbs::{self, Purpose};

const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// Noble numbers 1/(k + golden ratio) in use, k from 1.
const FAMILY: u64 = 8;

/// The map from slots to symbols of one picture and repetition.
#[derive(Clone, Copy, Debug)]
pub struct Interleaver {
    slots: u64,
    step: u64,
    offset: u64,
    seed: u64,
}

impl Interleaver {
    /// A map over `slots` slots; `seed` and `repeat` change it.
    pub fn new(slots: usize, seed: u8, repeat: u8) -> Self {
        let slots = slots.max(1) as u64;
        // Another noble number for every repetition: its symbols fall on other carriers.
        let family = prbs::bits(Purpose::Interleaver, seed.into(), 0).wrapping_add(repeat.into());
        let noble = 1.0 / ((1 + family % FAMILY) as f64 + GOLDEN);
        let seed = u64::from(seed) << 8 | u64::from(repeat);
        let random = |i| prbs::bits(Purpose::Interleaver, seed, i) as f64 / u64::MAX as f64;
        let wanted = slots as f64 * noble;
        let step = (0..slots)
            .map(|d| (wanted as u64 + d) % slots)
            .find(|&a| gcd(a, slots) == 1)
            .unwrap_or(1);
        let offset = ((slots as f64 * random(1)) as u64).min(slots - 1);
        Self {
            slots,
            step,
            offset,
            seed,
        }
    }

    /// Symbol that travels in `slot`.
    pub fn symbol(&self, slot: usize) -> usize {
        let product = u128::from(self.step) * slot as u128 + u128::from(self.offset);
        (product % u128::from(self.slots)) as usize
    }

    /// What the symbol in `slot` is turned by; the receiver turns back by the conjugate.
    pub fn rotation(&self, slot: usize) -> Complex32 {
        prbs::quarter_turn(self.seed, slot as u64)
    }

    /// What travels in `slot` when the picture has no symbol for it.
    pub fn filler(&self, slot: usize) -> Complex32 {
        prbs::filler(self.seed, slot as u64)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_a_permutation() {
        for slots in (1..400).chain([192 * 64 * 4, 12_289]) {
            let i = Interleaver::new(slots, 5, 1);
            let mut seen = vec![false; slots];
            for s in 0..slots {
                assert!(!std::mem::replace(&mut seen[i.symbol(s)], true), "{slots}");
            }
        }
    }

    #[test]
    fn a_lost_burst_leaves_no_hole() {
        let slots = 192 * 64 * 4;
        for seed in 0..64 {
            let map = Interleaver::new(slots, seed, 0);
            let mut lost = vec![false; slots];
            (192 * 64..2 * 192 * 64).for_each(|s| lost[map.symbol(s)] = true);
            let mut longest = 0;
            let mut run = 0;
            for l in lost {
                run = if l { run + 1 } else { 0 };
                longest = longest.max(run);
            }
            assert!(longest <= 2, "seed {seed}: {longest} symbols in a row");
        }
    }

    #[test]
    fn repetitions_take_other_carriers() {
        let slots = 192 * 100;
        let (a, b) = (Interleaver::new(slots, 1, 0), Interleaver::new(slots, 1, 1));
        let mut carrier = vec![0; slots];
        (0..slots).for_each(|s| carrier[a.symbol(s)] = s % 192);
        let same = (0..slots)
            .filter(|&s| carrier[b.symbol(s)] == s % 192)
            .count();
        assert!(same < slots / 20, "{same} of {slots}");
    }
}
