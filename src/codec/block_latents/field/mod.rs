//! What the blocks' means have in common over the picture: it travels digitally, and the symbols carry what is left.
//!
//! A component is flat when its analysis vector is nearly the same at all places of a block: it is a mean of the block. Over the
//! picture such a component is an image of one pixel a block, whose lowest two-dimensional DCT coefficients go into the side
//! information, in steps as fine as pays. The symbols need not spend power on them (hybrid digital-analog coding: Skoglund, Phamdo and
//! Alajaji, IEEE Trans. IT 2006; decision 0017).

mod choice;
mod coding;
mod coefficients;
mod common;
mod flat;
mod transform;

use super::grid::Grid;
use super::linear::LinearStage;
pub(in crate::codec) use choice::best;
pub(in crate::codec) use coefficients::Coefficients;
pub(in crate::codec) use common::Common;
pub(in crate::codec) use flat::flat;
use transform::Transform;

// As in training/field.py.
/// Coefficients along a side.
const MOST: usize = 16;
/// Size of the coarsest steps of the coefficients of the orthonormal DCT, in prior deviations of the component.
const COARSEST: f64 = 2.0;
/// Sizes of steps, each half an octave below the one before.
const FINENESSES: u8 = 4;
/// Smaller coefficients are taken as 0: not worth their bits.
const LEAST_STEPS: f64 = 0.7;
/// Most steps, either way: the finest ones of a mean of 11 prior deviations in the largest picture.
const LARGEST: i32 = 8191;
/// Bytes of a field; one that takes more is not sent, so that pictures of some ten megapixels may have coarser steps than would pay.
const MOST_BYTES: usize = u8::MAX as usize;

/// Coefficients in steps of each flat component, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::codec) struct Field {
    /// Which of the sizes of steps.
    fineness: u8,
    steps: Vec<Vec<i32>>,
    grid: Grid,
}

impl Field {
    /// The shortest form: no bytes where there is nothing to say, or too much.
    pub(in crate::codec) fn to_bytes(&self) -> Vec<u8> {
        let bytes = coding::to_bytes(self.fineness, &self.steps, sides(self.grid).1);
        match self.is_zero() || bytes.len() > MOST_BYTES {
            true => Vec::new(),
            false => bytes,
        }
    }

    /// Whatever the bytes say: there are none that are no field.
    pub(in crate::codec) fn from_bytes(bytes: &[u8], flat: usize, grid: Grid) -> Self {
        let (down, across) = sides(grid);
        let (fineness, steps) = match bytes {
            [] => (0, vec![vec![0; down * across]; flat]),
            bytes => coding::from_bytes(bytes, flat, down, across),
        };
        Self {
            fineness,
            steps,
            grid,
        }
    }

    fn is_zero(&self) -> bool {
        self.steps.iter().flatten().all(|&steps| steps == 0)
    }

    /// What the coefficients stand for; `None` where all are zero.
    pub(in crate::codec) fn common(&self, linear: &LinearStage) -> Option<Common> {
        if self.is_zero() {
            return None;
        }
        let transform = Transform::new(self.grid);
        let values = |(&component, steps): (&usize, &Vec<i32>)| {
            let size = self.step_size(linear, component);
            let coefficients: Vec<f64> = steps.iter().map(|&s| f64::from(s) * size).collect();
            let image = transform.inverse(&coefficients);
            (component, image.iter().map(|&c| c as f32).collect())
        };
        let flat = linear.flat().iter().zip(&self.steps).map(values);
        Some(Common::new(flat.collect(), linear.components()))
    }

    fn step_size(&self, linear: &LinearStage, component: usize) -> f64 {
        step_size(self.fineness) * f64::from(linear.prior(component)).sqrt()
    }

    #[cfg(test)]
    pub(in crate::codec) fn of_steps(fineness: u8, steps: Vec<Vec<i32>>, grid: Grid) -> Self {
        Self {
            fineness,
            steps,
            grid,
        }
    }

    #[cfg(test)]
    pub(in crate::codec) fn steps(&self) -> &[Vec<i32>] {
        &self.steps
    }
}

/// Coefficients down and across.
fn sides(grid: Grid) -> (usize, usize) {
    (grid.rows.min(MOST), grid.columns.min(MOST))
}

/// In prior deviations.
fn step_size(fineness: u8) -> f64 {
    COARSEST * (-0.5 * f64::from(fineness)).exp2()
}

#[cfg(test)]
mod tests;
