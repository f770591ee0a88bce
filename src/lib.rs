//! Heliograph: photos over the air as analog symbols.
//!
//! The tour, in the order of the flow: a [`photo`], where detail matters ([`regions`]), the words about it ([`captions`]), the networks ([`nn`]) and the
//! [`codec`] that make analog symbols of it, the words and numbers that travel as [`bits`], the [`waveform`] that carries both, the [`link`] that joins
//! all this to a transmitter and a receiver, what happens on the way ([`propagation`]), and what was lost ([`metrics`]).
//!
//! A photo without a radio:
//!
//! ```
//! use std::sync::Arc;
//!
//! use heliograph::codec::SoftCast;
//! use heliograph::link::{Receiver, ReceiverEvent, Transmitter, TransmitterConfig};
//! use heliograph::metrics::psnr_db;
//! use heliograph::photo::{Photo, PhotoSize};
//! use heliograph::propagation::{Propagation, PropagationConfig};
//!
//! let codec = Arc::new(SoftCast::default());
//! let photo = Photo::filled(PhotoSize::new(96, 64)?, [180, 120, 60]);
//! let config = TransmitterConfig { cbr: "1/12".parse()?, ..Default::default() };
//! let sent = Transmitter::new(config, codec.clone())?.picture(&photo, Some("a warm evening"))?;
//!
//! let mut channel = PropagationConfig::named("awgn")?;
//! channel.snr_db = Some(10.0);
//! let mut channel = Propagation::new(&channel, 2e6, 1)?;
//!
//! let mut receiver = Receiver::new(Default::default());
//! let mut events = Vec::new();
//! for burst in sent {
//!     events.extend(receiver.push(&channel.push(&burst)));
//! }
//! events.extend(receiver.push(&channel.finish()));
//! events.extend(receiver.finish());
//! let received = events.iter().find_map(|event| match event {
//!     ReceiverEvent::Picture(picture) => Some(picture),
//!     _ => None,
//! });
//! let received = received.expect("the picture arrives");
//! assert_eq!(received.caption.received().map(String::as_str), Some("a warm evening"));
//! assert!(psnr_db(&photo, &received.paint(&*codec)?)? > 30.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod shortened;
pub use shortened::shortened;

pub mod photo;

pub mod regions;

pub mod captions;

pub mod nn;

pub mod codec;

pub mod bits;

pub mod waveform;

pub mod link;

pub mod propagation;

pub mod metrics;
