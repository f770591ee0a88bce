//! What the tests share: small models in folders that go away, and what the Python packages made of them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

pub(crate) use crate::made_up::made_up;
use crate::made_up::write;

/// A folder in the system's place for temporary ones, removed in the end.
pub(crate) struct Folder(pub PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The model `name` in a folder of its own, for the test `test`.
pub(crate) fn model(name: &str, test: &str) -> Folder {
    let folder = format!("heliograph-{name}-{test}-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(folder));
    write(name, &folder.0);
    folder
}

/// `config.json` with one value in place of another.
pub(crate) fn changed(folder: &Folder, from: &str, to: &str) {
    let path = folder.0.join("config.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// What Python made of it.
pub(crate) fn outputs(name: &str) -> HashMap<String, Tensor> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let path = folder.join(name).join("outputs.safetensors");
    candle_core::safetensors::load(path, &Device::Cpu).unwrap()
}

/// Largest difference of two tensors of one shape.
pub(crate) fn difference(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.dims(), b.dims());
    let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
    difference.max(0).unwrap().to_scalar().unwrap()
}
