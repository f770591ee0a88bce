//! The server as viewers and strangers meet it.

mod client;
mod controls;
mod hostile;
mod viewers;
