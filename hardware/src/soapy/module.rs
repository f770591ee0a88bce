//! The virtual radio's module, loaded from the workspace's own build.

use std::collections::BTreeMap;

use crate::error::RadioError;

/// Makes SoapySDR know the driver that `arguments` ask for, where that is this workspace's own.
#[cfg(feature = "virtual-radio")]
pub(super) fn load_for(arguments: &str) -> Result<(), RadioError> {
    use std::sync::Mutex;

    static LOADING: Mutex<()> = Mutex::new(());

    if !asks_for_the_virtual_radio(arguments) {
        return Ok(());
    }
    let _one_at_a_time = LOADING.lock();
    // An installed module goes first, and one that is loaded stays.
    if !super::discovery::enumerate("driver=heliograph").is_empty() {
        return Ok(());
    }
    match heliograph_virtual_radio::MODULE.map(load) {
        Some(error) if !error.is_empty() => Err(RadioError::Driver {
            radio: "virtual radio".to_owned(),
            call: "loadModule",
            reason: error,
        }),
        _ => Ok(()),
    }
}

#[cfg(not(feature = "virtual-radio"))]
pub(super) fn load_for(_arguments: &str) -> Result<(), RadioError> {
    Ok(())
}

#[cfg(feature = "virtual-radio")]
fn load(path: &str) -> String {
    use super::convert::{c_text, owned};

    let path = c_text(path);
    unsafe { owned(soapysdr_sys::SoapySDR_loadModule(path.as_ptr())) }
}

#[cfg(feature = "virtual-radio")]
fn asks_for_the_virtual_radio(arguments: &str) -> bool {
    super::argument(arguments, "driver").is_some_and(|driver| driver == "heliograph")
}

/// The driver that this build brings along.
pub(super) fn own_driver() -> BTreeMap<String, String> {
    let names = cfg!(feature = "virtual-radio").then(|| ("heliograph".to_owned(), String::new()));
    names.into_iter().collect()
}
