//! Previews: pictures from the bursts so far, quick looks at whole ones, and the last one painted again when the dial is turned.
//! On a thread of its own: neither the receiver nor the files wait for it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use heliograph::bits::digital::Section;
use heliograph::codec::CodecId;
use heliograph::link::ReceivedPicture;
use heliograph::photo::Photo;
use heliograph_flowgraphs::window::Window;
use heliograph_page::Command;
use heliograph_page::state::Stage;

use super::album::{Album, Look};
use super::figures;
use super::orders::Dials;
use crate::codec_args::{ModelArgs, PainterArgs};
use crate::painters::Painters;

/// How often it is looked for pictures in progress.
const WATCH: Duration = Duration::from_millis(20);
/// Whoever paints the picture itself waits so long for the quick look at it.
const HEAD_START: Duration = Duration::from_secs(2);
/// But not where pictures come faster than this.
const UNHURRIED: Duration = Duration::from_secs(2);
/// Time for the last previews of a run.
const SETTLE: Duration = Duration::from_secs(20);

/// A picture that arrived, with its number on the page.
type Arrived = (u64, Arc<ReceivedPicture>);

/// What is to be done; the newest of each kind.
#[derive(Default)]
struct Tasks {
    arrived: Option<Arrived>,
    repaint: bool,
    sent: Option<Arc<Photo>>,
    is_busy: bool,
    over: bool,
    latest: Option<Instant>,
}

#[derive(Default)]
struct Desk {
    tasks: Mutex<Tasks>,
    changed: Condvar,
}

impl Desk {
    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Tasks)) {
        change(&mut self.tasks());
        self.changed.notify_all();
    }
}

/// Tells the studio of orders.
#[derive(Clone)]
pub struct Bell(Arc<Desk>);

impl Bell {
    /// What changes how a picture looks has the last one painted again.
    pub fn ring(&self, command: &Command) {
        if command.is_of_painter() {
            self.0.change(|tasks| tasks.repaint = true);
        }
    }
}

/// Paints until it is dropped.
pub struct Studio {
    desk: Arc<Desk>,
    album: Album,
    thread: Option<thread::JoinHandle<()>>,
}

impl Studio {
    pub fn start(window: Window, album: Album, dials: Dials, model: ModelArgs) -> Self {
        let desk = Arc::new(Desk::default());
        let painter = Bench {
            desk: desk.clone(),
            window,
            album: album.clone(),
            dials,
            painters: Painters::lazy(PainterArgs::default(), model),
            last: None,
        };
        Self {
            thread: Some(thread::spawn(move || painter.work())),
            desk,
            album,
        }
    }

    pub fn bell(&self) -> Bell {
        Bell(self.desk.clone())
    }

    /// What is sent from now on.
    pub fn expects(&self, sent: Arc<Photo>) {
        self.desk.change(|tasks| tasks.sent = Some(sent));
    }

    /// All that comes of a picture is there. Its quick look gets a head start where somebody looks, unless pictures come one
    /// upon the other.
    pub fn arrived(&self, id: u64, picture: &Arc<ReceivedPicture>) {
        let arrived = (id, picture.clone());
        let mut before = None;
        self.desk.change(|tasks| {
            tasks.arrived = Some(arrived);
            before = tasks.latest.replace(Instant::now());
        });
        if self.album.is_watched() && before.is_none_or(|before| before.elapsed() > UNHURRIED) {
            self.wait(HEAD_START);
        }
    }

    /// Waits until nothing is to be done, but not for ever.
    pub fn settle(&self) {
        self.wait(SETTLE);
    }

