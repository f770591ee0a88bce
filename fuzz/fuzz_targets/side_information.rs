//! Side information of the codecs from anywhere.
#![no_main]

use std::sync::LazyLock;

use heliograph::codec::{Codec, DeepJsccCodec, LatentCodec, ReceivedLatents, SoftCast};
use heliograph::photo::PhotoSize;
use libfuzzer_sys::fuzz_target;
use num_complex::Complex32;

static DEEPJSCC: LazyLock<DeepJsccCodec> =
    LazyLock::new(|| DeepJsccCodec::shipped().expect("weights"));
static LATENT: LazyLock<LatentCodec> = LazyLock::new(|| LatentCodec::shipped().expect("weights"));

/// Longest side for the networks: a few runs a second.
const LATENT_SIDE: u8 = 40;

fuzz_target!(|data: &[u8]| {
    let [learned, w, h, n, rest @ ..] = data else { return };
    let (codec, most): (&dyn Codec, u8) = match learned % 3 {
        0 => (&SoftCast::default(), u8::MAX),
        1 => (&*LATENT, LATENT_SIDE),
        _ => (&*DEEPJSCC, LATENT_SIDE),
    };
    let side = |byte: &u8| u32::from((*byte).min(most)) + 1;
    let size = PhotoSize::new(side(w), side(h)).expect("in range");
    let symbols = vec![Complex32::new(0.5, -0.5); usize::from(*n) * 16 + 1];
    let variances = vec![0.1; symbols.len()];
    let received = ReceivedLatents {
        symbols: &symbols,
        variances: &variances,
    };
    let _ = codec.decode(received, rest, size);
});
