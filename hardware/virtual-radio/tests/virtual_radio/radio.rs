//! A thin client over SoapySDR's C interface: crate `soapysdr` hides the flags of reads.

use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr;
use std::sync::Once;

use soapysdr_sys::*;

pub const TX: c_int = 0;
pub const RX: c_int = 1;
pub const END_BURST: c_int = 1 << 1;
pub const HAS_TIME: c_int = 1 << 2;
pub const TIMEOUT: i32 = -1;
pub const STREAM_ERROR: i32 = -2;
pub const OVERFLOW: i32 = -4;
pub const TIME_ERROR: i32 = -6;
pub const UNDERFLOW: i32 = -7;

pub type Sample = [f32; 2];

/// A sample of a stream's format; without it Rust would take numbers without a type for f64.
pub trait Element {}
impl Element for [f32; 2] {}
impl Element for [i16; 2] {}
impl Element for [i8; 2] {}

pub struct Radio {
    device: *mut SoapySDRDevice,
    rx: *mut SoapySDRStream,
    tx: *mut SoapySDRStream,
}

// The device guards itself; SoapySDR wants no two threads on one stream.
unsafe impl Send for Radio {}
unsafe impl Sync for Radio {}

/// What a read gave: number or code, flags, time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub result: i32,
    pub flags: c_int,
    pub time_ns: i64,
}

pub fn load_module() {
    static LOADED: Once = Once::new();
    LOADED.call_once(|| {
        let path = CString::new(heliograph_virtual_radio::MODULE.expect("feature soapy")).unwrap();
        let error = unsafe { CStr::from_ptr(SoapySDR_loadModule(path.as_ptr())) };
        assert_eq!(error.to_str(), Ok(""));
    });
}

fn last_error() -> String {
    unsafe { CStr::from_ptr(SoapySDRDevice_lastError()) }
        .to_string_lossy()
        .into_owned()
}

fn checked(status: c_int) -> Result<(), String> {
    if status == 0 {
        Ok(())
    } else {
        Err(format!("{status}: {}", last_error()))
    }
}

impl Radio {
    /// A radio with these arguments beside the driver, both directions at `rate_hz` and 100 MHz.
    pub fn open(arguments: &str, rate_hz: f64) -> Result<Self, String> {
        load_module();
        let arguments = CString::new(format!("driver=heliograph,{arguments}")).unwrap();
        let device = unsafe { SoapySDRDevice_makeStrArgs(arguments.as_ptr()) };
        if device.is_null() {
            return Err(last_error());
        }
        let radio = Self {
            device,
            rx: ptr::null_mut(),
            tx: ptr::null_mut(),
        };
        for direction in [TX, RX] {
            radio.rate(direction, rate_hz)?;
            radio.frequency(direction, 100e6)?;
        }
        Ok(radio)
    }

    pub fn rate(&self, direction: c_int, hz: f64) -> Result<(), String> {
        checked(unsafe { SoapySDRDevice_setSampleRate(self.device, direction, 0, hz) })
    }

    pub fn frequency(&self, direction: c_int, hz: f64) -> Result<(), String> {
        checked(unsafe { SoapySDRDevice_setFrequency(self.device, direction, 0, hz, ptr::null()) })
    }

    pub fn gain(&self, direction: c_int, db: f64) -> Result<(), String> {
        checked(unsafe { SoapySDRDevice_setGain(self.device, direction, 0, db) })
    }

    pub fn now_ns(&self) -> i64 {
        unsafe { SoapySDRDevice_getHardwareTime(self.device, ptr::null()) }
    }

    pub fn setup(&mut self, direction: c_int, format: &str) -> Result<(), String> {
        let format = CString::new(format).unwrap();
        let stream = unsafe {
            SoapySDRDevice_setupStream(
                self.device,
                direction,
                format.as_ptr(),
                ptr::null(),
                0,
                ptr::null(),
            )
        };
        if stream.is_null() {
            return Err(last_error());
        }
        *if direction == RX {
            &mut self.rx
        } else {
            &mut self.tx
        } = stream;
        Ok(())
    }

    fn stream(&self, direction: c_int) -> *mut SoapySDRStream {
        if direction == RX { self.rx } else { self.tx }
    }

