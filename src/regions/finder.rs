//! Others than the network of this library that find what matters.

use std::fmt;
use std::sync::Arc;

use super::{Importance, RegionError};
use crate::photo::Photo;

/// Finds what matters in photos.
pub trait RegionFinder: Send + Sync + fmt::Debug {
    /// How much each block of `photo` matters.
    ///
    /// # Errors
    /// [`RegionError`].
    fn importance(&self, photo: &Photo) -> Result<Importance, RegionError>;
}

/// A finder that is shared; equal to itself alone.
#[derive(Clone, Debug)]
pub struct SharedFinder(pub Arc<dyn RegionFinder>);

impl PartialEq for SharedFinder {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
