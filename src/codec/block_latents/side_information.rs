//! What the decoder must know beside the symbols.
//!
//! | part | bytes |
//! |---|---|
//! | version: 2, or 3 where blocks of higher rate are sent with more power | 1 |
//! | mean power of the picture's components before scaling, 1/4096 octave above 2^-8 | 2 |
//! | rate map, as [`RateMap::to_bytes`] writes it; absent when every block has the same rate | rest |

use super::powers::Loudness;
use crate::codec::CodecError;
use crate::regions::RateMap;

const VERSION: u8 = 2;
const LOUDER_VERSION: u8 = 3;
const STEPS_PER_OCTAVE: f64 = 4096.0;
const LEAST_OCTAVE: f64 = -8.0;

/// Mean power as it is sent: 2^-8 to 2^8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) struct PicturePower(u16);

impl PicturePower {
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
    pub(in crate::codec) rate_map: Option<RateMap>,
    pub(in crate::codec) loudness: Loudness,
}

impl SideInformation {
    pub(in crate::codec) fn to_bytes(&self) -> Vec<u8> {
        let [high, low] = self.power.0.to_be_bytes();
        let version = match self.loudness {
            Loudness::Even => VERSION,
            Loudness::ByRate => LOUDER_VERSION,
        };
        let mut bytes = vec![version, high, low];
        bytes.extend(self.rate_map.iter().flat_map(RateMap::to_bytes));
        bytes
    }

    /// # Errors
    /// [`CodecError`] for another version, too few bytes, or bytes that are no rate map.
    pub(in crate::codec) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let length = bytes.len();
        let error = |reason| CodecError::SideInformation { length, reason };
        let loudness = match bytes.first() {
            Some(&LOUDER_VERSION) => Loudness::ByRate,
            Some(&found) if found != VERSION => {
                let allowed = "2 and 3";
                return Err(CodecError::Version { found, allowed });
            }
            _ => Loudness::Even,
        };
        match bytes {
            [_, high, low, map @ ..] => {
                let rate_map = match map {
                    [] => None,
                    map => Some(
                        RateMap::from_bytes(map).map_err(|_| error("its rate map is damaged"))?,
                    ),
                };
                let power = PicturePower(u16::from_be_bytes([*high, *low]));
                Ok(Self {
                    power,
                    rate_map,
                    loudness,
                })
            }
            _ => Err(error("3 bytes or more are needed")),
        }
    }
}
