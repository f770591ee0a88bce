//! A field as components: taken away before symbols are made, and added again to those that arrive.

use crate::codec::block_latents::scaling::Scaling;

/// Of each flat component its values in all blocks.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::codec) struct Common {
    flat: Vec<(usize, Vec<f32>)>,
    /// Of a block.
    components: usize,
}

impl Common {
    pub(super) fn new(flat: Vec<(usize, Vec<f32>)>, components: usize) -> Self {
        Self { flat, components }
    }

    /// Leaves what blocks do not have in common.
    pub(in crate::codec) fn subtract_from(&self, components: &mut [f32]) {
        for (component, values) in &self.flat {
            let own = components.iter_mut().skip(*component);
            let own = own.step_by(self.components);
            own.zip(values).for_each(|(c, common)| *c -= common);
        }
    }

    /// Of a block's component; 0 for those that are not flat.
    pub(in crate::codec) fn value(&self, block: usize, component: usize) -> f32 {
        let found = self.flat.iter().find(|(flat, _)| *flat == component);
        found.map_or(0.0, |(_, values)| values[block])
    }

    /// By how much the mean power of the symbols falls, before they are scaled, when it is taken from `components`.
    pub(super) fn mean_power_taken(&self, scaling: &Scaling, components: &[f32]) -> f64 {
        let of_component = |(component, values): &(usize, Vec<f32>)| {
            let of_block = |(block, common): (usize, &f32)| {
                let own = f64::from(components[block * self.components + component]);
                let left = own - f64::from(*common);
                let amplitude = f64::from(scaling.amplitude(block, *component));
                let squares = amplitude.powi(2) * (own.powi(2) - left.powi(2));
                scaling.times(block, *component) as f64 * squares
            };
            values.iter().enumerate().map(of_block).sum::<f64>()
        };
        let sum: f64 = self.flat.iter().map(of_component).sum();
        sum / scaling.count().max(1) as f64
    }

    /// Mean power of the symbols it stands for, before they are scaled: what it would take to send them.
    pub(in crate::codec) fn mean_power(&self, scaling: &Scaling) -> f32 {
        let of_component = |(component, values): &(usize, Vec<f32>)| {
            let of_block = |(block, value): (usize, &f32)| {
                let amplitude = f64::from(value * scaling.amplitude(block, *component));
                scaling.times(block, *component) as f64 * amplitude.powi(2)
            };
            values.iter().enumerate().map(of_block).sum::<f64>()
        };
        let sum: f64 = self.flat.iter().map(of_component).sum();
        (sum / scaling.count().max(1) as f64) as f32
    }
}
