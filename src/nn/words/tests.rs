//! The network against PyTorch on weights that both sides make up (`training/export_captioner.py --golden`).

use safetensors::SafeTensors;

use super::*;
use crate::nn::made_up::{self, made_up};

/// Words of the made-up vocabulary.
const COUNT: usize = 28;

/// Values of a tensor; seeds count up with the names in order.
fn values(seed: u64, name: &str, shape: &[usize]) -> Vec<u8> {
    let count = shape.iter().product();
    let is_weight = name.ends_with(".weight");
    match (is_weight, shape) {
        (true, [inputs, _]) => made_up(seed, count, (3.0 / *inputs as f64).sqrt() as f32),
        // Scales of norms lie around 1.
        (true, _) => {
            let bytes = made_up(seed, count, 0.1);
            let (words, _) = bytes.as_chunks::<4>();
            let scales = words.iter().map(|word| 1.0 + f32::from_le_bytes(*word));
            scales.flat_map(f32::to_le_bytes).collect()
        }
        (false, _) => {
            let reach = match name {
                "place" => 2.0,
                "bias" => 0.2,
                _ => 0.1,
            };
            made_up(seed, count, reach)
        }
    }
}

fn linear(name: &str, inputs: usize, outputs: usize) -> [(String, Vec<usize>); 2] {
    [
        (format!("{name}.weight"), vec![inputs, outputs]),
        (format!("{name}.bias"), vec![outputs]),
    ]
}

fn norm(name: &str, width: usize) -> [(String, Vec<usize>); 2] {
    ["weight", "bias"].map(|part| (format!("{name}.{part}"), vec![width]))
}

fn attention(name: &str) -> impl Iterator<Item = (String, Vec<usize>)> {
    let each = ["q", "k", "v", "out"].map(|part| linear(&format!("{name}.{part}"), WIDTH, WIDTH));
    each.into_iter().flatten()
}

fn mlp(name: &str, hidden: usize) -> impl Iterator<Item = (String, Vec<usize>)> {
    let up = linear(&format!("{name}.up"), WIDTH, hidden);
    let down = linear(&format!("{name}.down"), hidden, WIDTH);
    up.into_iter().chain(down)
}

/// All tensors of the network for `count` words.
pub(crate) fn tensors(count: usize) -> Vec<made_up::Tensor> {
    let mut shapes = vec![
        ("word".to_owned(), vec![count, WIDTH]),
        ("bias".to_owned(), vec![count]),
        ("place".to_owned(), vec![MAX_WORDS + 1, WIDTH]),
        (
            "seeing.place".to_owned(),
            vec![Backbone::GRID.pow(2), WIDTH],
        ),
    ];
    shapes.extend(norm("norm_out", WIDTH));
    shapes.extend(norm("seeing.norm_in", Backbone::CHANNELS));
    shapes.extend(linear("seeing.into", Backbone::CHANNELS, WIDTH));
    for part in ["norm_attention", "norm_mlp", "norm_out"] {
        shapes.extend(norm(&format!("seeing.{part}"), WIDTH));
    }
    shapes.extend(attention("seeing.attention"));
    shapes.extend(mlp("seeing.mlp", HIDDEN_SEEING));
    for layer in 0..LAYERS {
        for part in ["norm_words", "norm_photo", "norm_mlp"] {
            shapes.extend(norm(&format!("layers.{layer}.{part}"), WIDTH));
        }
        shapes.extend(attention(&format!("layers.{layer}.words")));
        shapes.extend(attention(&format!("layers.{layer}.photo")));
        shapes.extend(mlp(&format!("layers.{layer}.mlp"), HIDDEN));
    }
    shapes.sort();
    let each = shapes.into_iter().enumerate().map(|(seed, (name, shape))| {
        let values = values(seed as u64, &name, &shape);
        (name, shape, values)
    });
    each.collect()
}

fn net() -> WordNet {
    let weights = Weights::from_safetensors(&made_up::file(&tensors(COUNT))).unwrap();
    WordNet::load(&weights, COUNT).unwrap()
}

/// Seeds of features: of the first the network says as much as it may, of the second nothing.
const LONG: u64 = 1000;
const EMPTY: u64 = 1004;

/// What a backbone might give.
fn features(seed: u64) -> Vec<f32> {
    let bytes = made_up(seed, Backbone::GRID.pow(2) * Backbone::CHANNELS, 2.0);
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

fn golden() -> (Vec<f32>, Vec<usize>) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/captioner.golden.safetensors"
    );
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let words = |name: &str| {
        let (words, _) = file.tensor(name).unwrap().data().as_chunks::<4>();
        words.to_vec()
    };
    let likelihoods = words("likelihoods").into_iter().map(f32::from_le_bytes);
    let places = words("words").into_iter().map(i32::from_le_bytes);
    (
        likelihoods.collect(),
        places.map(|place| place as usize).collect(),
    )
}

#[test]
fn likelihoods_and_words_agree_with_pytorch() {
    let net = net();
    let (likelihoods, words) = golden();
    assert_eq!(words.len(), MAX_WORDS);
    let seen = net.look(&features(LONG)).unwrap();
    let (mut begun, mut found) = (net.begin(), Vec::new());
    for word in std::iter::once(BEGIN).chain(words.iter().copied()) {
        found.extend(net.next(&seen, &mut begun, word).unwrap());
    }
    assert_eq!(found.len(), likelihoods.len());
    let pairs = found.iter().zip(&likelihoods);
    let worst = pairs.fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
    assert!(worst < 1e-3, "log-likelihoods: {worst}");
    assert_eq!(net.caption(&features(LONG)).unwrap(), words);
    assert!(net.caption(&features(EMPTY)).unwrap().is_empty());
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let net = net();
    let with_threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap().install(|| {
            let seen = net.look(&features(LONG)).unwrap();
            net.next(&seen, &mut net.begin(), BEGIN).unwrap()
        })
    };
    assert!(with_threads(1) == with_threads(3));
}

#[test]
fn weights_for_another_vocabulary_are_refused_by_name() {
    let weights = Weights::from_safetensors(&made_up::file(&tensors(COUNT))).unwrap();
    let said = WordNet::load(&weights, 7).unwrap_err().to_string();
    assert!(said.contains("word") && said.contains('7'), "{said}");
}
