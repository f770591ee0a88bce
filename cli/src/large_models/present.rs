//! A program with large models: folders, or names as `heliograph models` says them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::Context;
use heliograph::captions::Captioner;
use heliograph::codec::latent::LatentSynthesis;
use heliograph::nn;
use heliograph::regions::{Interest, SharedFinder};
use heliograph_large_models::{
    Blip, FullSizeDecoder, ModelFolder, Places, Point, Prompt as Asked, Sam, SamFinder, search,
};

use super::Prompt;

/// A captioner of transformers' form; `None` for a folder of another.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn captioner(path: &Path, device: &str) -> anyhow::Result<Option<Arc<dyn Captioner>>> {
    let path = located(path);
    if !ModelFolder::is_one(&path) {
        return Ok(None);
    }
    let blip = Blip::open(&path, &nn::open_device(device)?).context("--captioner")?;
    Ok(Some(Arc::new(blip)))
}

/// What the prompts mean to a segmenter, or what stands out.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn finder(path: &Path, device: &str, prompts: &[Prompt]) -> anyhow::Result<Interest> {
    let sam = Sam::open(&located(path), &nn::open_device(device)?).context("--segmenter")?;
    let finder = SamFinder::new(Arc::new(sam), asked(prompts));
    Ok(Interest::Finder(SharedFinder(Arc::new(finder))))
}

/// Rectangles mean something each, points something together.
fn asked(prompts: &[Prompt]) -> Vec<Asked> {
    let (mut asked, mut points) = (Vec::new(), Vec::new());
    for prompt in prompts {
        match *prompt {
            Prompt::Region(region) => asked.push(Asked::Box(region)),
            Prompt::Point { x, y, is_key } => points.push(Point { x, y, is_key }),
        }
    }
    if !points.is_empty() {
        asked.push(Asked::Points(points));
    }
    asked
}

/// The decoder that was opened last: codecs with other dials share it.
static LAST: Mutex<Option<(PathBuf, String, Weak<FullSizeDecoder>)>> = Mutex::new(None);

/// A decoder in place of codec latent's synthesis network.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn synthesis(path: &Path, device: &str) -> anyhow::Result<Arc<dyn LatentSynthesis>> {
    let path = located(path);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, on, decoder)) = &*last
        && (known, on.as_str()) == (&path, device)
        && let Some(decoder) = decoder.upgrade()
    {
        return Ok(decoder);
    }
    let decoder = FullSizeDecoder::open(&path, &nn::open_device(device)?);
    let decoder = Arc::new(decoder.context("--synthesis")?);
    *last = Some((path, device.to_owned(), Arc::downgrade(&decoder)));
    Ok(decoder)
}

/// The folder, or that of a model of this name.
fn located(path: &Path) -> PathBuf {
    if path.exists() {
        return path.to_owned();
    }
    let places = Places::of_environment(|name| std::env::var_os(name));
    let mut models = search(&places).into_iter();
    let named = models.find(|model| Path::new(&model.name) == path);
    named.map_or_else(|| path.to_owned(), |model| model.path)
}