    fn wait(&self, limit: Duration) {
        let until = Instant::now() + limit;
        let mut tasks = self.desk.tasks();
        while (tasks.arrived.is_some() || tasks.repaint || tasks.is_busy) && Instant::now() < until
        {
            tasks = self
                .desk
                .changed
                .wait_timeout(tasks, WATCH)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.desk.change(|tasks| tasks.over = true);
        if let Some(thread) = self.thread.take() {
            // Previews are no reason to fail.
            let _ = thread.join();
        }
    }
}

/// Where it is painted.
struct Bench {
    desk: Arc<Desk>,
    window: Window,
    album: Album,
    dials: Dials,
    painters: Painters,
    last: Option<Arrived>,
}

/// One thing to do.
enum Task {
    Preview(Arrived),
    Repaint,
    Nothing,
    Over,
}

impl Bench {
    fn work(mut self) {
        loop {
            // First what has come so far: it is the oldest news.
            if let Some(look) = self.window.take_progress() {
                self.desk.tasks().is_busy = true;
                self.preview_of_part(&look.finish());
            }
            match self.next() {
                Task::Preview(arrived) => {
                    // A look that was left between the two comes before the whole.
                    if let Some(look) = self.window.take_progress() {
                        self.preview_of_part(&look.finish());
                    }
                    self.preview(&arrived);
                    self.last = Some(arrived);
                }
                Task::Repaint => self.repaint(),
                Task::Nothing => {}
                Task::Over => return,
            }
            self.desk.change(|tasks| tasks.is_busy = false);
        }
    }

    /// Waits for a task, for a moment.
    fn next(&self) -> Task {
        let mut tasks = self.desk.tasks();
        let is_idle = !tasks.over && !tasks.repaint && tasks.arrived.is_none();
        if is_idle {
            let waited = self.desk.changed.wait_timeout(tasks, WATCH);
            tasks = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if tasks.over {
            return Task::Over;
        }
        if let Some(arrived) = tasks.arrived.take() {
            tasks.is_busy = true;
            return Task::Preview(arrived);
        }
        if std::mem::take(&mut tasks.repaint) {
            tasks.is_busy = true;
            return Task::Repaint;
        }
        Task::Nothing
    }

    /// The bursts so far; nothing before the side information is there, without which all is grey.
    fn preview_of_part(&mut self, picture: &ReceivedPicture) {
        let id = self.album.coming(picture);
        if picture.side_information == Section::Lost {
            return;
        }
        let (have, all) = (picture.bursts_received, picture.bursts_expected);
        let words = format!("{have} of {all} bursts so far");
        let flags = PainterArgs::quickest();
        self.paint(id, picture, Stage::Linear, &flags, |how| {
            format!("{words}, {how}")
        });
    }

    /// A quick look at all that came.
    fn preview(&mut self, (id, picture): &Arrived) {
        let is = |codec: CodecId| picture.header.fields().codec == codec as u8;
        if is(CodecId::SoftCast) || is(CodecId::External) {
            // Nothing is quicker than the picture itself.
            return;
        }
        let flags = PainterArgs::fast();
        let all = picture.bursts_received == picture.bursts_expected;
        let words = match all {
            true => "all bursts".to_owned(),
            false => format!(
                "{} of {} bursts",
                picture.bursts_received, picture.bursts_expected
            ),
        };
        self.paint(*id, picture, Stage::Fast, &flags, |how| {
            format!("{words}, {how}")
        });
    }

    /// The last picture as the dials stand now.
    fn repaint(&mut self) {
        let Some((id, picture)) = self.last.take() else {
            return;
        };
        let flags = self.dials.painter();
        self.paint(id, &picture, Stage::Painted, &flags, |how| {
            format!("painted again, {how}")
        });
        self.last = Some((id, picture));
    }

    fn paint(
        &mut self,
        id: u64,
        picture: &ReceivedPicture,
        stage: Stage,
        flags: &PainterArgs,
        words: impl FnOnce(&str) -> String,
    ) {
        let start = Instant::now();
        let Ok(codec) = CodecId::try_from(picture.header.fields().codec) else {
            return;
        };
        self.painters.set(flags.for_codec(codec));
        // Why it cannot be painted stands in its report.
        let Ok(painted) = self.painters.paint(picture) else {
            return;
        };
        let seconds = start.elapsed().as_secs_f64();
        let sent = self.desk.tasks().sent.clone();
        let model = painted.model;
        let perception = model.as_ref().map(|m| m.perception);
        let how = model.map_or_else(
            || "least squares".to_owned(),
            |m| format!("painter {}", m.painter),
        );
        self.album.show(
            id,
            Look {
                stage,
                words: words(&how),
                seconds,
                figures: figures::of_preview(&painted.photo, sent.as_deref(), perception),
                photo: &painted.photo,
            },
        );
    }
}
