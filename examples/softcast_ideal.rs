//! SoftCast over an ideal channel: PSNR, SSIM and side information for a folder of pictures.
//!
//! ```text
//! cargo run --release -p heliograph --example softcast_ideal -- FOLDER [--pictures a,b,...] [--charge 2.5]
//!     [--design-snr-db 6] [--spacing wide|medium|fine|finest] [--seeds 4] > table.json
//! ```
//! `--charge C` takes C complex symbols for each bit of side information out of the budget, so
//! that analog and digital together stay within the channel bandwidth ratio.

use std::path::{Path, PathBuf};

use heliograph::codec::{
    Cbr, Codec, Latents, NodeSpacing, ReceivedLatents, SoftCast, SoftCastConfig,
};
use heliograph::metrics::{psnr_db, ssim};
use heliograph::photo::Photo;
use num_complex::Complex32;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Value, json};

const CBRS: [&str; 5] = ["1/96", "1/48", "1/24", "1/16", "1/12"];
const SNRS_DB: [f64; 5] = [1.0, 4.0, 7.0, 10.0, 13.0];

type Error = Box<dyn std::error::Error>;

struct Arguments {
    folder: PathBuf,
    pictures: Option<Vec<String>>,
    charge_symbols_per_bit: f64,
    config: SoftCastConfig,
    seeds: u64,
}

fn arguments() -> Result<Arguments, Error> {
    let mut words = std::env::args().skip(1);
    let folder = words
        .next()
        .ok_or("the first argument is a folder of pictures")?;
    let mut found = Arguments {
        folder: folder.into(),
        pictures: None,
        charge_symbols_per_bit: 0.0,
        config: SoftCastConfig::default(),
        seeds: 4,
    };
    while let Some(flag) = words.next() {
        let value = words.next().ok_or(format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--pictures" => found.pictures = Some(value.split(',').map(str::to_owned).collect()),
            "--charge" => found.charge_symbols_per_bit = value.parse()?,
            "--design-snr-db" => found.config.design_snr_db = value.parse()?,
            "--spacing" => found.config.node_spacing = Some(spacing(&value)?),
            "--seeds" => found.seeds = value.parse()?,
            _ => return Err(format!("unknown flag {flag}").into()),
        }
    }
    Ok(found)
}

fn spacing(name: &str) -> Result<NodeSpacing, Error> {
    match name {
        "wide" => Ok(NodeSpacing::Wide),
        "medium" => Ok(NodeSpacing::Medium),
        "fine" => Ok(NodeSpacing::Fine),
        "finest" => Ok(NodeSpacing::Finest),
        _ => Err(format!("spacing {name:?}; allowed are wide, medium, fine, finest").into()),
    }
}

fn pictures(arguments: &Arguments) -> Result<Vec<(String, Photo)>, Error> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&arguments.folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let name = |path: &Path| {
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let wanted = |path: &PathBuf| match &arguments.pictures {
        Some(names) => names.contains(&name(path)),
        None => path.extension().is_some_and(|extension| extension != "tsv"),
    };
    paths
        .into_iter()
        .filter(wanted)
        .map(|path| Ok((name(&path), Photo::open(&path)?)))
        .collect()
}

/// One picture at one ratio: side information bytes, then (PSNR, SSIM) for each SNR.
fn measure(
    codec: &SoftCast,
    photo: &Photo,
    cbr: Cbr,
    arguments: &Arguments,
) -> Result<(usize, Vec<(f64, f64)>), Error> {
    let whole = cbr.symbols(photo.size());
    let mut latents = codec.encode(photo, None, whole)?;
    // The charge changes the budget, and with it the side information by a few bits: twice is enough.
    for _ in 0..2 {
        let bits = 8.0 * latents.side_information.len() as f64;
        let charge = (arguments.charge_symbols_per_bit * bits).ceil() as usize;
        if charge > 0 {
            latents = codec.encode(photo, None, whole.saturating_sub(charge).max(1))?;
        }
    }
    let at = |snr_db: f64| -> Result<(f64, f64), Error> {
        let mut sums = (0.0, 0.0);
        for seed in 1..=arguments.seeds {
            let decoded = through_noise(codec, &latents, snr_db, seed, photo)?;
            sums.0 += psnr_db(photo, &decoded)?;
            sums.1 += ssim(photo, &decoded)?;
        }
        let count = arguments.seeds as f64;
        Ok((sums.0 / count, sums.1 / count))
    };
    let figures = SNRS_DB.into_iter().map(at).collect::<Result<_, _>>()?;
    Ok((latents.side_information.len(), figures))
}

fn through_noise(
    codec: &SoftCast,
    latents: &Latents,
    snr_db: f64,
    seed: u64,
    photo: &Photo,
) -> Result<Photo, Error> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let variance = 10f32.powf(-snr_db as f32 / 10.0);
    let deviation = (variance / 2.0).sqrt();
    let mut normal = || -> f32 { StandardNormal.sample(&mut random) };
    let mut noisy = latents.symbols.clone();
    for symbol in &mut noisy {
        *symbol += Complex32::new(normal(), normal()) * deviation;
    }
    let variances = vec![variance; noisy.len()];
    let received = ReceivedLatents {
        symbols: &noisy,
        variances: &variances,
    };
    Ok(codec.decode(received, &latents.side_information, photo.size())?)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

fn main() -> Result<(), Error> {
    let arguments = arguments()?;
    let codec = SoftCast::new(arguments.config)?;
    let pictures = pictures(&arguments)?;
    let mut rows: Vec<Value> = Vec::new();
    for cbr in CBRS {
        let mut all = Vec::new();
        for (_, photo) in &pictures {
            all.push(measure(&codec, photo, cbr.parse()?, &arguments)?);
        }
        eprint!(
            "{cbr:>5}: {:5.1} bytes;",
            mean(all.iter().map(|(bytes, _)| *bytes as f64))
        );
        for (k, snr_db) in SNRS_DB.into_iter().enumerate() {
            let psnr = mean(all.iter().map(|(_, figures)| figures[k].0));
            let ssim = mean(all.iter().map(|(_, figures)| figures[k].1));
            eprint!("  {snr_db} dB: {psnr:.2}/{ssim:.3}");
            let each = pictures
                .iter()
                .zip(&all)
                .map(|((name, _), (bytes, figures))| {
                    json!({
                        "picture": name,
                        "psnr_db": rounded(figures[k].0, 3),
                        "ssim": rounded(figures[k].1, 4),
                        "side_information_bytes": bytes,
                    })
                });
            rows.push(json!({
                "cbr": cbr,
                "snr_db": snr_db,
                "psnr_db": rounded(psnr, 3),
                "ssim": rounded(ssim, 4),
                "side_information_bytes": rounded(mean(all.iter().map(|(bytes, _)| *bytes as f64)), 1),
                "pictures": each.collect::<Vec<_>>(),
            }));
        }
        eprintln!();
    }
    let report = json!({
        "schema": "heliograph/softcast-ideal/1",
        "codec": "softcast",
        "channel": "ideal AWGN, variance known",
        "charge_symbols_per_bit": arguments.charge_symbols_per_bit,
        "design_snr_db": arguments.config.design_snr_db,
        "node_spacing": arguments.config.node_spacing.map(|spacing| format!("{spacing:?}")),
        "noise_seeds": arguments.seeds,
        "rows": rows,
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
