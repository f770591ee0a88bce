//! What is sent through which channel, and what comes of it.

use std::path::{Path, PathBuf};

use heliograph::link::{ReceivedPicture, Receiver, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::photo::Photo;
use heliograph::propagation::{Propagation, PropagationConfig};
use num_complex::Complex32;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::ways::Way;
use crate::{CAPTION, Error, SAMPLE_RATE_HZ, figures};

/// What is measured.
pub struct Plan {
    pub ways: Vec<Way>,
    pub cbrs: Vec<String>,
    pub snrs_db: Vec<f64>,
    pub channel: String,
    pub drop_bursts: f64,
    pub seeds: u64,
    /// Folder for the painted pictures.
    pub save: Option<PathBuf>,
}

impl Plan {
    /// Rows of all pictures, in order.
    pub fn rows(&self, paths: &[PathBuf]) -> Result<Vec<Value>, Error> {
        if let Some(folder) = &self.save {
            std::fs::create_dir_all(folder)?;
        }
        let rows: Result<Vec<Vec<Value>>, Error> = paths
            .par_iter()
            .enumerate()
            .map(|(index, path)| self.picture(path, index as u64))
            .collect();
        Ok(rows?.concat())
    }

    fn picture(&self, path: &Path, index: u64) -> Result<Vec<Value>, Error> {
        let photo = Photo::open(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut rows = Vec::new();
        for cbr in &self.cbrs {
            for seed in 0..self.seeds {
                // Every picture has losses and a channel of its own.
                let of_air = 1000 * (seed + 1) + index;
                let config = TransmitterConfig {
                    cbr: cbr.parse()?,
                    seed,
                    ..Default::default()
                };
                let codec = self.ways[0].codec.clone();
                let sent = Transmitter::new(config, codec)?.picture(&photo, Some(CAPTION))?;
                let ledger = sent.ledger();
                let mut dropper = StdRng::seed_from_u64(of_air);
                let arriving = sent.filter(|_| dropper.random::<f64>() >= self.drop_bursts);
                let samples: Vec<Complex32> = arriving.flatten().collect();
                for &snr_db in &self.snrs_db {
                    let Some(received) = self.receive(&samples, snr_db, of_air)? else {
                        eprintln!("{name} at {snr_db} dB did not arrive");
                        continue;
                    };
                    for way in &self.ways {
                        let painted = way.paint(&received)?;
                        let mut row = figures::row(&photo, &painted, &received, &ledger)?;
                        row["picture"] = json!(name);
                        row["cbr"] = json!(cbr);
                        row["snr_db"] = json!(snr_db);
                        row["seed"] = json!(seed);
                        for (key, value) in &way.name {
                            row[*key] = value.clone();
                        }
                        rows.push(row);
                        if let Some(folder) = &self.save {
                            let cbr = cbr.replace("1/", "");
                            painted.save_png(
                                folder.join(format!("{name}-{cbr}-{snr_db}-{}.png", way.label())),
                            )?;
                        }
                    }
                }
            }
        }
        eprintln!("{name}: {} rows", rows.len());
        Ok(rows)
    }

    fn receive(
        &self,
        samples: &[Complex32],
        snr_db: f64,
        seed: u64,
    ) -> Result<Option<ReceivedPicture>, Error> {
        let mut channel = PropagationConfig::named(&self.channel)?;
        channel.snr_db = Some(snr_db);
        let mut channel = Propagation::new(&channel, SAMPLE_RATE_HZ, seed)?;
        let mut receiver = Receiver::new(Default::default());
        let mut events = receiver.push(&channel.push(samples));
        events.extend(receiver.push(&channel.finish()));
        events.extend(receiver.finish());
        Ok(events.into_iter().find_map(|event| match event {
            ReceiverEvent::Picture(picture) => Some(*picture),
            ReceiverEvent::Burst(_) => None,
        }))
    }
}
