//! The digital picture link that Heliograph is compared with, on the same waveform.
//!
//! A picture file (JPEG, WebP, AV1 still picture; whichever has the better PSNR in the bytes there are) becomes QAM symbols with
//! the project's LDPC code, and these travel in the places of the analog symbols: bursts, ledger, channel, receiver and equalizer
//! are those of every other codec. It arrives whole or not at all.
//!
//! ```
//! use heliograph::codec::{Codec, ReceivedLatents};
//! use heliograph::photo::{Photo, PhotoSize};
//! use heliograph_baselines::{DigitalCodec, Fitter, PictureFormat};
//!
//! let photo = Photo::filled(PhotoSize::new(64, 48)?, [200, 120, 40]);
//! let codec = DigitalCodec::new("qpsk-1/2".parse()?, &[PictureFormat::WebP], Fitter::default().into());
//! let sent = codec.encode(&photo, None, 1500)?;
//! let received = ReceivedLatents { symbols: &sent.symbols, variances: &[0.1; 1500] };
//! let arrived = codec.decode(received, &sent.side_information, photo.size())?;
//! assert!(arrived.pixel(5, 5)[0].abs_diff(200) <= 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod budget;
mod codec;
mod fit;
mod formats;
mod mcs;
mod modulation;
mod payload;

pub use budget::analog_cbr;
pub use codec::{DigitalCodec, Outage, Reception, receive};
pub use fit::{Fitter, PictureFile, Scale};
pub use formats::{Effort, FormatError, PictureFormat};
pub use mcs::{CodeRate, Mcs, McsError};
pub use modulation::Modulation;
pub use payload::{Arrival, MAX_SYMBOLS, Payload, PayloadError};
