//! Lines out of running text: wrapped at words, cut with an ellipsis.

use super::font::Style;

/// Breaks `text` into lines of at most `width` pixels, at most `most` of them; the last ends in an ellipsis if words are left.
/// Line breaks and runs of blanks count as one blank.
pub fn wrap(text: &str, style: Style, width: u32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in printable(text).split_whitespace() {
        for piece in pieces(word, style, width) {
            let longer = if line.is_empty() {
                piece.clone()
            } else {
                format!("{line} {piece}")
            };
            if style.width(&longer) <= width {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, piece));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > most {
        let rest = lines[most.saturating_sub(1)..].join(" ");
        lines.truncate(most.saturating_sub(1));
        lines.push(ellipsis(&rest, style, width));
    }
    lines
}

/// `text` if it fits into `width` pixels, otherwise as much of it as fits with an ellipsis.
pub fn ellipsis(text: &str, style: Style, width: u32) -> String {
    let text = printable(text);
    if style.width(&text) <= width {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        let longer = format!("{kept}{c}");
        if style.width(&format!("{}…", longer.trim_end())) > width {
            break;
        }
        kept = longer;
    }
    format!("{}…", kept.trim_end())
}

/// Control characters become blanks.
fn printable(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(blank).collect()
}

/// A word in pieces that fit each; most words are one.
fn pieces(word: &str, style: Style, width: u32) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let last = pieces.last_mut().expect("there is always one");
        last.push(c);
        if style.width(last) > width && last.chars().count() > 1 {
            last.pop();
            pieces.push(c.to_string());
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::font::{BODY, LABEL};
    use super::*;

    #[test]
    fn lines_are_no_wider_than_asked_and_lose_no_word() {
        let text = "The quick brown fox jumps over the lazy dog and ünder dem Höllentor 😀 日本語 ";
        for width in [60, 150, 400, 2000] {
            let lines = wrap(text, BODY, width, 1000);
            assert!(
                lines.iter().all(|line| BODY.width(line) <= width),
                "{lines:?}"
            );
            let joined: String = lines.concat();
            let bare = |s: &str| s.replace(char::is_whitespace, "");
            assert_eq!(bare(&joined), bare(text));
        }
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken() {
        let lines = wrap(&"w".repeat(200), BODY, 300, 1000);
        assert!(lines.len() > 5);
        assert!(lines.iter().all(|line| BODY.width(line) <= 300));
    }

    #[test]
    fn too_many_lines_end_in_an_ellipsis() {
        let lines = wrap(&"word ".repeat(300), BODY, 300, 4);
        assert_eq!(lines.len(), 4);
        assert!(lines[3].ends_with('…'), "{lines:?}");
        assert!(BODY.width(&lines[3]) <= 300);
    }

    #[test]
    fn line_breaks_and_control_characters_become_blanks() {
        assert_eq!(wrap("a\nb\t\u{7}c", BODY, 500, 9), ["a b c"]);
        assert!(wrap(" \n ", BODY, 500, 9).is_empty());
    }

    #[test]
    fn a_short_line_is_left_alone_and_a_long_one_is_cut() {
        assert_eq!(ellipsis("sent", LABEL, 200), "sent");
        let cut = ellipsis(&"filename".repeat(30), LABEL, 200);
        assert!(cut.ends_with('…') && LABEL.width(&cut) <= 200);
    }
}
