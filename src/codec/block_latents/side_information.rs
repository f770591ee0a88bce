//! What the decoder must know beside the symbols.
//!
//! | part | bytes |
//! |---|---|
//! | version: 2, or 3 where blocks of higher rate are sent with more power; 6 and 7: the same, with a field | 1 |
//! | mean power of the picture's components before scaling, 1/4096 octave above 2^-8 | 2 |
//! | with a field: its length in bytes, 1 to 255, and what the means of the blocks have in common, range-coded (`field/coding.rs`) | 1 + length |
//! | rate map, as [`RateMap::to_bytes`] writes it; absent when every block has the same rate | rest |

use super::powers::Loudness;
use crate::codec::CodecError;
use crate::regions::RateMap;

/// What a byte of side information costs in channel uses, with its LDPC code (rate 1/4 in `link::plan`: 16), pilots and prefix.
pub(in crate::codec) const SYMBOLS_A_BYTE: usize = 20;

const VERSION: u8 = 2;
const LOUDER_VERSION: u8 = 3;
/// Added to the version where there is a field; 4 and 5 were fields with one size of steps.
const WITH_FIELD: u8 = 4;
const STEPS_PER_OCTAVE: f64 = 4096.0;
const LEAST_OCTAVE: f64 = -8.0;

/// Mean power as it is sent: 2^-8 to 2^8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) struct PicturePower(u16);

impl PicturePower {
    /// Is it above the least that can be sent?
    pub(in crate::codec) fn holds(power: f64) -> bool {
        (power.log2() - LEAST_OCTAVE) * STEPS_PER_OCTAVE >= 1.0
    }

    pub(in crate::codec) fn nearest(power: f64) -> Self {
        let steps = (power.log2() - LEAST_OCTAVE) * STEPS_PER_OCTAVE;
        Self(steps.round().clamp(0.0, f64::from(u16::MAX)) as u16)
    }

    pub(in crate::codec) fn linear(self) -> f32 {
        (f64::from(self.0) / STEPS_PER_OCTAVE + LEAST_OCTAVE).exp2() as f32
    }
}

/// Everything that travels digitally.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::codec) struct SideInformation {
    pub(in crate::codec) power: PicturePower,
    /// As its coder wrote it; empty: there is none.
    pub(in crate::codec) field: Vec<u8>,
    pub(in crate::codec) rate_map: Option<RateMap>,
    pub(in crate::codec) loudness: Loudness,
}

impl SideInformation {
    /// The field has at most 255 bytes.
    pub(in crate::codec) fn to_bytes(&self) -> Vec<u8> {
        let [high, low] = self.power.0.to_be_bytes();
        let version = match self.loudness {
            Loudness::Even => VERSION,
            Loudness::ByRate => LOUDER_VERSION,
        };
        let mut bytes = vec![version, high, low];
        if !self.field.is_empty() {
            bytes[0] += WITH_FIELD;
            bytes.push(self.field.len() as u8);
            bytes.extend(&self.field);
        }
        bytes.extend(self.rate_map.iter().flat_map(RateMap::to_bytes));
        bytes
    }

    /// # Errors
    /// [`CodecError`] for another version, too few bytes, or bytes that are no rate map.
    pub(in crate::codec) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let length = bytes.len();
        let error = |reason| CodecError::SideInformation { length, reason };
        let (version, power, rest) = match bytes {
            [version, high, low, rest @ ..] => (*version, [*high, *low], rest),
            _ => return Err(error("3 bytes or more are needed")),
        };
        let has_field = version >= VERSION + WITH_FIELD;
        let loudness = match version - if has_field { WITH_FIELD } else { 0 } {
            VERSION => Loudness::Even,
            LOUDER_VERSION => Loudness::ByRate,
            _ => {
                let allowed = "2, 3, 6 and 7";
                let found = version;
                return Err(CodecError::Version { found, allowed });
            }
        };
        let (field, map) = match (has_field, rest) {
            (false, map) => (&[][..], map),
            (true, [0, ..]) => return Err(error("its field is empty")),
            (true, [length, rest @ ..]) => rest
                .split_at_checked(usize::from(*length))
                .ok_or_else(|| error("its field is cut off"))?,
            (true, []) => return Err(error("its field is cut off")),
        };
        let rate_map = match map {
            [] => None,
            map => Some(RateMap::from_bytes(map).map_err(|_| error("its rate map is damaged"))?),
        };
        Ok(Self {
            power: PicturePower(u16::from_be_bytes(power)),
            field: field.to_vec(),
            rate_map,
            loudness,
        })
    }
}
