//! Ctrl-C: the program ends at once, whatever it computes, and takes its unfinished files with it.
//!
//! A command that can stop by itself and still has something to say takes the first Ctrl-C as a wish ([`take_first`]).
//!
//! Files get their names only when they are whole ([`crate::output`]), so all there is to undo is the temporary ones.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::commands::rig;
use crate::say::say;
use crate::{exit, output};

/// The running command takes the first Ctrl-C itself.
static TAKES_FIRST: AtomicBool = AtomicBool::new(false);
/// The first Ctrl-C has come to such a command.
static STOP: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C only sets the flag that is returned; the second ends the program.
pub fn take_first() -> &'static AtomicBool {
    TAKES_FIRST.store(true, Ordering::Relaxed);
    &STOP
}

/// Ends the program on Ctrl-C from now on.
pub fn install() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if TAKES_FIRST.load(Ordering::Relaxed) && !STOP.swap(true, Ordering::Relaxed) {
            return;
        }
        // Held to the end: no file is begun or finished any more.
        let _held = output::discard_unfinished();
        heliograph_external_codec::end_all();
        let _none_is_started = rig::end_all();
        let clear = if stderr().is_terminal() {
            "\r\x1b[K"
        } else {
            ""
        };
        say!("{clear}heliograph: interrupted; the files written so far are whole");
        std::process::exit(exit::INTERRUPTED);
    })
    .context("Ctrl-C cannot be watched")
}
