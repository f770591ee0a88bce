//! A program with large models: folders, or names as `heliograph models` says them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::Context;
use heliograph::captions::Captioner;
use heliograph::codec::latent::LatentSynthesis;
use heliograph::nn;
use heliograph::photo::Photo;
use heliograph::regions::{Interest, SharedFinder};
use heliograph_large_models::{
    Blip, FullSizeDecoder, ModelFolder, Places, Point, Prompt as Asked, Sam, SamFinder, named,
};

use super::Prompt;
use crate::exit::{self, UsageError};

/// A captioner of transformers' form; `None` for a folder of another.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn captioner(path: &Path, device: &str) -> anyhow::Result<Option<Arc<dyn Captioner>>> {
    let path = located("--captioner", path)?;
    if !ModelFolder::is_one(&path) {
        return Ok(None);
    }
    let blip = Blip::open(&path, &nn::open_device(device)?).context("--captioner")?;
    Ok(Some(Arc::new(Reported(blip))))
}

/// Says on standard error why a photo gets no words.
struct Reported(Blip);

impl Captioner for Reported {
    fn caption(&self, photo: &Photo) -> String {
        let words = self.0.words_for(photo).context("--captioner");
        words.unwrap_or_else(|error| {
            exit::say(&error);
            String::new()
        })
    }
}

/// What the prompts mean to a segmenter, or what stands out.
///
/// # Errors
/// [`UsageError`] for prompts that mean nothing; else names the file and what is wrong with it.
pub fn finder(path: &Path, device: &str, prompts: &[Prompt]) -> anyhow::Result<Interest> {
    let prompts = asked(prompts)?;
    let path = located("--segmenter", path)?;
    let sam = Sam::open(&path, &nn::open_device(device)?).context("--segmenter")?;
    let finder = SamFinder::new(Arc::new(sam), prompts);
    Ok(Interest::Finder(SharedFinder(Arc::new(finder))))
}

/// Rectangles mean something each, points something together; those beside what matters go with all of these.
fn asked(prompts: &[Prompt]) -> Result<Vec<Asked>, UsageError> {
    let (mut regions, mut keys, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    for prompt in prompts {
        match *prompt {
            Prompt::Region(region) => regions.push(region),
            Prompt::Point { x, y, is_key } => {
                let points = if is_key { &mut keys } else { &mut beside };
                points.push(Point { x, y, is_key });
            }
        }
    }
    if regions.is_empty() && keys.is_empty() && !beside.is_empty() {
        let words = "--roi: found only points beside what matters, not:X,Y; allowed with a rectangle X,Y,W,H or a point X,Y";
        return Err(UsageError(words.to_owned()));
    }
    let boxed = |region| Asked::Box {
        region,
        points: beside.clone(),
    };
    let mut asked: Vec<Asked> = regions.into_iter().map(boxed).collect();
    if !keys.is_empty() {
        keys.extend(beside);
        asked.push(Asked::Points(keys));
    }
    Ok(asked)
}

/// The decoder that was opened last: codecs with other dials share it.
static LAST: Mutex<Option<(PathBuf, String, Weak<FullSizeDecoder>)>> = Mutex::new(None);

/// A decoder in place of codec latent's synthesis network.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn synthesis(path: &Path, device: &str) -> anyhow::Result<Arc<dyn LatentSynthesis>> {
    let path = located("--synthesis", path)?;
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
fn located(flag: &str, path: &Path) -> anyhow::Result<PathBuf> {
    if path.exists() {
        return Ok(path.to_owned());
    }
    let places = Places::of_environment(|name| std::env::var_os(name));
    named(&places, path).with_context(|| {
        let path = path.display();
        format!(
            "{flag}: {path}: no such folder, and no model of this name was found in the places that heliograph models lists"
        )
    })
}

#[cfg(test)]
mod tests {
    use heliograph::regions::Region;

    use super::*;

    #[test]
    fn points_beside_what_matters_go_with_every_box_and_with_the_points() {
        let region = |x| Region {
            x,
            y: 0,
            width: 9,
            height: 9,
        };
        let point = |x, is_key| Point { x, y: 5.0, is_key };
        let given = |x, is_key| Prompt::Point { x, y: 5.0, is_key };
        let prompts = [
            Prompt::Region(region(0)),
            given(7.0, false),
            Prompt::Region(region(50)),
            given(3.0, true),
        ];
        let boxed = |x| Asked::Box {
            region: region(x),
            points: vec![point(7.0, false)],
        };
        let points = Asked::Points(vec![point(3.0, true), point(7.0, false)]);
        assert_eq!(asked(&prompts).unwrap(), [boxed(0), boxed(50), points]);
        assert_eq!(asked(&prompts[..2]).unwrap(), [boxed(0)]);
        assert!(asked(&[]).unwrap().is_empty());
        let said = asked(&prompts[1..2]).unwrap_err().to_string();
        assert!(said.contains("--roi: found only points beside"), "{said}");
    }
}
