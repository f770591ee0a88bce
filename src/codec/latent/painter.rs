//! Names of the painters.

use std::fmt;
use std::str::FromStr;

use crate::codec::CodecError;
use crate::nn::MAX_STEPS;

/// Steps of the flow when nobody says: more gain nothing (`docs/results/codec-latent.md`).
pub const DEFAULT_STEPS: usize = 1;

/// What stands between the least-squares latents and the synthesis network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Painter {
    /// Nothing.
    Linear,
    /// One evaluation of the refining network.
    #[default]
    Fast,
    /// After it, a flow towards the sent latents: so many evaluations of another network.
    Diffusion { steps: usize },
}

impl Painter {
    /// Every painter, with the default steps.
    pub const ALL: [Self; 3] = [
        Self::Diffusion {
            steps: DEFAULT_STEPS,
        },
        Self::Fast,
        Self::Linear,
    ];

    /// Name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Fast => "fast",
            Self::Diffusion { .. } => "diffusion",
        }
    }

    /// Evaluations of the painter's network, when it has one.
    pub fn steps(self) -> Option<usize> {
        match self {
            Self::Diffusion { steps } => Some(steps),
            Self::Linear | Self::Fast => None,
        }
    }

    /// The same with another number of steps.
    ///
    /// # Errors
    /// [`CodecError::Steps`] outside 1 to 20, and for painters without steps.
    pub fn with_steps(self, steps: usize) -> Result<Self, CodecError> {
        match self {
            Self::Diffusion { .. } if (1..=MAX_STEPS).contains(&steps) => {
                Ok(Self::Diffusion { steps })
            }
            painter => Err(CodecError::Steps {
                painter: painter.name(),
                found: steps,
            }),
        }
    }
}

impl fmt::Display for Painter {
    /// `fast`, `diffusion-4`: what [`FromStr`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.steps().map_or(Ok(()), |steps| write!(f, "-{steps}"))
    }
}

impl FromStr for Painter {
    type Err = CodecError;

    fn from_str(text: &str) -> Result<Self, CodecError> {
        let unknown = || CodecError::UnknownPainter {
            found: text.to_owned(),
        };
        let (name, steps) = match text.split_once('-') {
            Some((name, steps)) => (name, Some(steps.parse().map_err(|_| unknown())?)),
            None => (text, None),
        };
        let known = Self::ALL.into_iter().find(|painter| painter.name() == name);
        let painter = known.ok_or_else(unknown)?;
        steps.map_or(Ok(painter), |steps| painter.with_steps(steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for painter in Painter::ALL {
            assert_eq!(painter.to_string().parse(), Ok(painter));
            assert_eq!(painter.name().parse(), Ok(painter));
        }
        assert_eq!("diffusion-7".parse(), Ok(Painter::Diffusion { steps: 7 }));
        for wrong in [
            "",
            "slow",
            "fast-2",
            "diffusion-0",
            "diffusion-21",
            "diffusion-x",
        ] {
            assert!(wrong.parse::<Painter>().is_err(), "{wrong}");
        }
    }
}
