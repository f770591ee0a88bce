//! Silence that fills a burst up to whole transfers.

use crate::profile::Transfers;

/// Where a transmission stands within its transfer.
pub(crate) struct Padding {
    /// Samples of a transfer; 1 where any length will do.
    mtu: usize,
    filled: usize,
}

impl Padding {
    pub fn new(transfers: Transfers, mtu_samples: usize) -> Self {
        let mtu = match transfers {
            Transfers::AnyLength => 1,
            Transfers::WholeMtus => mtu_samples.max(1),
        };
        Self { mtu, filled: 0 }
    }

    /// The radio took so many samples.
    pub fn took(&mut self, samples: usize) {
        self.filled = (self.filled + samples) % self.mtu;
    }

    /// Samples of silence that complete the transfer.
    pub fn missing(&self) -> usize {
        self.missing_after(0)
    }

    /// The same after so many more samples.
    pub fn missing_after(&self, samples: usize) -> usize {
        (self.mtu - (self.filled + samples) % self.mtu) % self.mtu
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_in_parts_is_filled_up_to_the_next_whole_transfer() {
        let mut padding = Padding::new(Transfers::WholeMtus, 100);
        assert_eq!(padding.missing(), 0);
        padding.took(30);
        padding.took(90);
        assert_eq!(padding.missing(), 80);
        padding.took(79);
        assert_eq!(padding.missing(), 1);
        padding.took(1);
        assert_eq!(padding.missing(), 0);
        assert_eq!(
            (padding.missing_after(30), padding.missing_after(200)),
            (70, 0)
        );
    }

    #[test]
    fn radios_that_take_any_length_need_none() {
        let mut padding = Padding::new(Transfers::AnyLength, 100);
        padding.took(30);
        assert_eq!(padding.missing(), 0);
    }
}
