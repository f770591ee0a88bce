//! The picture that is sent when none is given; origin and licence are in `assets/README.md`.

use heliograph::photo::{Photo, PhotoError};

/// Name of the shipped picture, where a file has its file name.
pub const NAME: &str = "espresso.jpg";
/// What it shows.
pub const CAPTION: &str = "An espresso in a red cup on a wooden table";

/// The shipped picture.
///
/// # Errors
/// None that a user could meet: the picture is part of the program.
pub fn photo() -> Result<Photo, PhotoError> {
    Photo::from_bytes(include_bytes!("../assets/espresso.jpg"), NAME)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_shipped_picture_is_whole() {
        assert_eq!(super::photo().unwrap().size().to_string(), "600x400");
    }
}
