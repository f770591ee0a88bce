//! The module as programs see it: through SoapySDR, in one process and in several.
//!
//! Tests in free pace depend on no clock; those in clock pace hold for any machine load. Each has an ether of its own.

mod children;
mod contract;
mod emulation;
mod ethers;
mod links;
mod pace;
mod radio;
mod signals;
mod tools;

/// An ether that no other test and no other run of the tests uses.
fn ether(name: &str) -> String {
    format!("test-{}-{name}", std::process::id())
}
