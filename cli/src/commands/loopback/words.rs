//! The caption of a photo: none, given, or found.

use heliograph::photo::Photo;

use crate::captioners::Found;

/// What travels beside a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    None,
    Given(String),
    /// What the captioner says.
    Found(Found),
}

impl Words {
    /// The caption of `photo`, if it gets one.
    pub fn about(&self, photo: &Photo) -> Option<String> {
        match self {
            Self::None => None,
            Self::Given(text) => Some(text.clone()),
            Self::Found(captioner) => captioner.about(photo),
        }
    }

    /// An empty text is none.
    pub fn given(text: Option<&str>) -> Self {
        match text {
            None | Some("") => Self::None,
            Some(text) => Self::Given(text.to_owned()),
        }
    }
}
