//! Figures of merit: of pictures (PSNR, SSIM, MS-SSIM, LPIPS, semantic consistency), of symbols (EVM) and of samples (PAPR, spectrum).
//!
//! ```
//! use heliograph::metrics::psnr_db;
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let size = PhotoSize::new(16, 16)?;
//! let (grey, darker) = (Photo::filled(size, [128; 3]), Photo::filled(size, [127; 3]));
//! let psnr_db = psnr_db(&grey, &darker).unwrap();
//! assert!((psnr_db - 48.13).abs() < 0.01);
//! # Ok::<(), heliograph::photo::PhotoError>(())
//! ```

mod evm;
mod lpips;
mod ms_ssim;
mod papr;
mod psnr;
mod semantic;
mod spectrum;
mod ssim;

#[cfg(test)]
mod test_pictures;

pub use evm::evm_db;
pub use lpips::{
    LPIPS_ALEX_WEIGHTS, LPIPS_MIN_SIDE, LPIPS_VGG_MIN_SIDE, LpipsReference, LpipsVgg, lpips_alex,
};
pub use ms_ssim::{MS_SSIM_MIN_SIDE, ms_ssim};
pub use papr::papr_db;
pub use psnr::{psnr_db, psnr_db_where};
pub use semantic::{SEMANTIC_MIN_SIDE, SemanticConsistency, SemanticNetwork, SemanticView};
pub use spectrum::{Emission, SPECTRUM_BINS, Spectrum, SpectrumError, SpectrumEstimator};
pub use ssim::ssim;

use thiserror::Error;

use crate::photo::{Photo, PhotoSize};

/// Why two things cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MetricError {
    /// The pictures differ in size.
    #[error("pictures of {reference} and {distorted} cannot be compared; sizes must be equal")]
    SizesDiffer {
        reference: PhotoSize,
        distorted: PhotoSize,
    },
    /// The symbol or sample runs differ in length.
    #[error("{reference} and {received} symbols cannot be compared; lengths must be equal")]
    LengthsDiffer { reference: usize, received: usize },
    /// A side of the pictures is too short.
    #[error(
        "a picture of {size} is too small for {metric}; each side must be at least {allowed} pixels"
    )]
    TooSmall {
        metric: &'static str,
        size: PhotoSize,
        allowed: u32,
    },
}

/// The size of both pictures.
fn equal_sizes(reference: &Photo, distorted: &Photo) -> Result<PhotoSize, MetricError> {
    let (reference, distorted) = (reference.size(), distorted.size());
    if reference == distorted {
        Ok(reference)
    } else {
        Err(MetricError::SizesDiffer {
            reference,
            distorted,
        })
    }
}
