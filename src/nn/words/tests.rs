//! The networks against PyTorch (`training/export_captioner.py`).

use safetensors::SafeTensors;

use super::*;
use crate::nn::Backbone;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SIDE: usize = Backbone::SIDE;

/// Every so many values are in the file.
const STEP: usize = 8;

fn networks() -> (Backbone, WordNet) {
    let read = |name: &str| std::fs::read(format!("{ROOT}/weights/{name}")).unwrap();
    let weights = Weights::from_safetensors(&read("captioner.safetensors")).unwrap();
    let count = String::from_utf8(read("captioner.words"))
        .unwrap()
        .lines()
        .count();
    let words = WordNet::load(&weights, count).unwrap();
    (Backbone::load(&weights).unwrap(), words)
}

/// Something round before grass and sky.
fn picture() -> Vec<u8> {
    let pixel = |(x, y): (usize, usize)| {
        let sky = if y < 90 { 120 } else { 0 };
        if x.abs_diff(110).pow(2) + y.abs_diff(130).pow(2) < 50 * 50 {
            [150 - x * 7 % 31, 90, 40]
        } else {
            [60 + x / 8, 120 + y / 6, 60 + x * y % 17 + sky]
        }
    };
    let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    places.flat_map(pixel).map(|value| value as u8).collect()
}

fn golden() -> (Vec<f32>, Vec<f32>, Vec<usize>) {
    let path = format!("{ROOT}/tests/vectors/captioner.golden.safetensors");
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let words = |name: &str| {
        file.tensor(name)
            .unwrap()
            .data()
            .as_chunks::<4>()
            .0
            .to_vec()
    };
    let values = |name: &str| words(name).into_iter().map(f32::from_le_bytes).collect();
    let places = words("words")
        .into_iter()
        .map(|word| i32::from_le_bytes(word) as usize);
    (values("features"), values("likelihoods"), places.collect())
}

fn largest_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    pairs.fold(0.0, |worst, (a, b)| worst.max((a - b).abs()))
}

#[test]
#[ignore = "needs weights/captioner.safetensors and .words, which training/export_captioner.py writes"]
fn features_likelihoods_and_words_agree_with_pytorch() {
    let (backbone, net) = networks();
    let (features, likelihoods, words) = golden();
    let found = backbone.run(&picture()).unwrap();
    let some: Vec<f32> = found.iter().step_by(STEP).copied().collect();
    let worst = largest_difference(&some, &features);
    assert!(worst < 1e-3, "features: {worst}");

    let seen = net.look(&found).unwrap();
    let (mut begun, mut found_likelihoods) = (net.begin(), Vec::new());
    for word in std::iter::once(BEGIN).chain(words.iter().copied()) {
        let all = net.next(&seen, &mut begun, word).unwrap();
        found_likelihoods.extend(all.iter().step_by(STEP));
    }
    let worst = largest_difference(&found_likelihoods, &likelihoods);
    assert!(worst < 1e-3, "log-likelihoods: {worst}");
    assert_eq!(net.caption(&found).unwrap(), words);
}

#[test]
#[ignore = "needs weights/captioner.safetensors and .words, which training/export_captioner.py writes"]
fn the_number_of_threads_does_not_change_a_bit() {
    let (backbone, net) = networks();
    let with_threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap().install(|| {
            let features = backbone.run(&picture()).unwrap();
            let seen = net.look(&features).unwrap();
            (features, net.next(&seen, &mut net.begin(), BEGIN).unwrap())
        })
    };
    assert!(with_threads(1) == with_threads(3));
}

#[test]
#[ignore = "needs weights/captioner.safetensors and .words, which training/export_captioner.py writes"]
fn weights_for_another_vocabulary_are_refused_by_name() {
    let bytes = std::fs::read(format!("{ROOT}/weights/captioner.safetensors")).unwrap();
    let weights = Weights::from_safetensors(&bytes).unwrap();
    let said = WordNet::load(&weights, 7).unwrap_err().to_string();
    assert!(said.contains("word") && said.contains('7'), "{said}");
}
