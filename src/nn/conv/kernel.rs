//! The inner loop: one row of output pixels, a tile of pixels and channels at a time in registers.
//!
//! Every output is one chain of fused multiply-adds in a fixed order, whatever the vector width, the tile, or the number
//! of threads, so results are the same bit for bit wherever the processor fuses.

use pulp::{Simd, WithSimd};

/// Output channels are packed in blocks of this many: one 512-bit vector.
pub(super) const BLOCK: usize = 16;

/// The weights of a block for one input: a cache line, so that no load touches two.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line(pub [f32; BLOCK]);

/// Channels whose weights lie side by side: as many as one pass computes, where the number of channels allows.
pub(super) fn group(padded_channels: usize) -> usize {
    let divides = |group: &usize| padded_channels.is_multiple_of(*group);
    [64, 32].into_iter().find(divides).unwrap_or(BLOCK)
}

/// Pixels of a tile: with four vectors each they fill 24 of 32 registers.
const TILE_PIXELS: usize = 6;

/// What happens to a sum before it is stored: `+ skip`, ReLU, `* scale + shift`, each optional.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::nn) struct Epilogue<'a> {
    /// The row that is added, of the output's own layout.
    pub skip: Option<&'a [f32]>,
    /// Clips at zero from below.
    pub relu: bool,
    /// Scale and shift of every channel.
    pub affine: Option<(&'a [f32], &'a [f32])>,
}

/// One row of a convolution.
#[derive(Debug)]
pub(super) struct RowJob<'a> {
    /// One slice per kernel row, from the first tap of the first output pixel on.
    pub taps: &'a [&'a [f32]],
    /// Values a pixel reads of every slice.
    pub run: usize,
    /// Values between the first taps of neighbouring output pixels.
    pub in_step: usize,
    /// `[channel group][kernel row][run][block of the group]`.
    pub weights: &'a [Line],
    /// One per output channel.
    pub bias: &'a [f32],
    pub epilogue: Epilogue<'a>,
    /// From the first output pixel on, as is the epilogue's skip.
    pub out: &'a mut [f32],
    /// Values between neighbouring output pixels.
    pub out_step: usize,
    pub pixels: usize,
}

impl WithSimd for RowJob<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let widest = if S::REGISTER_COUNT >= 32 { 4 } else { 2 };
        match (group(self.bias.len()) / S::F32_LANES).min(widest) {
            4.. => self.row::<S, 4>(simd),
            2..4 => self.row::<S, 2>(simd),
            _ => self.row::<S, 1>(simd),
        }
    }
}

impl RowJob<'_> {
    #[inline(always)]
    fn row<S: Simd, const V: usize>(&mut self, simd: S) {
        for channel in (0..self.bias.len()).step_by(V * S::F32_LANES) {
            self.channels::<S, V>(simd, channel);
        }
    }

    #[inline(always)]
    fn channels<S: Simd, const V: usize>(&mut self, simd: S, channel: usize) {
        if self.pixels < TILE_PIXELS {
            for pixel in 0..self.pixels {
                self.tile::<S, V, 1>(simd, pixel, channel);
            }
            return;
        }
        // the last tile overlaps its neighbour: the same values again, no remainder loop
        for pixel in (0..self.pixels).step_by(TILE_PIXELS) {
            let pixel = pixel.min(self.pixels - TILE_PIXELS);
            self.tile::<S, V, TILE_PIXELS>(simd, pixel, channel);
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const V: usize, const P: usize>(
        &mut self,
        simd: S,
        pixel: usize,
        channel: usize,
    ) {
        let (bias, _) = S::as_simd_f32s(&self.bias[channel..]);
        let mut sums = [[simd.splat_f32s(0.0); V]; P];
        for sum in &mut sums {
            sum.copy_from_slice(&bias[..V]);
        }
        let group = group(self.bias.len());
        let row_lines = self.run * group / BLOCK;
        let first_line = channel / group * self.taps.len() * row_lines;
        let within = channel % group;
        for (row, tap) in self.taps.iter().enumerate() {
            let x: [&[f32]; P] =
                std::array::from_fn(|p| &tap[(pixel + p) * self.in_step..][..self.run]);
            let lines = &self.weights[first_line + row * row_lines..][..row_lines];
            for (k, lines) in (0..self.run).zip(lines.chunks_exact(group / BLOCK)) {
                let lines = &lines[within / BLOCK..][..(V * S::F32_LANES).div_ceil(BLOCK)];
                let mut column = [simd.splat_f32s(0.0); V];
                for (v, column) in column.iter_mut().enumerate() {
                    let at = within % BLOCK + v * S::F32_LANES;
                    let (vectors, _) = S::as_simd_f32s(&lines[at / BLOCK].0);
                    *column = vectors[at % BLOCK / S::F32_LANES];
                }
                for p in 0..P {
                    let value = simd.splat_f32s(x[p][k]);
                    for v in 0..V {
                        sums[p][v] = simd.mul_add_e_f32s(value, column[v], sums[p][v]);
                    }
                }
            }
        }
        for (p, sum) in sums.into_iter().enumerate() {
            self.store::<S, V>(simd, (pixel + p) * self.out_step + channel, channel, sum);
        }
    }

    #[inline(always)]
    fn store<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        at: usize,
        channel: usize,
        mut sum: [S::f32s; V],
    ) {
        let len = V * S::F32_LANES;
        if let Some(skip) = self.epilogue.skip {
            let (skip, _) = S::as_simd_f32s(&skip[at..at + len]);
            for v in 0..V {
                sum[v] = simd.add_f32s(sum[v], skip[v]);
            }
        }
        if self.epilogue.relu {
            for value in &mut sum {
                *value = simd.max_f32s(*value, simd.splat_f32s(0.0));
            }
        }
        if let Some((scale, shift)) = self.epilogue.affine {
            let (scale, _) = S::as_simd_f32s(&scale[channel..channel + len]);
            let (shift, _) = S::as_simd_f32s(&shift[channel..channel + len]);
            for v in 0..V {
                sum[v] = simd.mul_add_e_f32s(sum[v], scale[v], shift[v]);
            }
        }
        let (out, _) = S::as_mut_simd_f32s(&mut self.out[at..at + len]);
        out.copy_from_slice(&sum);
    }
}
