//! Bytes and soft bits of a digital stream from anywhere.
#![no_main]

use heliograph::bits::digital::{DigitalCode, DigitalDecoder, DigitalStream};
use heliograph::bits::llr::Llr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = DigitalStream::from_bytes(data);
    let [a, b, c, d, rest @ ..] = data else { return };
    let length = usize::from(u16::from_le_bytes([*a, *b]));
    let Ok(code) = DigitalCode::new(length, u32::from(*c) + 1, usize::from(*d) * 384) else {
        return;
    };
    let bits = code.bits_per_burst();
    let mut decoder = DigitalDecoder::new(code);
    let llrs: Vec<Llr> = (0..bits)
        .map(|i| Llr(rest.get(i % rest.len().max(1)).map_or(0.0, |&b| f32::from(b as i8))))
        .collect();
    let _ = decoder.accept(0, &llrs);
    let _ = DigitalStream::from_outcome(&decoder.decode());
});
