//! The flags of `heliograph paint`, as typed.

use std::path::PathBuf;

use clap::{Args, value_parser};

use crate::codec_args::{ModelArgs, PainterArgs};
use crate::queue::ServerArgs;

/// Paint pictures that others received, from a work queue
///
/// Any number of these take pictures from one queue (a NATS server with JetStream; docs/guide/scale.md), each picture goes to one of
/// them. It is out of the line when picture and report are on disk here: ID.png and ID.json (cli/RECEPTION.md explains the fields).
/// Ends with Ctrl-C, after what is being painted.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PaintArgs {
    /// The server
    #[arg(long, value_name = "nats://HOST:PORT")]
    pub subscribe: String,

    /// Folder of the pictures; workers of one disk may share it
    #[arg(short, long, value_name = "DIR", default_value = "heliograph-painted")]
    pub out: PathBuf,

    /// End after so many pictures
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub pictures: Option<u64>,

    /// End when nothing waits for two seconds
    #[arg(long)]
    pub until_empty: bool,

    /// Paint up to so many waiting pictures at once [default: 1, on a GPU 8]
    ///
    /// As many more are fetched meanwhile, and those painted before are written. On the processor one at a time is as fast.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=64))]
    pub batch: Option<u16>,

    /// Leave pictures of more than N million pixels to others: a queue can announce 268 million, which take minutes and some 19 GB
    #[arg(long, value_name = "N", default_value = "64", value_parser = value_parser!(u16).range(1..=269))]
    pub max_megapixels: u16,

    /// Also write every picture's symbols, as ID.safetensors for heliograph decode (cli/LATENTS.md)
    #[arg(long)]
    pub symbols: bool,

    /// Print each report to standard output as a line of JSON, and the summary as the last
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub painter: PainterArgs,

    #[command(flatten)]
    pub model: ModelArgs,

    #[command(flatten)]
    pub server: ServerArgs,
}

/// Pictures at once on a GPU.
const ON_GPU: u16 = 8;

impl PaintArgs {
    /// The largest picture that is painted.
    pub fn most_pixels(&self) -> usize {
        1_000_000 * usize::from(self.max_megapixels)
    }

    /// Pictures that are painted at once.
    pub fn batch(&self) -> usize {
        let usual = match self.model.device() {
            "cpu" => 1,
            _ => ON_GPU,
        };
        self.batch.unwrap_or(usual).into()
    }
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph receive --radio usrp-b210 --frequency 433.92M --publish nats://gpu:4222 --publish-as roof\n  \
    heliograph paint --subscribe nats://gpu:4222 --out painted\n  \
    heliograph paint --subscribe tls://gpu:4222 --queue-credentials lab.creds --device cuda:0";
