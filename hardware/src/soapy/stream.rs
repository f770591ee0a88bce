//! A SoapySDR stream of complex floats on one channel, as thin as possible.

use std::ffi::{c_int, c_long, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::Duration;

use num_complex::Complex32;
use soapysdr_sys::*;

use super::channel::code_of;
use super::convert::c_text;
use super::device::Device;
use crate::error::RadioError;
use crate::settings::Direction;
use crate::time::RadioTime;

/// An open stream; closed when dropped.
///
/// SoapySDR lets no two threads into one stream at a time. `RxStream` and `TxStream` take `&mut self`, and where the
/// other direction has to touch a stream, [`super::duplex`] keeps them apart.
pub(super) struct Stream {
    device: Arc<Device>,
    handle: NonNull<SoapySDRStream>,
}

unsafe impl Send for Stream {}
unsafe impl Sync for Stream {}

/// Pause before a driver that does not wait is asked again.
pub(super) const NAP: Duration = Duration::from_millis(1);

/// What a call on a stream gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Number of samples, or one of SoapySDR's codes.
    pub result: i32,
    /// Time, where there is one.
    pub time: Option<RadioTime>,
    /// Does the burst end here?
    pub ending: Ending,
}

/// What the flag for the end of a burst says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is set.
    Burst,
    /// It is not.
    Nothing,
}

impl Stream {
    pub fn open(
        device: &Arc<Device>,
        direction: Direction,
        channel: usize,
    ) -> Result<Self, RadioError> {
        let format = c_text("CF32");
        let handle = unsafe {
            SoapySDRDevice_setupStream(
                device.handle(),
                code_of(direction),
                format.as_ptr(),
                &channel,
                1,
                ptr::null(),
            )
        };
        let handle = device.checked("setupStream", handle)?;
        let Some(handle) = NonNull::new(handle) else {
            return Err(device.refused("setupStream", "it gave no stream".to_owned()));
        };
        Ok(Self {
            device: device.clone(),
            handle,
        })
    }

    pub fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// Samples of a transfer; at least one.
    pub fn mtu_samples(&self) -> usize {
        let mtu = unsafe { SoapySDRDevice_getStreamMTU(self.device.handle(), self.handle()) };
        mtu.max(1)
    }

    pub fn activate(&self) -> Result<(), RadioError> {
        let status =
            unsafe { SoapySDRDevice_activateStream(self.device.handle(), self.handle(), 0, 0, 0) };
        self.device.done("activateStream", status)
    }

    pub fn deactivate(&self) -> Result<(), RadioError> {
        let status =
            unsafe { SoapySDRDevice_deactivateStream(self.device.handle(), self.handle(), 0, 0) };
        self.device.done("deactivateStream", status)
    }

    /// One `readStream`.
    pub fn read(&self, samples: &mut [Complex32], limit: Duration) -> Outcome {
        let buffers = [samples.as_mut_ptr().cast::<c_void>()];
        let (mut flags, mut time_ns) = (0, 0);
        let result = unsafe {
            SoapySDRDevice_readStream(
                self.device.handle(),
                self.handle(),
                buffers.as_ptr(),
                samples.len(),
                &mut flags,
                &mut time_ns,
                microseconds(limit),
            )
        };
        // A driver that says more than fits would be a bug of memory; here it is one of counting only.
        let most = i32::try_from(samples.len()).unwrap_or(i32::MAX);
        Outcome::new(result.min(most), flags, time_ns)
    }

    /// One `writeStream`; the end of the burst counts only if all samples were taken.
    pub fn write(
        &self,
        samples: &[Complex32],
        time: Option<RadioTime>,
        ending: Ending,
        limit: Duration,
    ) -> i32 {
        let buffers = [samples.as_ptr().cast::<c_void>()];
        let mut flags = match ending {
            Ending::Burst => SOAPY_SDR_END_BURST as c_int,
            Ending::Nothing => 0,
        };
        if time.is_some() {
            flags |= SOAPY_SDR_HAS_TIME as c_int;
        }
        let result = unsafe {
            SoapySDRDevice_writeStream(
                self.device.handle(),
                self.handle(),
                buffers.as_ptr(),
                samples.len(),
                &mut flags,
                time.map_or(0, |t| t.nanoseconds),
                microseconds(limit),
            )
        };
        result.min(i32::try_from(samples.len()).unwrap_or(i32::MAX))
    }

    /// One `readStreamStatus`.
    pub fn status(&self, limit: Duration) -> Outcome {
        let (mut channels, mut flags, mut time_ns) = (0, 0, 0);
        let result = unsafe {
            SoapySDRDevice_readStreamStatus(
                self.device.handle(),
                self.handle(),
                &mut channels,
                &mut flags,
                &mut time_ns,
                microseconds(limit),
            )
        };
        Outcome::new(result, flags, time_ns)
    }

    fn handle(&self) -> *mut SoapySDRStream {
        self.handle.as_ptr()
    }
}

impl Outcome {
    fn new(result: i32, flags: c_int, time_ns: i64) -> Self {
        let set = |flag: u32| flags & flag as c_int != 0;
        Self {
            result,
            time: set(SOAPY_SDR_HAS_TIME).then_some(RadioTime {
                nanoseconds: time_ns,
            }),
            ending: match set(SOAPY_SDR_END_BURST) {
                true => Ending::Burst,
                false => Ending::Nothing,
            },
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        unsafe {
            SoapySDRDevice_deactivateStream(self.device.handle(), self.handle(), 0, 0);
            SoapySDRDevice_closeStream(self.device.handle(), self.handle());
        }
    }
}

/// Rounded up, so that waiting for what is left does not spin.
fn microseconds(limit: Duration) -> c_long {
    let microseconds = limit.as_nanos().div_ceil(1000);
    c_long::try_from(microseconds).unwrap_or(c_long::MAX / 1_000_000)
}
