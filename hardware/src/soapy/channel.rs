//! Settings and limits of one channel of a SoapySDR device, as thin as possible.

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::ptr;

use soapysdr_sys::*;

use super::convert::{c_text, owned, owned_list, owned_ranges, range_of};
use super::device::Device;
use crate::error::RadioError;
use crate::settings::{Direction, Range};

/// One channel of one direction.
#[derive(Clone, Copy)]
pub(super) struct Channel<'a> {
    pub device: &'a Device,
    pub direction: Direction,
    pub index: usize,
}

/// SoapySDR's number for a direction.
pub(super) fn code_of(direction: Direction) -> c_int {
    let code = match direction {
        Direction::Receive => SOAPY_SDR_RX,
        Direction::Transmit => SOAPY_SDR_TX,
    };
    code as c_int
}

type Done = Result<(), RadioError>;

/// A list of things of this channel.
type List<T> = unsafe extern "C" fn(*const SoapySDRDevice, c_int, usize, *mut usize) -> *mut T;

impl Channel<'_> {
    fn texts(
        self,
        call: &'static str,
        list: List<*mut std::ffi::c_char>,
    ) -> Result<Vec<String>, RadioError> {
        let mut length = 0;
        let texts = unsafe {
            let texts = list(self.device.handle(), self.code(), self.index, &mut length);
            owned_list(texts, length)
        };
        self.device.checked(call, texts)
    }

    fn ranges(
        self,
        call: &'static str,
        list: List<SoapySDRRange>,
    ) -> Result<Vec<Range>, RadioError> {
        let mut length = 0;
        let ranges = unsafe {
            let ranges = list(self.device.handle(), self.code(), self.index, &mut length);
            owned_ranges(ranges, length)
        };
        self.device.checked(call, ranges)
    }

    fn code(self) -> c_int {
        code_of(self.direction)
    }

    pub fn antennas(self) -> Result<Vec<String>, RadioError> {
        self.texts("listAntennas", SoapySDRDevice_listAntennas)
    }

    pub fn antenna(self) -> Result<String, RadioError> {
        let name = unsafe {
            owned(SoapySDRDevice_getAntenna(
                self.device.handle(),
                self.code(),
                self.index,
            ))
        };
        self.device.checked("getAntenna", name)
    }

    pub fn set_antenna(self, name: &str) -> Done {
        let name = c_text(name);
        let status = unsafe {
            SoapySDRDevice_setAntenna(self.device.handle(), self.code(), self.index, name.as_ptr())
        };
        self.device.done("setAntenna", status)
    }

    pub fn frequencies_hz(self) -> Result<Vec<Range>, RadioError> {
        self.ranges("getFrequencyRange", SoapySDRDevice_getFrequencyRange)
    }

    pub fn frequency_hz(self) -> Result<f64, RadioError> {
        let hz =
            unsafe { SoapySDRDevice_getFrequency(self.device.handle(), self.code(), self.index) };
        self.device.checked("getFrequency", hz)
    }

    pub fn set_frequency_hz(self, hz: f64) -> Done {
        let status = unsafe {
            SoapySDRDevice_setFrequency(
                self.device.handle(),
                self.code(),
                self.index,
                hz,
                ptr::null(),
            )
        };
        self.device.done("setFrequency", status)
    }

    pub fn sample_rates_hz(self) -> Result<Vec<Range>, RadioError> {
        self.ranges("getSampleRateRange", SoapySDRDevice_getSampleRateRange)
    }

    pub fn sample_rate_hz(self) -> Result<f64, RadioError> {
        let hz =
            unsafe { SoapySDRDevice_getSampleRate(self.device.handle(), self.code(), self.index) };
        self.device.checked("getSampleRate", hz)
    }

    pub fn set_sample_rate_hz(self, hz: f64) -> Done {
        let status = unsafe {
            SoapySDRDevice_setSampleRate(self.device.handle(), self.code(), self.index, hz)
        };
        self.device.done("setSampleRate", status)
    }

    pub fn bandwidths_hz(self) -> Result<Vec<Range>, RadioError> {
        self.ranges("getBandwidthRange", SoapySDRDevice_getBandwidthRange)
    }

    pub fn bandwidth_hz(self) -> Result<f64, RadioError> {
        let hz =
            unsafe { SoapySDRDevice_getBandwidth(self.device.handle(), self.code(), self.index) };
        self.device.checked("getBandwidth", hz)
    }

    pub fn set_bandwidth_hz(self, hz: f64) -> Done {
        let status = unsafe {
            SoapySDRDevice_setBandwidth(self.device.handle(), self.code(), self.index, hz)
        };
        self.device.done("setBandwidth", status)
    }

    pub fn gain_range_db(self) -> Result<Range, RadioError> {
        let range =
            unsafe { SoapySDRDevice_getGainRange(self.device.handle(), self.code(), self.index) };
        self.device.checked("getGainRange", range_of(range))
    }

    pub fn gain_db(self) -> Result<f64, RadioError> {
        let db = unsafe { SoapySDRDevice_getGain(self.device.handle(), self.code(), self.index) };
        self.device.checked("getGain", db)
    }

    pub fn set_gain_db(self, db: f64) -> Done {
        let status =
            unsafe { SoapySDRDevice_setGain(self.device.handle(), self.code(), self.index, db) };
        self.device.done("setGain", status)
    }

    /// Switches automatic gain off, where there is one.
    pub fn set_gain_by_hand(self) -> Done {
        let (device, code, index) = (self.device.handle(), self.code(), self.index);
        if !unsafe { SoapySDRDevice_hasGainMode(device, code, index) } {
            return Ok(());
        }
        let status = unsafe { SoapySDRDevice_setGainMode(device, code, index, false) };
        self.device.done("setGainMode", status)
    }

    /// The stages and what each can do.
    pub fn gain_elements_db(self) -> Result<BTreeMap<String, Range>, RadioError> {
        let names = self.texts("listGains", SoapySDRDevice_listGains)?;
        let with_range = |name: String| {
            let range = self.gain_element_range_db(&name)?;
            Ok((name, range))
        };
        names.into_iter().map(with_range).collect()
    }

    fn gain_element_range_db(self, name: &str) -> Result<Range, RadioError> {
        let name = c_text(name);
        let range = unsafe {
            SoapySDRDevice_getGainElementRange(
                self.device.handle(),
                self.code(),
                self.index,
                name.as_ptr(),
            )
        };
        self.device.checked("getGainElementRange", range_of(range))
    }

    pub fn gain_element_db(self, name: &str) -> Result<f64, RadioError> {
        let name = c_text(name);
        let db = unsafe {
            SoapySDRDevice_getGainElement(
                self.device.handle(),
                self.code(),
                self.index,
                name.as_ptr(),
            )
        };
        self.device.checked("getGainElement", db)
    }

    pub fn set_gain_element_db(self, name: &str, db: f64) -> Done {
        let name = c_text(name);
        let status = unsafe {
            SoapySDRDevice_setGainElement(
                self.device.handle(),
                self.code(),
                self.index,
                name.as_ptr(),
                db,
            )
        };
        self.device.done("setGainElement", status)
    }

    pub fn formats(self) -> Result<Vec<String>, RadioError> {
        self.texts("getStreamFormats", SoapySDRDevice_getStreamFormats)
    }

    /// The format of the samples on the wire, and its full scale.
    pub fn native_format(self) -> Result<(String, f64), RadioError> {
        let mut full_scale = 0.0;
        let name = unsafe {
            owned(SoapySDRDevice_getNativeStreamFormat(
                self.device.handle(),
                self.code(),
                self.index,
                &mut full_scale,
            ))
        };
        self.device
            .checked("getNativeStreamFormat", (name, full_scale))
    }

    /// Can this channel run while the other direction does?
    pub fn full_duplex(self) -> Result<crate::settings::Duplex, RadioError> {
        let full =
            unsafe { SoapySDRDevice_getFullDuplex(self.device.handle(), self.code(), self.index) };
        let duplex = match full {
            true => crate::settings::Duplex::Full,
            false => crate::settings::Duplex::Half,
        };
        self.device.checked("getFullDuplex", duplex)
    }

    pub fn sensors(self) -> Result<Vec<String>, RadioError> {
        self.texts("listSensors", SoapySDRDevice_listChannelSensors)
    }

    pub fn sensor(self, name: &str) -> Result<String, RadioError> {
        let name = c_text(name);
        let reading = unsafe {
            owned(SoapySDRDevice_readChannelSensor(
                self.device.handle(),
                self.code(),
                self.index,
                name.as_ptr(),
            ))
        };
        self.device.checked("readSensor", reading)
    }
}
