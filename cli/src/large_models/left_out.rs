//! A program without large models.

use std::path::Path;
use std::sync::Arc;

use heliograph::captions::Captioner;
use heliograph::codec::latent::LatentSynthesis;
use heliograph::regions::Interest;

use super::Prompt;

pub const MISSING: &str =
    "this program was built without large models; build it with --features large-models";

fn missing(flag: &str) -> anyhow::Error {
    anyhow::anyhow!("{flag}: {MISSING}")
}

/// No captioner but those that the program reads itself.
///
/// # Errors
/// For a folder that holds a large one, and for what is not there: it may be the name of a large one.
pub fn captioner(path: &Path, _: &str) -> anyhow::Result<Option<Arc<dyn Captioner>>> {
    if path.join("config.json").is_file() {
        return Err(missing("--captioner"));
    }
    if !path.exists() {
        let path = path.display();
        anyhow::bail!("--captioner: {path}: no such folder, and {MISSING}");
    }
    Ok(None)
}

/// # Errors
/// Always.
pub fn finder(_: &Path, _: &str, _: &[Prompt]) -> anyhow::Result<Interest> {
    Err(missing("--segmenter"))
}

/// # Errors
/// Always.
pub fn synthesis(_: &Path, _: &str) -> anyhow::Result<Arc<dyn LatentSynthesis>> {
    Err(missing("--synthesis"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_captioner_that_is_not_there_may_be_a_large_one() {
        let refused = captioner(Path::new("/no/such/folder"), "cpu")
            .err()
            .unwrap();
        let said = refused.to_string();
        let words =
            "--captioner: /no/such/folder: no such folder, and this program was built without";
        assert!(said.contains(words), "{said}");
    }
}
