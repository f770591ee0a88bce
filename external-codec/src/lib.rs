//! A codec in a program of one's own, in any language, behind the trait of Heliograph's codecs.
//!
//! The program runs beside this one and is asked line by line, in JSON; photos, symbols and pictures pass through files
//! (`docs/guide/your-codec.md` is the reference of it, `python/heliograph_codec.py` the other end in Python). So it crosses the same
//! waveform, channels and radios as every other codec, is charged the same way and measured by the same code.
//!
//! ```no_run
//! use heliograph::codec::Codec;
//! use heliograph::photo::{Photo, PhotoSize};
//! use heliograph_external_codec::ExternalCodec;
//!
//! let codec = ExternalCodec::open("python3 my_codec.py", 0.5)?;
//! let photo = Photo::filled(PhotoSize::new(64, 48)?, [200, 120, 40]);
//! let sent = codec.encode(&photo, None, 384)?;
//! assert_eq!(sent.symbols.len(), 384);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codec;
mod error;
mod exchange;
mod hello;
mod live;
mod process;
mod session;
mod spare;

pub use codec::ExternalCodec;
pub use error::ExternalError;
pub use live::end_all;
