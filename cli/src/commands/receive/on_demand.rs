//! A recording that begins and ends while the receiver goes on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliograph_hardware::sigmf::{Datatype, RecordingInfo, SigmfWriter};
use heliograph_hardware::{RadioError, Reception, RxStream};
use heliograph_page::state::Recording;
use num_complex::Complex32;

/// The recorder beside a stream. Clones share it.
#[derive(Clone)]
pub struct OnDemand(Arc<Mutex<State>>);

struct State {
    folder: PathBuf,
    writer: Option<SigmfWriter>,
    /// The latest recording, as the page shows it, and its files.
    latest: Option<(Recording, Vec<PathBuf>)>,
    /// Why the last one ended early.
    failure: Option<String>,
}

impl OnDemand {
    /// Records to files in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self(Arc::new(Mutex::new(State {
            folder: folder.to_owned(),
            writer: None,
            latest: None,
            failure: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does it record?
    pub fn is_running(&self) -> bool {
        self.state().writer.is_some()
    }

    /// Begins a recording of samples at `rate_hz`; nothing where one goes on.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn start(&self, rate_hz: f64, frequency_hz: f64) -> Result<(), String> {
        let mut state = self.state();
        if state.writer.is_some() {
            return Ok(());
        }
        std::fs::create_dir_all(&state.folder)
            .map_err(|error| format!("{}: {error}", state.folder.display()))?;
        let path = free_path(&state.folder);
        let info = RecordingInfo {
            frequency_hz: Some(frequency_hz),
            ..RecordingInfo::new(Datatype::Cf32Le, rate_hz)
        };
        let writer = SigmfWriter::create(&path, info).map_err(|error| error.to_string())?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let shown = Recording {
            name: name.into_owned(),
            running: true,
            ..Recording::default()
        };
        state.latest = Some((shown, Vec::new()));
        state.writer = Some(writer);
        state.failure = None;
        Ok(())
    }

    /// Ends the recording, if one goes on.
    ///
    /// # Errors
    /// Names the file that cannot be written, now or since it began.
    pub fn stop(&self) -> Result<(), String> {
        let writer = self.state().writer.take();
        // Without the lock: the disk may take seconds, and the radio's thread does not wait.
        let finished = writer.map(SigmfWriter::finish).transpose();
        let mut state = self.state();
        if let Some(finished) = finished.map_err(|error| error.to_string())? {
            let files = ["sigmf-meta", "sigmf-data"].map(|e| finished.path.with_extension(e));
            if let Some((shown, of_it)) = &mut state.latest {
                (shown.running, shown.samples) = (false, finished.samples);
                *of_it = files.to_vec();
            }
        }
        state.failure.take().map_or(Ok(()), Err)
    }

    /// The latest recording, as the page shows it, and the files that it has.
    pub fn latest(&self) -> Option<(Recording, Vec<PathBuf>)> {
        let state = self.state();
        let mut latest = state.latest.clone()?;
        if let Some(writer) = &state.writer {
            latest.0.samples = writer.summary().samples;
        }
        Some(latest)
    }

    fn push(&self, samples: &[Complex32], reception: &Reception) {
        let mut state = self.state();
        let Some(writer) = &mut state.writer else {
            return;
        };
        if let Err(error) = writer.push(samples, reception.lost, reception.time) {
            // The receiver goes on; what was written can be read.
            state.writer = None;
            state.failure = Some(error.to_string());
            if let Some((shown, _)) = &mut state.latest {
                shown.running = false;
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_hardware::Lost;
    use heliograph_hardware::sigmf::SigmfReader;

    #[test]
    fn a_recording_holds_what_came_while_it_was_on() {
        let name = format!("heliograph-on-demand-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let recorder = OnDemand::new(&folder);
        let reception = Reception {
            samples: 100,
            time: None,
            lost: Lost::Nothing,
        };
        let push = || recorder.push(&[Complex32::new(0.5, 0.0); 100], &reception);
        push();
        recorder.start(2e6, 433e6).unwrap();
        push();
        assert!(recorder.is_running());
        recorder.stop().unwrap();
        push();
        let (shown, files) = recorder.latest().unwrap();
        assert_eq!((shown.samples, shown.running), (100, false));
        assert!(files.iter().all(|file| file.exists()));
        SigmfReader::open(&files[0]).unwrap().verify().unwrap();
        recorder.start(2e6, 433e6).unwrap();
        assert_eq!(recorder.latest().unwrap().0.name, "recording-0002");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
