//! Samples on their way to the disk: a thread that writes, so that a slow disk costs a recording samples and the receiver none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use heliograph_hardware::sigmf::{SigmfError, SigmfWriter};
use heliograph_hardware::{Lost, RadioTime, Reception};
use num_complex::Complex32;

/// Samples that may wait for the disk: 32 MiB, two seconds at 2 MS/s.
pub(super) const MAX_WAITING: usize = 4 << 20;

/// Samples that follow each other.
struct Piece {
    samples: Vec<Complex32>,
    /// Right before them.
    lost: Lost,
    time: Option<RadioTime>,
}

/// How a recording ended.
#[derive(Debug, PartialEq, Eq)]
pub enum How {
    /// It was stopped.
    Stopped,
    /// It has as many samples as it may have.
    Full,
}

/// A recording that has ended.
pub struct Ended {
    /// Or the file that could not be written; what was written can be read.
    pub how: Result<How, SigmfError>,
    /// In its files.
    pub samples: u64,
    /// Samples that came while the disk had too many before it.
    pub passed_over: u64,
}

/// Writes until it is finished, or its recording is full.
pub struct Scribe {
    pieces: Sender<Piece>,
    counts: Arc<Counts>,
    /// Of samples that found no room.
    lost: Lost,
    thread: JoinHandle<Result<How, SigmfError>>,
}

#[derive(Default)]
struct Counts {
    waiting: AtomicUsize,
    written: AtomicU64,
    /// Samples that found no room.
    passed_over: AtomicU64,
}

impl Scribe {
    /// Writes into `writer`, at most `most` samples and a piece.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn start(writer: SigmfWriter, most: u64) -> std::io::Result<Self> {
        let (sender, pieces) = channel();
        let counts = Arc::<Counts>::default();
        let own = counts.clone();
        let thread = thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || write(&pieces, writer, &own, most))?;
        Ok(Self {
            pieces: sender,
            counts,
            lost: Lost::Nothing,
            thread,
        })
    }

    /// Leaves samples to be written; where too many wait they are reported as lost with the next.
    pub fn push(&mut self, samples: &[Complex32], reception: &Reception) {
        let lost = self.lost.and(reception.lost);
        let waiting = self.counts.waiting.load(Ordering::Relaxed);
        if waiting + samples.len() > MAX_WAITING {
            let n = samples.len() as u64;
            self.counts.passed_over.fetch_add(n, Ordering::Relaxed);
            self.lost = lost.and(Lost::Samples(n));
            return;
        }
        self.counts
            .waiting
            .fetch_add(samples.len(), Ordering::Relaxed);
        let piece = Piece {
            samples: samples.to_vec(),
            lost,
            time: reception.time,
        };
        // A scribe that is done takes nothing more, and says so when it is asked.
        let _ = self.pieces.send(piece);
        self.lost = Lost::Nothing;
    }

    /// Samples on the disk.
    pub fn written(&self) -> u64 {
        self.counts.written.load(Ordering::Relaxed)
    }

    /// Samples that came while the disk had too many before it.
    pub fn passed_over(&self) -> u64 {
        self.counts.passed_over.load(Ordering::Relaxed)
    }

    /// Did it end by itself?
    pub fn is_over(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until all is written.
    pub fn finish(self) -> Ended {
        drop(self.pieces);
        let how = self
            .thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ended {
            how,
            samples: self.counts.written.load(Ordering::Relaxed),
            passed_over: self.counts.passed_over.load(Ordering::Relaxed),
        }
    }
}

fn write(
    pieces: &Receiver<Piece>,
    mut writer: SigmfWriter,
    counts: &Counts,
    most: u64,
) -> Result<How, SigmfError> {
    let mut how = How::Stopped;
    for piece in pieces {
        let n = piece.samples.len();
        counts.waiting.fetch_sub(n, Ordering::Relaxed);
        let pushed = writer.push(&piece.samples, piece.lost, piece.time);
        let written = writer.summary().samples;
        counts.written.store(written, Ordering::Relaxed);
        pushed?;
        if written >= most {
            how = How::Full;
            break;
        }
    }
    writer.finish()?;
    Ok(how)
}
