//! The flags put together once: photos found, channels checked, codecs opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use heliograph::codec::{Codec, CodecId};

use super::args::EvaluateArgs;
use super::contender::{Contender, Files, Sender};
use super::grid::{Cbrs, Unit};
use super::medium::Medium;
use super::photos::Photos;
use super::row::Key;
use super::settings::RunSettings;
use crate::exit::UsageError;
use crate::quality::Semantic;

/// Counts up when the same settings give other rows: those of earlier programs are not taken over.
const MEASURES: &str = "measures 2";

/// A channel and its name in the rows.
#[derive(Clone, Debug)]
pub struct Channel {
    pub name: String,
    pub medium: Medium,
}

/// A contender with its codec; a picture file has none.
pub struct Painter {
    /// As it is written in the CSV.
    pub label: String,
    /// As it stands in --codecs.
    asked: String,
    pub codec: Option<Arc<dyn Codec>>,
    /// In words.
    weights: Option<String>,
}

/// One sender, and all who receive from it.
pub struct Party {
    pub sender: Sender,
    pub painters: Vec<Painter>,
}

/// What is to be done.
pub struct Plan {
    pub photos: Photos,
    pub channels: Vec<Channel>,
    pub cbrs: Cbrs,
    pub snrs_db: Vec<f64>,
    pub parties: Vec<Party>,
    pub settings: RunSettings,
    pub out: PathBuf,
    pub keep: usize,
    pub semantic: Option<Semantic>,
}

impl Plan {
    /// Puts the flags together.
    ///
    /// # Errors
    /// [`UsageError`] for flags that do not go together; photos, channels and weights that cannot be read.
    pub fn resolve(args: &EvaluateArgs) -> anyhow::Result<Self> {
        let folder = args
            .pictures
            .as_ref()
            .context("--pictures: found none, allowed a folder")?;
        distinct("--codecs", args.codecs.iter().map(Contender::label))?;
        let adapter = ("--adapter", args.adapter.is_some());
        takes(args, adapter, CodecId::DeepJscc)?;
        let external = ("--external", args.external.is_some());
        takes(args, external, CodecId::External)?;
        let channels = args
            .channels
            .iter()
            .map(|name| channel(name, args.sample_rate));
        let channels = channels.collect::<anyhow::Result<Vec<Channel>>>()?;
        distinct(
            "--channels",
            channels.iter().map(|channel| channel.name.as_str()),
        )?;
        let parties = parties(args)?;
        let photos = Photos::find(folder, &args.cbr.0)?;
        let semantic = args.semantic.as_deref().map(Semantic::open).transpose()?;
        let hash = semantic.as_ref().map(|semantic| semantic.hash.clone());
        let settings = RunSettings {
            semantic: hash,
            ..settings(args, &photos, &channels, &parties)
        };
        Ok(Self {
            photos,
            channels,
            cbrs: args.cbr.clone(),
            snrs_db: args.snr_db.0.clone(),
            parties,
            settings,
            out: args.out.clone(),
            keep: args.keep,
            semantic,
        })
    }

    /// The name of a measurement of `unit`.
    pub fn key(&self, unit: &Unit, snr: usize, painter: &Painter) -> Key {
        let settings = &self.settings;
        Key {
            picture: settings.pictures[unit.picture].clone(),
            channel: settings.channels[unit.channel].clone(),
            cbr: settings.cbr[unit.cbr].clone(),
            snr_db: settings.snr_db[snr].clone(),
            codec: painter.label.clone(),
            seed: unit.seed.to_string(),
        }
    }

    /// Whether the picture of this measurement is kept.
    pub fn keeps(&self, key: &Key) -> bool {
        let mut kept = self.settings.pictures.iter().take(self.keep);
        key.seed == "0" && kept.any(|picture| *picture == key.picture)
    }
}

fn distinct<'a>(flag: &str, names: impl Iterator<Item = &'a str>) -> Result<(), UsageError> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(UsageError(format!(
                "{flag}: found {name} twice, allowed once"
            )));
        }
        seen.push(name);
    }
    Ok(())
}

