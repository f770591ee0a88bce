//! What of a photo is asked to matter.

use super::{Importance, Region, RegionError, SharedFinder};
use crate::photo::Photo;

/// How importance is found.
#[derive(Clone, Debug, PartialEq)]
pub enum Interest {
    /// By what draws the eye.
    Salient,
    /// By a mask, laid over every photo: white matters.
    Mask(Photo),
    /// By rectangles.
    Regions(Vec<Region>),
    /// By another finder.
    Finder(SharedFinder),
    /// Found before, for one photo.
    Known(Importance),
}

impl Interest {
    /// How much each block of `photo` matters.
    ///
    /// # Errors
    /// [`RegionError`] for a rectangle that does not lie in the photo, and a finder that fails.
    pub fn importance(&self, photo: &Photo) -> Result<Importance, RegionError> {
        match self {
            Self::Salient => Ok(Importance::salient(photo)),
            Self::Mask(mask) => Ok(Importance::mask(mask, photo.size())),
            Self::Regions(regions) => Importance::regions(regions, photo.size()),
            Self::Finder(finder) => finder.0.importance(photo),
            Self::Known(importance) => Ok(importance.clone()),
        }
    }
}
