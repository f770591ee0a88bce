//! Samples from anywhere, in chunks: no panic, and what is given out is bounded.
#![no_main]

use heliograph::link::{Receiver, ReceiverConfig};
use libfuzzer_sys::fuzz_target;
use num_complex::Complex32;

fuzz_target!(|data: &[u8]| {
    let mut receiver = Receiver::new(ReceiverConfig::default());
    for chunk in data.chunks(1 + usize::from(data.first().copied().unwrap_or(0)) * 64) {
        let samples: Vec<Complex32> = chunk
            .chunks_exact(8)
            .map(|b| {
                let f = |i: usize| f32::from_le_bytes([b[i], b[i + 1], b[i + 2], b[i + 3]]);
                Complex32::new(f(0), f(4))
            })
            .collect();
        receiver.push(&samples);
    }
    receiver.finish();
});
