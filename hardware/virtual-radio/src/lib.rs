//! The virtual radio: a SoapySDR module, `driver=heliograph`, whose radios hear each other through an ether shared by
//! all programs of a user. It is plain C++ in `module/`, built with feature `soapy`; its arguments are in the README of
//! this folder.
//!
//! Without the feature there is nothing here but [`MODULE`], which is `None`.

/// The module as built with feature `soapy`: for `SoapySDR_loadModule`, or its folder for `SOAPY_SDR_PLUGIN_PATH`.
///
/// It lies in the build folder; `make install` in this folder builds one for other programs.
pub const MODULE: Option<&str> = option_env!("HELIOGRAPH_VIRTUAL_RADIO");

#[cfg(test)]
mod tests {
    #[test]
    fn the_module_is_there_exactly_with_the_feature() {
        let there = super::MODULE.is_some_and(|path| std::path::Path::new(path).is_file());
        assert_eq!(there, cfg!(feature = "soapy"));
    }
}
