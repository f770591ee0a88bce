//! What is found, in words and as JSON.

use heliograph_large_models::{Found, Kind, Places, search};
use serde_json::{Value, json};

use super::ModelsArgs;
use crate::exit::Ending;
use crate::output;

/// What can be fetched, by kind, and how large it is.
const KNOWN: [(Kind, &str); 3] = [
    (
        Kind::Blip,
        "captions: Salesforce/blip-image-captioning-large, or -base saved anew by transformers, BSD-3-Clause; 1.9 or 1.0 GB",
    ),
    (
        Kind::Sam,
        "regions: facebook/sam-vit-base, -large or -huge, Apache-2.0; 0.4, 1.2 or 2.6 GB",
    ),
    (
        Kind::Autoencoder,
        "codec latent: the folder vae of a FLUX.2 model of black-forest-labs, its own licence; 0.2 GB",
    ),
];

/// Looks and prints.
///
/// # Errors
/// Standard output that is gone.
pub fn run(args: &ModelsArgs) -> anyhow::Result<Ending> {
    let places = match args.folders.as_slice() {
        [] => Places::of_environment(|name| std::env::var_os(name)),
        folders => Places::new(folders.to_vec()),
    };
    let found = search(&places);
    let text = match args.json {
        true => serde_json::to_string_pretty(&as_json(&places, &found))?,
        false => in_words(&places, &found),
    };
    output::print(text.trim_end())?;
    Ok(Ending::Done)
}

fn as_json(places: &Places, found: &[Found]) -> Value {
    let model = |model: &Found| {
        let usable = model.state.as_ref();
        json!({
            "name": model.name,
            "path": model.path,
            "kind": model.kind.name(),
            "flag": model.kind.flag(),
            "weights": usable.ok().map(|usable| &usable.weights),
            "bytes": usable.ok().map(|usable| usable.bytes),
            "memory_weights_bytes": usable.ok().map(|usable| usable.memory.weights),
            "memory_work_bytes": usable.ok().map(|usable| usable.memory.work),
            "error": usable.err().map(ToString::to_string),
        })
    };
    let models: Vec<Value> = found.iter().map(model).collect();
    json!({ "looked_in": places.folders(), "models": models })
}

fn in_words(places: &Places, found: &[Found]) -> String {
    let mut lines = vec!["looked in".to_owned()];
    for folder in places.folders() {
        let note = if folder.is_dir() { "" } else { " (not there)" };
        lines.push(format!("  {}{note}", folder.display()));
    }
    if found.is_empty() {
        lines.push("no model found; what would be of use:".to_owned());
    }
    for model in found {
        lines.push(format!("{}  ({} DIR)", model.name, model.kind.flag()));
        lines.extend(state(model));
    }
    let missing = KNOWN
        .iter()
        .filter(|(kind, _)| found.iter().all(|model| model.kind != *kind));
    lines.extend(missing.map(|(kind, words)| format!("  none for {} - {words}", kind.flag())));
    lines.join("\n")
}

/// Two lines, or what is wrong.
fn state(model: &Found) -> Vec<String> {
    match &model.state {
        Err(error) => vec![format!("  cannot be used: {error}")],
        Ok(usable) => vec![
            format!("  {}", usable.weights.display()),
            format!(
                "  {} on disk, {} in memory and {} more while it works",
                amount(usable.bytes),
                amount(usable.memory.weights),
                amount(usable.memory.work)
            ),
        ],
    }
}

/// Bytes as MB or GB of powers of ten.
fn amount(bytes: u64) -> String {
    match bytes {
        0..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn where_nothing_is_found_it_says_what_would_be() {
        let places = Places::new(vec![PathBuf::from("/no/such/folder")]);
        let words = in_words(&places, &search(&places));
        for expected in [
            "/no/such/folder (not there)",
            "none for --captioner - captions: Salesforce/blip",
            "none for --segmenter",
            "none for --synthesis",
        ] {
            assert!(words.contains(expected), "{words}");
        }
        assert_eq!(as_json(&places, &[])["models"], json!([]));
    }

    #[test]
    fn a_broken_model_is_named_with_its_fault() {
        let folder = std::env::temp_dir().join(format!("heliograph-models-{}", std::process::id()));
        let model = folder.join("vae");
        std::fs::create_dir_all(&model).unwrap();
        let config = r#"{"_class_name": "AutoencoderKLFlux2", "latent_channels": 16}"#;
        std::fs::write(model.join("config.json"), config).unwrap();
        std::fs::write(model.join("weights.safetensors"), b"\x02\0\0\0\0\0\0\0{}").unwrap();
        let places = Places::new(vec![folder.clone()]);
        let found = search(&places);
        std::fs::remove_dir_all(&folder).unwrap();
        let words = in_words(&places, &found);
        let expected = "config.json: latent_channels: found 16, allowed 32";
        assert!(
            words.contains("vae  (--synthesis DIR)") && words.contains(expected),
            "{words}"
        );
        let json = as_json(&places, &found);
        assert!(
            json["models"][0]["error"]
                .as_str()
                .unwrap()
                .contains(expected)
        );
    }
}
