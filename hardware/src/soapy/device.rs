//! The handle of a SoapySDR device, and the words of its errors.

use std::ptr::NonNull;
use std::sync::Arc;

use soapysdr_sys::{
    SoapySDR_errToStr, SoapySDRDevice, SoapySDRDevice_getDriverKey, SoapySDRDevice_getHardwareKey,
    SoapySDRDevice_lastError, SoapySDRDevice_lastStatus, SoapySDRDevice_makeStrArgs,
    SoapySDRDevice_unmake,
};

use super::convert::{borrowed, c_text, owned};
use super::discovery;
use crate::error::RadioError;

/// An open device. SoapySDR counts how often one with the same arguments is open in a program; all share it.
pub(super) struct Device {
    handle: NonNull<SoapySDRDevice>,
    name: String,
    driver: String,
}

// SoapySDR wants drivers to guard a device's own calls; a stream is in one thread at a time (see `Stream`).
unsafe impl Send for Device {}
unsafe impl Sync for Device {}

impl Device {
    /// Opens the first device that fits.
    pub fn open(arguments: &str) -> Result<Arc<Self>, RadioError> {
        let text = c_text(arguments);
        let Some(handle) = NonNull::new(unsafe { SoapySDRDevice_makeStrArgs(text.as_ptr()) })
        else {
            return Err(discovery::not_found(arguments, last_error()));
        };
        let driver = unsafe { owned(SoapySDRDevice_getDriverKey(handle.as_ptr())) };
        let hardware = unsafe { owned(SoapySDRDevice_getHardwareKey(handle.as_ptr())) };
        Ok(Arc::new(Self {
            handle,
            name: format!("{driver} ({hardware})"),
            driver,
        }))
    }

    /// For calls.
    pub fn handle(&self) -> *mut SoapySDRDevice {
        self.handle.as_ptr()
    }

    /// Name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The driver's name for itself.
    pub fn driver(&self) -> &str {
        &self.driver
    }

    /// `value`, if the `call` that gave it went well. Right after the call, in its thread.
    pub fn checked<T>(&self, call: &'static str, value: T) -> Result<T, RadioError> {
        match unsafe { SoapySDRDevice_lastStatus() } {
            0 => Ok(value),
            status => Err(self.failed(call, status)),
        }
    }

    /// Fine, if `status` is 0.
    pub fn done(&self, call: &'static str, status: i32) -> Result<(), RadioError> {
        match status {
            0 => Ok(()),
            status => Err(self.failed(call, status)),
        }
    }

    fn failed(&self, call: &'static str, status: i32) -> RadioError {
        let error = last_error();
        match error.is_empty() {
            true => self.refused(call, code_words(status)),
            false => self.refused(call, error),
        }
    }

    /// An error of the driver in its words.
    pub fn refused(&self, call: &'static str, reason: String) -> RadioError {
        RadioError::Driver {
            radio: self.name.clone(),
            call,
            reason,
        }
    }

    /// An error of a call on a stream. Right after the call, in its thread.
    pub fn refused_with(&self, call: &'static str, code: i32) -> RadioError {
        self.refused(call, code_and_error(code))
    }

    /// The device that does not stream any more. Right after the call that says so, in its thread.
    pub fn gone(&self, code: i32) -> RadioError {
        RadioError::Gone {
            radio: self.name.clone(),
            reason: code_and_error(code),
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        unsafe { SoapySDRDevice_unmake(self.handle()) };
    }
}

/// The text of the last error in this thread.
fn last_error() -> String {
    unsafe { borrowed(SoapySDRDevice_lastError()) }
}

/// A code of SoapySDR, with what the driver says if it says anything.
fn code_and_error(code: i32) -> String {
    let (code, error) = (code_words(code), last_error());
    match error.is_empty() {
        true => code,
        false => format!("{code}, {error}"),
    }
}

/// A code of SoapySDR in words: `STREAM_ERROR (-2)`.
fn code_words(code: i32) -> String {
    let words = unsafe { borrowed(SoapySDR_errToStr(code)) };
    format!("{words} ({code})")
}
