//! `heliograph metrics`: how close pictures are to their originals.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use heliograph::metrics::LpipsVgg;
use heliograph::photo::Photo;
use serde::Serialize;

use crate::exit::{self, Ending};
use crate::figures::number;
use crate::json;
use crate::output;
use crate::progress::Progress;
use crate::quality::{Judge, Quality, Semantic, open_vgg};

/// Compare pictures with their originals: PSNR, SSIM, MS-SSIM, LPIPS, semantic consistency
///
/// Two files, or two folders whose files are paired by name, whatever their extensions. MS-SSIM needs sides from 161 pixels, LPIPS
/// (AlexNet, v0.1) from 31, semantic consistency from 32; a dash stands where a picture is smaller. JSON has null there, and for the
/// PSNR of equal pictures. A pair that cannot be compared is named, and the others are.
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES\n  \
    heliograph metrics photo.png received.png\n  \
    heliograph metrics kodak painted --json | jq .mean.lpips_alex\n  \
    heliograph metrics kodak painted --semantic efficientnet-lite0.safetensors")]
pub struct MetricsArgs {
    /// Original, or a folder of them
    #[arg(value_name = "A")]
    reference: PathBuf,

    /// What is compared with it
    #[arg(value_name = "B")]
    distorted: PathBuf,

    /// Weights of EfficientNet-Lite0: does it name both pictures alike, and how close are its features? training/README.md says how
    /// to get the file
    #[arg(long, value_name = "FILE")]
    semantic: Option<PathBuf>,

