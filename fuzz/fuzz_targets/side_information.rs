//! Side information of SoftCast from anywhere.
#![no_main]

use heliograph::codec::{Codec, ReceivedLatents, SoftCast};
use heliograph::photo::PhotoSize;
use libfuzzer_sys::fuzz_target;
use num_complex::Complex32;

fuzz_target!(|data: &[u8]| {
    let [w, h, n, rest @ ..] = data else { return };
    let size = PhotoSize::new(u32::from(*w) + 1, u32::from(*h) + 1).expect("in range");
    let symbols = vec![Complex32::new(0.5, -0.5); usize::from(*n) * 16 + 1];
    let variances = vec![0.1; symbols.len()];
    let received = ReceivedLatents {
        symbols: &symbols,
        variances: &variances,
    };
    let _ = SoftCast::default().decode(received, rest, size);
});
