//! Pictures that wait to be published: files first, so that neither a server that is away nor an end of the program loses one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context;
use heliograph::link::{PictureMessage, ReceivedPicture};
use heliograph_queue::{Publisher, QueueError};

use crate::figures::counted;
use crate::output;
use crate::say::say;

/// Folder beside the pictures.
const FOLDER: &str = "queue";
const EXTENSION: &str = "heliopic";
/// How often the folder is looked into.
const LOOK: Duration = Duration::from_millis(100);
/// Pause after an attempt that failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the end of a run waits for a server that does not answer.
const GRACE: Duration = Duration::from_secs(15);

/// The folder, and the thread that empties it.
pub struct Spool {
    folder: PathBuf,
    receiver: String,
    /// Tells this run's pictures from those of others.
    run: u32,
    closing: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Spool {
    /// Begins with what an earlier run left in `out`.
    ///
    /// # Errors
    /// Names the folder.
    pub fn open(out: &Path, receiver: String, publisher: Publisher) -> anyhow::Result<Self> {
        let folder = out.join(FOLDER);
        output::make_folder(&folder)?;
        let left = waiting(&folder)?.len() as u64;
        if left > 0 {
            say!(
                "queue: {} of an earlier run to be published",
                counted(left, "picture")
            );
        }
        let closing = Arc::new(AtomicBool::new(false));
        let (stop, from) = (closing.clone(), folder.clone());
        Ok(Self {
            folder,
            receiver,
            run: rand::random(),
            closing,
            thread: thread::spawn(move || empty(&from, publisher, &stop)),
        })
    }

    /// Puts a picture in line; its name there.
    ///
    /// # Errors
    /// A picture too large for a message; a file that cannot be written.
    pub fn put(
        &self,
        number: u32,
        picture: &ReceivedPicture,
        sample_rate_hz: f64,
    ) -> anyhow::Result<String> {
        let id = format!("{}-{:08x}-{number:04}", self.receiver, self.run);
        let message = PictureMessage {
            receiver: self.receiver.clone(),
            id: id.clone(),
            number,
            sample_rate_hz,
            picture: picture.clone(),
        };
        let bytes = message.to_bytes()?;
        // Names sort as the pictures came.
        let path = self.folder.join(format!("{number:010}.{id}.{EXTENSION}"));
        output::write_whole(&path, |writer| writer.write_all(&bytes))?;
        Ok(id)
    }

    /// Publishes what still waits, as long as the server answers; whether nothing is left.
    pub fn finish(self) -> bool {
        self.closing.store(true, Ordering::Release);
        let left = waiting(&self.folder).map_or(0, |files| files.len());
        if left > 0 {
            let left = counted(left as u64, "picture");
            say!("queue: {left} still to be published; Ctrl-C leaves them to the next run");
        }
        let left = self.thread.join().unwrap_or(1);
        if left > 0 {
            let (left, folder) = (counted(left as u64, "picture"), self.folder.display());
            say!("queue: {left} not published; the next run with this --out does it ({folder})");
        }
        left == 0
    }
}

/// Files in line, the oldest first.
fn waiting(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let named = || format!("{}: folder cannot be read", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(named)? {
        let path = entry.with_context(named)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == EXTENSION)
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Publishes until told to end; how many are left then.
fn empty(folder: &Path, mut publisher: Publisher, closing: &AtomicBool) -> usize {
    let mut failing: Option<Instant> = None;
    loop {
        // Before the folder is looked into: what was put there until then is found.
        let ends = closing.load(Ordering::Acquire);
        let round = round(folder, &mut publisher);
        match round {
            Ok(0) => failing = None,
            Ok(_) => {
                failing = None;
                continue;
            }
            Err(error) => {
                let since = *failing.get_or_insert_with(|| {
                    say!("queue: {error:#}");
                    Instant::now()
                });
                if ends && since.elapsed() > GRACE {
                    return waiting(folder).map_or(1, |files| files.len());
                }
                thread::sleep(PAUSE);
                continue;
            }
        }
        if ends {
            return 0;
        }
        thread::sleep(LOOK);
    }
}

/// Publishes what waits now, and says how much that was; a file that fails for itself does not keep the others.
fn round(folder: &Path, publisher: &mut Publisher) -> anyhow::Result<usize> {
    let files = waiting(folder)?;
    let mut failed = None;
    for path in &files {
        match publish(path, publisher) {
            Ok(()) => {}
            Err(error) if error.is::<QueueError>() => return Err(error),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(files.len()), Err)
}

/// Publishes a file and removes it; one that is no picture is put aside.
fn publish(path: &Path, publisher: &mut Publisher) -> anyhow::Result<()> {
    let named = || format!("queue: {}", path.display());
    let aside = |why: &str| {
        let kept = path.with_extension("refused");
        fs::rename(path, &kept).with_context(named)?;
        say!("queue: {}: {why}", kept.display());
        Ok(())
    };
    let bytes = fs::read(path).with_context(named)?;
    let message = match PictureMessage::from_bytes(&bytes) {
        Ok(message) => message,
        Err(error) => return aside(&error.to_string()),
    };
    match publisher.publish(&message.id, &bytes) {
        Ok(()) => fs::remove_file(path).with_context(named),
        Err(error @ QueueError::Ticket { .. }) => aside(&error.to_string()),
        Err(error) => Err(anyhow::Error::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use heliograph_queue::{Server, ServerSettings};

    use super::*;
    use crate::reception::tests::picture;

    #[test]
    fn what_waits_is_kept_when_nobody_answers_and_rubbish_is_put_aside() {
        let out = std::env::temp_dir().join(format!("heliograph-spool-{}", std::process::id()));
        let folder = out.join(FOLDER);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("0000000001.x.heliopic"), "rubbish").unwrap();
        let settings = ServerSettings {
            // Nobody listens there.
            address: "nats://127.0.0.1:9".to_owned(),
            ..ServerSettings::default()
        };
        let server = Arc::new(Server::connect(&settings, Arc::new(|_| ())).unwrap());
        let publisher = Publisher::new(server, "roof").unwrap();
        let spool = Spool::open(&out, "roof".to_owned(), publisher).unwrap();
        let id = spool.put(7, &picture("words"), 2e6).unwrap();
        assert!(id.starts_with("roof-") && id.ends_with("-0007"), "{id}");
        let put_aside = (0..100).any(|_| {
            thread::sleep(LOOK);
            folder.join("0000000001.x.refused").is_file()
        });
        assert!(put_aside, "rubbish stays in line");
        let found = waiting(&folder).unwrap();
        let bytes = fs::read(&found[0]).unwrap();
        assert_eq!(PictureMessage::from_bytes(&bytes).unwrap().id, id);
        // Its thread goes on waiting for the server.
        drop(spool);
        fs::remove_dir_all(out).unwrap();
    }
}
