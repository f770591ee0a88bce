//! Ctrl-C: the program ends at once, whatever it computes, and takes its unfinished files with it.
//!
//! Files get their names only when they are whole ([`crate::output`]), so all there is to undo is the temporary ones.
//! A command whose half-done work is worth having asks with [`first_stops`] that the first Ctrl-C only raise a flag.

use std::io::{IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::{exit, output};

/// Whether the first Ctrl-C only raises [`STOP`].
static FIRST_STOPS: AtomicBool = AtomicBool::new(false);
static STOP: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C raises the flag given back; the second one ends the program.
pub fn first_stops() -> &'static AtomicBool {
    FIRST_STOPS.store(true, Ordering::Relaxed);
    &STOP
}

/// Ends the program on Ctrl-C from now on.
pub fn install() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if FIRST_STOPS.load(Ordering::Relaxed) && !STOP.swap(true, Ordering::Relaxed) {
            return;
        }
        // Held to the end: no file is begun or finished any more.
        let _held = output::discard_unfinished();
        let clear = if stderr().is_terminal() {
            "\r\x1b[K"
        } else {
            ""
        };
        // Nobody may be listening.
        let _ = writeln!(
            stderr(),
            "{clear}heliograph: interrupted; the files written so far are whole"
        );
        std::process::exit(exit::INTERRUPTED);
    })
    .context("Ctrl-C cannot be watched")
}
