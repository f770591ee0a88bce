//! The caption that a photo would get, and where it comes from.

use heliograph::captions::compressed;
use heliograph::photo::Photo;
use serde::Serialize;

use crate::captioners::Found;

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// `--caption`.
    Given,
    /// The captioner.
    Found,
}

/// Words and who said them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    pub text: String,
    pub origin: Origin,
}

impl Caption {
    /// What is given, else what a captioner says of the photo; none when there is neither, or it is empty.
    pub fn new(given: Option<&str>, captioner: Option<&Found>, photo: &Photo) -> Option<Self> {
        let (text, origin) = match (given, captioner) {
            (Some(text), _) => (text.to_owned(), Origin::Given),
            (None, Some(captioner)) => (captioner.about(photo)?, Origin::Found),
            (None, None) => return None,
        };
        (!text.is_empty()).then_some(Self { text, origin })
    }

    /// Bytes in the digital stream.
    pub fn bytes(&self) -> usize {
        compressed(&self.text).map_or(self.text.len(), |bytes| bytes.len())
    }
}
