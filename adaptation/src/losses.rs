//! What training lowers: the logarithm of the squared error, and by the dial that of LPIPS.

use candle_core::{D, Device, Result, Tensor};
use heliograph::metrics::LPIPS_ALEX_WEIGHTS;
use heliograph::nn::{Weights, WeightsError};

use crate::graph::{Frozen, Window, unfold};

/// Below, nothing is won (`training/train_deepjscc.py`).
const LEAST_MSE: f64 = 1e-5;
const LEAST_LPIPS: f64 = 0.01;
/// Of the squared error with the dial at 1.
const MSE_WEIGHT_AT_1: f64 = 0.25;
/// Of LPIPS, times the dial. The networks were trained with its square: adapters are judged by LPIPS wherever the dial is not at 0.
const LPIPS_WEIGHT: f64 = 1.5;

/// The colours that LPIPS's networks were trained on, in -1..1.
const MEAN: [f32; 3] = [-0.030, -0.088, -0.188];
const DEVIATION: [f32; 3] = [0.458, 0.448, 0.450];
/// Keeps the division by a length of zero away.
const EPSILON: f64 = 1e-10;

/// Side of the kernel, stride, padding of each convolution.
const LAYERS: [(usize, usize, usize); 5] = [(11, 4, 2), (5, 1, 2), (3, 1, 1), (3, 1, 1), (3, 1, 1)];
/// Maxima of 3x3 places, every second, stand before these.
const POOLED: [usize; 2] = [1, 2];

struct Layer {
    /// `[taps * in, out]`
    matrix: Frozen,
    head: Tensor,
}

/// LPIPS (v0.1, AlexNet) with gradients.
pub(crate) struct Lpips {
    layers: Vec<Layer>,
    mean: Tensor,
    deviation: Tensor,
}

/// Unit vectors of each map.
pub(crate) type Features = Vec<Tensor>;

impl Lpips {
    /// With the weights that come with the program.
    ///
    /// # Errors
    /// None that the library's tests do not rule out.
    pub(crate) fn new() -> std::result::Result<Self, WeightsError> {
        let weights = Weights::from_safetensors(LPIPS_ALEX_WEIGHTS)?;
        let layer = |i: usize| Layer::load(&weights, i);
        Ok(Self {
            layers: (0..LAYERS.len())
                .map(layer)
                .collect::<std::result::Result<_, _>>()?,
            mean: Tensor::new(&MEAN, &Device::Cpu)?,
            deviation: Tensor::new(&DEVIATION, &Device::Cpu)?,
        })
    }

    /// Of pixels `[height * width, 3]` in 0..1.
    pub(crate) fn features(&self, rgb: &Tensor, sides: (usize, usize)) -> Result<Features> {
        let normal = rgb.affine(2.0, -1.0)?.broadcast_sub(&self.mean)?;
        let (mut x, mut sides) = (normal.broadcast_div(&self.deviation)?, sides);
        let mut features = Vec::with_capacity(LAYERS.len());
        for (i, layer) in self.layers.iter().enumerate() {
            if POOLED.contains(&i) {
                (x, sides) = maxima(&x, sides)?;
            }
            let (side, stride, padding) = LAYERS[i];
            let window = Window {
                height: sides.0,
                width: sides.1,
                side,
                stride,
                padding,
            };
            x = layer.matrix.forward(&unfold(&x, window)?)?.relu()?;
            sides = window.sides();
            // A gradient of the root at zero is none.
            let length = x
                .sqr()?
                .sum_keepdim(D::Minus1)?
                .affine(1.0, EPSILON)?
                .sqrt()?;
            features.push(x.broadcast_div(&length)?);
        }
        Ok(features)
    }

    /// The distance of two pictures by their features.
    pub(crate) fn distance(&self, a: &Features, b: &Features) -> Result<Tensor> {
        let mut sum = Tensor::new(0f32, &Device::Cpu)?;
        for ((a, b), layer) in a.iter().zip(b).zip(&self.layers) {
            let squares = (a - b)?.sqr()?.broadcast_mul(&layer.head)?;
            sum = (sum + squares.sum(D::Minus1)?.mean_all()?)?;
        }
        Ok(sum)
    }
}

impl Layer {
    fn load(weights: &Weights, i: usize) -> std::result::Result<Self, WeightsError> {
        let name = format!("conv{i}.weight");
        let shape = weights.shape(&name).unwrap_or(&[0; 4]).to_vec();
        let (out, inputs, taps) = (shape[0], shape[1], shape[2] * shape[3]);
        let kernel = weights.tensor(&name, &shape, &Device::Cpu)?;
        let matrix = kernel.reshape((out, inputs, taps))?.permute((2, 1, 0))?;
        let head = format!("lin{i}.weight");
        let shape = weights.shape(&head).unwrap_or(&[0]).to_vec();
        let bias = format!("conv{i}.bias");
        let bias_shape = weights.shape(&bias).unwrap_or(&[0]).to_vec();
        let bias = weights
            .tensor(&bias, &bias_shape, &Device::Cpu)?
            .reshape(out)?;
        let matrix = matrix.reshape((taps * inputs, out))?.contiguous()?;
        Ok(Self {
            matrix: Frozen::new(matrix, bias),
            head: weights.tensor(&head, &shape, &Device::Cpu)?.reshape(out)?,
        })
    }
}

/// Maxima of 3x3 places, every second.
fn maxima(x: &Tensor, (height, width): (usize, usize)) -> Result<(Tensor, (usize, usize))> {
    let window = Window {
        height,
        width,
        side: 3,
        stride: 2,
        padding: 0,
    };
    let channels = x.dim(D::Minus1)?;
    let windows = unfold(x, window)?.reshape(((), 9, channels))?;
    Ok((windows.max(1)?, window.sides()))
}

/// The loss of a picture with the dial at `perception`.
pub(crate) fn loss(mse: &Tensor, lpips: Option<&Tensor>, perception: f32) -> Result<Tensor> {
    let dial = f64::from(perception);
    let of_error = mse.affine(1.0, LEAST_MSE)?.log()?;
    let loss = of_error.affine(1.0 - (1.0 - MSE_WEIGHT_AT_1) * dial, 0.0)?;
    match lpips {
        None => Ok(loss),
        Some(lpips) => {
            let of_look = lpips.affine(1.0, LEAST_LPIPS)?.log()?;
            loss + of_look.affine(LPIPS_WEIGHT * dial, 0.0)?
        }
    }
}
