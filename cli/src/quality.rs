//! How close one picture is to another: the figures that `evaluate` and `metrics` share.

use heliograph::metrics::{self, MetricError};
use heliograph::photo::Photo;
use serde::Serialize;

/// Figures of a picture against its original.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Infinite for equal pictures.
    pub psnr_db: f64,
    pub ssim: f64,
    /// `None` when the picture is too small for it.
    pub ms_ssim: Option<f64>,
    pub lpips_alex: Option<f64>,
}

impl Quality {
    /// Compares `received` with `sent`.
    ///
    /// # Errors
    /// [`MetricError::SizesDiffer`].
    pub fn between(sent: &Photo, received: &Photo) -> Result<Self, MetricError> {
        Ok(Self {
            psnr_db: metrics::psnr_db(sent, received)?,
            ssim: metrics::ssim(sent, received)?,
            ms_ssim: where_defined(metrics::ms_ssim(sent, received))?,
            lpips_alex: where_defined(metrics::lpips_alex(sent, received))?,
        })
    }
}

/// Leaves out what a picture is too small for.
fn where_defined(figure: Result<f64, MetricError>) -> Result<Option<f64>, MetricError> {
    match figure {
        Err(MetricError::TooSmall { .. }) => Ok(None),
        figure => figure.map(Some),
    }
}
