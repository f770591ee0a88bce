//! What regions of interest win and cost, at equal total channel uses, over the whole waveform: as JSON.
//!
//! ```text
//! cargo run --release -p heliograph --example regions -- FOLDER [--cbrs 1/48,1/24] [--snrs-db 0,5,10,15] [--gains 0,1,4]
//!     [--pictures N] [--perception 0.5] [--background low] [--by salient|mask] [--save DIR] [--rows FILE] > table.json
//! cargo run --release -p heliograph --example regions -- FOLDER --saliency DIR
//! ```
//! FOLDER holds photos, and beside NAME.jpg its true mask NAME_mask.png where there is one. What is sent follows what the
//! program finds salient, or with --by mask what is measured; what is measured is the true mask, or without one what the program finds. Gain 1 is no regions, gain 0
//! is the same rate for all blocks.
//! With --rows what is measured is kept in FILE, a line a photo, and the same command goes on where it ended.
//! Key figures count the pixels of the mask: PSNR over them, LPIPS of the picture with the original around them. With --background none, those of
//! the blocks that got nothing stand beside them, painted with the inpainter and without.

mod air;
mod journal;
mod key;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use heliograph::codec::{Allocation, Codec, DeepJsccCodec, RegionalCodec};
use heliograph::link::ReceivedPicture;
use heliograph::metrics;
use heliograph::photo::Photo;
use heliograph::regions::{Background, Importance, Interest, Priorities, Saliency};
use rayon::prelude::*;
use serde_json::{Value, json};

use journal::Journal;
use key::Key;

type Error = Box<dyn std::error::Error + Send + Sync>;

const FLAGS: [&str; 10] = [
    "--by",
    "--cbrs",
    "--snrs-db",
    "--gains",
    "--pictures",
    "--perception",
    "--background",
    "--save",
    "--rows",
    "--saliency",
];

/// What is measured.
struct Plan {
    codec: Arc<DeepJsccCodec>,
    cbrs: Vec<f64>,
    snrs_db: Vec<f64>,
    gains: Vec<f32>,
    background: Background,
    by_mask: bool,
    save: Option<PathBuf>,
}

fn main() -> Result<(), Error> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (folder, flags) = words
        .split_first()
        .ok_or("the first argument is a folder of photos")?;
    if let Some(name) = flags
        .iter()
        .step_by(2)
        .find(|name| !FLAGS.contains(&name.as_str()))
    {
        return Err(format!("found {name}, allowed are {}", FLAGS.join(", ")).into());
    }
    let get = |name: &str, usual: &str| -> String {
        let found = flags.chunks_exact(2).find(|pair| pair[0] == name);
        found.map_or(usual, |pair| pair[1].as_str()).to_owned()
    };
    let perception: f32 = get("--perception", "0.5").parse()?;
    let plan = Plan {
        codec: Arc::new(DeepJsccCodec::shipped()?.with_perception(perception)?),
        cbrs: list(&get("--cbrs", "1/48,1/24"), ratio)?,
        snrs_db: list(&get("--snrs-db", "0,5,10,15"), |w| Ok(w.parse()?))?,
        gains: list(&get("--gains", "0,1,4"), |w| Ok(w.parse()?))?,
        background: match get("--background", "low").as_str() {
            "none" => Background::None,
            "low" => Background::Low,
            other => return Err(format!("--background: found {other}, allowed none, low").into()),
        },
        by_mask: match get("--by", "salient").as_str() {
            "salient" => false,
            "mask" => true,
            other => return Err(format!("--by: found {other}, allowed salient, mask").into()),
        },
        save: flags
            .contains(&"--save".to_owned())
            .then(|| get("--save", "").into()),
    };
    let mut photos = photos(Path::new(folder))?;
    photos.truncate(get("--pictures", "1000").parse()?);
    if flags.contains(&"--saliency".to_owned()) {
        return photos
            .par_iter()
            .try_for_each(|path| write_saliency(path, Path::new(&get("--saliency", ""))));
    }
    let journal = match get("--rows", "").as_str() {
        "" => None,
        file => {
            let mut settings = flags_that_count(flags);
            settings.extend([folder.clone(), format!("{:08x}", plan.codec.weights_hash())]);
            Some(Journal::open(Path::new(file), &settings)?)
        }
    };
    let rows: Result<Vec<Vec<Value>>, Error> = photos
        .par_iter()
        .enumerate()
        .map(|(index, path)| match &journal {
            None => plan.rows(path, index as u64),
            Some(journal) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                journal.rows_of(&name, || plan.rows(path, index as u64))
            }
        })
        .collect();
    let rows = rows?.concat();
    let report = json!({
        "what": "regions of interest over the whole waveform, equal total channel uses",
        "codec": plan.codec.id().name(),
        "weights_hash": format!("{:08x}", plan.codec.weights_hash()),
        "perception": perception,
        "background": get("--background", "low"),
        "by": get("--by", "salient"),
        "pictures": photos.len(),
        "rows": rows,
    });
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

/// Those that decide what a row is.
fn flags_that_count(flags: &[String]) -> Vec<String> {
    let pairs = flags.chunks(2);
    let counts = |pair: &&[String]| !["--rows", "--save", "--pictures"].contains(&&*pair[0]);
    pairs.filter(counts).flatten().cloned().collect()
}

