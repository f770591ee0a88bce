//! What has to go when this program is interrupted: groups of processes, and folders.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::session::locked;

#[derive(Default)]
struct Live {
    groups: HashSet<i32>,
    folders: HashSet<PathBuf>,
}

static LIVE: LazyLock<Mutex<Live>> = LazyLock::new(Mutex::default);

/// A group of processes.
pub struct Group(i32);

/// The group that a process leads.
pub fn group(leader: u32) -> Group {
    // Numbers of processes are positive and below 2^22.
    let group = leader as i32;
    locked(&LIVE).groups.insert(group);
    Group(group)
}

impl Group {
    /// Kills what is left of it, once.
    pub fn end(&self) {
        if locked(&LIVE).groups.remove(&self.0) {
            kill(self.0);
        }
    }
}

/// A folder that is in use, until [`left`].
pub fn used(folder: &Path) {
    locked(&LIVE).folders.insert(folder.to_owned());
}

/// See [`used`].
pub fn left(folder: &Path) {
    locked(&LIVE).folders.remove(folder);
}

/// Ends all programs at once and removes their files: for a process that is about to exit without dropping its codecs.
pub fn end_all() {
    let live = std::mem::take(&mut *locked(&LIVE));
    live.groups.into_iter().for_each(kill);
    for folder in live.folders {
        let _ = fs::remove_dir_all(folder);
    }
}

fn kill(group: i32) {
    // There may be none left.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
}
