//! Radios behind SoapySDR, over the virtual radio: the very code that drives a USRP or a HackRF.
//!
//! Tests in free pace depend on no clock; those in clock pace hold for any machine load. Each has an ether of its own.

mod bench;
mod bursts;
mod hackrf;
mod losses;
mod offset;
mod opening;
mod unplugged;