    pub fn mtu(&self, direction: c_int) -> usize {
        unsafe { SoapySDRDevice_getStreamMTU(self.device, self.stream(direction)) }
    }

    pub fn activate(&self, direction: c_int) -> Result<(), String> {
        checked(unsafe {
            SoapySDRDevice_activateStream(self.device, self.stream(direction), 0, 0, 0)
        })
    }

    pub fn deactivate(&self, direction: c_int) -> Result<(), String> {
        checked(unsafe {
            SoapySDRDevice_deactivateStream(self.device, self.stream(direction), 0, 0)
        })
    }

    /// Set up in CF32 and activated.
    pub fn receiver(arguments: &str, rate_hz: f64) -> Self {
        let mut radio = Self::open(arguments, rate_hz).unwrap();
        radio.setup(RX, "CF32").unwrap();
        radio.activate(RX).unwrap();
        radio
    }

    /// Set up in CF32 and activated.
    pub fn transmitter(arguments: &str, rate_hz: f64) -> Self {
        let mut radio = Self::open(arguments, rate_hz).unwrap();
        radio.setup(TX, "CF32").unwrap();
        radio.activate(TX).unwrap();
        radio
    }

    /// One readStream; `T` is the sample of the stream's format.
    pub fn read<T: Element>(&self, samples: &mut [T], timeout_us: i64) -> Outcome {
        let buffers = [samples.as_mut_ptr().cast::<c_void>()];
        let (mut flags, mut time_ns) = (0, 0);
        let result = unsafe {
            SoapySDRDevice_readStream(
                self.device,
                self.rx,
                buffers.as_ptr(),
                samples.len(),
                &mut flags,
                &mut time_ns,
                timeout_us,
            )
        };
        Outcome {
            result,
            flags,
            time_ns,
        }
    }

    /// One writeStream; gives number or code.
    pub fn write<T: Element>(
        &self,
        samples: &[T],
        time_ns: Option<i64>,
        end: bool,
        timeout_us: i64,
    ) -> i32 {
        let buffers = [samples.as_ptr().cast::<c_void>()];
        let mut flags = if time_ns.is_some() { HAS_TIME } else { 0 };
        flags |= if end { END_BURST } else { 0 };
        unsafe {
            SoapySDRDevice_writeStream(
                self.device,
                self.tx,
                buffers.as_ptr(),
                samples.len(),
                &mut flags,
                time_ns.unwrap_or(0),
                timeout_us,
            )
        }
    }

    /// Writes all of it, in as many parts as the radio wants.
    pub fn send<T: Element>(&self, mut samples: &[T], time_ns: Option<i64>, end: bool) {
        let mut start = time_ns;
        while !samples.is_empty() {
            let result = self.write(samples, start, end, 2_000_000);
            assert!(result > 0, "write: {result}");
            samples = &samples[result as usize..];
            start = None;
        }
    }

    /// Reads until `samples` is full; gives the time of the first. Panics at losses.
    pub fn receive<T: Element>(&self, samples: &mut [T]) -> i64 {
        let (mut done, mut first_ns) = (0, 0);
        while done < samples.len() {
            let outcome = self.read(&mut samples[done..], 5_000_000);
            assert!(outcome.result > 0, "read: {outcome:?} after {done}");
            if done == 0 {
                first_ns = outcome.time_ns;
            }
            done += outcome.result as usize;
        }
        first_ns
    }

    pub fn status(&self, timeout_us: i64) -> Outcome {
        let (mut channels, mut flags, mut time_ns) = (0, 0, 0);
        let result = unsafe {
            SoapySDRDevice_readStreamStatus(
                self.device,
                self.tx,
                &mut channels,
                &mut flags,
                &mut time_ns,
                timeout_us,
            )
        };
        Outcome {
            result,
            flags,
            time_ns,
        }
    }
}

impl Drop for Radio {
    fn drop(&mut self) {
        unsafe {
            for stream in [self.rx, self.tx] {
                if !stream.is_null() {
                    SoapySDRDevice_closeStream(self.device, stream);
                }
            }
            SoapySDRDevice_unmake(self.device);
        }
    }
}
