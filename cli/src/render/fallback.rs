//! Characters that the font lacks: a box with the code point, as browsers and terminals draw it.

/// Width of the box with its sidebearings, pixels.
pub fn width(size: f32) -> f32 {
    (size * 1.1).round()
}

/// Size of the digits inside, pixels.
pub fn digit_size(size: f32) -> f32 {
    (size * 0.42).max(5.0)
}

/// The code point in two rows of digits.
pub fn rows(c: char) -> [String; 2] {
    let digits = format!("{:04X}", u32::from(c));
    let digits = if digits.len() % 2 == 1 {
        format!("0{digits}")
    } else {
        digits
    };
    let (upper, lower) = digits.split_at(digits.len() / 2);
    [upper.to_owned(), lower.to_owned()]
}

/// Joiners, selectors and direction marks: they have no width of their own.
pub fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x00ad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff
        | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_are_split_evenly() {
        assert_eq!(rows('中'), ["4E", "2D"]);
        assert_eq!(rows('😀'), ["01F", "600"]);
    }
}
