//! From a radio to pictures, as a streaming graph: a live radio, or a recording of one.
//!
//! radio => synchronizer -> demodulator -> assembler -> sink (`=>` stream of samples, `->` messages). The pictures depend on
//! the samples and the gaps between them alone: a recording of them gives the same pictures, bit for bit.
//!
//! ```
//! use std::sync::Arc;
//! use heliograph::codec::SoftCast;
//! use heliograph::photo::{Photo, PhotoSize};
//! use heliograph_flowgraphs::event::Event;
//! use heliograph_flowgraphs::receive::{ReceiveConfig, ReceiveGraph};
//! use heliograph_flowgraphs::transmit::{self, TransmitConfig};
//! use heliograph_hardware::{Direction, Loopback, Radio, RadioSettings};
//!
//! let mut radio = Loopback::new(1 << 20);
//! for direction in [Direction::Transmit, Direction::Receive] {
//!     radio.configure(direction, &RadioSettings::new(433e6, 2e6))?;
//! }
//! let (tx, rx) = (radio.transmit()?, radio.receive()?);
//! let photo = Photo::filled(PhotoSize::new(64, 48)?, [200, 120, 40]);
//! let config = TransmitConfig::new(Arc::new(SoftCast::default()));
//! transmit::run(config, tx, [(photo, None)], |_| {})?;
//!
//! let config = ReceiveConfig::default();
//! let stop = config.stop.clone();
//! let mut painted = Vec::new();
//! ReceiveGraph::build(config, rx)?.run(|event| {
//!     if let Event::Picture(picture) = event {
//!         painted.push(picture.paint(&SoftCast::default()).unwrap());
//!         stop.stop();
//!     }
//! })?;
//! assert_eq!(painted.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod graph;
mod monitor;

pub use config::ReceiveConfig;
pub use graph::{ReceiveBlock, ReceiveGraph};
pub use monitor::{Monitor, ReceiveCounters};
