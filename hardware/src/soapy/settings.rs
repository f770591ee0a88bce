//! Settings in Hz and dB, applied and read back.

use soapysdr_sys::{SoapySDRDevice_getClockSource, SoapySDRDevice_setClockSource};

use super::channel::Channel;
use super::convert::{c_text, owned};
use super::device::Device;
use crate::discovery::{ChannelProbe, at_least};
use crate::error::RadioError;
use crate::settings::{Direction, RadioSettings, Range};

/// The largest deviation of a sample rate. The receiver follows a transmitter whose clock is off by 20 ppm; a rate that
/// the radio cannot make is no matter of clocks, and off by much more.
const RATE_TOLERANCE: f64 = 1e-6;

/// What one direction of a radio is set to.
#[derive(Clone)]
pub(super) struct Tuning {
    /// What the radio made of the settings.
    pub settings: RadioSettings,
    /// The settings as they were asked for.
    asked: RadioSettings,
    filter: Filter,
}

/// Applies settings that [`crate::Capabilities::check`] has passed.
pub(super) fn apply(
    device: &Device,
    direction: Direction,
    asked: &RadioSettings,
    limits: &ChannelProbe,
) -> Result<Tuning, RadioError> {
    check_frequency(asked, limits)?;
    let channel = Channel {
        device,
        direction,
        index: asked.channel,
    };
    if let Some(name) = &asked.clock_source {
        set_clock_source(device, name)?;
    }
    set_sample_rate(channel, asked.sample_rate_hz, &limits.sample_rates_hz)?;
    if let Some(name) = &asked.antenna {
        channel.set_antenna(name)?;
    }
    let filter = Filter::of(asked, limits);
    set_front_end(channel, asked, filter)?;
    let settings = read_back(channel, asked, limits)?;
    Ok(Tuning {
        settings,
        asked: asked.clone(),
        filter,
    })
}

/// The analog filter.
#[derive(Clone, Copy)]
enum Filter {
    /// As asked, Hz.
    Fixed(f64),
    /// That of the sample rate, Hz, where the driver lets us.
    Following(f64),
    /// There is none to set.
    Absent,
}

impl Filter {
    fn of(asked: &RadioSettings, limits: &ChannelProbe) -> Self {
        let following = || at_least(&limits.bandwidths_hz, asked.sample_rate_hz);
        match asked.bandwidth_hz {
            Some(hz) => Self::Fixed(hz),
            None => following().map_or(Self::Absent, Self::Following),
        }
    }
}

/// Frequencies come in several ranges, and the oscillator has to be in one of them.
fn check_frequency(asked: &RadioSettings, limits: &ChannelProbe) -> Result<(), RadioError> {
    let inside = |hz: f64| limits.frequencies_hz.iter().any(|range| range.contains(hz));
    let oscillator_hz = asked.frequency_hz + asked.lo_offset_hz;
    if inside(oscillator_hz) {
        return Ok(());
    }
    let allowed = ranges(&limits.frequencies_hz);
    Err(match asked.lo_offset_hz == 0.0 {
        true => RadioError::Setting {
            field: "frequency_hz",
            found: asked.frequency_hz.to_string(),
            allowed,
        },
        false => RadioError::Setting {
            field: "lo_offset_hz",
            found: format!("{}, the oscillator at {oscillator_hz}", asked.lo_offset_hz),
            allowed: format!("the oscillator within {allowed}"),
        },
    })
}

fn ranges(ranges: &[Range]) -> String {
    let words: Vec<_> = ranges.iter().map(Range::to_string).collect();
    words.join(", ")
}

fn set_clock_source(device: &Device, name: &str) -> Result<(), RadioError> {
    let name = c_text(name);
    let status = unsafe { SoapySDRDevice_setClockSource(device.handle(), name.as_ptr()) };
    device.done("setClockSource", status)
}

/// Sets the rate, or leaves it as it was if the radio cannot make it.
fn set_sample_rate(
    channel: Channel<'_>,
    asked_hz: f64,
    allowed: &[Range],
) -> Result<(), RadioError> {
    let before = channel.sample_rate_hz().ok();
    channel.set_sample_rate_hz(asked_hz)?;
    let checked = check_sample_rate(asked_hz, channel.sample_rate_hz()?, allowed);
    if let (Err(_), Some(before)) = (&checked, before) {
        channel.set_sample_rate_hz(before)?;
    }
    checked
}

fn check_sample_rate(asked_hz: f64, made_hz: f64, allowed: &[Range]) -> Result<(), RadioError> {
    if (made_hz / asked_hz - 1.0).abs() <= RATE_TOLERANCE {
        return Ok(());
    }
    let allowed = ranges(allowed);
    Err(RadioError::Setting {
        field: "sample_rate_hz",
        found: asked_hz.to_string(),
        allowed: format!("{allowed}, in the radio's own steps: it makes {made_hz} of it"),
    })
}

/// Beyond the steps of any synthesizer, Hz.
const FAR_HZ: f64 = 1e6;

