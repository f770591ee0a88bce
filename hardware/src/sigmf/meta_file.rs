//! `NAME.sigmf-meta` as it is written: always whole, always valid, renewed from time to time.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::data_file::DataFile;
use super::error::SigmfError;
use super::metadata::{
    Annotation, Capture, Extension, Global, MAX_META_BYTES, MAX_SEGMENTS, Metadata, RecordingState,
};
use super::paths::Paths;
use super::writer::{Existing, RecordingInfo};

/// Version of the specification that is followed.
const VERSION: &str = "1.2.0";
/// Version of the extension.
const EXTENSION_VERSION: &str = "1.0.0";
/// Bytes for what is not a capture or an annotation.
const GLOBAL_BYTES: u64 = 64 << 10;
/// Annotations end here: anybody on the air can cause them, and gaps must still have room.
const MAX_BYTES_WITH_ANNOTATIONS: u64 = MAX_META_BYTES / 2;
/// Longest name of a radio or description that is kept, characters.
const MAX_TEXT_CHARS: usize = 4000;
/// Metadata are renewed at most so often ...
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// ... and at most for this share of the time.
const REFRESH_SHARE: u32 = 20;

/// The file of metadata.
pub(super) struct MetaFile {
    paths: Paths,
    metadata: Metadata,
    /// Estimate, not too low.
    bytes: u64,
    /// Something is new since the last write.
    changed: bool,
    written: Instant,
    interval: Duration,
}

impl MetaFile {
    pub fn create(paths: Paths, info: &RecordingInfo) -> Result<Self, SigmfError> {
        let cut = |text: &String| text.chars().take(MAX_TEXT_CHARS).collect();
        let extension = Extension {
            name: "heliograph".to_owned(),
            version: EXTENSION_VERSION.to_owned(),
            optional: true,
        };
        let global = Global {
            datatype: info.datatype.to_string(),
            sample_rate_hz: Some(info.sample_rate_hz),
            version: VERSION.to_owned(),
            hw: info.hardware.as_ref().map(cut),
            recorder: Some(concat!("heliograph ", env!("CARGO_PKG_VERSION")).to_owned()),
            description: info.description.as_ref().map(cut),
            extensions: vec![extension],
            state: Some(RecordingState::Recording),
            ..Global::default()
        };
        let mut file = Self {
            paths,
            metadata: Metadata {
                global,
                captures: Vec::new(),
                annotations: Vec::new(),
            },
            bytes: GLOBAL_BYTES,
            changed: false,
            written: Instant::now(),
            interval: REFRESH_INTERVAL,
        };
        if info.existing == Existing::Replace {
            // The old hash must not stand beside new data, not even for a moment.
            let _ = fs::remove_file(&file.paths.meta);
        }
        file.write()?;
        Ok(file)
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn add_capture(&mut self, capture: Capture) -> Result<(), SigmfError> {
        self.make_room(&capture, self.metadata.captures.len(), MAX_META_BYTES)?;
        self.metadata.captures.push(capture);
        Ok(())
    }

    /// Adds an annotation in its place: they are in the order of samples. They leave room for gaps.
    pub fn add_annotation(&mut self, annotation: Annotation) -> Result<(), SigmfError> {
        self.make_room(
            &annotation,
            self.metadata.annotations.len(),
            MAX_BYTES_WITH_ANNOTATIONS,
        )?;
        let annotations = &mut self.metadata.annotations;
        let place = annotations.partition_point(|a| a.sample_start <= annotation.sample_start);
        annotations.insert(place, annotation);
        Ok(())
    }

    fn make_room(
        &mut self,
        item: &impl Serialize,
        items: usize,
        most: u64,
    ) -> Result<(), SigmfError> {
        let full = |allowed: String| SigmfError::Full {
            path: self.paths.meta.clone(),
            allowed,
        };
        if items >= MAX_SEGMENTS {
            return Err(full(format!("{MAX_SEGMENTS} gaps and as many bursts")));
        }
        let text = serde_json::to_vec(item).map_err(|error| self.error(error.into()))?;
        let bytes = self.bytes + text.len() as u64 + 2;
        if bytes > most {
            return Err(full(format!("{most} bytes")));
        }
        self.bytes = bytes;
        self.changed = true;
        Ok(())
    }

    /// Renews the file if there is something new and it is time.
    pub fn refresh(&mut self, data: &mut DataFile) -> Result<(), SigmfError> {
        if !self.changed || self.written.elapsed() < self.interval {
            return Ok(());
        }
        // What metadata speak of has to be there.
        data.flush()?;
        self.write()
    }

    /// The last form, with the hash of the data.
    pub fn finish(&mut self, sha512: String) -> Result<(), SigmfError> {
        let global = &mut self.metadata.global;
        (global.sha512, global.state) = (Some(sha512), Some(RecordingState::Complete));
        self.write()
    }

    /// Writes beside the file, then takes its place.
    pub fn write(&mut self) -> Result<(), SigmfError> {
        let begun = Instant::now();
        let temporary = self.paths.temporary_meta();
        let written = self.write_to(&temporary);
        let renamed = written.and_then(|()| fs::rename(&temporary, &self.paths.meta));
        if let Err(error) = renamed {
            let _ = fs::remove_file(&temporary);
            return Err(self.error(error));
        }
        self.changed = false;
        self.written = Instant::now();
        self.interval = REFRESH_INTERVAL.max(begun.elapsed() * REFRESH_SHARE);
        Ok(())
    }

    fn write_to(&self, path: &std::path::Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        write_lines(&mut file, &self.metadata)?;
        file.into_inner()?.sync_all()
    }

    fn error(&self, source: io::Error) -> SigmfError {
        SigmfError::io(&self.paths.meta, "write")(source)
    }
}

/// JSON with a line for each capture and annotation: short, and still for people.
fn write_lines(file: &mut impl Write, metadata: &Metadata) -> io::Result<()> {
    write!(file, "{{\n\"global\": ")?;
    serde_json::to_writer_pretty(&mut *file, &metadata.global)?;
    write!(file, ",\n\"captures\": [")?;
    write_list(file, &metadata.captures)?;
    write!(file, "],\n\"annotations\": [")?;
    write_list(file, &metadata.annotations)?;
    writeln!(file, "]\n}}")
}

fn write_list(file: &mut impl Write, items: &[impl Serialize]) -> io::Result<()> {
    for (i, item) in items.iter().enumerate() {
        file.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *file, item)?;
    }
    Ok(())
}
