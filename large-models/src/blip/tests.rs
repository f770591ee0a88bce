//! Against `transformers` on a small model of made-up weights, and files that are wrong.

use std::fs;

use heliograph::nn::WeightType;
use heliograph::nn::{Quantization, quantize};
use heliograph::photo::PhotoSize;

use super::*;
use crate::test_models::{Folder, changed, difference, made_up, model, outputs};

/// Values of two programs that differ by less are the same.
const TOLERANCE: f32 = 1e-4;

fn open(folder: &Folder) -> Blip {
    Blip::open(&folder.0, &Device::Cpu).unwrap()
}

fn pixels() -> Tensor {
    Tensor::from_vec(made_up(7, 3 * 32 * 32), (1, 3, 32, 32), &Device::Cpu).unwrap()
}

#[test]
fn what_it_sees_and_says_is_what_transformers_does() {
    let folder = model("blip", "parity");
    let (mut blip, expected) = (open(&folder), outputs("blip"));
    let seen = blip.network.look(&pixels()).unwrap();
    assert!(difference(&seen, &expected["seen"]) < TOLERANCE);

    let tokens = Tensor::new(&[[5u32, 6, 8, 13]], &Device::Cpu).unwrap();
    let mut network = blip.network.clone();
    let scores = network.read(&tokens, &seen).unwrap();
    assert!(difference(&scores, &expected["logits"]) < TOLERANCE);

    blip.most_tokens = 12;
    let written = expected["written"].flatten_all().unwrap().to_vec1::<i32>();
    let written: Vec<u32> = written
        .unwrap()
        .into_iter()
        .map(|token| token as u32)
        .collect();
    assert_eq!(blip.tokens(&pixels()).unwrap(), written);
    let words = blip.words.decode(&written[1..], true).unwrap();
    assert_eq!(words, "ball run dog dog dog dog dog dog dog");
}

#[test]
fn a_caption_begins_anew_for_each_photo() {
    let folder = model("blip", "anew");
    let blip = open(&folder);
    let photo = |colour| Photo::filled(PhotoSize::new(50, 20).unwrap(), colour);
    let first = blip.caption(&photo([200, 30, 30]));
    blip.caption(&photo([0, 0, 255]));
    assert_eq!(blip.caption(&photo([200, 30, 30])), first);
    // One pixel is a photo too.
    blip.words_for(&Photo::filled(PhotoSize::new(1, 1).unwrap(), [9; 3]))
        .unwrap();
}

/// The weights in another type, in place of what they were.
fn quantized(folder: &Folder, stored_as: &str) {
    let (from, to) = (
        folder.0.join("model.safetensors"),
        folder.0.join("model.gguf"),
    );
    let how = Quantization::new(stored_as.parse::<WeightType>().unwrap());
    let out = fs::File::create(to).unwrap();
    quantize(&from, &how, out, &mut |_, _| ()).unwrap();
    fs::remove_file(from).unwrap();
}

#[test]
fn quantized_matrices_stay_quantized_and_see_nearly_the_same() {
    let expected = outputs("blip");
    for (stored_as, most) in [("f32", TOLERANCE), ("q8_0", 0.1), ("q4_0", 1.5)] {
        let folder = model("blip", stored_as);
        quantized(&folder, stored_as);
        let blip = open(&folder);
        assert!(matches!(blip.network, Network::Quantized(_)));
        let found = difference(&blip.network.look(&pixels()).unwrap(), &expected["seen"]);
        assert!(found < most, "{stored_as}: {found}");
        assert!(
            stored_as == "f32" || found > TOLERANCE,
            "{stored_as}: {found}"
        );
    }
}

fn refusal(folder: &Folder) -> String {
    let opened = Blip::open(&folder.0, &Device::Cpu);
    opened.err().expect("refused").to_string()
}

