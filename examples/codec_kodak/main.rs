//! A codec over the whole waveform: PSNR, SSIM, MS-SSIM and LPIPS of a folder of pictures, as JSON.
//!
//! ```text
//! cargo run --release -p heliograph --example codec_kodak -- FOLDER [--codec softcast|latent|restored|deepjscc] [--pictures a,b,...]
//!     [--cbrs 1/96,1/24] [--snrs-db 1,7,13] [--channel awgn] [--drop-bursts 0.1] [--seeds N] [--threads N]
//!     [--painters diffusion-2,fast,linear] [--perceptions 0,0.5,1] [--variances symbol,mean] [--save DIR] [--model DIR]
//!     [--allocation balanced|distortion|even] > table.json
//! ```
//! Preamble, training, pilots, header and the digital stream all cross the channel; the receiver knows nothing that did not
//! come over the air. One row a picture, ratio, SNR, seed and way of painting in `rows`; means in `means`. All ways paint
//! the same received symbols. `--variances mean` takes the SNR of each symbol from the codec and gives it their mean.

mod figures;
mod plan;
mod ways;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use heliograph::codec::CodecId;
use serde_json::json;

use plan::Plan;
use ways::Ways;

const CAPTION: &str = "A photo of the Kodak set with a caption of ordinary length.";
const SAMPLE_RATE_HZ: f64 = 2e6;

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Error> {
    let options = Options(std::env::args().skip(1).collect());
    options.check()?;
    let folder = &options.0[0];
    let threads = options.get("--threads").unwrap_or("0").parse()?;
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()?;
    let codec: CodecId = options.get("--codec").unwrap_or("softcast").parse()?;
    let ways = Ways {
        painters: options
            .get("--painters")
            .unwrap_or("fast")
            .split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()?,
        perceptions: list(options.get("--perceptions").unwrap_or("0.5"))?,
        variances: options
            .get("--variances")
            .unwrap_or("symbol")
            .split(',')
            .map(ways::variances)
            .collect::<Result<_, _>>()?,
        models: options.get("--model").map(PathBuf::from),
        allocation: options.get("--allocation").unwrap_or("balanced").parse()?,
    };
    let plan = Plan {
        ways: ways.of(codec)?,
        cbrs: list(options.get("--cbrs").unwrap_or("1/48,1/24,1/12"))?,
        snrs_db: list(options.get("--snrs-db").unwrap_or("1,7,13"))?,
        channel: options.get("--channel").unwrap_or("awgn").to_owned(),
        drop_bursts: options.get("--drop-bursts").unwrap_or("0").parse()?,
        seeds: options.get("--seeds").unwrap_or("1").parse()?,
        save: options.get("--save").map(PathBuf::from),
    };
    let paths = pictures(Path::new(folder), options.get("--pictures"))?;
    let mut rows = plan.rows(&paths)?;
    let means = figures::means(&rows);
    // The ledger of one picture a ratio says it all.
    for row in rows.iter_mut().filter_map(|row| row.as_object_mut()) {
        row.remove("ledger");
    }
    let report = json!({
        "schema_version": 3,
        "what": "a codec over the whole waveform, everything charged",
        "codec": codec.name(),
        "allocation": ways.allocation.name(),
        "weights_hash": format!("{:08x}", plan.ways[0].codec.weights_hash()),
        "channel": plan.channel,
        "drop_bursts": plan.drop_bursts,
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "caption_bytes": CAPTION.len(),
        "pictures": paths.len(),
        "means": means,
        "rows": rows,
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

/// `--name value` pairs behind the folder.
struct Options(Vec<String>);

const FLAGS: [&str; 14] = [
    "--codec",
    "--pictures",
    "--cbrs",
    "--snrs-db",
    "--channel",
    "--drop-bursts",
    "--seeds",
    "--threads",
    "--painters",
    "--perceptions",
    "--variances",
    "--save",
    "--model",
    "--allocation",
];

impl Options {
    /// A misspelled flag must not measure something else.
    fn check(&self) -> Result<(), Error> {
        let (folder, pairs) = self
            .0
            .split_first()
            .ok_or("the first argument is a folder of pictures")?;
        if folder.starts_with("--") || pairs.len() % 2 == 1 {
            return Err("a folder, then flags with a value each".into());
        }
        match pairs
            .chunks(2)
            .find(|pair| !FLAGS.contains(&pair[0].as_str()))
        {
            Some(pair) => Err(format!("found {:?}, allowed {}", pair[0], FLAGS.join(" ")).into()),
            None => Ok(()),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|word| word == name)?;
        self.0.get(at + 1).map(String::as_str)
    }
}

fn list<T: FromStr>(words: &str) -> Result<Vec<T>, Error>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    words.split(',').map(|word| Ok(word.parse()?)).collect()
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
