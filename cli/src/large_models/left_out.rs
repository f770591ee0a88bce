//! A program without large models.

use std::path::Path;
use std::sync::Arc;

use heliograph::captions::Captioner;
use heliograph::codec::latent::LatentSynthesis;
use heliograph::regions::Interest;

use super::Prompt;

fn missing(flag: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "{flag}: this program was built without large models; build it with --features large-models"
    )
}

/// No captioner but those that the program reads itself.
pub fn captioner(path: &Path, _: &str) -> anyhow::Result<Option<Arc<dyn Captioner>>> {
    match path.join("config.json").is_file() {
        true => Err(missing("--captioner")),
        false => Ok(None),
    }
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
