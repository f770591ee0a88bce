//! Opening and finding radios, whatever this build can drive.

use crate::discovery::{Found, Probe};
use crate::error::RadioError;
use crate::profile::Profile;
use crate::radio::Radio;

/// Opens the radio of a profile. With feature `virtual-radio`, `driver=heliograph` in its device arguments is the virtual
/// radio of this workspace, unless SoapySDR has one installed.
///
/// # Errors
/// [`RadioError::NotBuilt`] without feature `soapy`; [`RadioError::NotFound`] with the drivers there are;
/// [`RadioError::Driver`] in the driver's words.
///
/// ```no_run
/// use heliograph_hardware::{Direction, profile::Profile};
///
/// # fn example(profile: Profile) -> Result<(), heliograph_hardware::RadioError> {
/// let mut radio = heliograph_hardware::open(&profile)?;
/// if let Some(settings) = &profile.receive {
///     let made = radio.configure(Direction::Receive, settings)?;
///     println!("{} at {} Hz", profile.name, made.frequency_hz);
/// }
/// # Ok(())
/// # }
/// ```
pub fn open(profile: &Profile) -> Result<Box<dyn Radio>, RadioError> {
    #[cfg(feature = "soapy")]
    return {
        let radio = crate::soapy::SoapyRadio::open(&profile.device, profile.traits)?;
        Ok(Box::new(crate::Resampling::new(Box::new(radio))))
    };
    #[cfg(not(feature = "soapy"))]
    Err(not_built(&profile.device))
}

/// Radios that fit SoapySDR device arguments, such as `driver=hackrf`; with none, all but virtual ones.
///
/// # Errors
/// [`RadioError::NotBuilt`] without feature `soapy`.
pub fn discover(arguments: &str) -> Result<Vec<Found>, RadioError> {
    #[cfg(feature = "soapy")]
    return crate::soapy::discover(arguments);
    #[cfg(not(feature = "soapy"))]
    Err(not_built(arguments))
}

/// Opens the first radio that fits and asks it all it can do.
///
/// # Errors
/// Those of [`open`].
pub fn probe(arguments: &str) -> Result<Probe, RadioError> {
    #[cfg(feature = "soapy")]
    return crate::soapy::probe(arguments);
    #[cfg(not(feature = "soapy"))]
    Err(not_built(arguments))
}

#[cfg(not(feature = "soapy"))]
fn not_built(arguments: &str) -> RadioError {
    RadioError::NotBuilt {
        device: arguments.to_owned(),
    }
}

#[cfg(all(test, not(feature = "soapy")))]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_soapysdr_says_so_and_what_to_do() {
        let errors = [
            discover("driver=hackrf").err(),
            probe("driver=hackrf").err(),
        ];
        for error in errors {
            assert_eq!(
                error.map(|error| error.to_string()).as_deref(),
                Some(
                    "radio 'driver=hackrf': built without SoapySDR, use a build with `--features soapy`"
                )
            );
        }
    }
}
