//! Channels as they are asked for: by name or by file.

use std::path::Path;

use heliograph::propagation::{NAMES, PropagationConfig};

use crate::exit::UsageError;

/// A known name, else a file; `flag` is what asks for it.
///
/// # Errors
/// [`UsageError`] for a name that is none; a file that cannot be read or believed.
pub fn named_or_file(flag: &str, name: &str) -> anyhow::Result<PropagationConfig> {
    let path = Path::new(name);
    if NAMES.contains(&name) {
        return Ok(PropagationConfig::named(name)?);
    }
    let like_a_file = path.extension().is_some() || path.components().count() > 1;
    if like_a_file || path.exists() {
        return Ok(PropagationConfig::from_file(path)?);
    }
    let names = NAMES.join(", ");
    Err(UsageError(format!(
        "{flag}: found {name:?}, allowed: {names}, or a TOML file"
    ))
    .into())
}
