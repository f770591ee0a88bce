//! The pseudo-random sequence of TS 38.211 section 5.2.1 (a length-31 Gold sequence) that whitens coded bits.
//!
//! ```
//! use heliograph::bits::prbs::GoldSequence;
//! let ones: usize = GoldSequence::new(7).take(1000).map(usize::from).sum();
//! assert!((450..550).contains(&ones));
//! ```

/// Outputs dropped before the first (N_C of the standard).
const WARM_UP: usize = 1600;

/// Endless iterator over c(n), each 0 or 1.
#[derive(Clone, Debug)]
pub struct GoldSequence {
    x1: u32,
    x2: u32,
}

impl GoldSequence {
    /// Starts the sequence of `c_init`, of which the low 31 bits count.
    pub fn new(c_init: u32) -> Self {
        let mut sequence = GoldSequence {
            x1: 1,
            x2: c_init & 0x7FFF_FFFF,
        };
        sequence.by_ref().take(WARM_UP).for_each(drop);
        sequence
    }
}

impl Iterator for GoldSequence {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let output = (self.x1 ^ self.x2) & 1;
        let x1_next = (self.x1 >> 3 ^ self.x1) & 1;
        let x2_next = (self.x2 >> 3 ^ self.x2 >> 2 ^ self.x2 >> 1 ^ self.x2) & 1;
        self.x1 = self.x1 >> 1 | x1_next << 30;
        self.x2 = self.x2 >> 1 | x2_next << 30;
        Some(output as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recurrences as the standard writes them, on whole arrays.
    fn slow_sequence(c_init: u32, length: usize) -> Vec<u8> {
        let total = WARM_UP + length + 31;
        let (mut x1, mut x2) = (vec![0u8; total], vec![0u8; total]);
        x1[0] = 1;
        for (n, bit) in x2.iter_mut().enumerate().take(31) {
            *bit = (c_init >> n & 1) as u8;
        }
        for n in 0..total - 31 {
            x1[n + 31] = x1[n + 3] ^ x1[n];
            x2[n + 31] = x2[n + 3] ^ x2[n + 2] ^ x2[n + 1] ^ x2[n];
        }
        (0..length)
            .map(|n| x1[n + WARM_UP] ^ x2[n + WARM_UP])
            .collect()
    }

    #[test]
    fn the_registers_follow_the_recurrences_of_the_standard() {
        for c_init in [0, 1, 0x4E57, 0x7FFF_FFFF] {
            let fast: Vec<u8> = GoldSequence::new(c_init).take(500).collect();
            assert_eq!(fast, slow_sequence(c_init, 500));
        }
    }
}
