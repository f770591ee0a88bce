//! The constellation: equalized points of the latest bursts, few enough to draw.

use std::collections::{HashMap, VecDeque};

use futuresdr::runtime::Pmt;
use num_complex::Complex32;

/// Points kept of each kind.
pub const MAX_POINTS: usize = 2048;
/// Points taken from one burst of each kind, evenly spread over it.
pub const MAX_POINTS_PER_BURST: usize = 256;

/// Latest equalized points by kind, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constellation {
    /// Header and digital part (QPSK).
    pub qpsk: VecDeque<Complex32>,
    /// Analog part.
    pub analog: VecDeque<Complex32>,
}

impl Constellation {
    /// Adds points of one burst.
    pub fn add(&mut self, qpsk: &[Complex32], analog: &[Complex32]) {
        add(&mut self.qpsk, qpsk);
        add(&mut self.analog, analog);
    }

    /// The points as a plain map of complex vectors.
    pub fn to_pmt(&self) -> Pmt {
        let kinds = [("qpsk", &self.qpsk), ("analog", &self.analog)];
        let entry = |(name, points): (&str, &VecDeque<Complex32>)| {
            let points = points.iter().copied().collect();
            (name.to_owned(), Pmt::VecCF32(points))
        };
        Pmt::MapStrPmt(kinds.into_iter().map(entry).collect::<HashMap<_, _>>())
    }
}

fn add(kept: &mut VecDeque<Complex32>, fresh: &[Complex32]) {
    let stride = fresh.len().div_ceil(MAX_POINTS_PER_BURST).max(1);
    kept.extend(fresh.iter().step_by(stride));
    let excess = kept.len().saturating_sub(MAX_POINTS);
    kept.drain(..excess);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_points_are_kept_and_each_burst_has_its_share() {
        let mut constellation = Constellation::default();
        for burst in 0..100 {
            let points = vec![Complex32::new(burst as f32, 0.0); 12_288];
            constellation.add(&points[..10], &points);
        }
        assert_eq!(constellation.qpsk.len(), 1000);
        assert_eq!(constellation.analog.len(), MAX_POINTS);
        let share = constellation.analog.iter().filter(|p| p.re == 99.0);
        assert_eq!(share.count(), MAX_POINTS_PER_BURST);
    }
}
