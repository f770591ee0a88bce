//! A radio made of files: it hears a recording, and transmits into another one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use num_complex::Complex32;

use super::error::SigmfError;
use super::formats::Datatype;
use super::reader::SigmfReader;
use super::segments::SAMPLE_RATE_HZ;
use super::transmission::{Outcome, Transmission};
use super::writer::{Existing, RecordingInfo, RecordingSummary};
use crate::error::RadioError;
use crate::radio::{Radio, Reception, RxStream, TxStream};
use crate::settings::{Capabilities, Direction, Duplex, RadioSettings, Range, Timestamps};

/// Samples that are a good size for a read.
const MTU_SAMPLES: usize = 65_536;
const GAIN_DB: Range = Range { min: 0.0, max: 0.0 };
const FREQUENCY_HZ: Range = Range {
    min: 0.0,
    max: 1e12,
};

/// A radio that replays a recording and transmits into one.
///
/// It receives as fast as it is read, every sample once, with the losses and times of the live stream; after the last
/// sample every read is [`RadioError::Ended`]. Each receive stream begins at the first sample. It transmits as fast as it
/// is given samples: its clock is the file, which begins at time 0 and goes on with every sample; before a burst that is
/// timed the file gets silence. All settings but the sample rate
/// and the frequency are dropped.
///
/// ```
/// use std::time::Duration;
/// use heliograph_hardware::sigmf::{Datatype, Existing, FileRadio};
/// use heliograph_hardware::{BurstEnd, Direction, Radio, RadioError, RadioSettings, TxStart};
/// use num_complex::Complex32;
///
/// let folder = tempfile::tempdir()?;
/// let name = folder.path().join("sent");
/// let limit = Duration::from_secs(1);
/// let mut radio = FileRadio::transmitter(&name, Datatype::Cf32Le, Existing::Refuse);
/// radio.configure(Direction::Transmit, &RadioSettings::new(433e6, 2e6))?;
/// radio.transmit()?.send(&[Complex32::ONE; 5], TxStart::Now, BurstEnd::Here, limit)?;
/// assert_eq!(radio.written().expect("the stream was dropped")?.bursts, 1);
///
/// let mut radio = FileRadio::receiver(&name)?;
/// let settings = radio.recorded().expect("a recording to hear");
/// radio.configure(Direction::Receive, &settings)?;
/// let (mut rx, mut samples) = (radio.receive()?, [Complex32::ZERO; 9]);
/// assert_eq!(rx.read(&mut samples, limit)?.samples, 5);
/// assert_eq!(rx.read(&mut samples, limit), Err(RadioError::Ended));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileRadio {
    source: Option<Source>,
    target: Option<Target>,
    settings: [Option<RadioSettings>; 2],
    /// Held by the streams too.
    busy: [Arc<()>; 2],
    outcome: Outcome,
}

/// What is heard.
#[derive(Clone)]
struct Source {
    path: PathBuf,
    /// Datatype and rate of a file without metadata.
    raw: Option<(Datatype, f64)>,
    sample_rate_hz: f64,
    frequency_hz: Option<f64>,
}

/// Where transmissions go.
#[derive(Clone)]
struct Target {
    path: PathBuf,
    datatype: Datatype,
    existing: Existing,
}

impl Source {
    fn open(&self) -> Result<SigmfReader, SigmfError> {
        match self.raw {
            None => SigmfReader::open(&self.path),
            Some((datatype, rate_hz)) => SigmfReader::open_raw(&self.path, datatype, rate_hz),
        }
    }
}

impl FileRadio {
    /// Hears a SigMF recording: `NAME`, `NAME.sigmf-meta` or `NAME.sigmf-data`.
    ///
    /// # Errors
    /// Those of [`SigmfReader::open`].
    pub fn receiver(path: &Path) -> Result<Self, SigmfError> {
        Self::hearing(&SigmfReader::open(path)?, path, None)
    }

    /// Hears a file without metadata.
    ///
    /// # Errors
    /// Those of [`SigmfReader::open_raw`].
    pub fn raw_receiver(
        path: &Path,
        datatype: Datatype,
        sample_rate_hz: f64,
    ) -> Result<Self, SigmfError> {
        let reader = SigmfReader::open_raw(path, datatype, sample_rate_hz)?;
        Self::hearing(&reader, path, Some((datatype, sample_rate_hz)))
    }

    fn hearing(
        reader: &SigmfReader,
        path: &Path,
        raw: Option<(Datatype, f64)>,
    ) -> Result<Self, SigmfError> {
        let source = Source {
            path: path.to_owned(),
            raw,
            sample_rate_hz: reader.sample_rate_hz(),
            frequency_hz: reader.frequency_hz(),
        };
        Ok(Self::new(Some(source), None))
    }

    /// Transmits into a SigMF recording, which begins with each transmit stream and is finished when that is dropped; of a stream
    /// that sent nothing no file is left.
    pub fn transmitter(path: &Path, datatype: Datatype, existing: Existing) -> Self {
        Self::new(None, None).with_transmitter(path, datatype, existing)
    }

    /// The same radio, which also transmits.
    pub fn with_transmitter(self, path: &Path, datatype: Datatype, existing: Existing) -> Self {
        let path = path.to_owned();
        let target = Some(Target {
            path,
            datatype,
            existing,
        });
        Self { target, ..self }
    }