/// What stands out, as a grey picture of the photo's size.
fn write_saliency(path: &Path, folder: &Path) -> Result<(), Error> {
    let photo = Photo::open(path)?;
    let values = Saliency::of(&photo).of_pixels(photo.size());
    let grey = values
        .iter()
        .flat_map(|value| [(255.0 * value).round() as u8; 3]);
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    std::fs::create_dir_all(folder)?;
    let picture = Photo::new(photo.size(), grey.collect())?;
    Ok(picture.save_png(folder.join(format!("{name}.png")))?)
}

fn list<T>(words: &str, read: impl Fn(&str) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    words.split(',').map(read).collect()
}

fn ratio(word: &str) -> Result<f64, Error> {
    let (over, under) = word.split_once('/').unwrap_or((word, "1"));
    Ok(over.parse::<f64>()? / under.parse::<f64>()?)
}

fn photos(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    paths.retain(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        path.is_file() && !name.ends_with("_mask")
    });
    paths.sort();
    Ok(paths)
}

impl Plan {
    fn codec_for(&self, gain: f32, importance: &Importance) -> Arc<dyn Codec> {
        if gain < 1.0 {
            return Arc::new((*self.codec).clone().with_allocation(Allocation::Even));
        }
        let priorities = Priorities {
            gain,
            background: self.background,
        };
        let interest = Interest::Known(importance.clone());
        Arc::new(RegionalCodec::new(self.codec.clone(), interest, priorities))
    }

    fn rows(&self, path: &Path, index: u64) -> Result<Vec<Value>, Error> {
        let photo = Photo::open(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let saliency = Saliency::of(&photo);
        let Some(key) = Key::of(path, &photo, &saliency)? else {
            eprintln!("{name}: no key region");
            return Ok(Vec::new());
        };
        let importance = match self.by_mask {
            true => Importance::mask(&key.picture(photo.size())?, photo.size()),
            false => Importance::saliency(&saliency, photo.size()),
        };
        let empty = (self.background == Background::None)
            .then(|| Key::empty_blocks(&importance, photo.size()))
            .flatten();
        let subject = Subject {
            name: &name,
            photo: &photo,
            key: &key,
            empty: empty.as_ref(),
        };
        let mut rows = Vec::new();
        for &cbr in &self.cbrs {
            let mut analog = 0.8 * cbr;
            for &gain in &self.gains {
                let codec = self.codec_for(gain, &importance);
                let sent = air::send(&photo, codec, cbr, &mut analog)?;
                for &snr_db in &self.snrs_db {
                    let Some(received) = sent.receive(snr_db, index)? else {
                        eprintln!("{name} at {snr_db} dB did not arrive");
                        continue;
                    };
                    let at = json!({
                        "picture": name,
                        "cbr": cbr,
                        "snr_db": snr_db,
                        "gain": gain,
                        "cbr_total": sent.cbr_total,
                    });
                    // Gain 0 sends every block.
                    let with_gaps = empty.is_some() && gain >= 1.0;
                    rows.push(self.row(
                        at.clone(),
                        &subject,
                        &received,
                        with_gaps.then_some(true),
                    )?);
                    if with_gaps {
                        rows.push(self.row(at, &subject, &received, Some(false))?);
                    }
                }
            }
        }
        eprintln!("{name}: {} rows", rows.len());
        Ok(rows)
    }

    /// One picture painted and measured; `inpaints` says whether through the inpainter where there are gaps.
    fn row(
        &self,
        mut row: Value,
        subject: &Subject,
        received: &ReceivedPicture,
        inpaints: Option<bool>,
    ) -> Result<Value, Error> {
        let photo = subject.photo;
        let painted = match inpaints {
            Some(false) => received.paint(&(*self.codec).clone().without_inpainter())?,
            _ => received.paint(&*self.codec)?,
        };
        if let Some(folder) = &self.save {
            std::fs::create_dir_all(folder)?;
            let plain = if inpaints == Some(false) {
                "-plain"
            } else {
                ""
            };
            let over = row["cbr"].as_f64().map_or(0.0, f64::recip);
            let file = format!(
                "{}-{over:.0}-{}-{}{plain}.png",
                subject.name, row["snr_db"], row["gain"]
            );
            painted.save_png(folder.join(file))?;
        }
        figures(&mut row, ["key", "rest"], subject.key, photo, &painted)?;
        if let (Some(empty), Some(inpaints)) = (subject.empty, inpaints) {
            row["inpainted"] = json!(inpaints);
            figures(&mut row, ["empty", "full"], empty, photo, &painted)?;
        }
        row["psnr_db"] = json!(metrics::psnr_db(photo, &painted)?);
        row["lpips_alex"] = json!(metrics::lpips_alex(photo, &painted)?);
        Ok(row)
    }
}

/// What is measured of one photo.
struct Subject<'a> {
    name: &'a str,
    photo: &'a Photo,
    key: &'a Key,
    /// Blocks that get nothing.
    empty: Option<&'a Key>,
}

/// Share, PSNR and LPIPS of a region, and PSNR of the others.
fn figures(
    row: &mut Value,
    [region, others]: [&str; 2],
    key: &Key,
    sent: &Photo,
    painted: &Photo,
) -> Result<(), Error> {
    row[format!("{region}_share")] = json!(key.share());
    row[format!("{region}_psnr_db")] = json!(key.psnr_db(sent, painted)?);
    row[format!("{region}_lpips")] = json!(key.lpips(sent, painted)?);
    row[format!("{others}_psnr_db")] = json!(key.inverse().psnr_db(sent, painted)?);
    Ok(())
}
