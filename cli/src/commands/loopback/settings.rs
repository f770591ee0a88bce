//! The flags put together once: channel read and checked, codec made, every photo with its folder.

use heliograph::propagation::{Propagation, PropagationConfig, PropagationError};
use heliograph::regions::Interest;

use super::args::LoopbackArgs;
use super::jobs::{Job, jobs};
use crate::args::Snr;
use crate::chain::ChainConfig;
use crate::channels;
use crate::codec_args::{CodecArgs, PainterArgs};
use crate::exit::UsageError;
use crate::progress::CurrentProgress;
use crate::report::ModelInfo;

/// What is to be done.
pub struct Settings {
    pub chain: ChainConfig,
    /// Name or file of the channel.
    pub channel_name: String,
    pub jobs: Vec<Job>,
    pub announce: Announce,
    /// What of each photo is asked to matter.
    pub interest: Option<Interest>,
    /// How the networks are set; `None` when there are none.
    pub model: Option<ModelInfo>,
    /// The bar, which the networks move too.
    pub progress: CurrentProgress,
    /// The painter's flags as they were last turned.
    painter: PainterArgs,
}

/// How results are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announce {
    Words,
    Json,
}

impl Settings {
    /// The receiver's painter as it was turned; what is sent stays as it is.
    ///
    /// # Errors
    /// Weights that can no longer be opened.
    pub fn turn(&mut self, codec: &CodecArgs, painter: PainterArgs) -> anyhow::Result<()> {
        let painter = painter.for_codec(codec.codec);
        if painter == self.painter {
            return Ok(());
        }
        let turned = CodecArgs {
            painter: painter.clone(),
            ..codec.clone()
        };
        let opened = turned.open(self.progress.listener())?;
        (self.chain.codec, self.model) = (opened.codec, opened.model);
        self.painter = painter;
        Ok(())
    }

    /// Puts the flags together.
    ///
    /// # Errors
    /// [`UsageError`] for flags that do not go together; a channel file that cannot be read or believed.
    pub fn resolve(args: LoopbackArgs) -> anyhow::Result<Self> {
        let channel = channel(&args)?;
        let announce = if args.json {
            Announce::Json
        } else {
            Announce::Words
        };
        let progress = CurrentProgress::default();
        let opened = args.codec.open(progress.listener())?;
        Ok(Self {
            jobs: jobs(
                &args,
                args.captioner.open(args.codec.model.device())?.as_ref(),
            ),
            chain: ChainConfig {
                codec: opened.codec,
                cbr: args.cbr,
                numerology: args.numerology,
                repeats: args.repeat,
                peak_limit_db: args.peak_limit_db,
                sample_rate_hz: args.sample_rate,
                channel,
                drop_probability: args.drop_bursts,
                seed: args.seed,
                window: None,
            },
            interest: opened.interest,
            model: opened.model,
            progress,
            painter: args.codec.painter.clone(),
            channel_name: args.channel,
            announce,
        })
    }
}

/// The channel with the flags laid over it.
fn channel(args: &LoopbackArgs) -> anyhow::Result<PropagationConfig> {
    let mut config = channels::named_or_file("--channel", &args.channel)?;
    match args.snr_db {
        Some(Snr::Noiseless) => config.snr_db = None,
        Some(Snr::Db(db)) => config.snr_db = Some(db),
        None => {}
    }
    config.cfo_hz = args.cfo_hz.unwrap_or(config.cfo_hz);
    config.sfo_ppm = args.sfo_ppm.unwrap_or(config.sfo_ppm);
    match Propagation::new(&config, args.sample_rate, args.seed) {
        Ok(_) => Ok(config),
        Err(error) => Err(refused(error, args)),
    }
}

/// A field that a flag has set is the flag's fault, another the channel's.
fn refused(error: PropagationError, args: &LoopbackArgs) -> anyhow::Error {
    let PropagationError::Field {
        field,
        found,
        allowed,
        ..
    } = &error
    else {
        return error.into();
    };
    let flag = match field.as_str() {
        "snr_db" if args.snr_db.is_some() => "--snr-db",
        "cfo_hz" if args.cfo_hz.is_some() => "--cfo-hz",
        "sfo_ppm" if args.sfo_ppm.is_some() => "--sfo-ppm",
        "sample_rate_hz" => "--sample-rate",
        _ => {
            let (channel, rate) = (&args.channel, args.sample_rate);
            return anyhow::anyhow!(
                "{channel}: {field}: found {found}, allowed {allowed} (at --sample-rate {rate})"
            );
        }
    };
    UsageError(format!("{flag}: found {found}, allowed {allowed}")).into()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::words::Words;
    use super::*;
    use crate::sample;
    use clap::{Args, FromArgMatches};

    fn settings(words: &str) -> anyhow::Result<Settings> {
        let command = LoopbackArgs::augment_args(clap::Command::new("loopback"));
        let words = std::iter::once("loopback").chain(words.split_whitespace());
        let matches = command.try_get_matches_from(words)?;
        Settings::resolve(LoopbackArgs::from_arg_matches(&matches)?)
    }

    fn message(words: &str) -> String {
        format!("{:#}", settings(words).err().expect("must be refused"))
    }

    #[test]
    fn flags_lie_over_the_fields_of_the_channel() {
        let s = settings("--channel hackrf --snr-db 3 --sfo-ppm -7").unwrap();
        let hackrf = PropagationConfig::named("hackrf").unwrap();
        let expected = PropagationConfig {
            snr_db: Some(3.0),
            sfo_ppm: -7.0,
            ..hackrf
        };
        assert_eq!(s.chain.channel, expected);
        assert_eq!(
            settings("--snr-db none").unwrap().chain.channel.snr_db,
            None
        );
    }

    #[test]
    fn an_unknown_channel_is_answered_with_those_there_are() {
        let said = message("--channel moon");
        assert!(
            said.contains("\"moon\"") && said.contains("tdl-c") && said.contains("TOML"),
            "{said}"
        );
    }

    #[test]
    fn a_channel_file_that_is_not_there_is_named() {
        assert!(message("--channel no/such.toml").contains("no/such.toml"));
    }

    #[test]
    fn an_offset_beyond_half_the_sample_rate_names_the_flag() {
        let said = message("--cfo-hz 2e6 --sample-rate 2e6");
        assert!(
            said.contains("--cfo-hz") && said.contains("1000000"),
            "{said}"
        );
    }

    #[test]
    fn one_photo_goes_straight_into_the_folder() {
        let folders = |words: &str| -> Vec<PathBuf> {
            let jobs = settings(words).unwrap().jobs;
            jobs.into_iter().map(|j| j.folder).collect()
        };
        assert_eq!(folders("--out d"), [PathBuf::from("d")]);
        assert_eq!(folders("a.png --out d"), [PathBuf::from("d")]);
        assert_eq!(
            folders("a.png b.png --out d"),
            ["d/a", "d/b"].map(PathBuf::from)
        );
    }

    #[test]
    fn the_shipped_photo_has_a_caption_of_its_own_and_an_empty_one_is_none() {
        let words = |flags: &str| settings(flags).unwrap().jobs[0].words.clone();
        assert_eq!(words(""), Words::Given(sample::CAPTION.to_owned()));
        assert_eq!(words("--caption="), Words::None);
        assert_eq!(words("a.png"), Words::None);
    }

    #[test]
    fn a_caption_of_both_kinds_is_refused() {
        let said = message("a.png --caption boat --captioner folder");
        assert!(
            said.contains("--caption <") && said.contains("--captioner"),
            "{said}"
        );
    }
}
