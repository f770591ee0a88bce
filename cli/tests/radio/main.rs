//! The radio commands over the virtual radio: two programs that share an ether, as a user runs them.

mod bench;
#[path = "../journeys/common.rs"]
mod common;
mod faults;
mod links;
mod tools;
