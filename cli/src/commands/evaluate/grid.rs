//! What is measured: lists as they are typed, and the units of work they make.

use std::fmt;
use std::str::FromStr;

use heliograph::codec::Cbr;

const SNRS_DB: std::ops::RangeInclusive<f64> = -20.0..=60.0;
const MOST_VALUES: usize = 1000;

/// `0:2:20` or `1,4,7`, in dB.
#[derive(Clone, Debug, PartialEq)]
pub struct SnrsDb(pub Vec<f64>);

impl FromStr for SnrsDb {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |word: &str| {
            let value: f64 = word.trim().parse().map_err(|_| {
                format!("found {word:?}, allowed is a number of dB, a list, or first:step:last")
            })?;
            if SNRS_DB.contains(&value) {
                Ok(value)
            } else {
                let (low, high) = (SNRS_DB.start(), SNRS_DB.end());
                Err(format!("found {value} dB, allowed {low} to {high} dB"))
            }
        };
        let parts: Vec<&str> = text.split(':').collect();
        let [first, step, last] = parts[..] else {
            let values = text.split(',').map(|word| number(word).map(rounded));
            let values = values.collect::<Result<Vec<f64>, _>>()?;
            return distinct(values).map(Self);
        };
        let (first, step, last) = (number(first)?, number(step)?, number(last)?);
        let steps = (last - first) / step;
        if !(step > 0.0 && steps >= 0.0 && steps < MOST_VALUES as f64) {
            return Err(format!("found {text}, allowed first:step:last, rising"));
        }
        // A last value that rounding would lose is meant.
        let count = (steps + 1e-9).floor() as usize + 1;
        Ok(Self(
            (0..count)
                .map(|i| rounded(first + step * i as f64))
                .collect(),
        ))
    }
}

/// Without the traces of binary fractions: values are names in the files, too.
fn rounded(db: f64) -> f64 {
    // Adding zero makes 0 of -0.
    (db * 1e6).round() / 1e6 + 0.0
}

fn distinct(mut values: Vec<f64>) -> Result<Vec<f64>, String> {
    values.sort_by(f64::total_cmp);
    match values.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("found {} dB twice", pair[0])),
        None => Ok(values),
    }
}

/// A ratio as it was typed, and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedCbr {
    pub text: String,
    pub value: f64,
}

/// `1/48,1/24`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cbrs(pub Vec<TypedCbr>);

impl FromStr for Cbrs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ratio = |word: &str| {
            let cbr: Cbr = word.trim().parse().map_err(|e| format!("{e}"))?;
            Ok(TypedCbr {
                text: word.trim().to_owned(),
                value: cbr.value(),
            })
        };
        let ratios = text
            .split(',')
            .map(ratio)
            .collect::<Result<Vec<_>, String>>()?;
        for (i, ratio) in ratios.iter().enumerate() {
            if ratios[..i].iter().any(|other| other.value == ratio.value) {
                return Err(format!("found {} twice", ratio.text));
            }
        }
        Ok(Self(ratios))
    }
}

/// Part `index` of `count`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub index: usize,
    pub count: usize,
}

impl Shard {
    /// Whether it does the unit at this place of the list. Turns shift by one each time round, so that no shard gets the same
    /// codec, slow or fast, of every photo.
    pub fn takes(self, place: usize) -> bool {
        (place + place / self.count) % self.count == self.index - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("found {text:?}, allowed I/N with I from 1 to N, N up to 10000");
        let (index, count) = text.split_once('/').ok_or_else(error)?;
        let [index, count] = [index, count].map(|part| part.parse::<usize>().unwrap_or(0));
        if (1..=10_000).contains(&count) && (1..=count).contains(&index) {
            Ok(Self { index, count })
        } else {
            Err(error())
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-of-{}", self.index, self.count)
    }
}

/// One transmission, received at every SNR: places in the lists of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    pub picture: usize,
    pub channel: usize,
    pub cbr: usize,
    pub sender: usize,
    pub seed: u64,
}

/// All units, in an order that lets the first pictures finish first.
pub fn units(
    pictures: usize,
    channels: usize,
    cbrs: usize,
    senders: usize,
    seeds: u64,
) -> Vec<Unit> {
    let mut units = Vec::new();
    for picture in 0..pictures {
        for channel in 0..channels {
            for cbr in 0..cbrs {
                for sender in 0..senders {
                    units.extend((0..seeds).map(|seed| Unit {
                        picture,
                        channel,
                        cbr,
                        sender,
                        seed,
                    }));
                }
            }
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_their_end_and_lists_are_sorted() {
        let snrs = |text: &str| text.parse::<SnrsDb>().map(|list| list.0);
        assert_eq!(snrs("0:2:6"), Ok(vec![0.0, 2.0, 4.0, 6.0]));
        assert_eq!(snrs("0:0.1:0.3"), Ok(vec![0.0, 0.1, 0.2, 0.3]));
        assert_eq!(snrs("7, -1,4"), Ok(vec![-1.0, 4.0, 7.0]));
        assert!(snrs("-0").unwrap()[0].is_sign_positive());
        for wrong in [
            "",
            "1,1",
            "5:1:3",
            "0:0:3",
            "0:1",
            "x",
            "99",
            "0:1e-9:20",
            "nan",
        ] {
            assert!(snrs(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ratios_are_kept_as_typed_and_must_differ() {
        let cbrs: Cbrs = "1/48, 0.0417".parse().unwrap();
        assert_eq!(cbrs.0[1].text, "0.0417");
        assert!("1/24,0.0417".parse::<Cbrs>().unwrap_err().contains("twice"));
        assert!("0".parse::<Cbrs>().is_err());
    }

    #[test]
    fn shards_share_every_unit_once() {
        let shards = [1, 2, 3].map(|index| Shard { index, count: 3 });
        for place in 0..20 {
            assert_eq!(shards.iter().filter(|shard| shard.takes(place)).count(), 1);
        }
        for shard in shards {
            let codecs: Vec<usize> = (0..9).filter(|p| shard.takes(*p)).map(|p| p % 3).collect();
            assert_eq!(codecs.iter().sum::<usize>(), 3, "{shard}: {codecs:?}");
        }
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0", "1/10001"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
