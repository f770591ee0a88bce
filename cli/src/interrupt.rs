//! Ctrl-C: the program ends at once, whatever it computes, and takes its unfinished files with it.
//!
//! Files get their names only when they are whole ([`crate::output`]), so all there is to undo is the temporary ones.

use std::io::{IsTerminal, Write, stderr};

use anyhow::Context;

use crate::{exit, output};

/// Ends the program on Ctrl-C from now on.
pub fn install() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
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
