//! The secret that controls from other machines need.

use std::hint::black_box;

/// Random bytes of a token.
const BYTES: usize = 16;

/// A token: 32 hexadecimal digits, 128 random bits.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        let bytes: [u8; BYTES] = rand::random();
        Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }

    /// To be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Is it this one? Takes the same time wherever they differ; the length is no secret.
    pub fn is(&self, presented: &str) -> bool {
        let (own, other) = (self.0.as_bytes(), presented.as_bytes());
        if own.len() != other.len() {
            return false;
        }
        let differences = own.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
        black_box(differences) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_and_no_other() {
        let (a, b) = (Token::random(), Token::random());
        assert!(a.is(a.reveal()) && !a.is(b.reveal()));
        assert!(!a.is("") && !a.is(&a.reveal()[1..]));
        assert_eq!(a.reveal().len(), 2 * BYTES);
    }
}
