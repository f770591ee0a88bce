//! Compiles the module with feature `soapy`; without it there is nothing to build.

fn main() {
    println!("cargo:rerun-if-changed=module");
    #[cfg(feature = "soapy")]
    if let Err(error) = module::build() {
        eprintln!("heliograph-virtual-radio, feature soapy: {error}");
        std::process::exit(1);
    }
}

#[cfg(feature = "soapy")]
mod module {
    use std::error::Error;
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    type Result<T> = std::result::Result<T, Box<dyn Error>>;

    pub fn build() -> Result<()> {
        let soapy = pkg_config::Config::new()
            .atleast_version("0.8")
            .cargo_metadata(false)
            .probe("SoapySDR")?;
        let mut build = cc::Build::new();
        build
            .cpp(true)
            .std("c++17")
            .opt_level(3)
            .pic(true)
            .flag("-fvisibility=hidden")
            .warnings(true)
            .extra_warnings(true)
            .include("module")
            .includes(&soapy.include_paths)
            .files(sources(Path::new("module"))?);
        let objects = build.try_compile_intermediates()?;

        let folder = PathBuf::from(env::var("OUT_DIR")?);
        let module = folder.join("libheliographSupport.so");
        let mut link = build.try_get_compiler()?.to_command();
        link.arg("-shared").arg("-o").arg(&module).args(objects);
        for path in &soapy.link_paths {
            link.arg("-L").arg(path);
        }
        link.args(["-lSoapySDR", "-pthread", "-lrt"]);
        if !link.status()?.success() {
            return Err(format!("the linker failed: {link:?}").into());
        }
        println!(
            "cargo:rustc-env=HELIOGRAPH_VIRTUAL_RADIO={}",
            module.display()
        );
        Ok(())
    }

    /// The C++ files below `folder`, in a fixed order.
    fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(sources(&path)?);
            } else if path.extension().is_some_and(|e| e == "cpp") {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}
