//! Where the networks run.

use candle_core::Device;

use super::NetworkError;

/// The device of a name: `cpu`, or `cuda:N` where the program was built with feature `cuda`.
///
/// # Errors
/// [`NetworkError::DeviceName`] for another name, [`NetworkError::NoDevice`] when there is no such device.
pub fn open_device(name: &str) -> Result<Device, NetworkError> {
    match name.strip_prefix("cuda:").map(str::parse) {
        Some(Ok(number)) => cuda(number).map_err(|reason| NetworkError::NoDevice {
            name: name.to_owned(),
            reason,
        }),
        None if name == "cpu" => Ok(Device::Cpu),
        _ => Err(NetworkError::DeviceName {
            found: name.to_owned(),
        }),
    }
}

#[cfg(feature = "cuda")]
fn cuda(number: usize) -> Result<Device, String> {
    // Where CUDA's libraries are loaded at run time, a missing one panics: said here, not by the hook.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let opened = std::panic::catch_unwind(|| Device::new_cuda(number));
    std::panic::set_hook(hook);
    match opened {
        Ok(Ok(device)) => Ok(device),
        Ok(Err(error)) => Err(format!(
            "{error}; allowed is the number of a device that nvidia-smi lists, from 0"
        )),
        Err(panic) => Err(format!(
            "CUDA's libraries cannot be loaded: {}",
            said(&*panic)
        )),
    }
}

/// What a panic said, without the list of names that were tried.
#[cfg(feature = "cuda")]
fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
    words
        .and_then(|words| words.lines().next()?.split(" - searched").next())
        .unwrap_or("no reason given")
}

#[cfg(not(feature = "cuda"))]
fn cuda(_: usize) -> Result<Device, String> {
    Err("this program was built without feature cuda; allowed is cpu".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_read() {
        assert!(open_device("cpu").expect("cpu").is_cpu());
        for wrong in ["", "gpu", "cuda", "cuda:", "cuda:x", "cpu:0"] {
            let refused = open_device(wrong).expect_err("refused");
            assert!(matches!(refused, NetworkError::DeviceName { found } if found == wrong));
        }
    }

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn a_build_without_cuda_says_so() {
        let said = open_device("cuda:0").expect_err("refused").to_string();
        assert!(said.starts_with("device cuda:0: ") && said.contains("without feature cuda"));
    }
}
