//! Segment Anything as what finds regions.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use heliograph::photo::{Photo, PhotoSize};
use heliograph::regions::{Importance, Region, RegionError, RegionFinder, Saliency};

use super::{Point, Prompt, Sam};
use crate::ModelError;

/// Saliency above this belongs to what stands out.
const STANDS_OUT: f32 = 0.5;

/// What prompts mean is what matters.
pub struct SamFinder {
    sam: Arc<Sam>,
    /// None: whatever stands out.
    prompts: Vec<Prompt>,
    /// A photo is looked at for its report as well.
    last: Mutex<Option<(Photo, Importance)>>,
}

impl SamFinder {
    /// What `prompts` mean together, or what stands out in a photo when there are none.
    pub fn new(sam: Arc<Sam>, prompts: Vec<Prompt>) -> Self {
        Self {
            sam,
            prompts,
            last: Mutex::new(None),
        }
    }

    /// The union of what the prompts mean.
    fn mask(&self, photo: &Photo, prompts: &[Prompt]) -> Result<Photo, ModelError> {
        let seen = self.sam.look(photo)?;
        let masks = prompts.iter().map(|prompt| self.sam.mask(&seen, prompt));
        let masks = masks.collect::<Result<Vec<Photo>, _>>()?;
        let size = masks[0].size();
        let any = |at: usize| masks.iter().map(|mask| mask.rgb()[at]).max().unwrap_or(0);
        let rgb = (0..masks[0].rgb().len()).map(any).collect();
        Ok(Photo::new(size, rgb).expect("masks of one photo have one size"))
    }
}

impl RegionFinder for SamFinder {
    fn importance(&self, photo: &Photo) -> Result<Importance, RegionError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, importance)) = &*last
            && known == photo
        {
            return Ok(importance.clone());
        }
        let importance = self.find(photo)?;
        *last = Some((photo.clone(), importance.clone()));
        Ok(importance)
    }
}

impl SamFinder {
    fn find(&self, photo: &Photo) -> Result<Importance, RegionError> {
        let prompts = if self.prompts.is_empty() {
            standing_out(photo).into_iter().collect()
        } else {
            self.prompts.clone()
        };
        prompts
            .iter()
            .try_for_each(|prompt| check(prompt, photo.size()))?;
        if prompts.is_empty() {
            return Ok(Importance::salient(photo));
        }
        let mask = self
            .mask(photo, &prompts)
            .map_err(|error| RegionError::Finder {
                reason: error.to_string(),
            })?;
        Ok(Importance::mask(&mask, photo.size()))
    }
}

impl fmt::Debug for SamFinder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SamFinder").field(&self.prompts).finish()
    }
}

/// Refuses what lies outside.
fn check(prompt: &Prompt, size: PhotoSize) -> Result<(), RegionError> {
    let (region, points) = match prompt {
        Prompt::Box { region, points } => (Some(*region), points),
        Prompt::Points(points) => (None, points),
    };
    let regions: Vec<Region> = region.into_iter().chain(points.iter().map(pixel)).collect();
    Importance::regions(&regions, size).map(|_| ())
}

fn pixel(point: &Point) -> Region {
    Region {
        x: point.x as u32,
        y: point.y as u32,
        width: 1,
        height: 1,
    }
}

/// The box around what stands out in a photo.
fn standing_out(photo: &Photo) -> Option<Prompt> {
    let saliency = Saliency::of(photo);
    let places = saliency.values().iter().enumerate();
    let out = places.filter(|(_, value)| **value > STANDS_OUT);
    let places = out.map(|(at, _)| (at % Saliency::SIDE, at / Saliency::SIDE));
    let around = places.fold(None, |around: Option<[usize; 4]>, (x, y)| {
        let [left, top, right, bottom] = around.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    });
    let [left, top, right, bottom] = around?;
    let size = photo.size();
    let from = |at: usize, side: u32| (at * side as usize / Saliency::SIDE) as u32;
    let to = |at: usize, side: u32| ((at + 1) * side as usize).div_ceil(Saliency::SIDE) as u32;
    let (x, y) = (from(left, size.width()), from(top, size.height()));
    let region = Region {
        x,
        y,
        width: to(right, size.width()) - x,
        height: to(bottom, size.height()) - y,
    };
    let points = Vec::new();
    Some(Prompt::Box { region, points })
}
