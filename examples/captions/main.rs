//! What the program makes of photos and texts: captions of photos, and bits a character of compressed texts.
//!
//!     cargo run --release -p heliograph --example captions -- photos WEIGHTS.safetensors WORDS PHOTO... > found.tsv    # file name, tab, caption
//!     cargo run --release -p heliograph --example captions -- bits < texts                    # a text a line

use std::io::stdin;
use std::path::Path;

use heliograph::captions::{Captioner, NetworkCaptioner, compressed, decompressed};
use heliograph::nn::Weights;
use heliograph::photo::Photo;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((what, photos)) if what == "photos" => describe_all(photos),
        Some((what, [])) if what == "bits" => measure(),
        _ => Err("found other words, allowed photos WEIGHTS WORDS PHOTO... or bits".into()),
    }
}

fn describe_all(words: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let [weights, vocabulary, photos @ ..] = words else {
        return Err("photos: allowed WEIGHTS.safetensors WORDS PHOTO...".into());
    };
    let weights = Weights::from_bytes(&std::fs::read(weights)?)?;
    let vocabulary = std::fs::read_to_string(vocabulary)?;
    let captioner = NetworkCaptioner::load(&weights, &vocabulary)?;
    photos
        .iter()
        .try_for_each(|path| describe(&captioner, path))
}

fn describe(captioner: &dyn Captioner, path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let caption = captioner.caption(&Photo::open(path)?);
    let name = Path::new(path).file_name().unwrap_or_default();
    println!("{}\t{caption}", name.to_string_lossy());
    Ok(())
}

/// Counts what is sent: whole bytes, of the text itself where it would not get shorter.
fn measure() -> Result<(), Box<dyn std::error::Error>> {
    let (mut texts, mut raw, mut characters, mut bytes) = (0, 0, 0, 0);
    for text in stdin().lines() {
        let text = text?;
        let sent = compressed(&text);
        if let Some(sent) = &sent {
            assert_eq!(decompressed(sent).as_ref(), Some(&text), "{text}");
        }
        raw += usize::from(sent.is_none());
        texts += 1;
        characters += text.chars().count();
        bytes += sent.map_or(text.len(), |sent| sent.len());
    }
    let bits = 8.0 * bytes as f64 / f64::from(characters.max(1) as u32);
    println!(
        "{texts} texts, {characters} characters, {bytes} bytes sent ({raw} as they are): {bits:.3} bits a character"
    );
    Ok(())
}
