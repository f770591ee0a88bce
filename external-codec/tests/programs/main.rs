//! Programs of the shell as codecs: what goes well, and everything that does not.

mod bench;
mod files;
mod lives;
