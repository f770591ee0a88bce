//! The live page of Heliograph: what a running link hears and paints, in any browser, from the one binary.
//!
//! The program fills a [`State`] through a [`Publisher`], which never waits for anyone; a [`Server`] on a thread of its own
//! shows the newest state to any number of viewers (server-sent events), as JSON, and as Prometheus metrics. Nothing is loaded
//! from elsewhere: the page's files are in the program.
//!
//! ```
//! use heliograph_page::{Publisher, Server, ServerConfig};
//!
//! let publisher = Publisher::new("receive");
//! let server = Server::bind(ServerConfig::at("127.0.0.1:0".parse()?), publisher.clone())?;
//! publisher.update(|live| live.bursts.received += 1);
//! println!("{}", server.url());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod state;

mod publisher;

mod gallery;

mod image;

mod prometheus;

mod control;

mod token;

mod server;

pub use control::{Command, MAX_WAITING_ORDERS, Order, Orders};
pub use image::Image;
pub use publisher::Publisher;
pub use server::{BindError, Limits, Server, ServerConfig};
pub use state::State;
