//! What is plugged in, and what it can do: plain data for lists and probes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::settings::{Duplex, Range, Timestamps};

/// Keys and values of a radio that was found, as SoapySDR gives them: `driver`, `label`, `serial`, ...
pub type Found = BTreeMap<String, String>;

/// All that a radio tells about itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probe {
    /// The driver's name for itself.
    pub driver: String,
    /// The driver's name for the hardware.
    pub hardware: String,
    /// Serial numbers, versions, and what else the driver tells.
    pub information: BTreeMap<String, String>,
    /// Reference clocks, by name.
    pub clock_sources: Vec<String>,
    /// The reference clock in use; empty if the driver does not tell.
    pub clock_source: String,
    /// Time sources, by name.
    pub time_sources: Vec<String>,
    /// Readings of the whole radio: temperature, lock of the reference, ...
    pub sensors: BTreeMap<String, String>,
    /// Times or none.
    pub timestamps: Timestamps,
    /// Channels of the receiver.
    pub receive: Vec<ChannelProbe>,
    /// Channels of the transmitter.
    pub transmit: Vec<ChannelProbe>,
}

/// All that a channel tells about itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelProbe {
    /// Antenna connectors, by name.
    pub antennas: Vec<String>,
    /// Gain of all stages together, dB.
    pub gain_db: Range,
    /// Gain of each stage, dB.
    pub gain_elements_db: BTreeMap<String, Range>,
    /// Centre frequencies, Hz.
    pub frequencies_hz: Vec<Range>,
    /// Sample rates, samples per second.
    pub sample_rates_hz: Vec<Range>,
    /// Widths of the analog filter, Hz; empty if it cannot be set.
    pub bandwidths_hz: Vec<Range>,
    /// Formats of samples that programs can have.
    pub formats: Vec<String>,
    /// Format of samples on the wire.
    pub native_format: String,
    /// Full scale of `native_format`.
    pub native_full_scale: f64,
    /// One way at a time, or both.
    pub duplex: Duplex,
    /// Readings of this channel: signal strength, lock of the oscillator, ...
    pub sensors: BTreeMap<String, String>,
    /// Samples of a transfer; `None` if no stream can be opened now.
    pub mtu_samples: Option<usize>,
}

/// The range from the least to the greatest of `ranges`; nothing fits into that of none.
#[cfg(any(feature = "soapy", test))]
pub(crate) fn hull(ranges: &[Range]) -> Range {
    let none = Range {
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
    };
    ranges.iter().fold(none, |hull, range| Range {
        min: hull.min.min(range.min),
        max: hull.max.max(range.max),
    })
}

/// The least value of `ranges` that is not below `value`, else the greatest there is.
#[cfg(any(feature = "soapy", test))]
pub(crate) fn at_least(ranges: &[Range], value: f64) -> Option<f64> {
    let above = ranges.iter().filter(|range| range.max >= value);
    above
        .map(|range| range.min.max(value))
        .min_by(f64::total_cmp)
        .or_else(|| ranges.iter().map(|range| range.max).max_by(f64::total_cmp))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: f64, max: f64) -> Range {
        Range { min, max }
    }

    #[test]
    fn a_hull_holds_all_ranges_and_that_of_none_holds_nothing() {
        let ranges = [range(5.0, 6.0), range(1.0, 2.0)];
        assert_eq!(hull(&ranges), range(1.0, 6.0));
        assert!(!hull(&[]).contains(0.0));
    }

    #[test]
    fn the_next_greater_value_is_taken_or_the_greatest() {
        let filters = [range(1.75e6, 1.75e6), range(2.5e6, 2.5e6), range(5e6, 8e6)];
        for (wanted, expected) in [
            (1e6, 1.75e6),
            (2e6, 2.5e6),
            (2.5e6, 2.5e6),
            (6e6, 6e6),
            (9e6, 8e6),
        ] {
            assert_eq!(at_least(&filters, wanted), Some(expected), "{wanted}");
        }
        assert_eq!(at_least(&[], 1e6), None);
    }
}
