//! What strangers wrote, made fit for an error.

/// At most so many characters: enough for a name and what is around it.
const MOST: usize = 64;

/// The start of `text`, without a terminal's control characters.
pub fn shortened(text: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().take(MOST).map(printable).collect()
}
