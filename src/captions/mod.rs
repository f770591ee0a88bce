//! Words about a photo: how they are found, and how they are packed.
//!
//! A [`Captioner`] says what a photo shows. [`compressed`] makes a caption short before it is coded for the channel; [`decompressed`] is the other end.
//!
//! ```
//! use heliograph::captions::{compressed, decompressed};
//!
//! let caption = "Two brown dogs are playing with a red ball in the snow.";
//! let bytes = compressed(caption).expect("ordinary English gets shorter");
//! assert!(bytes.len() < caption.len() / 4);
//! assert_eq!(decompressed(&bytes).as_deref(), Some(caption));
//! ```

mod captioner;
mod text;

pub use captioner::{Captioner, CaptionerError, NetworkCaptioner};
pub use text::{compressed, decompressed};