/// The words for a folder, what is done to it, and what is then said.
type Case = (&'static str, fn(&Folder), &'static [&'static str]);

fn refuse(cases: &[Case]) {
    for (name, damage, expected) in cases {
        let folder = model("blip", name);
        damage(&folder);
        let said = refusal(&folder);
        for words in *expected {
            assert!(said.contains(words), "{name}: {said}");
        }
    }
}

#[test]
fn wrong_descriptions_are_refused_by_field() {
    let cases: [Case; 7] = [
        (
            "heads",
            |f| {
                changed(
                    f,
                    "\"num_attention_heads\": 4",
                    "\"num_attention_heads\": 0",
                )
            },
            &["config.json: text_config.num_attention_heads: found 0, allowed a divisor of 32"],
        ),
        (
            "layers",
            |f| {
                changed(
                    f,
                    "\"num_hidden_layers\": 2",
                    "\"num_hidden_layers\": 4000000000",
                )
            },
            &["num_hidden_layers: found 4000000000, allowed 1 to 128"],
        ),
        (
            "width",
            |f| changed(f, "\"intermediate_size\": 64", "\"intermediate_size\": 65"),
            &["model.safetensors: tensor", "allowed [65"],
        ),
        (
            "kind",
            |f| changed(f, "\"model_type\": \"blip\",", "\"model_type\": \"sam\","),
            &["found sam (a model for --segmenter), allowed blip"],
        ),
        (
            "stranger",
            |f| changed(f, "\"model_type\": \"blip\",", "\"model_type\": \"llama\","),
            &["found \"llama\", allowed blip, sam, AutoencoderKLFlux2"],
        ),
        (
            "patch",
            |f| changed(f, "\"patch_size\": 8", "\"patch_size\": 1"),
            &["config.json: vision_config.patch_size: found 1, allowed 8 to 64"],
        ),
        (
            "places",
            |f| changed(f, "\"image_size\": 32", "\"image_size\": 1024"),
            &["vision_config.image_size / patch_size: found 128, allowed 1 to 64"],
        ),
    ];
    refuse(&cases);
}

#[test]
fn wrong_files_are_refused_by_name() {
    let cases: [Case; 6] = [
        (
            "words",
            |f| fs::remove_file(f.0.join("tokenizer.json")).unwrap(),
            &["tokenizer.json: "],
        ),
        (
            "no-weights",
            |f| fs::remove_file(f.0.join("model.safetensors")).unwrap(),
            &["found no weights, allowed is one file *.safetensors or *.gguf"],
        ),
        (
            "no-file",
            |f| {
                let path = f.0.join("model.safetensors");
                fs::remove_file(&path).unwrap();
                fs::create_dir(path).unwrap();
            },
            &["model.safetensors: found no file"],
        ),
        (
            "type",
            |f| {
                let path = f.0.join("model.safetensors");
                let mut tensors = candle_core::safetensors::load(&path, &Device::Cpu).unwrap();
                let name = "vision_model.embeddings.class_embedding";
                let wide = tensors[name].to_dtype(candle_core::DType::F64).unwrap();
                tensors.insert(name.to_owned(), wide);
                candle_core::safetensors::save(&tensors, path).unwrap();
            },
            &["class_embedding: found F64, allowed F32, F16, BF16"],
        ),
        (
            "two",
            |f| fs::write(f.0.join("other.gguf"), "").unwrap(),
            &["found model.safetensors and other.gguf, allowed is one"],
        ),
        (
            "cut",
            |f| {
                let path = f.0.join("model.safetensors");
                let bytes = fs::read(&path).unwrap();
                fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
            },
            &["model.safetensors: found ", "where its header says"],
        ),
    ];
    refuse(&cases);
}

#[test]
fn the_text_decoder_takes_as_many_channels_as_the_vision_network_gives() {
    // Transformers takes those of vision_config, whatever text_config says.
    for stated in ["", "\"encoder_hidden_size\": 768,"] {
        let folder = model("blip", "channels");
        changed(&folder, "\"encoder_hidden_size\": 48,", stated);
        open(&folder);
    }
}

#[test]
fn bytes_from_anywhere_are_refused() {
    for (name, bytes) in [
        ("model.safetensors", vec![0xff; 64]),
        ("model.safetensors", vec![]),
        (
            "model.gguf",
            b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec(),
        ),
    ] {
        let folder = model("blip", "bytes");
        fs::remove_file(folder.0.join("model.safetensors")).unwrap();
        fs::write(folder.0.join(name), bytes).unwrap();
        let said = refusal(&folder);
        assert!(said.contains(name), "{said}");
    }
}
