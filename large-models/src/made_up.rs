//! Small models with the weights that `tests/golden.py` makes up; tests of the program have them too.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

fn vectors(name: &str) -> PathBuf {
    // From this crate or its neighbour.
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../large-models/tests/vectors")
        .join(name)
}

/// Writes the model `name` into a folder, as transformers and diffusers do.
pub fn write(name: &str, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for file in ["config.json", "tokenizer.json"] {
        let from = vectors(name).join(file);
        if from.exists() {
            fs::copy(from, folder.join(file)).unwrap();
        }
    }
    let shapes = fs::read(vectors(name).join("shapes.json")).unwrap();
    let shapes: Vec<(String, Vec<usize>)> = serde_json::from_slice(&shapes).unwrap();
    let filled = |(seed, (name, shape)): (usize, (String, Vec<usize>))| {
        let tensor = filled(seed as u64, &name, &shape);
        (name, tensor)
    };
    let tensors: HashMap<String, Tensor> = shapes.into_iter().enumerate().map(filled).collect();
    candle_core::safetensors::save(&tensors, folder.join("model.safetensors")).unwrap();
}

fn filled(seed: u64, name: &str, shape: &[usize]) -> Tensor {
    let is_vector = shape.len() == 1;
    let (middle, reach) = if name.ends_with("running_var") {
        (1.0, 0.5)
    } else if is_vector && name.ends_with("weight") {
        (1.0, 0.2)
    } else if is_vector {
        (0.0, 0.1)
    } else {
        let inputs: usize = shape[1..].iter().product();
        (0.0, (6.0 / inputs as f64).sqrt() as f32)
    };
    let values = made_up(seed, shape.iter().product());
    let values = values.into_iter().map(|unit| middle + reach * unit);
    Tensor::from_vec(values.collect(), shape, &Device::Cpu).unwrap()
}

/// `count` values in -1..1; `tests/golden.py` makes the same.
pub fn made_up(seed: u64, count: usize) -> Vec<f32> {
    let value = |place: u64| {
        let mut x = (place * 2_654_435_761 + seed * 40_503 + 12_345) % (1 << 32);
        x = ((x ^ (x >> 15)) * 2_246_822_519) % (1 << 32);
        x ^= x >> 13;
        (x >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count as u64).map(value).collect()
}
