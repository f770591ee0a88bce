//! A network of gated blocks (`src/nn/latent_net` of the library) with changes of low rank at its pointwise convolutions.

use candle_core::{D, Device, Result, Tensor};
use heliograph::nn::{Weights, WeightsError};

use super::depthwise::Depthwise;
use super::frozen::Frozen;
use super::unfold::{Window, unfold};
use crate::lora::Changes;

/// Taps of a side of every filter.
const SIDE: usize = 3;
/// Keeps the norm of a place where all channels are 0 finite.
const EPSILON: f64 = 1e-6;

/// The two norms and four pointwise convolutions of a block; places in these lists.
const NORMS: [&str; 2] = ["norm1", "norm2"];
const WIDEN: [&str; 2] = ["widen1", "widen2"];
const NARROW: [&str; 2] = ["narrow1", "narrow2"];

/// A matrix by its name.
struct Linear {
    name: String,
    matrix: Frozen,
    outputs: usize,
}

struct Norm {
    weight: Tensor,
    condition: Linear,
}

struct Block {
    norms: [Norm; 2],
    widen: [Linear; 2],
    narrow: [Linear; 2],
    /// `[channels][taps]`
    around: Vec<f32>,
    around_bias: Tensor,
}

/// The network.
pub(super) struct GatedNet {
    embed: [Linear; 2],
    enter: Linear,
    blocks: Vec<Block>,
    leave: Linear,
}

impl GatedNet {
    /// Takes the tensors `name.*`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing or of another shape.
    pub(super) fn load(weights: &Weights, name: &str) -> std::result::Result<Self, WeightsError> {
        let load = |part: &str| Linear::load(weights, &format!("{name}.{part}"));
        let is_block = |i: &usize| {
            let first = format!("{name}.blocks.{i}.norm1.weight");
            weights.shape(&first).is_some()
        };
        let block = |i: usize| Block::load(weights, &format!("{name}.blocks.{i}"));
        Ok(Self {
            embed: [load("embed.0")?, load("embed.2")?],
            enter: load("enter")?,
            blocks: (0..)
                .take_while(is_block)
                .map(block)
                .collect::<std::result::Result<_, _>>()?,
            leave: load("leave")?,
        })
    }

    /// Matrices that may be changed: name, inputs, outputs.
    pub(super) fn matrices(&self) -> Vec<(String, usize, usize)> {
        let linears = self
            .blocks
            .iter()
            .flat_map(|block| block.widen.iter().chain(&block.narrow));
        let sides = |linear: &Linear| {
            let (inputs, outputs) = linear.matrix.sides();
            (linear.name.clone(), inputs, outputs)
        };
        linears.map(sides).collect()
    }

    /// `[height * width, inputs]` to as many rows of outputs.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        (height, width): (usize, usize),
        perception: f32,
        changes: &Changes,
    ) -> Result<Tensor> {
        let window = Window {
            height,
            width,
            side: SIDE,
            stride: 1,
            padding: SIDE / 2,
        };
        let dial = Tensor::new(&[[perception]], x.device())?;
        let [first, second] = &self.embed;
        let embedding = second.forward(&first.forward(&dial)?.silu()?)?;
        let mut x = self.enter.forward(&unfold(x, window)?)?;
        for block in &self.blocks {
            x = block.forward(&x, (height, width), &embedding, changes)?;
        }
        self.leave.forward(&unfold(&x, window)?)
    }
}

impl Linear {
    /// A matrix `[out, in]`, or a kernel `[out, in, taps, taps]` for unfolded windows.
    fn load(weights: &Weights, name: &str) -> std::result::Result<Self, WeightsError> {
        let name = format!("{name}.weight");
        let shape = weights.shape(&name).unwrap_or(&[0, 0]).to_vec();
        let (out, inputs) = (shape[0], shape.get(1).copied().unwrap_or(1));
        let taps: usize = shape.iter().skip(2).product();
        let kernel = weights.tensor(&name, &shape, &Device::Cpu)?;
        // Of a window the taps are slower than the channels.
        let matrix = kernel.reshape((out, inputs, taps))?.permute((2, 1, 0))?;
        let matrix = matrix.reshape((taps * inputs, out))?.contiguous()?;
        let bias = name.replace(".weight", ".bias");
        let bias = weights.tensor(&bias, &[out], &Device::Cpu)?;
        Ok(Self {
            matrix: Frozen::new(matrix, bias),
            outputs: out,
            name,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.matrix.forward(x)
    }

    fn changed(&self, x: &Tensor, changes: &Changes) -> Result<Tensor> {
        let y = self.forward(x)?;
        match changes.of(&self.name, x)? {
            Some(change) => y + change,
            None => Ok(y),
        }
    }
}

impl Norm {
    fn load(weights: &Weights, name: &str) -> std::result::Result<Self, WeightsError> {
        let condition = Linear::load(weights, &format!("{name}.condition"))?;
        let width = condition.outputs / 2;
        let weight = weights.tensor(&format!("{name}.weight"), &[width], &Device::Cpu)?;
        Ok(Self { weight, condition })
    }

    fn forward(&self, x: &Tensor, embedding: &Tensor) -> Result<Tensor> {
        let told = self.condition.forward(embedding)?.chunk(2, D::Minus1)?;
        let scale = told[0].affine(1.0, 1.0)?.broadcast_mul(&self.weight)?;
        let power = x.sqr()?.mean_keepdim(D::Minus1)?;
        let length = power.affine(1.0, EPSILON)?.sqrt()?;
        x.broadcast_div(&length)?
            .broadcast_mul(&scale)?
            .broadcast_add(&told[1])
    }
}

impl Block {
    fn load(weights: &Weights, name: &str) -> std::result::Result<Self, WeightsError> {
        let norm = |part: &str| Norm::load(weights, &format!("{name}.{part}"));
        let linear = |part: &str| Linear::load(weights, &format!("{name}.{part}"));
        let widen = [linear(WIDEN[0])?, linear(WIDEN[1])?];
        let channels = widen[0].outputs;
        let around = format!("{name}.around");
        let kernel = weights.values(&format!("{around}.weight"), &[channels, 1, SIDE, SIDE])?;
        Ok(Self {
            norms: [norm(NORMS[0])?, norm(NORMS[1])?],
            widen,
            narrow: [linear(NARROW[0])?, linear(NARROW[1])?],
            around: kernel.to_vec(),
            around_bias: weights.tensor(&format!("{around}.bias"), &[channels], &Device::Cpu)?,
        })
    }

    fn forward(
        &self,
        x: &Tensor,
        sides: (usize, usize),
        embedding: &Tensor,
        changes: &Changes,
    ) -> Result<Tensor> {
        let wide = self.widen[0].changed(&self.norms[0].forward(x, embedding)?, changes)?;
        let around = Depthwise::new(&self.around, SIDE, sides);
        let wide = around.forward(&wide)?.broadcast_add(&self.around_bias)?;
        let x = (x + self.narrow[0].changed(&halves_multiplied(&wide)?, changes)?)?;
        let wide = self.widen[1].changed(&self.norms[1].forward(&x, embedding)?, changes)?;
        let narrow = self.narrow[1].changed(&halves_multiplied(&wide)?, changes)?;
        x + narrow
    }
}

fn halves_multiplied(x: &Tensor) -> Result<Tensor> {
    let halves = x.chunk(2, D::Minus1)?;
    &halves[0] * &halves[1]
}
