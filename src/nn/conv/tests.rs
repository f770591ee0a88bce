use candle_core::Device;

use super::*;

/// Odd sizes: no whole tile, less than one, an overlapping last one.
const SIZES: [[usize; 2]; 5] = [[1, 1], [1, 7], [5, 3], [4, 13], [6, 6]];

/// Output and input channels: less than a block, whole blocks, several passes.
const CHANNELS: [(usize, usize); 4] = [(3, 5), (64, 3), (32, 64), (96, 7)];

const SAMPLINGS: [Sampling; 4] = [
    Sampling::Same,
    Sampling::Half,
    Sampling::Double,
    Sampling::Point,
];

/// Values in -0.5..0.5 without a pattern.
fn noise(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 - 0.5
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn rows_of(channels: usize, [height, width]: [usize; 2], values: &[f32]) -> Rows {
    let mut rows = Rows::new(channels, height, width);
    let row_len = rows.row_len();
    for (row, pixels) in rows
        .grow(height)
        .chunks_exact_mut(row_len)
        .zip(values.chunks_exact(width * channels))
    {
        row[channels..row_len - channels].copy_from_slice(pixels);
    }
    rows
}

/// The definition: every tap of every channel, zeros outside the picture.
struct Reference<'a> {
    sampling: Sampling,
    channels: (usize, usize),
    size: [usize; 2],
    x: &'a [f32],
    weight: &'a [f32],
}

impl Reference<'_> {
    fn at(&self, y: usize, x: usize, out: usize) -> f64 {
        let side = self.sampling.side();
        let stride = if self.sampling == Sampling::Half {
            2
        } else {
            1
        };
        let mut sum = 0.0;
        for (row, col) in (0..side * side).map(|i| (i / side, i % side)) {
            let [v, u] =
                [y * stride + row, x * stride + col].map(|at| at as isize - (side / 2) as isize);
            for c in 0..self.channels.1 {
                let weight =
                    self.weight[(out * self.channels.1 + c) * side * side + row * side + col];
                sum += f64::from(weight) * f64::from(self.source(v, u, c));
            }
        }
        sum
    }

    fn source(&self, v: isize, u: isize, c: usize) -> f32 {
        let [height, width] = self.size;
        let zoom = if self.sampling == Sampling::Double {
            2
        } else {
            1
        };
        let (v, u) = (v.div_euclid(zoom), u.div_euclid(zoom));
        let inside = (0..height as isize).contains(&v) && (0..width as isize).contains(&u);
        if inside {
            self.x[(v as usize * width + u as usize) * self.channels.1 + c]
        } else {
            0.0
        }
    }
}

#[test]
fn kernel_equals_the_definition() {
    for sampling in SAMPLINGS {
        for channels in CHANNELS {
            for size in SIZES {
                check(sampling, channels, size);
            }
        }
    }
}

fn check(sampling: Sampling, channels: (usize, usize), size: [usize; 2]) {
    let (n_out, n_in) = channels;
    let x = noise(size[0] * size[1] * n_in, 1);
    let weight = noise(n_out * n_in * sampling.side().pow(2), 2);
    let bias = noise(n_out, 3);
    let conv = Conv2d::new(sampling, channels, &weight, Some(&bias), &Device::Cpu).expect("shape");
    let padded = conv.padded_channels();
    let [height, width] = size.map(|n| sampling.output_len(n));
    let skip = noise((width + 2) * padded, 4);
    let (scale, shift) = (noise(padded, 5), noise(padded, 6));
    let epilogue = Epilogue {
        skip: Some(&skip),
        relu: true,
        affine: Some((&scale, &shift)),
    };
    let input = rows_of(n_in, size, &x);
    let reference = Reference {
        sampling,
        channels,
        size,
        x: &x,
        weight: &weight,
    };
    for y in 0..height {
        let mut out = vec![0.0; skip.len()];
        conv.row(&input, y, epilogue, &mut out);
        for (u, o) in (0..width).flat_map(|u| (0..n_out).map(move |o| (u, o))) {
            let at = (u + 1) * padded + o;
            let sum = reference.at(y, u, o) + f64::from(bias[o]) + f64::from(skip[at]);
            let expected = sum.max(0.0) * f64::from(scale[o]) + f64::from(shift[o]);
            let difference = (f64::from(out[at]) - expected).abs();
            assert!(
                difference < 1e-4,
                "{sampling:?} {channels:?} {size:?}: {difference} at {y},{u},{o}"
            );
        }
        let ends = out[..padded].iter().chain(&out[out.len() - padded..]);
        assert!(
            ends.into_iter().all(|&end| end == 0.0),
            "the ends of a row stay zero"
        );
    }
}

#[test]
fn rows_are_ready_when_all_they_read_is_there() {
    for sampling in SAMPLINGS {
        for (height, end) in (1..9).flat_map(|height| (0..=height).map(move |end| (height, end))) {
            let ready = sampling.rows_ready(end, height);
            let reads = if sampling == Sampling::Double {
                2
            } else {
                sampling.side()
            };
            let last =
                |y: usize| (sampling.first_row(y) + reads as isize - 1).min(height as isize - 1);
            for y in 0..sampling.output_len(height) {
                let there = last(y) < end as isize;
                assert_eq!(
                    y < ready,
                    there,
                    "{sampling:?}: row {y} with {end} of {height}"
                );
            }
        }
    }
}