/// A driver may clamp in silence: half of the sample rate away, or far, is elsewhere.
fn check_tuned(asked: &RadioSettings, tuned_hz: f64, allowed: &[Range]) -> Result<(), RadioError> {
    let wanted_hz = asked.frequency_hz + asked.lo_offset_hz;
    if (tuned_hz - wanted_hz).abs() < FAR_HZ.min(asked.sample_rate_hz / 2.0) {
        return Ok(());
    }
    let allowed = ranges(allowed);
    Err(RadioError::Setting {
        field: "frequency_hz",
        found: wanted_hz.to_string(),
        allowed: format!("{allowed}; the radio stands at {tuned_hz}"),
    })
}

/// Frequency, filter and gains.
fn set_front_end(
    channel: Channel<'_>,
    asked: &RadioSettings,
    filter: Filter,
) -> Result<(), RadioError> {
    channel.set_frequency_hz(asked.frequency_hz + asked.lo_offset_hz)?;
    match filter {
        Filter::Fixed(hz) => channel.set_bandwidth_hz(hz)?,
        // Nobody asked for it: a driver that refuses has a filter of its own.
        Filter::Following(hz) => channel.set_bandwidth_hz(hz).unwrap_or(()),
        Filter::Absent => (),
    }
    if asked.gain_db.is_some() || !asked.gain_elements_db.is_empty() {
        channel.set_gain_by_hand()?;
    }
    if let Some(db) = asked.gain_db {
        channel.set_gain_db(db)?;
    }
    for (name, &db) in &asked.gain_elements_db {
        channel.set_gain_element_db(name, db)?;
    }
    Ok(())
}

/// What the radio made of it. With an offset the frequency is exact: shifting makes up for the steps of the synthesizer.
fn read_back(
    channel: Channel<'_>,
    asked: &RadioSettings,
    limits: &ChannelProbe,
) -> Result<RadioSettings, RadioError> {
    let oscillator_hz = channel.frequency_hz()?;
    check_tuned(asked, oscillator_hz, &limits.frequencies_hz)?;
    let (frequency_hz, lo_offset_hz) = match asked.lo_offset_hz == 0.0 {
        true => (oscillator_hz, 0.0),
        false => (asked.frequency_hz, oscillator_hz - asked.frequency_hz),
    };
    let mut made = RadioSettings {
        frequency_hz,
        lo_offset_hz,
        sample_rate_hz: channel.sample_rate_hz()?,
        antenna: channel.antenna().ok().filter(|name| !name.is_empty()),
        clock_source: clock_source(channel.device).filter(|name| !name.is_empty()),
        ..asked.clone()
    };
    if made.gain_db.is_some() {
        made.gain_db = Some(channel.gain_db()?);
    }
    for (name, db) in &mut made.gain_elements_db {
        *db = channel.gain_element_db(name)?;
    }
    if !limits.bandwidths_hz.is_empty() {
        made.bandwidth_hz = Some(channel.bandwidth_hz()?);
    }
    Ok(made)
}

fn clock_source(device: &Device) -> Option<String> {
    let name = unsafe { owned(SoapySDRDevice_getClockSource(device.handle())) };
    device.checked("getClockSource", name).ok()
}

impl Tuning {
    /// How far the samples are to be shifted, Hz: the oscillator's distance from the frequency.
    pub fn shift_hz(&self) -> f64 {
        self.settings.lo_offset_hz
    }

    /// Applies the settings once more, on a radio that the other direction has set since.
    pub fn apply_again(&self, device: &Device, direction: Direction) -> Result<(), RadioError> {
        let channel = Channel {
            device,
            direction,
            index: self.asked.channel,
        };
        channel.set_sample_rate_hz(self.asked.sample_rate_hz)?;
        set_front_end(channel, &self.asked, self.filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES_HZ: [Range; 1] = [Range { min: 1e6, max: 2e7 }];

    #[test]
    fn a_rate_that_is_rounded_by_more_than_a_millionth_is_refused() {
        assert_eq!(check_sample_rate(2e6, 2e6 + 2.0, &RATES_HZ), Ok(()));
        let error = check_sample_rate(7e6, 6_999_986.0, &RATES_HZ).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sample_rate_hz: found 7000000, allowed 1000000 to 20000000, in the radio's own steps: it makes 6999986 of it"
        );
        assert!(check_sample_rate(2e6, f64::NAN, &RATES_HZ).is_err());
    }

    #[test]
    fn a_driver_that_clamps_in_silence_is_found_out() {
        let frequencies_hz = [Range { min: 1e8, max: 3e9 }];
        let asked = RadioSettings::new(433.92e6, 2e6);
        assert_eq!(
            check_tuned(&asked, 433.92e6 - 40.0, &frequencies_hz),
            Ok(())
        );
        // However fast the radio runs.
        let fast = RadioSettings::new(433.92e6, 8e6);
        assert!(check_tuned(&fast, 433.92e6 + 2e6, &frequencies_hz).is_err());
        let error = check_tuned(&asked, 5e8, &frequencies_hz).unwrap_err();
        assert_eq!(
            error.to_string(),
            "frequency_hz: found 433920000, allowed 100000000 to 3000000000; the radio stands at 500000000"
        );
    }
}
