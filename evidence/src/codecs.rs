//! Labels of codecs: families, dials, fixed rates, and the order in which they are shown.

use std::cmp::Ordering;

/// A label taken apart: `deepjscc-0.5` is family `deepjscc` with its dial at 0.5.
#[derive(Clone, Debug, PartialEq)]
pub struct Label<'a> {
    pub family: &'a str,
    /// From least distortion (0) to best perception (1).
    pub dial: Option<f64>,
    /// What follows the hyphen and is no number.
    pub variant: Option<&'a str>,
}

impl<'a> Label<'a> {
    pub fn new(codec: &'a str) -> Self {
        let Some((family, rest)) = codec.split_once('-') else {
            return Self {
                family: codec,
                dial: None,
                variant: None,
            };
        };
        let dial = rest.parse().ok().filter(|d: &f64| d.is_finite());
        Self {
            family,
            dial,
            variant: dial.is_none().then_some(rest),
        }
    }

    /// A digital link that stays at one modulation and code rate.
    pub fn is_fixed_rate(&self) -> bool {
        self.family == "digital" && (self.variant.is_some() || self.dial.is_some())
    }

    pub fn is_digital(&self) -> bool {
        self.family == "digital"
    }
}

/// Families with a place of their own; the others follow, the digital link is last.
const FAMILIES: [&str; 5] = ["softcast", "restored", "deepjscc", "latent", "painter"];

/// The place of a family in the order of showing.
pub fn rank(family: &str) -> usize {
    let known = FAMILIES.iter().position(|f| *f == family);
    let other = if family == "digital" { usize::MAX } else { 100 };
    known.unwrap_or(other)
}

/// Where a dial stands that is not named.
const DEFAULT_DIAL: f64 = 0.5;

/// The order in which codecs are shown; a family's plain label stands where its default dial does.
pub fn order(a: &str, b: &str) -> Ordering {
    let key = |codec| {
        let label = Label::new(codec);
        (rank(label.family), label.family.to_owned())
    };
    let within = |codec| {
        let label = Label::new(codec);
        // The genie before the fixed rates.
        let plain = if label.is_digital() {
            -1.0
        } else {
            DEFAULT_DIAL
        };
        let named = label.variant.map(|v| 2e9 + points(v));
        label.dial.or(named).unwrap_or(plain)
    };
    key(a)
        .cmp(&key(b))
        .then(within(a).total_cmp(&within(b)))
        .then(a.cmp(b))
}

/// Points of the constellation in a variant like `16qam-1/2`; 0 where it names none.
fn points(variant: &str) -> f64 {
    let digits = variant.find(|c: char| !c.is_ascii_digit());
    let number = variant[..digits.unwrap_or(variant.len())].parse();
    match variant {
        v if v.starts_with("bpsk") => 2.0,
        v if v.starts_with("qpsk") => 4.0,
        _ => number.unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_shown_by_family_and_dial() {
        let mut codecs = vec![
            "digital-16qam-1/2",
            "digital-qpsk-1/2",
            "zebra",
            "digital",
            "deepjscc",
            "deepjscc-1",
            "softcast",
            "deepjscc-0",
        ];
        codecs.sort_by(|a, b| order(a, b));
        let shown = [
            "softcast",
            "deepjscc-0",
            "deepjscc",
            "deepjscc-1",
            "zebra",
            "digital",
            "digital-qpsk-1/2",
            "digital-16qam-1/2",
        ];
        assert_eq!(codecs, shown);
        assert!(Label::new("digital-16qam-1/2").is_fixed_rate());
        assert!(!Label::new("digital").is_fixed_rate());
    }
}
