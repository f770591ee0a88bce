//! Channels known by name: the files in `docs/channels`, built into the library.
//!
//! Each is a starting point of which flags change single fields; as files they serve as examples of the format.

use super::{PropagationConfig, PropagationError};

/// Names that [`PropagationConfig::named`] knows, from easy to hard.
pub const NAMES: [&str; 9] = [
    "ideal", "awgn", "indoor", "tdl-a", "tdl-b", "tdl-c", "usrp", "hackrf", "harsh",
];

const FILES: [&str; NAMES.len()] = [
    include_str!("../../docs/channels/ideal.toml"),
    include_str!("../../docs/channels/awgn.toml"),
    include_str!("../../docs/channels/indoor.toml"),
    include_str!("../../docs/channels/tdl-a.toml"),
    include_str!("../../docs/channels/tdl-b.toml"),
    include_str!("../../docs/channels/tdl-c.toml"),
    include_str!("../../docs/channels/usrp.toml"),
    include_str!("../../docs/channels/hackrf.toml"),
    include_str!("../../docs/channels/harsh.toml"),
];

impl PropagationConfig {
    /// The channel of one of [`NAMES`].
    ///
    /// # Errors
    /// [`PropagationError::UnknownName`] lists the names there are.
    pub fn named(name: &str) -> Result<Self, PropagationError> {
        let Some(index) = NAMES.iter().position(|known| *known == name) else {
            return Err(PropagationError::UnknownName {
                found: name.to_owned(),
                allowed: NAMES.join(", "),
            });
        };
        Self::from_toml_str(FILES[index]).map_err(|error| error.in_origin(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::Propagation;

    #[test]
    fn every_name_is_a_channel_at_the_rates_of_the_radios() {
        for name in NAMES {
            let config = PropagationConfig::named(name).unwrap();
            for sample_rate_hz in [0.5e6, 2e6, 20e6] {
                Propagation::new(&config, sample_rate_hz, 1).unwrap();
            }
        }
        assert_eq!(
            PropagationConfig::named("ideal").unwrap(),
            PropagationConfig::default()
        );
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_there_are() {
        let message = PropagationConfig::named("moon").unwrap_err().to_string();
        assert!(
            message.contains("\"moon\"") && message.contains("tdl-a"),
            "{message}"
        );
    }
}