    /// Weights of VGG16: LPIPS on them as well, for a second opinion. training/README.md says how to get the file
    #[arg(long, value_name = "FILE")]
    vgg: Option<PathBuf>,

    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// Networks that are asked as well.
type Networks<'a> = (Option<&'a Semantic>, Option<&'a LpipsVgg>);

/// One pair and its figures.
#[derive(Serialize)]
struct Pair {
    name: String,
    #[serde(flatten)]
    quality: Quality,
}

#[derive(Serialize)]
struct Report {
    pictures: Vec<Pair>,
    /// Of all pictures that were compared.
    mean: Quality,
    /// Pairs that could not be compared.
    failed: usize,
}

/// Compares, and prints a table.
///
/// # Errors
/// Names the file that has no partner, cannot be read or has another size.
pub fn run(args: &MetricsArgs) -> anyhow::Result<Ending> {
    let pairs = pairs(&args.reference, &args.distorted)?;
    let semantic = args.semantic.as_deref().map(Semantic::open).transpose()?;
    let vgg = args.vgg.as_deref().map(open_vgg).transpose()?;
    let networks = (semantic.as_ref(), vgg.as_ref());
    let (pictures, failed) = compare_all(pairs, networks);
    if pictures.is_empty() {
        return Ok(Ending::Failed);
    }
    let report = Report {
        mean: mean(&pictures),
        pictures,
        failed,
    };
    if args.json {
        output::print(&json::line(&report)?)?;
    } else {
        let more = [vgg.is_some(), semantic.is_some(), semantic.is_some()];
        output::print(&table(&report, more))?;
    }
    Ok(if failed > 0 {
        Ending::Failed
    } else {
        Ending::Done
    })
}

/// All pairs that can be compared, and how many cannot; each of those is said.
fn compare_all(pairs: Vec<(String, PathBuf, PathBuf)>, networks: Networks) -> (Vec<Pair>, usize) {
    let progress = Progress::new("metrics".to_owned());
    progress.expect(pairs.len() as u64, "pictures");
    let (mut compared, mut errors) = (Vec::new(), Vec::new());
    for (name, a, b) in pairs {
        match compare(name, &a, &b, networks) {
            Ok(pair) => compared.push(pair),
            Err(error) => errors.push(error),
        }
        progress.step();
    }
    drop(progress);
    errors.iter().for_each(exit::say);
    (compared, errors.len())
}

fn compare(
    name: String,
    reference: &Path,
    distorted: &Path,
    (semantic, vgg): Networks,
) -> anyhow::Result<Pair> {
    let (sent, received) = (Photo::open(reference)?, Photo::open(distorted)?);
    let quality = Judge::new(&sent, semantic)?
        .with_vgg(vgg)
        .quality(&received)
        .with_context(|| {
            let (a, b) = (reference.display(), distorted.display());
            format!("{b}: cannot be compared with {a}")
        })?;
    Ok(Pair { name, quality })
}

/// Name, original and picture of every pair.
fn pairs(reference: &Path, distorted: &Path) -> anyhow::Result<Vec<(String, PathBuf, PathBuf)>> {
    match (reference.is_dir(), distorted.is_dir()) {
        (false, false) => {
            let name = distorted.file_name().unwrap_or_default().to_string_lossy();
            Ok(vec![(
                name.into_owned(),
                reference.into(),
                distorted.into(),
            )])
        }
        (true, true) => paired(reference, distorted),
        (true, false) => mixed(distorted, reference),
        (false, true) => mixed(reference, distorted),
    }
}

fn mixed<T>(file: &Path, folder: &Path) -> anyhow::Result<T> {
    anyhow::ensure!(file.exists(), "{}: not found", file.display());
    let (file, folder) = (file.display(), folder.display());
    anyhow::bail!(
        "{file}: found a file beside the folder {folder}, allowed two files or two folders"
    )
}

fn paired(reference: &Path, distorted: &Path) -> anyhow::Result<Vec<(String, PathBuf, PathBuf)>> {
    let (a, mut b) = (by_stem(reference)?, by_stem(distorted)?);
    let mut pairs = Vec::new();
    for (name, one) in a {
        let other = b
            .remove(&name)
            .with_context(|| without_partner(&one, distorted))?;
        pairs.push((name, one, other));
    }
    match b.values().next() {
        Some(left) => anyhow::bail!(without_partner(left, reference)),
        None if pairs.is_empty() => anyhow::bail!("{}: found no file", reference.display()),
        None => Ok(pairs),
    }
}

fn without_partner(file: &Path, folder: &Path) -> String {
    let (file, folder) = (file.display(), folder.display());
    format!("{file}: found no picture of that name in {folder}")
}

/// Files of a folder; hidden ones are not looked at.
fn by_stem(folder: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let named = || format!("{}: folder cannot be read", folder.display());
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(named)? {
        let path = entry.with_context(named)?.path();
        let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_file() && !stem.starts_with('.') {
            let name = stem.to_owned();
            if let Some(other) = files.insert(name, path.clone()) {
                let (one, two) = (other.display(), path.display());
                anyhow::bail!("{one}: found a second file of that name, {two}");
            }
        }
    }
    Ok(files)
}

/// Means of the figures that all pictures have.
fn mean(pictures: &[Pair]) -> Quality {
    let count = pictures.len() as f64;
    let of = |figure: fn(&Quality) -> f64| {
        pictures
            .iter()
            .map(|pair| figure(&pair.quality))
            .sum::<f64>()
            / count
    };
    let where_all_have = |figure: fn(&Quality) -> Option<f64>| {
        let sum: Option<f64> = pictures.iter().map(|pair| figure(&pair.quality)).sum();
        sum.map(|sum| sum / count)
    };
    Quality {
        psnr_db: of(|q| q.psnr_db),
        ssim: of(|q| q.ssim),
        ms_ssim: where_all_have(|q| q.ms_ssim),
        lpips_alex: where_all_have(|q| q.lpips_alex),
        lpips_vgg: where_all_have(|q| q.lpips_vgg),
        semantic_top1: where_all_have(|q| q.semantic_top1),
        semantic_cosine: where_all_have(|q| q.semantic_cosine),
    }
}

/// Heads of the columns that stand only with their network.
const MORE: [&str; 3] = ["VGG", "Top-1", "Cosine"];

fn table(report: &Report, more: [bool; 3]) -> String {
    let names = report.pictures.iter().map(|pair| pair.name.chars().count());
    let width = names.max().unwrap_or(0).max("picture".len());
    let heads = shown(MORE.map(str::to_owned), more);
    let mut lines = vec![format!(
        "{:width$}  PSNR dB     SSIM  MS-SSIM    LPIPS{heads}",
        "picture"
    )];
    let line = |name: &str, quality: &Quality| line(name, quality, width, more);
    lines.extend(
        report
            .pictures
            .iter()
            .map(|pair| line(&pair.name, &pair.quality)),
    );
    if report.pictures.len() > 1 {
        lines.push(line("mean", &report.mean));
    }
    lines.join("\n")
}

fn line(name: &str, quality: &Quality, width: usize, more: [bool; 3]) -> String {
    let optional = |value: Option<f64>| number(value.unwrap_or(f64::NAN), 4);
    let figures = [
        quality.lpips_vgg,
        quality.semantic_top1,
        quality.semantic_cosine,
    ];
    let figures = shown(figures.map(optional), more);
    format!(
        "{name:width$}  {:>7}  {:>7}  {:>7}  {:>7}{figures}",
        number(quality.psnr_db, 2),
        number(quality.ssim, 4),
        optional(quality.ms_ssim),
        optional(quality.lpips_alex),
    )
}

/// Those that are asked for, each in its column.
fn shown(words: [String; 3], which: [bool; 3]) -> String {
    let shown = words
        .into_iter()
        .zip(which)
        .filter(|(_, is_shown)| *is_shown);
    shown.map(|(word, _)| format!("  {word:>7}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_over_pictures_too_small_for_a_figure_is_left_out() {
        let pair = |ms_ssim| Pair {
            name: "a".to_owned(),
            quality: Quality {
                psnr_db: 30.0,
                ssim: 0.5,
                ms_ssim,
                lpips_alex: Some(0.25),
                lpips_vgg: Some(0.5),
                semantic_top1: Some(1.0),
                semantic_cosine: None,
            },
        };
        let mean = mean(&[pair(Some(0.9)), pair(None)]);
        assert_eq!((mean.ms_ssim, mean.lpips_alex), (None, Some(0.25)));
        let report = Report {
            pictures: vec![pair(None), pair(None)],
            mean,
            failed: 0,
        };
        let plain = "mean       30.00   0.5000        –   0.2500";
        assert!(table(&report, [false; 3]).ends_with(plain));
        let all = format!("{plain}   0.5000   1.0000        –");
        assert!(table(&report, [true; 3]).ends_with(&all));
    }
}
