//! The course of a training: steps, measurements, and what is kept.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use heliograph::nn::Adapter;
use heliograph_adaptation::{HeldOut, Trainer};

use super::clock::Clock;
use crate::output;
use crate::progress::Progress;
use crate::say::say;

/// So many measurements in a row without a better one end it.
const PATIENCE: usize = 6;

/// Whether there is an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Better,
    NotBetter,
}

/// What came of a training.
#[derive(Debug)]
pub struct Course {
    pub before: HeldOut,
    /// Of the adapter that was written, or of the networks as they were.
    pub best: HeldOut,
    pub outcome: Outcome,
    pub steps: usize,
    pub seconds: f64,
    /// Of the file.
    pub bytes: usize,
}

impl Course {
    /// Trains for so many minutes; the adapter is written to `out` each time it is better than before.
    ///
    /// # Errors
    /// What the trainer says; a file that cannot be written.
    pub fn run(
        trainer: &mut Trainer,
        minutes: f64,
        out: &Path,
        resumed: bool,
        stop: &AtomicBool,
    ) -> anyhow::Result<Self> {
        let progress = Progress::new("adapting".to_owned());
        progress.busy("measuring");
        let before = trainer.held_out(None)?;
        let mut course = Self {
            before,
            best: before,
            outcome: Outcome::NotBetter,
            steps: 0,
            seconds: 0.0,
            bytes: 0,
        };
        if resumed {
            let there = trainer.held_out(Some(&Adapter::open(out)?))?;
            if trainer.is_better(&there, &course.best) {
                course.best = there;
            }
        }
        let mut clock = Clock::new(minutes);
        let (mut in_vain, mut measured) = (0, 0);
        while !clock.is_over() && in_vain < PATIENCE && !stop.load(Ordering::Relaxed) {
            let loss = trainer.step(clock.progress())?;
            course.steps += 1;
            progress.say(course.now(loss, &clock));
            if clock.is_due() {
                progress.busy("measuring");
                in_vain = match course.measure(trainer, out)? {
                    true => 0,
                    false => in_vain + 1,
                };
                clock.measured();
                measured = course.steps;
                say!(
                    "{:5.1} min, step {}: {}",
                    clock.seconds() / 60.0,
                    course.steps,
                    course.said()
                );
            }
        }
        course.seconds = clock.seconds();
        // What was trained since the last measurement may be the best yet.
        if stop.load(Ordering::Relaxed) && course.steps > measured {
            progress.busy("measuring");
            course.measure(trainer, out)?;
        }
        Ok(course)
    }

    /// Measures, and writes what is better.
    fn measure(&mut self, trainer: &Trainer, out: &Path) -> anyhow::Result<bool> {
        let bytes = trainer.adapter()?;
        let found = trainer.held_out(Some(&Adapter::from_bytes(&bytes)?))?;
        if !trainer.is_better(&found, &self.best) {
            return Ok(false);
        }
        output::write_whole(out, |writer| writer.write_all(&bytes))
            .with_context(|| format!("--out: {}", out.display()))?;
        self.bytes = bytes.len();
        self.best = found;
        self.outcome = Outcome::Better;
        Ok(true)
    }

    fn now(&self, loss: f64, clock: &Clock) -> String {
        let percent = (100.0 * clock.progress()) as u32;
        format!(
            "{percent} %, step {}, loss {loss:.3}; {}",
            self.steps,
            self.said()
        )
    }

    /// The best so far beside what was.
    fn said(&self) -> String {
        let (before, best) = (&self.before, &self.best);
        let percent = 100.0 * (best.lpips / before.lpips.max(1e-9) - 1.0);
        format!(
            "LPIPS {:.4} -> {:.4} ({percent:+.1} %), PSNR {:.2} -> {:.2} dB on photos held out",
            before.lpips, best.lpips, before.psnr_db, best.psnr_db
        )
    }

    /// What is printed in the end.
    pub fn words(&self, out: &Path) -> String {
        let trained = format!("{} steps in {:.0} s", self.steps, self.seconds);
        match self.outcome {
            Outcome::NotBetter => format!("{trained} made nothing better on photos held out"),
            Outcome::Better => {
                let (file, bytes) = (out.display(), self.bytes);
                format!("{file}: {bytes} bytes; {trained}: {}", self.said())
            }
        }
    }
}
