//! What a scenario would do, in words; and the checks that need no radio.

use heliograph::codec::Cbr;
use heliograph_hardware::profile::Profile;
use heliograph_hardware::rig::{Photos, Rig, Scenario};
use heliograph_hardware::{Direction, RadioSettings};

use super::args::RunArgs;
use crate::args;
use crate::exit::UsageError;
use crate::figures::{hertz, number};
use crate::radio_args::rates;

/// Checks what can be known without a radio.
///
/// # Errors
/// Profiles, settings, ratios, captions that cannot be.
pub fn check(rig: &Rig, scenario: &Scenario) -> anyhow::Result<()> {
    rig.profile(Direction::Transmit, scenario)?;
    rig.profile(Direction::Receive, scenario)?;
    if let Some(cbr) = &scenario.cbr {
        cbr.parse::<Cbr>()
            .map_err(|e| UsageError(format!("scenario {}: cbr: {e}", scenario.name)))?;
    }
    if let Some(caption) = &scenario.caption {
        args::caption(caption)
            .map_err(|e| UsageError(format!("scenario {}: caption: {e}", scenario.name)))?;
    }
    Ok(())
}

/// The plan of a scenario.
///
/// # Errors
/// As [`check`].
pub fn words(rig: &Rig, scenario: &Scenario, args: &RunArgs) -> anyhow::Result<String> {
    let transmitter = rig.profile(Direction::Transmit, scenario)?;
    let receiver = rig.profile(Direction::Receive, scenario)?;
    let photos = match (&scenario.photos, args.photos.len()) {
        (Photos::Files(files), _) => format!("{} photos of its own", files.len()),
        (Photos::Count(n), 0) => format!("the shipped photo {n} times"),
        (Photos::Count(n), given) => format!("{n} photos out of {given}"),
    };
    let mut lines = vec![
        scenario.name.clone(),
        format!("  sends {photos}, at most {} s", scenario.timeout_s),
        format!(
            "  transmitter: {}",
            radio(&transmitter, transmitter.transmit.as_ref())
        ),
        format!(
            "  receiver: {}",
            radio(&receiver, receiver.receive.as_ref())
        ),
    ];
    let limits = scenario.limits.iter();
    lines.extend(limits.map(|(limit, allowed)| format!("  {}: {allowed}", limit.name)));
    if let Some(why) = &scenario.quarantine {
        lines.push(format!("  in quarantine: {why}"));
    }
    Ok(lines.join("\n"))
}

fn radio(profile: &Profile, settings: Option<&RadioSettings>) -> String {
    let Some(settings) = settings else {
        return profile.device.clone();
    };
    let gain = settings
        .gain_db
        .map_or_else(String::new, |db| format!(", {} dB", number(db, 1)));
    format!(
        "{} at {}, {}{gain}",
        profile.device,
        hertz(settings.frequency_hz),
        rates(settings)
    )
}
