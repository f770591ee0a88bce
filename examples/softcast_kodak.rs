//! SoftCast over the whole waveform: PSNR and SSIM of a folder of pictures, as JSON.
//!
//! ```text
//! cargo run --release -p heliograph --example softcast_kodak -- FOLDER [--pictures a,b,...] [--seeds N] > table.json
//! ```
//! Preamble, training, pilots, header and the digital stream all cross the channel; the receiver knows nothing that did not
//! come over the air. One row a picture, ratio, SNR and seed in `rows`; means in `means`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use heliograph::codec::{Codec, SoftCast};
use heliograph::link::{ReceivedPicture, Receiver, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::metrics::{psnr_db, ssim};
use heliograph::photo::Photo;
use heliograph::propagation::{Propagation, PropagationConfig};
use num_complex::Complex32;
use serde_json::{Value, json};

const CBRS: [&str; 3] = ["1/48", "1/24", "1/12"];
const SNRS_DB: [f64; 3] = [1.0, 7.0, 13.0];
const CAPTION: &str = "A photo of the Kodak set with a caption of ordinary length.";
const SAMPLE_RATE_HZ: f64 = 2e6;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = words.iter().position(|w| w == name)?;
        words.get(at + 1).cloned()
    };
    let folder = words
        .first()
        .ok_or("the first argument is a folder of pictures")?;
    let wanted = option("--pictures");
    let seeds: u64 = option("--seeds").map_or(Ok(1), |n| n.parse())?;
    let mut rows = Vec::new();
    for path in pictures(Path::new(folder), wanted.as_deref())? {
        let photo = Photo::open(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        for cbr in CBRS {
            for snr_db in SNRS_DB {
                for seed in 0..seeds {
                    rows.push(row(&photo, &name, cbr, snr_db, seed)?);
                }
            }
        }
    }
    let report = json!({
        "schema_version": 1,
        "what": "SoftCast over the whole waveform in AWGN, everything charged",
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "caption_bytes": CAPTION.len(),
        "means": means(&rows),
        "rows": rows,
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

fn pictures(folder: &Path, wanted: Option<&str>) -> Result<Vec<PathBuf>, Error> {
    let wanted: Option<Vec<&str>> = wanted.map(|names| names.split(',').collect());
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    paths.retain(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_picture = path.extension().is_some_and(|e| e == "png");
        is_picture && wanted.as_ref().is_none_or(|w| w.contains(&name.as_ref()))
    });
    paths.sort();
    Ok(paths)
}

fn row(photo: &Photo, name: &str, cbr: &str, snr_db: f64, seed: u64) -> Result<Value, Error> {
    let codec: Arc<dyn Codec> = Arc::new(SoftCast::default());
    let config = TransmitterConfig {
        cbr: cbr.parse()?,
        seed,
        ..Default::default()
    };
    let sent = Transmitter::new(config, codec.clone())?.picture(photo, Some(CAPTION))?;
    let ledger = sent.ledger();
    let samples: Vec<Complex32> = sent.flatten().collect();
    let Some(received) = receive(&samples, snr_db, seed)? else {
        return Err(format!("{name} at {snr_db} dB did not arrive").into());
    };
    let painted = received.paint(&*codec)?;
    let values = 3.0 * photo.size().pixels() as f64;
    Ok(json!({
        "picture": name,
        "cbr": cbr,
        "snr_db": snr_db,
        "seed": seed,
        "psnr_db": psnr_db(photo, &painted)?,
        "ssim": ssim(photo, &painted)?,
        "side_information_bytes": received.side_information.received().map(Vec::len),
        "caption_received": received.caption.received().is_some(),
        "cbr_analog": ledger.analog / values,
        "cbr_digital": ledger.digital / values,
        "cbr_total": ledger.total() / values,
        "ledger": ledger,
    }))
}

fn receive(
    samples: &[Complex32],
    snr_db: f64,
    seed: u64,
) -> Result<Option<ReceivedPicture>, Error> {
    let mut channel = PropagationConfig::named("awgn")?;
    channel.snr_db = Some(snr_db);
    let mut channel = Propagation::new(&channel, SAMPLE_RATE_HZ, seed + 1)?;
    let mut receiver = Receiver::new(Default::default());
    let mut events = receiver.push(&channel.push(samples));
    events.extend(receiver.push(&channel.finish()));
    events.extend(receiver.finish());
    Ok(events.into_iter().find_map(|event| match event {
        ReceiverEvent::Picture(picture) => Some(*picture),
        ReceiverEvent::Burst(_) => None,
    }))
}

/// Means over pictures and seeds for every ratio and SNR.
fn means(rows: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    for cbr in CBRS {
        for snr_db in SNRS_DB {
            let group: Vec<&Value> = rows
                .iter()
                .filter(|row| row["cbr"] == cbr && row["snr_db"] == snr_db)
                .collect();
            let mean = |key: &str| {
                let sum: f64 = group.iter().filter_map(|row| row[key].as_f64()).sum();
                sum / group.len().max(1) as f64
            };
            out.push(json!({
                "cbr": cbr,
                "snr_db": snr_db,
                "psnr_db": mean("psnr_db"),
                "ssim": mean("ssim"),
                "side_information_bytes": mean("side_information_bytes"),
                "cbr_analog": mean("cbr_analog"),
                "cbr_digital": mean("cbr_digital"),
                "cbr_total": mean("cbr_total"),
            }));
        }
    }
    out
}
