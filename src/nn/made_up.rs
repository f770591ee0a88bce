//! Weights that tests and `training/made_up.py` make up alike, for networks whose real ones are not in the repository.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, TensorView};

/// `count` values in -reach..reach, as the bytes of f32.
pub fn made_up(seed: u64, count: usize, reach: f32) -> Vec<u8> {
    let value = |place: u64| {
        let mut x = (place * 2_654_435_761 + seed * 40_503 + 12_345) % (1 << 32);
        x = ((x ^ (x >> 15)) * 2_246_822_519) % (1 << 32);
        x ^= x >> 13;
        ((x >> 8) as f32 / 8_388_608.0 - 1.0) * reach
    };
    let values = (0..count as u64).map(value);
    values.flat_map(f32::to_le_bytes).collect()
}

/// A tensor: name, shape, values as the bytes of f32.
pub type Tensor = (String, Vec<usize>, Vec<u8>);

/// A safetensors file of them.
pub fn file(tensors: &[Tensor]) -> Vec<u8> {
    file_with(tensors, HashMap::new())
}

/// The same that says something of itself.
pub fn file_with(tensors: &[Tensor], metadata: HashMap<String, String>) -> Vec<u8> {
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (name.clone(), view)
    });
    safetensors::serialize(views, Some(metadata)).unwrap()
}

/// Layers of EfficientNet-Lite0 with its head, in the order in which `training/export_efficientnet.py --golden` makes up
/// their weights: a matrix and a bias each.
pub fn efficientnet() -> Vec<Tensor> {
    let stages = [
        (1, 9, 1, 16),
        (2, 9, 6, 24),
        (2, 25, 6, 40),
        (3, 9, 6, 80),
        (3, 25, 6, 112),
        (4, 25, 6, 192),
        (1, 9, 6, 320),
    ];
    let mut layers = vec![("stem".to_owned(), 27, 32)];
    let (mut place, mut channels) = (0, 32);
    for (count, taps, expansion, out) in stages {
        for _ in 0..count {
            let expanded = channels * expansion;
            if expansion > 1 {
                layers.push((format!("blocks.{place}.expand"), channels, expanded));
            }
            layers.push((format!("blocks.{place}.depthwise"), taps, expanded));
            layers.push((format!("blocks.{place}.project"), expanded, out));
            (place, channels) = (place + 1, out);
        }
    }
    layers.push(("head".to_owned(), 320, 1280));
    let each = layers
        .into_iter()
        .enumerate()
        .flat_map(|(i, (name, rows, columns))| {
            let (seed, reach) = (2 * i as u64, (6.0 / rows as f64).sqrt() as f32);
            let weight = made_up(seed, rows * columns, reach);
            let bias = made_up(seed + 1, columns, 0.1);
            [
                (format!("{name}.weight"), vec![rows, columns], weight),
                (format!("{name}.bias"), vec![columns], bias),
            ]
        });
    each.collect()
}
