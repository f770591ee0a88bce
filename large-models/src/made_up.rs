//! Folders of small models with the weights that `tests/golden.py` makes up, and what the Python packages made of them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

/// A folder in the system's place for temporary ones, removed in the end.
pub(crate) struct Folder(pub PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn vectors(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name)
}

/// The model `name` in a folder of its own, for the test `test`.
pub(crate) fn model(name: &str, test: &str) -> Folder {
    let folder = format!("heliograph-{name}-{test}-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(folder));
    fs::create_dir_all(&folder.0).unwrap();
    for file in ["config.json", "tokenizer.json"] {
        let from = vectors(name).join(file);
        if from.exists() {
            fs::copy(from, folder.0.join(file)).unwrap();
        }
    }
    let tensors: HashMap<String, Tensor> = tensors(name).into_iter().collect();
    candle_core::safetensors::save(&tensors, folder.0.join("model.safetensors")).unwrap();
    folder
}

/// Its tensors.
pub(crate) fn tensors(name: &str) -> Vec<(String, Tensor)> {
    let shapes = fs::read(vectors(name).join("shapes.json")).unwrap();
    let shapes: Vec<(String, Vec<usize>)> = serde_json::from_slice(&shapes).unwrap();
    let filled = |(seed, (name, shape)): (usize, (String, Vec<usize>))| {
        let tensor = filled(seed as u64, &name, &shape);
        (name, tensor)
    };
    shapes.into_iter().enumerate().map(filled).collect()
}

/// What Python made of it.
pub(crate) fn outputs(name: &str) -> HashMap<String, Tensor> {
    let path = vectors(name).join("outputs.safetensors");
    candle_core::safetensors::load(path, &Device::Cpu).unwrap()
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
pub(crate) fn made_up(seed: u64, count: usize) -> Vec<f32> {
    let value = |place: u64| {
        let mut x = (place * 2_654_435_761 + seed * 40_503 + 12_345) % (1 << 32);
        x = ((x ^ (x >> 15)) * 2_246_822_519) % (1 << 32);
        x ^= x >> 13;
        (x >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count as u64).map(value).collect()
}

/// Largest difference of two tensors of one shape.
pub(crate) fn difference(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.dims(), b.dims());
    let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
    difference.max(0).unwrap().to_scalar().unwrap()
}
