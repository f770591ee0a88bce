//! Pictures made of integers, the same as in `tests/data/metrics/make.py`.

use crate::photo::{Photo, PhotoSize};

/// What is done to the second picture of a pair.
#[derive(Clone, Copy, Debug)]
pub enum Distortion {
    Blurred,
    Noisy,
    Posterized,
}

/// A texture and the same distorted.
pub fn pair(distortion: Distortion, width: u32, height: u32) -> (Photo, Photo) {
    let size = PhotoSize::new(width, height).unwrap();
    let (last_x, last_y) = (i64::from(width) - 1, i64::from(height) - 1);
    let distorted = drawn(size, |x, y, c| match distortion {
        Distortion::Blurred => {
            let near = (-2..=2).flat_map(|j| (-2..=2).map(move |i| (x + i, y + j)));
            let values = near.map(|(x, y)| texture(x.clamp(0, last_x), y.clamp(0, last_y), c));
            values.sum::<i64>() / 25
        }
        Distortion::Noisy => {
            let noise = scatter(x + 7, y + 3, c) % 81 - 40;
            (texture(x, y, c) + noise).clamp(0, 255)
        }
        Distortion::Posterized => texture(x, y, c) / 64 * 64 + 32,
    });
    (drawn(size, texture), distorted)
}

fn drawn(size: PhotoSize, value: impl Fn(i64, i64, i64) -> i64) -> Photo {
    let (width, height) = (i64::from(size.width()), i64::from(size.height()));
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let bytes = places.flat_map(|(x, y)| [0, 1, 2].map(|c| value(x, y, c) as u8));
    Photo::new(size, bytes.collect()).unwrap()
}

fn texture(x: i64, y: i64, c: i64) -> i64 {
    let t = (x * (3 + c) + y * 2) % 256;
    let wave = if t < 128 { 2 * t } else { 511 - 2 * t };
    let patch = (x / 23 + y / 17 + c) % 4 * 60;
    (wave + 2 * patch + scatter(x, y, c) % 48) / 3
}

/// Multiplications by odd constants, modulo 2^32, as noise.
fn scatter(x: i64, y: i64, c: i64) -> i64 {
    let h = ((x * 73_856_093) ^ (y * 19_349_663) ^ ((c + 1) * 83_492_791)) as u32;
    let h = (h ^ (h >> 15)).wrapping_mul(2_246_822_519);
    i64::from(h >> 16)
}
