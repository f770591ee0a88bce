//! Components to values of symbols: how often each block sends them, and how strongly.

use super::linear::LinearStage;
use super::powers::Powers;
use super::rates::Rates;

/// Before the picture's own power is taken out.
pub(in crate::codec) struct Scaling<'a> {
    rates: &'a Rates,
    powers: &'a Powers,
    gains: Vec<f32>,
}

impl<'a> Scaling<'a> {
    pub(in crate::codec) fn new(
        linear: &LinearStage,
        rates: &'a Rates,
        powers: &'a Powers,
    ) -> Self {
        Self {
            rates,
            powers,
            gains: linear.gains(rates, powers),
        }
    }

    /// Of a block's component.
    pub(in crate::codec) fn amplitude(&self, block: usize, component: usize) -> f32 {
        self.gains[component] * self.powers.factor(block)
    }

    /// Of the components of all blocks alike.
    pub(in crate::codec) fn gains(&self) -> &[f32] {
        &self.gains
    }

    /// How often a block sends a component: a copy each time that all others were sent.
    pub(in crate::codec) fn times(&self, block: usize, component: usize) -> usize {
        let components = self.gains.len();
        (self.rates.of_blocks()[block] + components - 1 - component) / components
    }

    /// Values of all blocks.
    pub(in crate::codec) fn count(&self) -> usize {
        self.rates.of_blocks().iter().sum()
    }

    /// Visits the values in the order in which they are sent.
    pub(in crate::codec) fn values(&self, components: &[f32], mut visit: impl FnMut(f32)) {
        self.rates.slots(|block, component| {
            let value = components[block * self.gains.len() + component];
            visit(value * self.amplitude(block, component));
        });
    }

    pub(in crate::codec) fn mean_power(&self, components: &[f32]) -> f64 {
        let mut sum = 0.0;
        self.values(components, |value| sum += f64::from(value).powi(2));
        sum / self.count() as f64
    }
}
