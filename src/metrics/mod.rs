//! Figures of merit: of pictures (PSNR, SSIM), of symbols (EVM) and of samples (PAPR).
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
mod papr;
mod psnr;
mod ssim;

pub use evm::evm_db;
pub use papr::papr_db;
pub use psnr::psnr_db;
pub use ssim::ssim;

use thiserror::Error;

use crate::photo::PhotoSize;

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
}
