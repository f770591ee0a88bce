//! The AlexNet of LPIPS, and the distance of two pictures' feature maps.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};

use super::tiles::{LAYERS, Tiling};
use super::{DistanceMap, EPSILON, Network, normalized};

/// Weights of LPIPS on AlexNet that come with the program: `conv0.weight` to `conv4.weight`, biases, and heads `lin0.weight` on.
pub const LPIPS_ALEX_WEIGHTS: &[u8] = include_bytes!("../../../weights/lpips_alex.safetensors");

/// One convolution and what stands around it.
struct Layer {
    pool_before: bool,
    kernel: Tensor,
    bias: Tensor,
    stride: usize,
    padding: usize,
    /// Weights of the squared differences, one a channel.
    head: Vec<f32>,
}

/// The network with its weights.
pub struct AlexNet([Layer; LAYERS]);

impl AlexNet {
    /// The network whose weights are part of the program.
    ///
    /// # Errors
    /// That of candle, should the weights be no such network; a test holds that they are.
    pub fn embedded() -> Result<Self> {
        let mut tensors = candle_core::safetensors::load_buffer(LPIPS_ALEX_WEIGHTS, &Device::Cpu)?;
        let shapes = [(4, 2), (1, 2), (1, 1), (1, 1), (1, 1)];
        let mut layer = |i: usize| Layer::take(&mut tensors, i, shapes[i]);
        Ok(Self([
            layer(0)?,
            layer(1)?,
            layer(2)?,
            layer(3)?,
            layer(4)?,
        ]))
    }

    fn run(&self, rgb: &[u8], sides: (usize, usize)) -> Result<[UnitMap; LAYERS]> {
        let mut x = input(rgb, sides)?;
        let mut maps = Vec::with_capacity(LAYERS);
        for layer in &self.0 {
            x = layer.forward(&x)?;
            maps.push(UnitMap::of(&x)?);
        }
        Ok(maps.try_into().ok().expect("as many maps as layers"))
    }
}

/// A feature map whose vectors of channels have length one; shape `[channels, height, width]`.
pub struct UnitMap {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Network for AlexNet {
    // A cut spoils two positions of the 5x5 convolution's input, then one for each of three 3x3; windows reach forward from
    // where they begin.
    const TILING: Tiling = Tiling {
        positions: [4, 2, 1, 1, 1],
        spoiled_before: 5,
        spoiled_after: 6,
    };

    fn map_sides(length: usize) -> [usize; LAYERS] {
        let pooled = |side: usize| (side - 3) / 2 + 1;
        let first = (length + 4 - 11) / 4 + 1;
        let second = pooled(first);
        let third = pooled(second);
        [first, second, third, third, third]
    }

    type Maps = [UnitMap; LAYERS];

    fn maps(&self, rgb: &[u8], sides: (usize, usize)) -> [UnitMap; LAYERS] {
        self.run(rgb, sides)
            .expect("a tile has the size the network needs")
    }

    fn distance_maps(
        &self,
        [a, b]: [&[UnitMap; LAYERS]; 2],
        _: (usize, usize),
    ) -> [DistanceMap; LAYERS] {
        std::array::from_fn(|layer| a[layer].distances(&b[layer], &self.0[layer].head))
    }
}

impl Layer {
    fn take(
        tensors: &mut HashMap<String, Tensor>,
        i: usize,
        (stride, padding): (usize, usize),
    ) -> Result<Self> {
        let mut take = |name: String| {
            let tensor = tensors.remove(&name);
            let missing = || candle_core::Error::CannotFindTensor { path: name.clone() }.bt();
            tensor.ok_or_else(missing)?.to_dtype(DType::F32)
        };
        Ok(Self {
            pool_before: matches!(i, 1 | 2),
            kernel: take(format!("conv{i}.weight"))?,
            bias: take(format!("conv{i}.bias"))?.reshape((1, (), 1, 1))?,
            stride,
            padding,
            head: take(format!("lin{i}.weight"))?.flatten_all()?.to_vec1()?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let pooled = self
            .pool_before
            .then(|| x.max_pool2d_with_stride(3, 2))
            .transpose()?;
        let x = pooled.as_ref().unwrap_or(x);
        let x = x.conv2d(&self.kernel, self.padding, self.stride, 1, 1)?;
        x.broadcast_add(&self.bias)?.relu()
    }
}

/// A tile, normalized as the network was trained.
fn input(rgb: &[u8], (height, width): (usize, usize)) -> Result<Tensor> {
    let mut values = Vec::with_capacity(3 * height * width);
    for c in 0..3 {
        let bytes = rgb.iter().skip(c).step_by(3);
        values.extend(bytes.map(|byte| normalized(*byte, c)));
    }
    Tensor::from_vec(values, (1, 3, height, width), &Device::Cpu)
}

impl UnitMap {
    fn of(features: &Tensor) -> Result<Self> {
        let (_, _, height, width) = features.dims4()?;
        let mut values = features.flatten_all()?.to_vec1::<f32>()?;
        let scales = scales(&values, height * width);
        for plane in values.chunks_exact_mut(height * width) {
            plane.iter_mut().zip(&scales).for_each(|(v, s)| *v *= s);
        }
        Ok(Self {
            width,
            height,
            values,
        })
    }

    /// Weighted squares of the differences of the unit vectors, added over the channels.
    fn distances(&self, other: &Self, head: &[f32]) -> DistanceMap {
        let positions = self.width * self.height;
        let mut distances = vec![0.0; positions];
        let planes = [self, other].map(|map| map.values.chunks_exact(positions));
        let [a, b] = planes;
        for ((a, b), weight) in a.zip(b).zip(head) {
            for ((distance, a), b) in distances.iter_mut().zip(a).zip(b) {
                let difference = a - b;
                *distance += weight * difference * difference;
            }
        }
        DistanceMap {
            width: self.width,
            height: self.height,
            values: distances,
        }
    }
}

/// One over the length of the vector of channels at every position.
fn scales(features: &[f32], positions: usize) -> Vec<f32> {
    let mut squares = vec![0.0f32; positions];
    for plane in features.chunks_exact(positions) {
        for (sum, value) in squares.iter_mut().zip(plane) {
            *sum += value * value;
        }
    }
    let scale = |square: f32| 1.0 / (square.sqrt() + EPSILON);
    squares.into_iter().map(scale).collect()
}
