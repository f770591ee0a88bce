//! What the program is busy with: a bar on a terminal, nothing elsewhere.

use std::io::{IsTerminal, stderr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heliograph::codec::OnProgress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const BAR: &str = "{prefix} {wide_bar:.cyan/dim} {pos}/{len} {msg} {eta:>4}";
const SPINNER: &str = "{prefix} {spinner:.cyan} {msg}";

/// Progress of one piece of work.
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts with a spinner.
    pub fn new(prefix: String) -> Self {
        let target = if stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target).with_prefix(prefix);
        bar.enable_steady_tick(Duration::from_millis(120));
        let progress = Self(bar);
        progress.style(SPINNER);
        progress
    }

    fn style(&self, template: &str) {
        let style = ProgressStyle::with_template(template).expect("the template is well-formed");
        self.0.set_style(style.progress_chars("━╸─"));
    }

    /// A step whose length is not known.
    pub fn busy(&self, what: &'static str) {
        self.0.unset_length();
        self.style(SPINNER);
        self.0.set_message(what);
    }

    /// A line of words.
    pub fn say(&self, line: String) {
        self.0.set_message(line);
    }

    /// `done` of `total` parts of a piece of work.
    fn at(&self, what: &'static str, done: usize, total: usize) {
        if total == 1 {
            return self.busy(what);
        }
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
        self.style(BAR);
        self.0.set_message(what);
    }

    /// So many steps lie ahead.
    pub fn expect(&self, steps: u64, what: &'static str) {
        self.0.set_position(0);
        self.0.set_length(steps);
        self.style(BAR);
        self.0.set_message(what);
    }

    /// One of them is done.
    pub fn step(&self) {
        self.0.inc(1);
    }
}

/// The progress that stages without one of their own, the networks, report to.
#[derive(Clone, Default)]
pub struct CurrentProgress(Arc<Mutex<Option<Arc<Progress>>>>);

impl CurrentProgress {
    /// From now on it is this one.
    pub fn follow(&self, progress: &Arc<Progress>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress.clone());
    }

    /// There is none any more.
    pub fn leave(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Moves the bar over the strips of a network.
    pub fn listener(&self) -> OnProgress {
        let progress = self.clone();
        Arc::new(move |stage, done, total| progress.at(stage, done, total))
    }

    /// `done` of `total` parts of a piece of work.
    fn at(&self, what: &'static str, done: usize, total: usize) {
        if let Some(progress) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            progress.at(what, done, total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
