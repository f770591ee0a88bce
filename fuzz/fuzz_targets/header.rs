//! Soft bits of a header from anywhere: an answer or an error, never a panic; what is believed is in range.
#![no_main]

use heliograph::bits::header::{HeaderCodec, HeaderLimits};
use heliograph::bits::llr::Llr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut codec = HeaderCodec::new(1152).expect("1152 bits hold a header");
    let mut llrs: Vec<Llr> = data.iter().map(|&b| Llr(f32::from(b as i8) / 8.0)).collect();
    let _ = codec.decode(&llrs);
    llrs.resize(1152, Llr::ERASED);
    if let Ok(header) = codec.decode(&llrs) {
        if let Ok(header) = header.check(&HeaderLimits::default()) {
            let f = header.fields();
            assert!(u32::from(f.burst_index) < f.burst_count && f.analog_symbols <= 64);
        }
    }
});
