//! A network as stages: each sees the whole picture once (the group norm), then runs its convolutions in strips.

use candle_core::Device;

use super::conv::{Bias, Conv2d, Sampling};
use super::pool::Pool;
use super::rows::Rows;
use super::strips::{self, Dial, Layer};
use super::weights::{Weights, WeightsError};
use super::{NetworkError, Planes, WIDTH};

/// A chain of layers, after a look at the whole picture if there is a pool.
#[derive(Debug, Clone, Default)]
pub(super) struct Stage {
    pub pool: Option<Pool>,
    pub layers: Vec<Layer>,
}

/// Fills row `y` of the input, channel last.
pub(super) type Source<'a> = &'a (dyn Fn(usize, &mut [f32]) + Sync);

/// Stages in order, on a device.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub(super) stages: Vec<Stage>,
    pub(super) device: Device,
    band_bytes: usize,
}

impl Network {
    /// Takes an input of one shape from `source`, gives the result in another, on whatever device this is.
    pub(super) fn evaluate(
        &self,
        input: [usize; 3],
        [channels, height, width]: [usize; 3],
        perception: f32,
        source: Source,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        if !self.device.is_cpu() {
            let values = self
                .forward(input, perception, source)?
                .flatten_all()?
                .to_vec1()?;
            progress(1, 1);
            return Planes::new(channels, height, width, values);
        }
        let mut out = Planes::zeros(channels, height, width);
        self.run([input[1], input[2]], perception, source, &mut out, progress);
        Ok(out)
    }

    /// Runs in strips on the processor; `out` has the shape of the result and is filled.
    fn run(
        &self,
        [height, width]: [usize; 2],
        perception: f32,
        source: Source,
        out: &mut Planes,
        progress: &mut dyn FnMut(usize, usize),
    ) {
        let plans = self.plans(height, width);
        let total = plans
            .iter()
            .map(|[height, _, band]| height.div_ceil(*band))
            .sum();
        let mut done = 0;
        let mut tick = || {
            done += 1;
            progress(done, total);
        };
        let mut between: Option<Rows> = None;
        for (i, (stage, &plan)) in self.stages.iter().zip(&plans).enumerate() {
            let before = between.take().map(|mut rows| {
                if let Some(pool) = &stage.pool {
                    pool.apply(&mut rows);
                }
                rows
            });
            let taken = |y: usize, row: &mut [f32]| match &before {
                Some(rows) => row.copy_from_slice(rows.pixels(y)),
                None => source(y, row),
            };
            if i + 1 == self.stages.len() {
                let mut sink =
                    |rows: &Rows, y: usize| out.set_row(y, rows.pixels(y), rows.channels());
                strips::run(
                    &stage.layers,
                    plan,
                    perception,
                    &taken,
                    &mut sink,
                    &mut tick,
                );
            } else {
                let [height, width, _] = plans[i + 1];
                let mut whole = Rows::new(WIDTH, height, width);
                let mut sink = |rows: &Rows, y: usize| {
                    whole.grow(1).copy_from_slice(rows.row(y as isize));
                };
                strips::run(
                    &stage.layers,
                    plan,
                    perception,
                    &taken,
                    &mut sink,
                    &mut tick,
                );
                between = Some(whole);
            }
        }
    }

    /// Height, width and rows of a band at the entrance of every stage.
    fn plans(&self, mut height: usize, mut width: usize) -> Vec<[usize; 3]> {
        let plan = |stage: &Stage| {
            let band = strips::band_rows(&stage.layers, height, width, self.band_bytes);
            let plan = [height, width, band];
            for Layer { conv, .. } in &stage.layers {
                [height, width] = [height, width].map(|n| conv.sampling().output_len(n));
            }
            plan
        };
        self.stages.iter().map(plan).collect()
    }

    /// The same with bands of another height, for tests.
    #[cfg(test)]
    pub(super) fn set_band_bytes(&mut self, band_bytes: usize) {
        self.band_bytes = band_bytes;
    }
}

/// Puts a network together from named weights.
pub(super) struct Builder<'a> {
    weights: &'a Weights,
    device: &'a Device,
    stages: Vec<Stage>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(weights: &'a Weights, device: &'a Device) -> Self {
        let stages = vec![Stage::default()];
        Self {
            weights,
            device,
            stages,
        }
    }

    pub(super) fn finish(self) -> Network {
        let device = self.device.clone();
        Network {
            stages: self.stages,
            device,
            band_bytes: strips::BAND_BYTES,
        }
    }

    pub(super) fn push(&mut self, layer: Layer) {
        let last = self.stages.len() - 1;
        self.stages[last].layers.push(layer);
    }

    /// A convolution alone.
    pub(super) fn conv(
        &mut self,
        name: &str,
        sampling: Sampling,
        channels: (usize, usize),
        bias: Bias,
    ) -> Result<(), WeightsError> {
        let conv = Conv2d::load(self.weights, name, sampling, channels, bias, self.device)?;
        self.push(Layer {
            conv,
            skip: None,
            relu: false,
            dial: None,
        });
        Ok(())
    }

    /// Three convolutions around a skip, then the dial.
    pub(super) fn block(&mut self, name: &str, dial: Option<Dial>) -> Result<(), WeightsError> {
        let entrance = self.stages[self.stages.len() - 1].layers.len();
        let mut dial = dial;
        for place in [0, 2, 4] {
            let name = format!("{name}.conv.{place}");
            self.conv(&name, Sampling::Same, (WIDTH, WIDTH), Bias::Own)?;
            let last = self.stages.len() - 1;
            let Some(layer) = self.stages[last].layers.last_mut() else {
                continue;
            };
            layer.relu = true;
            if place == 4 {
                layer.skip = Some(entrance);
                layer.dial = dial.take();
            }
        }
        Ok(())
    }

    /// A block that sees the whole picture first: it opens a stage.
    pub(super) fn pool_block(
        &mut self,
        name: &str,
        dial: Option<Dial>,
    ) -> Result<(), WeightsError> {
        let pool = Some(Pool::load(
            self.weights,
            &format!("{name}.pool"),
            self.device,
        )?);
        self.stages.push(Stage {
            pool,
            layers: Vec::new(),
        });
        self.block(name, dial)
    }

    /// Reads `name.scale` and `name.shift`.
    pub(super) fn dial(&self, name: &str) -> Result<Dial, WeightsError> {
        let values = |part: &str| {
            let values = self.weights.values(&format!("{name}.{part}"), &[WIDTH])?;
            Ok::<_, WeightsError>(values.to_vec())
        };
        Ok(Dial {
            scale: values("scale")?,
            shift: values("shift")?,
        })
    }
}
