//! The same networks with candle's own convolutions, the whole picture at once: for a GPU, and as a reference.

use candle_core::{Result, Tensor};

use super::conv::{Conv2d, Sampling};
use super::network::{Network, Source};
use super::strips::{Dial, Layer};

impl Network {
    /// Takes an input of `channels x height x width` from `source`, gives `1 x channels x height x width`.
    pub(super) fn forward(
        &self,
        [channels, height, width]: [usize; 3],
        perception: f32,
        source: Source,
    ) -> Result<Tensor> {
        let mut pixels = vec![0.0; channels * height * width];
        for (y, row) in pixels.chunks_exact_mut(channels * width).enumerate() {
            source(y, row);
        }
        let x = Tensor::from_vec(pixels, (1, height, width, channels), &self.device)?;
        let mut x = x.permute((0, 3, 1, 2))?.contiguous()?;
        for stage in &self.stages {
            if let Some(pool) = &stage.pool {
                x = pool.forward(&x)?;
            }
            x = chain(&stage.layers, x, perception)?;
        }
        Ok(x)
    }
}

fn chain(layers: &[Layer], mut x: Tensor, perception: f32) -> Result<Tensor> {
    let mut kept = vec![None; layers.len()];
    for (i, layer) in layers.iter().enumerate() {
        if layers.iter().any(|later| later.skip == Some(i)) {
            kept[i] = Some(x.clone());
        }
        x = convolve(&layer.conv, &x)?;
        if let Some(skip) = layer.skip.and_then(|skip| kept[skip].take()) {
            x = (x + skip)?;
        }
        if layer.relu {
            x = x.relu()?;
        }
        if let Some(dial) = &layer.dial {
            x = turn(dial, &x, perception)?;
        }
    }
    Ok(x)
}

/// One convolution, with its sampling and bias.
pub(super) fn convolve(conv: &Conv2d, x: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = x.dims4()?;
    let x = match conv.sampling() {
        Sampling::Double => &x.upsample_nearest2d(2 * height, 2 * width)?,
        _ => x,
    };
    let stride = if conv.sampling() == Sampling::Half {
        2
    } else {
        1
    };
    let y = x.conv2d(&conv.weight, conv.sampling().side() / 2, stride, 1, 1)?;
    match &conv.bias {
        Some(bias) => y.broadcast_add(bias),
        None => Ok(y),
    }
}

fn turn(dial: &Dial, x: &Tensor, perception: f32) -> Result<Tensor> {
    let tensor = |values: &[f32]| Tensor::from_slice(values, (1, values.len(), 1, 1), x.device());
    let scale = ((tensor(&dial.scale)? * f64::from(perception))? + 1.0)?;
    let shift = (tensor(&dial.shift)? * f64::from(perception))?;
    x.broadcast_mul(&scale)?.broadcast_add(&shift)
}
