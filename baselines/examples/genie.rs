//! The digital link over the whole waveform in AWGN: the best scheme that decodes, for each picture.
//!
//!     cargo run --release -p heliograph-baselines --example genie KODAK [--pictures kodim01,kodim04] \
//!         [--cbrs 1/48,1/24,1/12] [--snrs-db 4,7,10] [--formats jpeg,webp,avif] [--threads 2] [--effort thorough]
//!
//! CBRs are totals: every channel use counts. Prints JSON: a line a picture, then a line of means for each point.
//! `reference_psnr_db` is the same picture coder at 1.5 dB from capacity on all channel uses, without a waveform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use heliograph::codec::Cbr;
use heliograph::link::{Receiver, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::metrics::psnr_db;
use heliograph::photo::Photo;
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph_baselines::{
    DigitalCodec, Effort, Fitter, Mcs, PictureFormat, Reception, analog_cbr,
};

type Error = Box<dyn std::error::Error + Send + Sync>;

const CAPTION: &str = "A photo with a caption of ordinary length, sent beside its symbols.";
const SAMPLE_RATE_HZ: f64 = 2e6;
/// Distance from capacity of the link that baselines/README.md compares with, dB.
const REFERENCE_GAP_DB: f64 = 1.5;

struct Plan {
    cbrs: Vec<String>,
    snrs_db: Vec<f64>,
    formats: Vec<PictureFormat>,
    effort: Effort,
}

/// What one picture came to at one point.
struct Row {
    point: (usize, usize),
    psnr_db: f64,
    reference_psnr_db: f64,
    json: serde_json::Value,
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: &str| {
        let at = arguments.iter().position(|argument| argument == name);
        let found = at.and_then(|at| arguments.get(at + 1)).cloned();
        found.unwrap_or_else(|| default.to_owned())
    };
    let list = |name: &str, default: &str| -> Vec<String> {
        option(name, default)
            .split(',')
            .map(str::to_owned)
            .collect()
    };
    let folder = arguments.first().ok_or("which folder of pictures?")?;
    let kodak = "kodim01,kodim04,kodim07,kodim10,kodim13,kodim16,kodim19,kodim22";
    let names = list("--pictures", kodak);
    let plan = Plan {
        cbrs: list("--cbrs", "1/48,1/24,1/12"),
        snrs_db: parsed(&list("--snrs-db", "4,7,10"))?,
        formats: parsed(&list("--formats", "jpeg,webp,avif"))?,
        effort: match option("--effort", "quick").as_str() {
            "quick" => Effort::Quick,
            "thorough" => Effort::Thorough,
            other => {
                return Err(format!("--effort: found {other:?}, allowed quick, thorough").into());
            }
        },
    };
    let paths: Mutex<Vec<PathBuf>> = Mutex::new(
        names
            .iter()
            .rev()
            .map(|name| Path::new(folder).join(format!("{name}.png")))
            .collect(),
    );
    let rows = Mutex::new(Vec::new());
    let next = || paths.lock().ok()?.pop();
    let work = || -> Result<(), Error> {
        while let Some(path) = next() {
            let found = plan.picture(&path)?;
            rows.lock().map_err(|_| "a thread panicked")?.extend(found);
        }
        Ok(())
    };
    std::thread::scope(|scope| -> Result<(), Error> {
        let threads: usize = option("--threads", "1").parse()?;
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a thread panicked")?)
    })?;
    plan.means(&rows.into_inner()?);
    Ok(())
}

fn parsed<T: std::str::FromStr>(texts: &[String]) -> Result<Vec<T>, Error>
where
    T::Err: Into<Error>,
{
    texts
        .iter()
        .map(|text| text.parse().map_err(Into::into))
        .collect()
}

impl Plan {
    fn picture(&self, path: &Path) -> Result<Vec<Row>, Error> {
        let photo = Photo::open(path)?;
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned());
        let fitter = Arc::new(Fitter::new(self.effort));
        let mut rows = Vec::new();
        for (c, cbr) in self.cbrs.iter().enumerate() {
            let total: Cbr = cbr.parse()?;
            let analog =
                analog_cbr(&photo, Some(CAPTION), total.value())?.ok_or("too few channel uses")?;
            for (s, &snr_db) in self.snrs_db.iter().enumerate() {
                let mut row = self.point(&photo, &fitter, (total, analog), snr_db)?;
                row.point = (c, s);
                row.json["picture"] = name.clone().into();
                row.json["cbr_total"] = cbr.clone().into();
                println!("{}", row.json);
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn point(
        &self,
        photo: &Photo,
        fitter: &Arc<Fitter>,
        (total, analog): (Cbr, Cbr),
        snr_db: f64,
    ) -> Result<Row, Error> {
        let uses = 3.0 * photo.size().pixels() as f64 * total.value();
        let capacity = (1.0 + 10f64.powf((snr_db - REFERENCE_GAP_DB) / 10.0)).log2();
        let reference = fitter.best(photo, &self.formats, (uses * capacity / 8.0) as usize);
        let mut json = serde_json::json!({"snr_db": snr_db, "cbr_analog": analog.to_string()});
        let mut psnr = f64::NAN;
        for mcs in Mcs::likely_to_decode(snr_db) {
            let codec = DigitalCodec::new(mcs, &self.formats, fitter.clone());
            let received = over_the_air(photo, &codec, analog, snr_db)?;
            if let Some(Reception::Picture {
                photo: found,
                format,
                scale,
            }) = received
            {
                psnr = psnr_db(photo, &found)?;
                json["scheme"] = mcs.to_string().into();
                json["format"] = format.to_string().into();
                json["scale"] = format!("{scale:?}").into();
                break;
            }
        }
        let reference_psnr_db = reference.map_or(f64::NAN, |file| file.psnr_db);
        json["psnr_db"] = psnr.into();
        json["reference_psnr_db"] = reference_psnr_db.into();
        Ok(Row {
            point: (0, 0),
            psnr_db: psnr,
            reference_psnr_db,
            json,
        })
    }

    fn means(&self, rows: &[Row]) {
        let mut points: BTreeMap<(usize, usize), Vec<&Row>> = BTreeMap::new();
        for row in rows {
            points.entry(row.point).or_default().push(row);
        }
        for ((c, s), rows) in points {
            let mean = |of: &dyn Fn(&Row) -> f64| {
                let sum: f64 = rows.iter().map(|row| of(row)).sum();
                (100.0 * sum / rows.len() as f64).round() / 100.0
            };
            let line = serde_json::json!({
                "mean_of": rows.len(),
                "cbr_total": self.cbrs[c],
                "snr_db": self.snrs_db[s],
                "psnr_db": mean(&|row| row.psnr_db),
                "reference_psnr_db": mean(&|row| row.reference_psnr_db),
            });
            println!("{line}");
        }
    }
}

fn over_the_air(
    photo: &Photo,
    codec: &DigitalCodec,
    cbr: Cbr,
    snr_db: f64,
) -> Result<Option<Reception>, Error> {
    let config = TransmitterConfig {
        cbr,
        ..Default::default()
    };
    let sent = Transmitter::new(config, Arc::new(codec.clone()))?.picture(photo, Some(CAPTION))?;
    let mut channel = PropagationConfig::named("awgn")?;
    channel.snr_db = Some(snr_db);
    let mut channel = Propagation::new(&channel, SAMPLE_RATE_HZ, 1)?;
    let mut receiver = Receiver::new(Default::default());
    let mut events = Vec::new();
    for burst in sent {
        events.extend(receiver.push(&channel.push(&burst)));
    }
    events.extend(receiver.push(&channel.finish()));
    events.extend(receiver.finish());
    let picture = events.into_iter().find_map(|event| match event {
        ReceiverEvent::Picture(picture) => Some(picture),
        ReceiverEvent::Burst(_) => None,
    });
    Ok(picture.map(|picture| codec.receive(&picture)).transpose()?)
}
