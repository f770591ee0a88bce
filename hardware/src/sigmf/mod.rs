//! Recordings: SigMF files (specification 1.2, <https://sigmf.org>), datatypes `cf32_le` and `ci8`, one channel.
//!
//! A recording is `NAME.sigmf-data`, the samples, and `NAME.sigmf-meta`, JSON about them. [`SigmfWriter`] and its wrapper
//! for live streams, [`Recorder`], write them; [`SigmfReader`] reads them, and [`FileRadio`] is a radio that hears a
//! recording or transmits into one. Where samples were lost a new capture segment begins, so that a replay brings the
//! same samples with the same losses at the same places as the live stream did.
//!
//! What SigMF has no field for is in the optional extension `heliograph`:
//!
//! | field | where | meaning |
//! |---|---|---|
//! | `heliograph:state` | global | `recording` until the file is finished, then `complete`; a killed program leaves `recording` |
//! | `heliograph:lost` | capture | `unknown`: samples are missing before it, nobody knows how many; `core:global_index` has the known ones |
//! | `heliograph:time_ns` | capture | the radio's clock at its first sample, ns; absent if the radio has no clock |
//!
//! ```
//! use heliograph_hardware::sigmf::{Datatype, RecordingInfo, SigmfReader, SigmfWriter};
//! use heliograph_hardware::{Lost, RadioTime};
//! use num_complex::Complex32;
//!
//! let folder = tempfile::tempdir()?;
//! let name = folder.path().join("bench");
//! let mut writer = SigmfWriter::create(&name, RecordingInfo::new(Datatype::Ci8, 2e6))?;
//! writer.push(&[Complex32::new(0.5, -1.0); 10], Lost::Nothing, Some(RadioTime::default()))?;
//! writer.push(&[Complex32::ZERO; 10], Lost::Samples(7), Some(RadioTime { nanoseconds: 8500 }))?;
//! writer.finish()?;
//!
//! let mut reader = SigmfReader::open(&name)?;
//! reader.verify()?;
//! let mut samples = [Complex32::ZERO; 100];
//! let first = reader.read(&mut samples)?.expect("ten samples");
//! assert_eq!((first.samples, first.lost, samples[9]), (10, Lost::Nothing, Complex32::new(0.5, -1.0)));
//! let second = reader.read(&mut samples)?.expect("ten more");
//! assert_eq!((second.samples, second.lost), (10, Lost::Samples(7)));
//! assert_eq!(reader.read(&mut samples)?, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;

mod paths;

mod formats;

mod metadata;

mod segments;

mod data_file;

mod meta_file;

mod writer;

mod reader;

mod recorder;

mod radio;

mod transmission;

pub use error::SigmfError;
pub use formats::Datatype;
pub use metadata::{
    Annotation, Capture, Extension, Global, LostMark, MAX_META_BYTES, MAX_SEGMENTS, Metadata,
    RecordingState,
};
pub use radio::FileRadio;
pub use reader::SigmfReader;
pub use recorder::{Recorder, RecordingHandle};
pub use transmission::MAX_SILENCE_S;
pub use writer::{Existing, RecordingInfo, RecordingSummary, SigmfWriter};

#[cfg(test)]
mod tests;
