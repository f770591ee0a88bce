//! Finding radios and asking them what they can do.

use std::collections::BTreeMap;
use std::ffi::c_char;
use std::sync::Arc;

use soapysdr_sys::*;

use super::channel::{Channel, code_of};
use super::convert::{c_text, owned, owned_list, owned_pairs, owned_pairs_list};
use super::device::Device;
use super::module;
use super::stream::Stream;
use crate::discovery::{ChannelProbe, Found, Probe};
use crate::error::RadioError;
use crate::settings::{Direction, Range, Timestamps};

/// Radios that fit `arguments`: `driver=hackrf`, or nothing for all.
pub(crate) fn discover(arguments: &str) -> Result<Vec<Found>, RadioError> {
    module::load_for(arguments)?;
    Ok(enumerate(arguments))
}

/// Opens the first radio that fits and asks it everything.
pub(crate) fn probe(arguments: &str) -> Result<Probe, RadioError> {
    module::load_for(arguments)?;
    probe_device(&Device::open(arguments)?)
}

pub(super) fn enumerate(arguments: &str) -> Vec<Found> {
    let text = c_text(arguments);
    let mut length = 0;
    unsafe {
        let list = SoapySDRDevice_enumerateStrArgs(text.as_ptr(), &mut length);
        owned_pairs_list(list, length)
    }
}

/// Why no radio could be opened: what the driver said, or that there is none.
pub(super) fn not_found(arguments: &str, reason: String) -> RadioError {
    if enumerate(arguments).is_empty() {
        return RadioError::NotFound {
            arguments: arguments.to_owned(),
            drivers: drivers().join(", "),
        };
    }
    RadioError::Driver {
        radio: arguments.to_owned(),
        call: "make",
        reason,
    }
}

/// Drivers that are installed; no hardware is asked.
fn drivers() -> Vec<String> {
    let mut length = 0;
    let modules = unsafe { owned_list(SoapySDR_listModules(&mut length), length) };
    let mut names = module::own_driver();
    for path in modules {
        let path = c_text(&path);
        let loaded = unsafe { owned_pairs(SoapySDR_getLoaderResult(path.as_ptr())) };
        names.extend(loaded.into_iter().filter(|(_, error)| error.is_empty()));
    }
    names.into_keys().collect()
}

fn probe_device(device: &Arc<Device>) -> Result<Probe, RadioError> {
    let handle = device.handle();
    let (hardware, information) = unsafe {
        (
            owned(SoapySDRDevice_getHardwareKey(handle)),
            owned_pairs(SoapySDRDevice_getHardwareInfo(handle)),
        )
    };
    Ok(Probe {
        driver: device.driver().to_owned(),
        hardware,
        information,
        clock_sources: clock_sources(device),
        clock_source: unsafe { owned(SoapySDRDevice_getClockSource(handle)) },
        time_sources: texts(device, SoapySDRDevice_listTimeSources),
        sensors: sensors(device),
        timestamps: timestamps(device),
        receive: probe_channels(device, Direction::Receive)?,
        transmit: probe_channels(device, Direction::Transmit)?,
    })
}

fn probe_channels(
    device: &Arc<Device>,
    direction: Direction,
) -> Result<Vec<ChannelProbe>, RadioError> {
    let channels = 0..channels(device, direction);
    channels
        .map(|index| probe_channel(device, direction, index))
        .collect()
}

/// Number of channels.
pub(super) fn channels(device: &Device, direction: Direction) -> usize {
    unsafe { SoapySDRDevice_getNumChannels(device.handle(), code_of(direction)) }
}

/// Asks one channel everything. Of things that drivers may leave out, errors count as nothing.
pub(super) fn probe_channel(
    device: &Arc<Device>,
    direction: Direction,
    index: usize,
) -> Result<ChannelProbe, RadioError> {
    let channel = Channel {
        device,
        direction,
        index,
    };
    let (native_format, native_full_scale) = channel.native_format().unwrap_or_default();
    let names = channel.sensors().unwrap_or_default();
    let reading = |name: String| Some((name.clone(), channel.sensor(&name).ok()?));
    let stream = Stream::open(device, direction, index);
    Ok(ChannelProbe {
        antennas: channel.antennas().unwrap_or_default(),
        gain_db: channel.gain_range_db()?,
        gain_elements_db: channel.gain_elements_db()?,
        frequencies_hz: channel.frequencies_hz()?,
        sample_rates_hz: channel.sample_rates_hz()?,
        bandwidths_hz: bandwidths_hz(channel),
        formats: channel.formats().unwrap_or_default(),
        native_format,
        native_full_scale,
        duplex: channel.full_duplex()?,
        sensors: names.into_iter().filter_map(reading).collect(),
        mtu_samples: stream.ok().map(|stream| stream.mtu_samples()),
    })
}

/// Drivers without a filter say nothing, or from 0 to 0.
fn bandwidths_hz(channel: Channel<'_>) -> Vec<Range> {
    let mut ranges = channel.bandwidths_hz().unwrap_or_default();
    ranges.retain(|range| range.max > 0.0);
    ranges
}

type List = unsafe extern "C" fn(*const SoapySDRDevice, *mut usize) -> *mut *mut c_char;

fn texts(device: &Device, list: List) -> Vec<String> {
    let mut length = 0;
    unsafe { owned_list(list(device.handle(), &mut length), length) }
}

/// Reference clocks, by name.
pub(super) fn clock_sources(device: &Device) -> Vec<String> {
    texts(device, SoapySDRDevice_listClockSources)
}

fn sensors(device: &Device) -> BTreeMap<String, String> {
    let names = texts(device, SoapySDRDevice_listSensors);
    let reading = |name: String| {
        let key = c_text(&name);
        let reading = unsafe { owned(SoapySDRDevice_readSensor(device.handle(), key.as_ptr())) };
        Some((name, device.checked("readSensor", reading).ok()?))
    };
    names.into_iter().filter_map(reading).collect()
}

/// Does the device have a clock?
pub(super) fn timestamps(device: &Device) -> Timestamps {
    let what = c_text("");
    match unsafe { SoapySDRDevice_hasHardwareTime(device.handle(), what.as_ptr()) } {
        true => Timestamps::Supported,
        false => Timestamps::Unsupported,
    }
}
