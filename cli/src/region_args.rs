//! The flags that say what of a photo matters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use heliograph::codec::{Codec, CodecId, RegionalCodec};
use heliograph::photo::Photo;
use heliograph::regions::{Background, Interest, Priorities, Region};

use crate::exit::UsageError;
use crate::large_models::{self, Prompt};

/// The word for what the network finds.
const AUTO: &str = "auto";

/// Before a point that is not on what matters.
const BESIDE: &str = "not:";

/// Codecs that share their symbols by blocks.
const WITH_BLOCKS: [CodecId; 2] = [CodecId::DeepJscc, CodecId::Latent];

/// Regions of interest.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Regions")]
pub struct RegionArgs {
    /// What matters and gets more of the symbols: auto (what stands out), a rectangle in pixels (may be repeated), or a mask, a
    /// picture of any size that is laid over the photo, white where it matters, as where it is transparent; with --segmenter also
    /// points on what matters, X,Y, and beside it, not:X,Y [default: all of the photo alike, as where nothing stands out]
    #[arg(long, value_name = "auto|X,Y,W,H|MASK", allow_hyphen_values = true)]
    roi: Vec<String>,

    /// Folder (or name, see heliograph models) of a Segment Anything model that finds what lies in the rectangles, under the points, or
    /// around what stands out, in a build with feature large-models
    #[arg(long, value_name = "DIR")]
    segmenter: Option<PathBuf>,

    /// How many times as much an error counts there, 1 to 10000 [default: 4]
    #[arg(long, value_name = "G", value_parser = gain, allow_negative_numbers = true)]
    roi_gain: Option<f32>,

    /// What the rest gets: what is left (low), nothing (none: it is painted from its surroundings), as much (same) [default: low]
    #[arg(long, value_name = "NAME", value_parser = background())]
    background: Option<Background>,
}

impl RegionArgs {
    /// The codec with regions, or as it is.
    pub fn wrap(&self, codec: Arc<dyn Codec>, interest: Option<Interest>) -> Arc<dyn Codec> {
        match interest {
            None => codec,
            Some(interest) => Arc::new(RegionalCodec::new(codec, interest, self.priorities())),
        }
    }

    /// Refuses a codec that has no blocks, where something is asked to matter.
    ///
    /// # Errors
    /// [`UsageError`].
    fn check(&self, codec: &dyn Codec) -> Result<(), UsageError> {
        let id = codec.id();
        if self.roi.is_empty() || WITH_BLOCKS.contains(&id) {
            return Ok(());
        }
        let names = WITH_BLOCKS.map(CodecId::name).join(" and ");
        let words =
            format!("--roi: codec {id} spends alike everywhere; allowed with codecs {names}");
        Err(UsageError(words))
    }

    /// What is asked to matter, for a codec that can do so; `None` where nothing is. A segmenter runs on `device`.
    ///
    /// # Errors
    /// [`UsageError`] for flags that do not go together; a mask or a model that cannot be read.
    pub fn interest(&self, codec: &dyn Codec, device: &str) -> anyhow::Result<Option<Interest>> {
        let lonely = [
            ("--roi-gain", self.roi_gain.is_some()),
            ("--background", self.background.is_some()),
            ("--segmenter", self.segmenter.is_some()),
        ];
        if let ([], Some((flag, _))) = (self.roi.as_slice(), lonely.iter().find(|flag| flag.1)) {
            return Err(UsageError(format!("{flag}: needs --roi")).into());
        }
        self.check(codec)?;
        match (self.roi.as_slice(), &self.segmenter) {
            ([], _) => Ok(None),
            (_, Some(folder)) => large_models::finder(folder, device, &self.prompts()?).map(Some),
            ([one], None) if one == AUTO => Ok(Some(Interest::Salient)),
            ([one], None) if is_mask(one) => Ok(Some(mask(one)?)),
            (several, None) => {
                let regions: Result<Vec<Region>, UsageError> =
                    several.iter().map(|text| region(text)).collect();
                Ok(Some(Interest::Regions(regions?)))
            }
        }
    }

    /// What the segmenter is asked for; nothing for what stands out.
    fn prompts(&self) -> Result<Vec<Prompt>, UsageError> {
        match self.roi.as_slice() {
            [one] if one == AUTO => Ok(Vec::new()),
            several => several.iter().map(|text| prompt(text)).collect(),
        }
    }

    /// The mask, which is read.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let without = self.segmenter.is_none();
        let masks = self
            .roi
            .iter()
            .filter(move |one| without && *one != AUTO && is_mask(one));
        masks.map(PathBuf::from)
    }

    /// How it is weighed.
    pub fn priorities(&self) -> Priorities {
        let usual = Priorities::default();
        Priorities {
            gain: self.roi_gain.unwrap_or(usual.gain),
            background: self.background.unwrap_or(usual.background),
        }
    }
}

/// Names may hold commas.
fn is_mask(text: &str) -> bool {
    !text.contains(',') || Path::new(text).is_file()
}

fn mask(path: &str) -> anyhow::Result<Interest> {
    let photo = Photo::open(Path::new(path));
    let photo = photo.with_context(|| format!("--roi: allowed {AUTO}, X,Y,W,H or a mask"))?;
    Ok(Interest::Mask(photo))
}

/// `x,y,w,h`.
fn region(text: &str) -> Result<Region, UsageError> {
    let numbers: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[x, y, width, height]) => Ok(Region {
            x,
            y,
            width,
            height,
        }),
        _ => Err(UsageError(format!(
            "--roi: found {text:?}, allowed one {AUTO}, one mask, or rectangles like 64,32,200,150"
        ))),
    }
}

/// `x,y,w,h`, `x,y` or `not:x,y`.
fn prompt(text: &str) -> Result<Prompt, UsageError> {
    let point = text.strip_prefix(BESIDE).unwrap_or(text);
    let numbers: Result<Vec<u32>, _> = point.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[x, y]) => Ok(Prompt::Point {
            x: x as f32,
            y: y as f32,
            is_key: point == text,
        }),
        Ok(_) if point == text => region(text).map(Prompt::Region),
        _ => Err(UsageError(format!(
            "--roi: found {text:?}, allowed with --segmenter: one {AUTO}, rectangles like 64,32,200,150, points like 120,80 and {BESIDE}10,10"
        ))),
    }
}

fn gain(text: &str) -> Result<f32, String> {
    match text.trim().parse::<f32>() {
        Ok(value) if (1.0..=1e4).contains(&value) => Ok(value),
        _ => Err(format!("found {text:?}, allowed 1 to 10000")),
    }
}

fn background() -> impl TypedValueParser<Value = Background> {
    PossibleValuesParser::new(["low", "none", "same"]).map(|name| match name.as_str() {
        "none" => Background::None,
        "same" => Background::Same,
        _ => Background::Low,
    })
}
