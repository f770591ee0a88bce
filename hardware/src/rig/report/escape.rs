//! Text for XML and HTML.

/// `text` with everything escaped that means something in XML or HTML, in elements and in attributes; characters that XML
/// cannot hold at all become U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", c as u32)),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A relative path as a link: what is no plain character is percent-encoded, so that it has no scheme and no query.
pub(super) fn link(path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./".contains(byte);
    let encode = |byte: u8| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_an_attribute() {
        assert_eq!(
            escape("a<b>&\"c\"'\n\u{1}ü"),
            "a&lt;b&gt;&amp;&quot;c&quot;&#39;&#10;\u{fffd}ü"
        );
        assert_eq!(link("a/b c\"?javascript:"), "a/b%20c%22%3Fjavascript%3A");
    }
}
