//! The first line of a program: who it is.

use std::fmt;

use heliograph::codec::CodecId;
use serde::Deserialize;

use crate::ExternalError;
use crate::process::shown;

/// Letters of the longest name.
const MAX_NAME: usize = 40;

const ALLOWED: &str = r#"one line like {"name": "my_jscc", "weights_hash": "00c0ffee"}: a name of 1 to 40 letters, digits, _ and . that no codec of Heliograph has, and eight hexadecimal digits or none"#;

#[derive(Deserialize)]
struct Line {
    name: String,
    weights_hash: Option<String>,
}

/// Who a program says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    pub name: String,
    /// Of the weights that both ends must share; 0: there are none.
    pub weights_hash: u32,
}

impl Hello {
    pub fn parse(line: &str) -> Result<Self, ExternalError> {
        let found = serde_json::from_str::<Line>(line).ok();
        let hello = found.and_then(|line| {
            let weights_hash = match &line.weights_hash {
                None => 0,
                Some(digits) if is_hash(digits) => u32::from_str_radix(digits, 16).ok()?,
                Some(_) => return None,
            };
            is_name(&line.name).then_some(Self {
                name: line.name,
                weights_hash,
            })
        });
        hello.ok_or_else(|| ExternalError::Answer {
            asked: "say who it is",
            found: shown(line),
            allowed: ALLOWED,
        })
    }
}

/// It stands in tables and plots, a hyphen and the dial behind it.
fn is_name(name: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
    let is_ours = CodecId::ALL.iter().any(|codec| codec.name() == name);
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(usual) && !is_ours
}

fn is_hash(digits: &str) -> bool {
    digits.len() == 8 && digits.chars().all(|c| c.is_ascii_hexdigit())
}

impl fmt::Display for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:08x}", self.name, self.weights_hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_hash_are_read_and_nothing_else() {
        let read = |line: &str| Hello::parse(line).map(|hello| hello.to_string());
        assert_eq!(read(r#"{"name": "a1_b.c"}"#).unwrap(), "a1_b.c 00000000");
        let line = r#"{"name": "x", "weights_hash": "00C0ffee", "more": 1}"#;
        assert_eq!(read(line).unwrap(), "x 00c0ffee");
        for wrong in [
            "",
            "hello",
            "{}",
            r#"{"name": ""}"#,
            r#"{"name": "a,b"}"#,
            r#"{"name": "a-1"}"#,
            r#"{"name": "deepjscc"}"#,
            r#"{"name": "x", "weights_hash": "c0ffee"}"#,
            r#"{"name": "x", "weights_hash": "+0c0ffee"}"#,
            r#"{"name": "x", "weights_hash": 7}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read(&format!(r#"{{"name": "{}"}}"#, "x".repeat(41))).is_err());
    }
}
