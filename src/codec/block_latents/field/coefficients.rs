//! The coefficients of a picture's flat components, before they are divided into steps.

use super::{Field, LARGEST, LEAST_STEPS, Transform, step_size};
use crate::codec::block_latents::grid::Grid;
use crate::codec::block_latents::linear::LinearStage;
use crate::codec::block_latents::rates::Rates;

/// Of each flat component, in its prior deviations, row by row.
pub(in crate::codec) struct Coefficients {
    of_components: Vec<Vec<f64>>,
    grid: Grid,
}

impl Coefficients {
    /// Of the components of all blocks, at the blocks that send them.
    pub(in crate::codec) fn find(
        linear: &LinearStage,
        grid: Grid,
        rates: &Rates,
        components: &[f32],
    ) -> Self {
        let transform = Transform::new(grid);
        let of_component = |component: usize| {
            let image = components.iter().skip(component);
            let image: Vec<f64> = image
                .step_by(linear.components())
                .map(|c| f64::from(*c))
                .collect();
            let sent: Vec<bool> = rates.of_blocks().iter().map(|&r| r > component).collect();
            let deviation = f64::from(linear.prior(component)).sqrt();
            let found = transform.of_part(image, &sent);
            found.iter().map(|c| c / deviation).collect()
        };
        Self {
            of_components: linear.flat().iter().map(|&c| of_component(c)).collect(),
            grid,
        }
    }

    /// In steps of that fineness.
    pub(in crate::codec) fn in_steps(&self, fineness: u8) -> Field {
        let size = step_size(fineness);
        let steps = |found: &Vec<f64>| found.iter().map(|c| whole(c / size)).collect();
        Field {
            fineness,
            steps: self.of_components.iter().map(steps).collect(),
            grid: self.grid,
        }
    }
}

fn whole(steps: f64) -> i32 {
    match steps.abs() < LEAST_STEPS {
        true => 0,
        false => steps.round().clamp(f64::from(-LARGEST), f64::from(LARGEST)) as i32,
    }
}
