//! A recording that begins and ends while the receiver goes on.

mod scribe;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliograph_hardware::sigmf::{Datatype, RecordingInfo, SigmfWriter};
use heliograph_hardware::{RadioError, Reception, RxStream};
use heliograph_page::state::Recording;
use num_complex::Complex32;

use crate::figures::grouped;
use scribe::{Ended, How, Scribe};

/// Samples of a recording, 8 bytes each: 16 GiB, or 18 minutes at 2 MS/s. It was begun on a page that may be forgotten.
const MOST_SAMPLES: u64 = 2 << 30;

/// The recorder beside a stream. Clones share it.
#[derive(Clone)]
pub struct OnDemand(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Held while a recording is ended: it takes as long as the disk, without the state's lock.
    ending: Mutex<()>,
}

struct State {
    folder: PathBuf,
    most_samples: u64,
    scribe: Option<Scribe>,
    /// The latest recording, as the page shows it, and its files.
    latest: Option<(Recording, Vec<PathBuf>)>,
    /// Why the last one ended early.
    failure: Option<String>,
}

impl OnDemand {
    /// Records to files in `folder`.
    pub fn new(folder: &Path) -> Self {
        let state = State {
            folder: folder.to_owned(),
            most_samples: MOST_SAMPLES,
            scribe: None,
            latest: None,
            failure: None,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            ending: Mutex::default(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does it record?
    pub fn is_running(&self) -> bool {
        self.state().scribe.as_ref().is_some_and(|s| !s.is_over())
    }

    /// Begins a recording of samples at `rate_hz`; nothing where one goes on.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn start(&self, rate_hz: f64, frequency_hz: f64) -> Result<(), String> {
        let _ending = self.0.ending.lock();
        if self.is_running() {
            return Ok(());
        }
        self.conclude();
        // Without the state's lock, for which the radio's thread would wait.
        let (folder, most) = {
            let state = self.state();
            (state.folder.clone(), state.most_samples)
        };
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let path = free_path(&folder);
        let info = RecordingInfo {
            frequency_hz: Some(frequency_hz),
            ..RecordingInfo::new(Datatype::Cf32Le, rate_hz)
        };
        let writer = SigmfWriter::create(&path, info).map_err(|error| error.to_string())?;
        let scribe =
            Scribe::start(writer, most).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let shown = Recording {
            name: name.into_owned(),
            running: true,
            ..Recording::default()
        };
        let mut state = self.state();
        state.latest = Some((shown, Vec::new()));
        state.scribe = Some(scribe);
        state.failure = None;
        Ok(())
    }

    /// Ends the recording, if one goes on.
    ///
    /// # Errors
    /// Names the file that cannot be written, now or since it began.
    pub fn stop(&self) -> Result<(), String> {
        let _ending = self.0.ending.lock();
        self.conclude();
        self.state().failure.take().map_or(Ok(()), Err)
    }

    /// Waits for the last samples and says what there is; nothing where there is no recording. `ending` is held.
    fn conclude(&self) {
        let Some(scribe) = self.state().scribe.take() else {
            return;
        };
        if let Some((shown, _)) = &mut self.state().latest {
            (shown.running, shown.samples) = (false, scribe.written());
            shown.words = Some("being finished".to_owned());
        }
        let ended = scribe.finish();
        let mut state = self.state();
        let folder = state.folder.clone();
        if let Some((shown, files)) = &mut state.latest {
            let path = folder.join(&shown.name);
            // After a failure too: what was written can be read.
            *files = ["sigmf-meta", "sigmf-data"]
                .map(|e| path.with_extension(e))
                .into();
            shown.samples = ended.samples;
            shown.words = words(&ended);
        }
        state.failure = ended.how.err().map(|error| error.to_string());
    }

    /// The latest recording, as the page shows it, and the files that it has.
    pub fn latest(&self) -> Option<(Recording, Vec<PathBuf>)> {
        let is_over = self.state().scribe.as_ref().is_some_and(Scribe::is_over);
        // Whoever ends one already needs no help.
        if is_over && let Ok(_ending) = self.0.ending.try_lock() {
            self.conclude();
        }
        let state = self.state();
        let mut latest = state.latest.clone()?;
        if let Some(scribe) = &state.scribe {
            latest.0.samples = scribe.written();
            latest.0.words = missing(scribe.passed_over());
        }
        Some(latest)
    }

    fn push(&self, samples: &[Complex32], reception: &Reception) {
        if let Some(scribe) = &mut self.state().scribe {
            scribe.push(samples, reception);
        }
    }
}

/// What there is to say of a recording that ended.
fn words(ended: &Ended) -> Option<String> {
    let why = match &ended.how {
        Err(error) => Some(error.to_string()),
        Ok(How::Full) => Some("it is as long as it may be: begin another".to_owned()),
        Ok(How::Stopped) => None,
    };
    let all: Vec<String> = why.into_iter().chain(missing(ended.passed_over)).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn missing(samples: u64) -> Option<String> {
    (samples > 0).then(|| {
        let samples = grouped(samples);
        format!("{samples} samples are missing in it, the disk was too slow")
    })
}

/// The first name that no file has.
fn free_path(folder: &Path) -> PathBuf {
    let named = |n| folder.join(format!("recording-{n:04}.sigmf-meta"));
    let is_free = |path: &PathBuf| !path.exists() && !path.with_extension("sigmf-data").exists();
    (1u32..)
        .map(named)
        .find(is_free)
        .unwrap_or_else(|| named(0))
}

/// A stream with the recorder beside it.
pub struct Recordable {
    stream: Box<dyn RxStream>,
    recorder: OnDemand,
}

impl Recordable {
    /// Records what is read of `stream` while `recorder` is on.
    pub fn new(stream: Box<dyn RxStream>, recorder: OnDemand) -> Self {
        Self { stream, recorder }
    }
}

impl RxStream for Recordable {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        let reception = self.stream.read(samples, limit)?;
        self.recorder
            .push(&samples[..reception.samples], &reception);
        Ok(reception)
    }
}
