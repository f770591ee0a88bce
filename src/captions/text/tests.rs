//! Every text comes back, nothing gets longer, and nothing that comes from the air does harm.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

fn bits_a_character(text: &str) -> f64 {
    let bytes = compressed(text).map_or(text.len(), |bytes| bytes.len());
    8.0 * bytes as f64 / text.chars().count() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_text_comes_back(text in "[a-zA-Z ,.]{0,300}|\\PC{0,250}|(\\s|.){0,250}") {
        let bytes = coded(&text);
        prop_assert_eq!(decoded(&mut Decoder::new(&bytes)), Some(text.clone()));
        if let Some(bytes) = compressed(&text) {
            prop_assert!(bytes.len() < text.len());
            prop_assert_eq!(decompressed(&bytes), Some(text));
        }
    }

    #[test]
    fn another_bit_gives_another_text_or_none(at in 0usize..64) {
        let text = "Two dogs are playing in the snow.";
        let mut bytes = compressed(text).unwrap();
        let at = at % (8 * bytes.len());
        bytes[at / 8] ^= 1 << (at % 8);
        prop_assert_ne!(decompressed(&bytes), Some(text.to_owned()));
    }
}

#[test]
fn the_longest_and_the_strangest_texts_come_back() {
    let texts = [
        String::new(),
        "\0".to_owned(),
        "\0\0a\0".to_owned(),
        "x".repeat(1024),
        "a dog ".repeat(170) + "ends",
        "é".repeat(512),
        "😀".repeat(256),
        "日本語のテキスト".to_owned(),
        "A man, aged 42, says: \"Où est l'été?\" 👩‍👩‍👧 #1 @ 50 % & more…".to_owned(),
        "THE QUICK BROWN FOX\r\n\tJUMPS\u{7f}".to_owned(),
    ];
    for text in texts {
        let bytes = coded(&text);
        assert_eq!(decoded(&mut Decoder::new(&bytes)), Some(text.clone()));
    }
}

#[test]
fn what_would_get_longer_is_not_compressed() {
    for text in ["", "Ж", "日本", "QXZ", "\0\0\0", "1618033988749"] {
        assert_eq!(compressed(text), None, "{text}");
    }
}

#[test]
fn a_caption_takes_few_bits_and_other_english_fewer_than_raw() {
    // Made up, in the manner of Flickr8k.
    let captions = [
        "Two brown dogs are playing with a red ball in the snow.",
        "A man in a red jacket is standing on top of a snowy mountain .",
        "A little girl in a pink dress smiles at the camera .",
    ];
    for text in captions {
        assert!(
            bits_a_character(text) < 2.5,
            "{text}: {}",
            bits_a_character(text)
        );
    }
    let other = "The receiver estimates the noise of every symbol and decodes by least squares.";
    assert!(bits_a_character(other) < 5.0, "{}", bits_a_character(other));
}

#[test]
fn the_bytes_of_a_text_are_the_same_everywhere() {
    // Written by this program; another machine, compiler or build must give the same.
    let bytes = compressed("A dog runs through the grass.").unwrap();
    assert_eq!(bytes, EXPECTED);
}

const EXPECTED: [u8; 2] = [81, 162];

#[test]
fn hostile_bytes_give_a_canonical_text_or_none_and_at_most_1024_bytes() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(12);
    let mut texts = 0;
    for _ in 0..5000 {
        let length = rng.random_range(0..40);
        let bytes: Vec<u8> = (0..length).map(|_| rng.random()).collect();
        if let Some(text) = decompressed(&bytes) {
            assert!(text.len() <= MAX_CAPTION_BYTES);
            assert_eq!(compressed(&text), Some(bytes));
            texts += 1;
        }
    }
    assert!(texts < 5000, "{texts}");
    for bytes in [vec![0; 1024], vec![0xFF; 1024], vec![0x55; 60_000]] {
        assert_eq!(decompressed(&bytes), None);
    }
}

#[test]
fn a_text_cut_off_is_never_taken_for_the_whole() {
    let text =
        "A group of people are sitting at a table in front of a window with a view of the sea.";
    let bytes = compressed(text).unwrap();
    for length in 0..bytes.len() {
        assert_ne!(decompressed(&bytes[..length]).as_deref(), Some(text));
    }
}

#[test]
fn the_model_is_part_of_the_format_on_the_air() {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(include_bytes!("english.bin"));
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        digits,
        "84369abc778bfbd435dbae3c1ca80ef67dc8ad0d065e1ab8174dc17fd7c79d9f"
    );
    // Escapes, characters that the model does not have, and all that lies between.
    let text = "Grüße: 3 boats, 2 KITES & one old man with a red umbrella on the quay.";
    let pinned = [
        245, 9, 21, 148, 140, 164, 75, 170, 1, 175, 69, 42, 176, 200, 115, 159, 207, 121, 187, 172,
        30, 34, 18, 96, 180, 164, 233, 175, 114, 13, 185, 75, 53, 29, 123, 177, 128, 136, 156, 160,
        128,
    ];
    assert_eq!(compressed(text).unwrap(), pinned);
}