/// A file's name in the rows is its stem.
fn channel(typed: &str, sample_rate_hz: f64) -> anyhow::Result<Channel> {
    let medium = Medium::resolve(typed, sample_rate_hz)?;
    let stem = std::path::Path::new(typed).file_stem().unwrap_or_default();
    let name = stem.to_string_lossy().replace([',', '"', '\n', '\r'], "-");
    Ok(Channel { name, medium })
}

/// Contenders by sender, in the order in which senders are first named.
fn parties(args: &EvaluateArgs) -> anyhow::Result<Vec<Party>> {
    let mut parties: Vec<Party> = Vec::new();
    for contender in &args.codecs {
        let opened = contender.open(Files {
            models: args.model.as_deref(),
            adapter: args.adapter.as_deref(),
            external: args.external.as_deref(),
        })?;
        let label = contender.shown(opened.as_ref());
        let (codec, weights) = opened.map(|o| (o.codec, o.weights)).unzip();
        let painter = Painter {
            label,
            asked: contender.label().to_owned(),
            codec,
            weights: weights.flatten(),
        };
        let sender = contender.sender();
        match parties.iter_mut().find(|party| party.sender == sender) {
            Some(party) => party.painters.push(painter),
            None => parties.push(Party {
                sender,
                painters: vec![painter],
            }),
        }
    }
    Ok(parties)
}

fn settings(
    args: &EvaluateArgs,
    photos: &Photos,
    channels: &[Channel],
    parties: &[Party],
) -> RunSettings {
    let painters = || parties.iter().flat_map(|party| &party.painters);
    let weights = painters().filter_map(|painter| {
        let weights = painter.weights.as_ref()?;
        Some(format!("{}: {weights}", painter.label))
    });
    let asked = |label: &str| painters().find(|painter| painter.asked == label);
    let labels = args.codecs.iter();
    let labels = labels.filter_map(|codec| Some(asked(codec.label())?.label.clone()));
    let in_words = |channel: &Channel| format!("{}: {}", channel.name, channel.medium.in_words());
    RunSettings {
        program: format!("heliograph {}, {MEASURES}", env!("CARGO_PKG_VERSION")),
        pictures: photos.pictures.iter().map(|p| p.name.clone()).collect(),
        picture_files: photos.pictures.iter().map(|p| p.identity.clone()).collect(),
        snr_db: args.snr_db.0.iter().map(f64::to_string).collect(),
        cbr: args.cbr.0.iter().map(|cbr| cbr.text.clone()).collect(),
        codecs: labels.collect(),
        weights: weights.collect(),
        channels: channels
            .iter()
            .map(|channel| channel.name.clone())
            .collect(),
        channel_settings: channels.iter().map(in_words).collect(),
        seeds: args.seeds,
        sample_rate_hz: args.sample_rate,
        semantic: None,
        files: files(args),
    }
}

/// Whether a flag means something to one of the codecs.
fn takes(
    args: &EvaluateArgs,
    (flag, is_given): (&str, bool),
    codec: CodecId,
) -> Result<(), UsageError> {
    let mut senders = args.codecs.iter().map(Contender::sender);
    let fits = |sender| matches!(sender, Sender::Analog(id, _) if id == codec);
    if !is_given || senders.any(fits) {
        return Ok(());
    }
    Err(UsageError(format!(
        "{flag}: none of --codecs takes one; allowed with codec {codec}"
    )))
}

/// Flags that name files, without the folders of these.
fn files(args: &EvaluateArgs) -> Vec<String> {
    let name = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let model = args.model.iter().map(|_| "--model DIR".to_owned());
    let adapter = args
        .adapter
        .iter()
        .map(|path| format!("--adapter {}", name(path)));
    let channels = args
        .channels
        .iter()
        .map(Path::new)
        .filter(|path| path.is_file());
    let channels = channels.map(|path| format!("--channels {}", name(path)));
    let external = args.external.iter();
    let external =
        external.map(|command| format!("--external '{}'", command.replace('\'', r"'\''")));
    model
        .chain(adapter)
        .chain(external)
        .chain(channels)
        .collect()
}
