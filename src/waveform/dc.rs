//! The front end's constant: estimated over blocks and taken away where it is really there.
//!
//! Direct-conversion receivers (HackRF, Pluto) leave a spike at the centre. A plain high-pass would also eat a carrier
//! that a frequency offset has moved there, so the estimate is subtracted only where it is far above what the mean of
//! random samples would be. Blocks lie at absolute sample positions: chunk sizes change nothing.

use num_complex::Complex32;

/// Samples of a block.
const BLOCK: usize = 1024;
/// Blocks of memory of the running mean.
const MEMORY_BLOCKS: f32 = 64.0;
/// Power of the mean over what chance explains before it is believed: exp(-16) of all blocks by chance.
const SIGNIFICANCE: f32 = 16.0;

/// Streaming removal of a constant.
#[derive(Default)]
pub struct DcRemover {
    pending: Vec<Complex32>,
    mean: Complex32,
    power: f32,
    blocks: f32,
}

impl DcRemover {
    /// Appends to `out` what can be given after `samples`; up to a block stays inside.
    pub fn push(&mut self, samples: &[Complex32], out: &mut Vec<Complex32>) {
        self.pending.extend_from_slice(samples);
        let whole = self.pending.len() / BLOCK * BLOCK;
        let pending = std::mem::take(&mut self.pending);
        for block in pending[..whole].chunks(BLOCK) {
            self.block(block, out);
        }
        self.pending.extend_from_slice(&pending[whole..]);
    }

    /// Appends the rest at the end of the stream.
    pub fn finish(&mut self, out: &mut Vec<Complex32>) {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            self.block(&pending, out);
        }
    }

    /// The constant that is being taken away at present, power (0 where none is believed).
    pub fn power(&self) -> f32 {
        self.believed().norm_sqr()
    }

    fn block(&mut self, block: &[Complex32], out: &mut Vec<Complex32>) {
        let len = block.len() as f32;
        self.blocks = (self.blocks + 1.0).min(MEMORY_BLOCKS);
        let weight = 1.0 / self.blocks;
        let (sum, energy) = moments(block);
        let (mean, power) = (sum / len, energy / len);
        self.mean += (mean - self.mean) * weight;
        self.power += (power - self.power) * weight;
        let dc = self.believed();
        out.extend(block.iter().map(|x| x - dc));
    }

    fn believed(&self) -> Complex32 {
        let random = (self.power - self.mean.norm_sqr()).max(0.0) / (BLOCK as f32 * self.blocks);
        if self.mean.norm_sqr() > SIGNIFICANCE * random && self.blocks > 0.0 {
            self.mean
        } else {
            Complex32::default()
        }
    }
}

/// Sum and energy of the samples, in lanes that fill wide registers.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn moments(samples: &[Complex32]) -> (Complex32, f32) {
    const LANES: usize = 16;
    let (mut re, mut im, mut energy) = ([0.0f32; LANES], [0.0f32; LANES], [0.0f32; LANES]);
    let chunks = samples.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for i in 0..LANES {
            re[i] += chunk[i].re;
            im[i] += chunk[i].im;
            energy[i] += chunk[i].re * chunk[i].re + chunk[i].im * chunk[i].im;
        }
    }
    for (i, x) in rest.iter().enumerate() {
        re[i] += x.re;
        im[i] += x.im;
        energy[i] += x.norm_sqr();
    }
    let sum = Complex32::new(re.iter().sum(), im.iter().sum());
    (sum, energy.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waveform::prbs;

    fn noise(n: usize) -> Vec<Complex32> {
        (0..n).map(|i| prbs::filler(9, i as u64)).collect()
    }

    #[test]
    fn a_spike_is_removed_whatever_the_chunks() {
        let dc = Complex32::new(8.0, -6.0);
        let input: Vec<_> = noise(50_000).iter().map(|x| x + dc).collect();
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        let mut remover = DcRemover::default();
        remover.push(&input, &mut whole);
        remover.finish(&mut whole);
        let mut remover = DcRemover::default();
        for chunk in input.chunks(777) {
            remover.push(chunk, &mut parts);
        }
        remover.finish(&mut parts);
        assert_eq!(whole, parts);
        assert_eq!(whole.len(), input.len());
        let rest = whole.iter().sum::<Complex32>() / whole.len() as f32;
        assert!(rest.norm() < 0.05, "{rest}");
    }

    #[test]
    fn without_a_spike_the_samples_pass_untouched() {
        let input = noise(20_000);
        let mut out = Vec::new();
        let mut remover = DcRemover::default();
        remover.push(&input, &mut out);
        remover.finish(&mut out);
        assert_eq!(out, input);
        assert_eq!(remover.power(), 0.0);
    }
}
