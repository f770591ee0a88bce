//! Labels as parts of file names.

use std::collections::BTreeSet;

/// `text` with everything but letters, digits, `.`, `_` and `-` as `-`, no longer than a file name may be.
pub fn safe(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let mapped = text.chars().map(|c| if allowed(c) { c } else { '-' });
    let mut name: String = mapped.take(100).collect();
    // A leading dot would hide the file, and two of them leave the folder.
    if name.starts_with('.') || name.is_empty() {
        name.replace_range(..name.len().min(1), "-");
    }
    name
}

/// A safe name that no other text has: what [`safe`] had to change is told apart by a hash (FNV-1a).
pub fn unique(text: &str) -> String {
    let plain = safe(text);
    if plain == text {
        return plain;
    }
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{plain}-{hash:08x}")
}

/// Hands out safe names, each once.
#[derive(Default)]
pub struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A safe name for `text`; numbered if another text took it before.
    pub fn take(&mut self, text: &str) -> String {
        let plain = safe(text);
        let numbered = (2..).map(|n| format!("{plain}-{n}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        // Case is folded, as some file systems do.
        let free = names.find(|name| self.taken.insert(name.to_lowercase()));
        free.expect("numbers do not end")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_leaves_its_folder() {
        assert_eq!(safe("digital-16qam-1/2"), "digital-16qam-1-2");
        assert_eq!(safe("../../etc/passwd"), "-.-..-etc-passwd");
        assert_eq!(safe(".."), "-.");
        assert_eq!(safe(""), "-");
        assert_eq!(safe("ü<script>\n"), "--script--");
        assert_eq!(safe(&"x".repeat(500)).len(), 100);
    }

    #[test]
    fn texts_of_another_alphabet_keep_names_of_their_own() {
        assert_eq!(unique("kodim01"), "kodim01");
        assert_eq!(unique("日"), "--80d4e4fd");
        assert_ne!(unique("日"), unique("月"));
    }

    #[test]
    fn labels_that_look_alike_get_files_of_their_own() {
        let mut names = Names::default();
        assert_eq!(names.take("a/b"), "a-b");
        assert_eq!(names.take("A b"), "A-b-2");
    }
}
