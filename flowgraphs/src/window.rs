//! A window on a running receiver or transmitter, for those who look on from another thread.
//!
//! Blocks leave one of each kind there: nobody is waited for, nothing piles up, and while nobody takes it it costs next to
//! nothing.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use heliograph::link::{Assembler, PictureInProgress};
use heliograph::waveform::demodulator::{BurstReport, DemodulatedBurst};
use num_complex::Complex32;

use crate::counters::{Board, RadioSinkCounters};
use crate::receive::{Monitor, ReceiveCounters};

/// Samples that are shown at a time.
pub const MAX_SAMPLES: usize = 8192;
/// A picture in progress is shown while it takes at most so many bytes.
const MAX_PROGRESS_BYTES: usize = 64 << 20;
/// A look at a larger one is renewed less often.
const LARGE_PROGRESS_BYTES: usize = 2 << 20;
/// How often.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// Samples that tell the power of many.
const PROBES: usize = 128;

/// The window. Clones show the same.
#[derive(Clone, Default)]
pub struct Window(Arc<Panes>);

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Window")
    }
}

#[derive(Default)]
struct Panes {
    monitor: Mutex<Option<Monitor>>,
    /// Of runs before the present one.
    before: Mutex<ReceiveCounters>,
    transmitter: Mutex<Option<Board<RadioSinkCounters>>>,
    samples: Mutex<StrongestSamples>,
    burst: Pane<BurstView>,
    progress: Mutex<Option<Look>>,
}

/// A look at a picture.
struct Look {
    picture: PictureInProgress,
    made: Instant,
}

#[derive(Default)]
struct StrongestSamples {
    power: f32,
    samples: Vec<Complex32>,
}

/// What a burst shows.
#[derive(Clone, Debug)]
pub struct BurstView {
    /// Measurements on it.
    pub report: BurstReport,
    /// Gain of every used carrier, lowest frequency first.
    pub channel: Vec<Complex32>,
    /// Equalized pilots; all should lie at 1.
    pub pilots: Vec<Complex32>,
}

/// Holds one of a kind, until it is taken.
struct Pane<T> {
    is_empty: AtomicBool,
    newest: Mutex<Option<T>>,
}

impl<T> Default for Pane<T> {
    fn default() -> Self {
        Self {
            is_empty: AtomicBool::new(true),
            newest: Mutex::new(None),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Pane<T> {
    fn offer(&self, make: impl FnOnce() -> Option<T>) {
        if self.is_empty.load(Ordering::Relaxed)
            && let Some(newest) = make()
        {
            *lock(&self.newest) = Some(newest);
            self.is_empty.store(false, Ordering::Relaxed);
        }
    }

    fn take(&self) -> Option<T> {
        let newest = lock(&self.newest).take();
        self.is_empty.store(true, Ordering::Relaxed);
        newest
    }
}

impl Window {
    /// Counters of all runs that were seen through this window.
    pub fn counters(&self) -> ReceiveCounters {
        // Locked first, as in `attach`: a run counts once.
        let present = lock(&self.0.monitor);
        let mut all = *lock(&self.0.before);
        if let Some(monitor) = &*present {
            all += monitor.counters();
        }
        all
    }

    /// The present run, once there is one.
    pub fn monitor(&self) -> Option<Monitor> {
        lock(&self.0.monitor).clone()
    }

    /// Counters of a transmitter, once there is one.
    pub fn sent(&self) -> Option<RadioSinkCounters> {
        lock(&self.0.transmitter).as_ref().map(Board::get)
    }

    /// The strongest piece of samples since the last one was taken, at most [`MAX_SAMPLES`] of them.
    pub fn take_samples(&self) -> Option<Vec<Complex32>> {
        let StrongestSamples { samples, .. } = std::mem::take(&mut *lock(&self.0.samples));
        (!samples.is_empty()).then_some(samples)
    }

    /// The first burst since the last one was taken.
    pub fn take_burst(&self) -> Option<BurstView> {
        self.0.burst.take()
    }

    /// The newest look at a picture in progress.
    pub fn take_progress(&self) -> Option<PictureInProgress> {
        lock(&self.0.progress).take().map(|look| look.picture)
    }

    /// Another run begins.
    pub(crate) fn attach(&self, monitor: Monitor) {
        let mut present = lock(&self.0.monitor);
        if let Some(before) = present.replace(monitor) {
            *lock(&self.0.before) += before.counters();
        }
    }

    pub(crate) fn attach_transmitter(&self, board: Board<RadioSinkCounters>) {
        *lock(&self.0.transmitter) = Some(board);
    }

    pub(crate) fn offer_samples(&self, samples: &[Complex32]) {
        let samples = &samples[..samples.len().min(MAX_SAMPLES)];
        let step = samples.len().div_ceil(PROBES).max(1);
        let probes = samples.iter().step_by(step);
        let count = probes.len().max(1) as f32;
        let power = probes.map(|x| x.norm_sqr()).sum::<f32>() / count;
        let mut strongest = lock(&self.0.samples);
        // A short piece makes a poor spectrum: it never takes the place of a long one.
        let is_stronger = power > strongest.power && 2 * samples.len() >= strongest.samples.len();
        if strongest.samples.is_empty() || is_stronger {
            strongest.power = power;
            strongest.samples.clear();
            strongest.samples.extend_from_slice(samples);
        }
    }

    pub(crate) fn offer_burst(&self, burst: &DemodulatedBurst) {
        self.0.burst.offer(|| {
            Some(BurstView {
                report: burst.report,
                channel: burst.channel.clone(),
                pilots: burst.pilots.clone(),
            })
        });
    }

    pub(crate) fn offer_progress(&self, assembler: &Assembler) {
        let mut newest = lock(&self.0.progress);
        let is_recent = |look: &Look| {
            look.picture.bytes() > LARGE_PROGRESS_BYTES && look.made.elapsed() < PROGRESS_INTERVAL
        };
        if newest.as_ref().is_some_and(is_recent) {
            return;
        }
        if let Some(picture) = assembler.in_progress(MAX_PROGRESS_BYTES) {
            let made = Instant::now();
            *newest = Some(Look { picture, made });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_samples_are_shown_and_then_forgotten() {
        let window = Window::default();
        let piece = |level: f32| vec![Complex32::new(level, 0.0); 2 * MAX_SAMPLES];
        for level in [0.1, 0.7, 0.2] {
            window.offer_samples(&piece(level));
        }
        window.offer_samples(&[Complex32::new(1.0, 0.0); 9]);
        let samples = window.take_samples().unwrap();
        assert_eq!((samples.len(), samples[0].re), (MAX_SAMPLES, 0.7));
        assert_eq!(window.take_samples(), None);
    }

    #[test]
    fn nothing_is_made_while_the_last_was_not_taken() {
        let pane = Pane::default();
        let mut made = 0;
        for i in 0..10 {
            pane.offer(|| {
                made += 1;
                Some(i)
            });
        }
        assert_eq!((pane.take(), pane.take(), made), (Some(0), None, 1));
    }
}