    fn new(source: Option<Source>, target: Option<Target>) -> Self {
        Self {
            source,
            target,
            settings: [None, None],
            busy: [Arc::default(), Arc::default()],
            outcome: Arc::new(Mutex::new(None)),
        }
    }

    /// Settings at which the recording was made: what [`configure`](Radio::configure) wants. The frequency is 0 where
    /// the recording does not say it.
    pub fn recorded(&self) -> Option<RadioSettings> {
        let source = self.source.as_ref()?;
        let frequency_hz = source.frequency_hz.unwrap_or(0.0);
        Some(RadioSettings::new(frequency_hz, source.sample_rate_hz))
    }

    /// What became of the last transmit stream's file, once, after the stream was dropped.
    pub fn written(&self) -> Option<Result<RecordingSummary, SigmfError>> {
        let outcome = self.outcome.lock();
        outcome.unwrap_or_else(PoisonError::into_inner).take()
    }

    fn name(&self, direction: Direction) -> String {
        let path = match direction {
            Direction::Receive => self.source.as_ref().map(|source| &source.path),
            Direction::Transmit => self.target.as_ref().map(|target| &target.path),
        };
        path.map_or("no file".to_owned(), |path| path.display().to_string())
    }

    fn check_idle(&self, direction: Direction) -> Result<(), RadioError> {
        match Arc::strong_count(&self.busy[direction as usize]) {
            1 => Ok(()),
            _ => Err(RadioError::Busy {
                direction,
                busy: direction,
            }),
        }
    }

    /// The settings of a direction that may stream now.
    fn open(&self, direction: Direction) -> Result<&RadioSettings, RadioError> {
        self.check_idle(direction)?;
        let settings = self.settings[direction as usize].as_ref();
        settings.ok_or(RadioError::NotConfigured { direction })
    }

    fn cannot(&self, direction: Direction) -> RadioError {
        RadioError::Unsupported {
            radio: "this file radio".to_owned(),
            what: match direction {
                Direction::Receive => "receive: it was made without a recording to hear",
                Direction::Transmit => "transmit: it was made without a file to write",
            },
        }
    }
}

impl Radio for FileRadio {
    fn capabilities(&self, direction: Direction) -> Capabilities {
        let heard = self
            .source
            .as_ref()
            .filter(|_| direction == Direction::Receive);
        Capabilities {
            name: self.name(direction),
            frequency_hz: FREQUENCY_HZ,
            sample_rate_hz: heard.map_or(SAMPLE_RATE_HZ, |source| Range {
                min: source.sample_rate_hz,
                max: source.sample_rate_hz,
            }),
            bandwidth_hz: None,
            gain_db: GAIN_DB,
            gain_elements_db: BTreeMap::new(),
            antennas: Vec::new(),
            clock_sources: Vec::new(),
            channels: 1,
            duplex: Duplex::Full,
            timestamps: Timestamps::Supported,
            mtu_samples: MTU_SAMPLES,
        }
    }

    /// Of the settings only sample rate and frequency are kept; a recording has those that it has, and another rate is
    /// refused.
    fn configure(
        &mut self,
        direction: Direction,
        settings: &RadioSettings,
    ) -> Result<RadioSettings, RadioError> {
        let there = match direction {
            Direction::Receive => self.source.is_some(),
            Direction::Transmit => self.target.is_some(),
        };
        if !there {
            return Err(self.cannot(direction));
        }
        let mut checked = RadioSettings::new(settings.frequency_hz, settings.sample_rate_hz);
        self.capabilities(direction).check(&checked)?;
        self.check_idle(direction)?;
        if let (Direction::Receive, Some(recorded)) = (direction, self.recorded()) {
            checked.frequency_hz = match recorded.frequency_hz {
                0.0 => checked.frequency_hz,
                frequency_hz => frequency_hz,
            };
        }
        self.settings[direction as usize] = Some(checked.clone());
        Ok(checked)
    }

    fn receive(&mut self) -> Result<Box<dyn RxStream>, RadioError> {
        let direction = Direction::Receive;
        self.open(direction)?;
        let source = self.source.as_ref();
        let source = source.ok_or_else(|| self.cannot(direction))?;
        Ok(Box::new(Replay {
            reader: source.open()?,
            _busy: self.busy[direction as usize].clone(),
        }))
    }

    fn transmit(&mut self) -> Result<Box<dyn TxStream>, RadioError> {
        let direction = Direction::Transmit;
        let settings = self.open(direction)?;
        let target = self.target.as_ref();
        let target = target.ok_or_else(|| self.cannot(direction))?;
        let info = RecordingInfo {
            frequency_hz: Some(settings.frequency_hz),
            hardware: Some("none: a file".to_owned()),
            existing: target.existing,
            ..RecordingInfo::new(target.datatype, settings.sample_rate_hz)
        };
        let busy = self.busy[direction as usize].clone();
        let outcome = self.outcome.clone();
        let transmission = Transmission::create(&target.path, info, outcome, busy)?;
        Ok(Box::new(transmission))
    }
}

/// A recording as a stream.
struct Replay {
    reader: SigmfReader,
    _busy: Arc<()>,
}

impl RxStream for Replay {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        _limit: Duration,
    ) -> Result<Reception, RadioError> {
        self.reader.read(samples)?.ok_or(RadioError::Ended)
    }
}
