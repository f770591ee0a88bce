//! Reports as JSON that a terminal shows as it is.
//!
//! Captions come from the air. JSON lets characters through that terminals obey (C1 controls begin escape sequences) or that
//! turn the order of what is read; here they are escaped, which parsers undo.

use std::fmt::Write;

use serde::Serialize;

/// On one line, for pipes.
///
/// # Errors
/// None that a report could cause.
pub fn line(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(escaped(&serde_json::to_string(value)?))
}

/// Indented, for files.
///
/// # Errors
/// None that a report could cause.
pub fn text(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(escaped(&serde_json::to_string_pretty(value)?) + "\n")
}

/// Controls but those of the layout, and what turns the direction of writing (Unicode Standard Annex 9, section 2).
pub fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Such characters only occur in strings; below U+0020 they are escaped already, and line ends of the layout are not in any.
fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match is_obeyed(c) && c != '\n' {
            true => write!(safe, "\\u{:04x}", u32::from(c)).expect("a string takes all"),
            false => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_comes_back() {
        let caption = "a\u{9b}31mred\u{9d}0;title\u{7}\u{7f} \u{202e}back\u{2069} é\n";
        for json in [line(&[caption]).unwrap(), text(&[caption]).unwrap()] {
            assert!(!json.trim_end().chars().any(|c| is_obeyed(c) && c != '\n'));
            assert!(
                json.contains("\\u009b31m") && json.contains("\\u202eback") && json.contains('é')
            );
            let back: Vec<String> = serde_json::from_str(&json).unwrap();
            assert_eq!(back, [caption]);
        }
    }
}
