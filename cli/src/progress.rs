//! What the program is busy with: a bar on a terminal; elsewhere nothing, or a line now and then of what takes hours.

use std::io::{IsTerminal, stderr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use heliograph::codec::OnProgress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::say::say;

const BAR: &str = "{prefix} {wide_bar:.cyan/dim} {pos}/{len} {msg} {eta:>4}";
const SPINNER: &str = "{prefix} {spinner:.cyan} {msg}";

/// Between two lines of a log.
const LOG_EVERY: Duration = Duration::from_mins(5);

/// Progress of one piece of work.
pub struct Progress {
    bar: ProgressBar,
    log: Option<Mutex<Log>>,
}

/// When steps began, and when the last line was written.
struct Log {
    began: Instant,
    said: Instant,
}

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
        let progress = Self { bar, log: None };
        progress.style(SPINNER);
        progress
    }

    /// The same, with a line every five minutes where there is no terminal.
    pub fn logged(prefix: String) -> Self {
        let now = Instant::now();
        let log = Log {
            began: now,
            said: now,
        };
        let mut progress = Self::new(prefix);
        progress.log = (!stderr().is_terminal()).then_some(Mutex::new(log));
        progress
    }

    fn style(&self, template: &str) {
        let style = ProgressStyle::with_template(template).expect("the template is well-formed");
        self.bar.set_style(style.progress_chars("━╸─"));
    }

    /// A step whose length is not known.
    pub fn busy(&self, what: &'static str) {
        self.bar.unset_length();
        self.style(SPINNER);
        self.bar.set_message(what);
    }

    /// A line of words.
    pub fn say(&self, line: String) {
        self.bar.set_message(line);
    }

    /// `done` of `total` parts of a piece of work.
    fn at(&self, what: &'static str, done: usize, total: usize) {
        if total == 1 {
            return self.busy(what);
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.style(BAR);
        self.bar.set_message(what);
    }

    /// So many steps lie ahead.
    pub fn expect(&self, steps: u64, what: &'static str) {
        self.bar.set_position(0);
        self.bar.set_length(steps);
        self.style(BAR);
        self.bar.set_message(what);
        if let Some(log) = &self.log {
            log.lock().unwrap_or_else(PoisonError::into_inner).began = Instant::now();
        }
    }

    /// One of them is done.
    pub fn step(&self) {
        self.bar.inc(1);
        if let Some(log) = &self.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.said.elapsed() >= LOG_EVERY {
                log.said = Instant::now();
                let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0));
                let left = time_left(log.began.elapsed(), done, total);
                let (prefix, what) = (self.bar.prefix(), self.bar.message());
                say!("heliograph: {prefix}: {done} of {total} {what}, {left} left");
            }
        }
    }
}

/// At the pace so far, in words.
fn time_left(elapsed: Duration, done: u64, total: u64) -> String {
    let left = elapsed.as_secs_f64() * total.saturating_sub(done) as f64 / done.max(1) as f64;
    let minutes = (left / 60.0).ceil() as u64;
    match minutes / 60 {
        0 => format!("{minutes} min"),
        hours => format!("{hours} h {} min", minutes % 60),
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
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_goes_by_the_pace_so_far() {
        let left = |minutes, done, total| time_left(Duration::from_mins(minutes), done, total);
        assert_eq!(left(10, 100, 300), "20 min");
        assert_eq!(left(60, 1, 4), "3 h 0 min");
        assert_eq!(left(5, 0, 0), "0 min");
    }
}
