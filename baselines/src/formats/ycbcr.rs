//! Full-range YCbCr of ITU-R BT.601 (as in JFIF) with halved chroma, both ways.

use heliograph::photo::{Photo, PhotoSize};

/// Values of one component, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plane {
    /// Columns.
    pub width: usize,
    /// Bytes of all rows.
    pub values: Vec<u8>,
}

/// Luma, and blue and red difference at half the size (rounded up).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planes(pub [Plane; 3]);

/// Weights of red, green and blue in luma.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
/// Range of blue less luma and red less luma, per unit of chroma.
const CHROMA: [f32; 2] = [1.772, 1.402];

impl Planes {
    /// Chroma is the mean over two by two pixels.
    pub fn from_photo(photo: &Photo) -> Self {
        let (width, height) = sides(photo.size());
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        let mut luma = Vec::with_capacity(width * height);
        let mut sums = vec![[0.0f32; 3]; half_width * half_height];
        for (at, rgb) in photo.rgb().chunks_exact(3).enumerate() {
            let [r, g, b] = [0, 1, 2].map(|c| f32::from(rgb[c]));
            let y = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
            luma.push(byte(y));
            let sum = &mut sums[at / width / 2 * half_width + at % width / 2];
            sum[0] += (b - y) / CHROMA[0];
            sum[1] += (r - y) / CHROMA[1];
            sum[2] += 1.0;
        }
        let chroma = |c: usize| Plane {
            width: half_width,
            values: sums
                .iter()
                .map(|sum| byte(128.0 + sum[c] / sum[2]))
                .collect(),
        };
        let luma = Plane {
            width,
            values: luma,
        };
        Self([luma, chroma(0), chroma(1)])
    }

    /// `None` where the planes do not fit the size.
    pub fn into_photo(self, size: PhotoSize) -> Option<Photo> {
        let (width, height) = sides(size);
        let [luma, chroma @ ..] = self.0;
        let half = width.div_ceil(2) * height.div_ceil(2);
        if luma.values.len() != width * height
            || chroma.iter().any(|plane| plane.values.len() != half)
        {
            return None;
        }
        let mut rgb = Vec::with_capacity(3 * size.pixels());
        for y in 0..height {
            let rows = Neighbours::of(y, height.div_ceil(2));
            for x in 0..width {
                let columns = Neighbours::of(x, width.div_ceil(2));
                let [cb, cr] = [0, 1].map(|c| chroma[c].between(columns, rows) - 128.0);
                let luma = f32::from(luma.values[y * width + x]);
                let (b, r) = (luma + CHROMA[0] * cb, luma + CHROMA[1] * cr);
                let g = (luma - LUMA[0] * r - LUMA[2] * b) / LUMA[1];
                rgb.extend([byte(r), byte(g), byte(b)]);
            }
        }
        Photo::new(size, rgb).ok()
    }
}

impl Plane {
    fn between(&self, columns: Neighbours, rows: Neighbours) -> f32 {
        let row = |row: usize| {
            let at = |column: usize| f32::from(self.values[row * self.width + column]);
            0.75 * at(columns.near) + 0.25 * at(columns.far)
        };
        0.75 * row(rows.near) + 0.25 * row(rows.far)
    }
}

/// The chroma sample that covers a pixel, and the next one on the pixel's side.
#[derive(Clone, Copy)]
struct Neighbours {
    near: usize,
    far: usize,
}

impl Neighbours {
    fn of(pixel: usize, samples: usize) -> Self {
        let near = pixel / 2;
        let far = if pixel.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            (near + 1).min(samples - 1)
        };
        Self { near, far }
    }
}

fn sides(size: PhotoSize) -> (usize, usize) {
    (size.width() as usize, size.height() as usize)
}

fn byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}
