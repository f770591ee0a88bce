//! What the blocks' means have in common over the picture: it travels digitally, and the symbols carry what is left.
//!
//! A component is flat when its analysis vector is nearly the same at all places of a block: it is a mean of the block. Over the
//! picture such a component is an image of one pixel a block, whose lowest two-dimensional DCT coefficients, in steps of two prior
//! deviations, go into the side information. The symbols need not spend power on them (hybrid digital-analog coding: Skoglund,
//! Phamdo and Alajaji, IEEE Trans. IT 2006; decision 0017).

mod coding;
mod common;
mod flat;
mod transform;

use super::grid::Grid;
use super::linear::LinearStage;
use super::rates::Rates;
use super::side_information::SYMBOLS_A_BYTE;
pub(in crate::codec) use common::Common;
pub(in crate::codec) use flat::flat;
use transform::Transform;

// As in training/field.py.
/// Coefficients along a side.
const MOST: usize = 8;
/// Size of a step of the coefficients of the orthonormal DCT, in prior deviations of the component.
const STEP: f64 = 2.0;
/// Smaller coefficients are taken as 0: not worth their bits.
const LEAST_STEPS: f64 = 0.65;
/// Most steps, either way.
const LARGEST: i32 = 1023;
/// Bytes of a field; one that takes more is not sent.
const MOST_BYTES: usize = u8::MAX as usize;

/// Coefficients in steps of each flat component, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::codec) struct Field {
    steps: Vec<Vec<i32>>,
    grid: Grid,
}

impl Field {
    /// Of the components of all blocks, at the blocks that send them.
    pub(in crate::codec) fn find(
        linear: &LinearStage,
        grid: Grid,
        rates: &Rates,
        components: &[f32],
    ) -> Self {
        let transform = Transform::new(grid);
        let steps = |component: usize| {
            let image = components.iter().skip(component);
            let image: Vec<f64> = image
                .step_by(linear.components())
                .map(|c| f64::from(*c))
                .collect();
            let sent: Vec<bool> = rates.of_blocks().iter().map(|&r| r > component).collect();
            let found = transform.of_part(image, &sent);
            let step = step(linear, component);
            found.iter().map(|c| whole(c / step)).collect()
        };
        let steps = linear.flat().iter().map(|&c| steps(c)).collect();
        Self { steps, grid }
    }

    /// The shortest form: no bytes where there is nothing to say, or too much.
    pub(in crate::codec) fn to_bytes(&self) -> Vec<u8> {
        let bytes = coding::to_bytes(&self.steps, self.sides().1);
        match self.is_zero() || bytes.len() > MOST_BYTES {
            true => Vec::new(),
            false => bytes,
        }
    }

    /// Whatever the bytes say: there are none that are no field.
    pub(in crate::codec) fn from_bytes(bytes: &[u8], flat: usize, grid: Grid) -> Self {
        let mut field = Self {
            steps: Vec::new(),
            grid,
        };
        let (down, across) = field.sides();
        field.steps = match bytes {
            [] => vec![vec![0; down * across]; flat],
            bytes => coding::from_bytes(bytes, flat, down, across),
        };
        field
    }

    fn is_zero(&self) -> bool {
        self.steps.iter().flatten().all(|&steps| steps == 0)
    }

    /// Coefficients down and across.
    fn sides(&self) -> (usize, usize) {
        (self.grid.rows.min(MOST), self.grid.columns.min(MOST))
    }

    /// What the coefficients stand for; `None` where all are zero.
    pub(in crate::codec) fn common(&self, linear: &LinearStage) -> Option<Common> {
        if self.is_zero() {
            return None;
        }
        let transform = Transform::new(self.grid);
        let values = |(&component, steps): (&usize, &Vec<i32>)| {
            let step = step(linear, component);
            let coefficients: Vec<f64> = steps.iter().map(|&s| f64::from(s) * step).collect();
            let image = transform.inverse(&coefficients);
            (component, image.iter().map(|&c| c as f32).collect())
        };
        let flat = linear.flat().iter().zip(&self.steps).map(values);
        Some(Common::new(flat.collect(), linear.components()))
    }

    #[cfg(test)]
    pub(in crate::codec) fn of_steps(steps: Vec<Vec<i32>>, grid: Grid) -> Self {
        Self { steps, grid }
    }

    #[cfg(test)]
    pub(in crate::codec) fn steps(&self) -> &[Vec<i32>] {
        &self.steps
    }
}

/// Does it pay to send so many bytes beside so many symbols, to make `saved` times as much of their power? The channel uses of a byte could
/// be symbols instead.
pub(in crate::codec) fn pays(saved: f64, bytes: usize, symbols: usize) -> bool {
    // Twice the symbols are worth 1.55 dB of the picture, a decibel of SNR 0.44 dB (Kodak, 1/48, 1 dB).
    const DB_OF_ALL_SYMBOLS: f64 = 1.55 / std::f64::consts::LN_2 / 0.44;
    let share = (bytes * SYMBOLS_A_BYTE) as f64 / symbols as f64;
    10.0 * saved.log10() > DB_OF_ALL_SYMBOLS * share
}

fn step(linear: &LinearStage, component: usize) -> f64 {
    STEP * f64::from(linear.prior(component)).sqrt()
}

fn whole(steps: f64) -> i32 {
    match steps.abs() < LEAST_STEPS {
        true => 0,
        false => steps.round().clamp(f64::from(-LARGEST), f64::from(LARGEST)) as i32,
    }
}

#[cfg(test)]
mod tests;
