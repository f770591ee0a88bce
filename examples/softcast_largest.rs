//! Time and memory of SoftCast for a picture of any size, up to the largest.
//!
//! ```text
//! cargo run --release -p heliograph --example softcast_largest -- [WIDTH HEIGHT CBR]    (default 16384 16384 1/24)
//! ```
//! The picture is synthetic (waves and grain); the channel adds no noise. Peak memory is read from
//! `/proc/self/status` where there is one.

use std::time::Instant;

use heliograph::codec::{Cbr, Codec, ReceivedLatents, SoftCast};
use heliograph::metrics::psnr_db;
use heliograph::photo::{Photo, PhotoSize};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize, default: &'static str| words.get(at).map_or(default, String::as_str);
    let size = PhotoSize::new(word(0, "16384").parse()?, word(1, "16384").parse()?)?;
    let cbr: Cbr = word(2, "1/24").parse()?;
    let photo = scene(size);
    println!("{size} at {cbr}: {} symbols", cbr.symbols(size));
    report("picture made", Instant::now());

    let codec = SoftCast::default();
    let start = Instant::now();
    let latents = codec.encode(&photo, None, cbr.symbols(size))?;
    report("encoded", start);

    let start = Instant::now();
    let variances = vec![0.001; latents.symbols.len()];
    let received = ReceivedLatents {
        symbols: &latents.symbols,
        variances: &variances,
    };
    let decoded = codec.decode(received, &latents.side_information, size)?;
    report("decoded", start);

    println!("side information: {} bytes", latents.side_information.len());
    println!("psnr_db: {:.2}", psnr_db(&photo, &decoded)?);
    Ok(())
}

fn scene(size: PhotoSize) -> Photo {
    let mut state = 1u32;
    let mut rgb = Vec::with_capacity(3 * size.pixels());
    for y in 0..size.height() {
        for x in 0..size.width() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let wave = 60.0 * (x as f32 * 0.003).sin() + 40.0 * (y as f32 * 0.011).cos();
            let shade = 120.0 + wave + (state >> 28) as f32;
            rgb.extend([shade as u8, (0.9 * shade) as u8, (0.7 * shade) as u8]);
        }
    }
    Photo::new(size, rgb).expect("three bytes a pixel")
}

fn report(what: &str, start: Instant) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("VmHWM: unknown");
    println!(
        "{what}: {:.1} s, peak {}",
        start.elapsed().as_secs_f64(),
        peak[6..].trim()
    );
}
