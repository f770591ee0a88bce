//! Files, whole or not at all: written under a temporary name in their folder, renamed when complete.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageError};

/// Temporary files that exist right now.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files; while the guard lives, none is begun and none gets its name.
pub fn discard_unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let mut files = unfinished();
    for file in std::mem::take(&mut *files) {
        // It may not have been created yet.
        let _ = fs::remove_file(file);
    }
    files
}

/// Writes `path` through `write`; an old file is replaced only when the new one is complete.
///
/// # Errors
/// Names the file.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> anyhow::Result<()> {
    put(path, write, |temporary, path| fs::rename(temporary, path))
}

/// Writes a text file unless there is one of this name; whether it was written. Of several programs that try, one does.
///
/// # Errors
/// Names the file.
pub fn write_new_text(path: &Path, text: &str) -> anyhow::Result<bool> {
    let mut is_new = true;
    put(
        path,
        |writer| writer.write_all(text.as_bytes()),
        |temporary, path| {
            is_new = link_new(temporary, path)?;
            match fs::remove_file(temporary) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        },
    )?;
    Ok(is_new)
}

/// A name that is taken as long as this lives: another program that tries to take it is told.
pub struct Claim(PathBuf);

impl Claim {
    /// Takes `path`, which becomes an empty file; `None` if it is taken.
    ///
    /// # Errors
    /// Names the file.
    pub fn take(path: PathBuf) -> anyhow::Result<Option<Self>> {
        let mut files = unfinished();
        match File::create_new(&path) {
            Ok(_) => {
                files.insert(path.clone());
                Ok(Some(Self(path)))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => {
                Err(error).with_context(|| format!("{}: cannot be written", path.display()))
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut files = unfinished();
        let _ = fs::remove_file(&self.0);
        files.remove(&self.0);
    }
}

/// A second name for a file, unless it is taken; whether it was free.
fn link_new(file: &Path, name: &Path) -> io::Result<bool> {
    match fs::hard_link(file, name) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Not every file system has second names.
        Err(_) if name.exists() => Ok(false),
        Err(_) => fs::rename(file, name).map(|()| true),
    }
}

/// Fills a temporary file, then gives it its name.
fn put(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    name: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> anyhow::Result<()> {
    check_kind(path)?;
    let temporary = temporary_beside(path);
    let result = fill(&temporary, write).and_then(|()| {
        let mut files = unfinished();
        name(&temporary, path)?;
        files.remove(&temporary);
        sync_folder(path);
        Ok(())
    });
    if result.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
        unfinished().remove(&temporary);
    }
    result.with_context(|| format!("{}: cannot be written", path.display()))
}

/// Makes sure that a file can come into being at `path`, before long work for it.
///
/// # Errors
/// Names the file.
pub fn check_place(path: &Path) -> anyhow::Result<()> {
    check_kind(path)?;
    let temporary = temporary_beside(path);
    let result = fill(&temporary, |_| Ok(()));
    // It may not have been created.
    let _ = fs::remove_file(&temporary);
    unfinished().remove(&temporary);
    result.with_context(|| format!("{}: cannot be written", path.display()))
}

/// Renaming over a device would replace it.
fn check_kind(path: &Path) -> anyhow::Result<()> {
    if fs::metadata(path).is_ok_and(|kind| !kind.is_file()) {
        anyhow::bail!("{}: cannot be written: it is no file", path.display());
    }
    Ok(())
}

fn fill(
    temporary: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let file = {
        let mut files = unfinished();
        let file = File::create(temporary)?;
        files.insert(temporary.to_owned());
        file
    };
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    // A rename may reach the disk before the bytes do.
    writer.into_inner()?.sync_all()
}

/// Makes a rename outlast a loss of power, where the file system can; the file itself is safe either way.
fn sync_folder(path: &Path) {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// Files begun by this process.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// Tells this process from those of the same number on other hosts.
static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());

/// A hidden name in the same folder that no other thread, process or host has.
fn temporary_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let begun = BEGUN.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{:016x}-{begun}.tmp", *PROCESS))
}

/// Writes a text file.
///
/// # Errors
/// Names the file.
pub fn write_text(path: &Path, text: &str) -> anyhow::Result<()> {
    write_whole(path, |writer| writer.write_all(text.as_bytes()))
}

/// Writes 8-bit RGB as a PNG.
///
/// # Errors
/// Names the file.
pub fn write_png(path: &Path, rgb: &[u8], width: u32, height: u32) -> anyhow::Result<()> {
    write_whole(path, |writer| {
        let (compression, filter) = (CompressionType::Fast, FilterType::Adaptive);
        PngEncoder::new_with_quality(writer, compression, filter)
            .write_image(rgb, width, height, ExtendedColorType::Rgb8)
            .map_err(|error| match error {
                ImageError::IoError(error) => error,
                other => io::Error::other(other.to_string()),
            })
    })
}

/// Makes a folder with its parents, if it is not there.
///
/// # Errors
/// Names the folder.
pub fn make_folder(path: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(path).with_context(|| format!("{}: folder cannot be made", path.display()))
}

/// Removes a file of an earlier run, if there is one.
///
/// # Errors
/// Names the file.
pub fn remove_stale(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("{}: old file cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

/// Makes sure that the folder for temporary files takes `bytes`: the graph's buffers live there, and their absence is fatal.
///
/// # Errors
/// Names the folder.
pub fn check_temporary_folder(bytes: u64) -> anyhow::Result<()> {
    let folder = std::env::temp_dir();
    // Others may write there: the name is nobody's guess, and what has it is not opened.
    let probe = folder.join(format!("heliograph-probe.{:016x}", *PROCESS));
    let result = File::create_new(&probe).and_then(|file| file.set_len(bytes));
    // It may not have been created.
    let _ = fs::remove_file(&probe);
    result.with_context(|| {
        let folder = folder.display();
        format!("{folder}: temporary folder does not take the {bytes} bytes of a buffer")
    })
}

/// One line to standard output.
///
/// # Errors
/// What standard output says; a closed pipe too, which is no failure of the program.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let result = writeln!(out, "{text}").and_then(|()| out.flush());
    result.context("standard output")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("heliograph-output-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_name_is_claimed_once_at_a_time() {
        let folder = folder("claim");
        let path = folder.join(".0001");
        let claim = Claim::take(path.clone()).unwrap().unwrap();
        assert!(Claim::take(path.clone()).unwrap().is_none());
        drop(claim);
        assert!(Claim::take(path.clone()).unwrap().is_some());
        assert!(!path.exists());
        let missing = Claim::take(folder.join("none").join("x"));
        assert!(missing.is_err_and(|error| error.to_string().contains("none")));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_new_file_is_written_once() {
        let folder = folder("new");
        let path = folder.join("a.json");
        assert!(write_new_text(&path, "first").unwrap());
        assert!(!write_new_text(&path, "second").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_other() {
        let folder = folder("failed");
        let path = folder.join("a.txt");
        write_text(&path, "old").unwrap();
        let failed = write_whole(&path, |w| {
            w.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        let message = format!("{:#}", failed.unwrap_err());
        assert!(
            message.contains("a.txt") && message.contains("disk full"),
            "{message}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_device_is_not_replaced() {
        let message = format!("{:#}", write_text(Path::new("/dev/null"), "x").unwrap_err());
        assert!(
            message.contains("/dev/null") && message.contains("no file"),
            "{message}"
        );
    }

    #[test]
    fn a_missing_folder_is_named() {
        let path = folder("gone").join("no/such/a.txt");
        let message = format!("{:#}", write_text(&path, "x").unwrap_err());
        assert!(message.contains("no/such/a.txt"), "{message}");
    }
}
