//! Agreement with the reference on weights that both sides make up, and what does not depend on weights.

use std::sync::LazyLock;

use super::network::SIDE;
use super::*;
use crate::nn::made_up::{self, efficientnet, made_up};
use crate::photo::PhotoSize;

/// A file of made-up weights, without the tensor called `left_out`.
fn file(left_out: &str) -> Vec<u8> {
    let mut tensors = efficientnet();
    let seed = tensors.len() as u64;
    let weight = made_up(seed, 1280 * 1000, 0.05);
    tensors.push(("classes.weight".to_owned(), vec![1280, 1000], weight));
    let bias = made_up(seed + 1, 1000, 0.5);
    tensors.push(("classes.bias".to_owned(), vec![1000], bias));
    tensors.retain(|(name, ..)| name != left_out);
    made_up::file(&tensors)
}

static NETWORK: LazyLock<SemanticNetwork> = LazyLock::new(|| {
    let weights = Weights::from_safetensors(&file("")).unwrap();
    SemanticNetwork::load(&weights).unwrap()
});

/// A picture of 256x256 whose centre holds `byte` of column, row and channel.
fn picture(byte: fn(usize, usize, usize) -> usize) -> Photo {
    let border = (256 - SIDE) / 2;
    let inside = |at: usize| at.saturating_sub(border).min(SIDE - 1);
    let value = |i: usize| byte(inside(i / 3 % 256), inside(i / 768), i % 3) as u8;
    let size = PhotoSize::new(256, 256).unwrap();
    Photo::new(size, (0..3 * 256 * 256).map(value).collect()).unwrap()
}

fn two_pictures() -> [Photo; 2] {
    [
        picture(|x, y, c| (7 * x + 3 * y + 50 * c) % 256),
        picture(|x, y, c| (x * y / 16 + 80 * c) % 256),
    ]
}

#[test]
fn features_and_scores_agree_with_the_python_package() {
    // Printed by training/export_efficientnet.py --golden.
    let expected = [
        (
            [
                1.42144, 0.54214, 0.2911, 0.0, 0.89183, 2.52103, 1.29374, 1.53137,
            ],
            77.2227,
            [(309, 8.986_578), (205, 6.413_453)],
        ),
        (
            [
                1.31098, 0.61247, 0.24305, 0.0, 0.94805, 3.01525, 0.86179, 2.03299,
            ],
            76.9731,
            [(309, 8.949_942), (704, 6.273_849)],
        ),
    ];
    for (photo, (features, length, best)) in two_pictures().iter().zip(expected) {
        let (found, scores) = NETWORK.0.run(&centre(photo)).unwrap();
        for (found, expected) in found.iter().step_by(160).zip(features) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
        let norm = found.iter().map(|v| v * v).sum::<f32>().sqrt();
        assert!((norm - length).abs() < 1e-3, "{norm} {length}");
        assert_eq!(highest(&scores), best[0].0);
        for (class, expected) in best {
            let score = scores[class];
            assert!((score - expected).abs() < 1e-4, "{score} {expected}");
        }
    }
}

#[test]
fn a_picture_is_consistent_with_itself_and_less_with_others() {
    let [a, b] = two_pictures();
    let same = NETWORK.compare(&a, &a).unwrap();
    assert!(
        same.is_same_class && (same.cosine - 1.0).abs() < 1e-12,
        "{same:?}"
    );
    let other = NETWORK.compare(&a, &b).unwrap();
    assert!(other.cosine < 0.999, "{other:?}");
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let [a, _] = two_pictures();
    let with_threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap().install(|| NETWORK.view(&a).unwrap())
    };
    assert_eq!(with_threads(1), with_threads(3));
}

#[test]
fn any_shape_is_looked_at_and_a_tiny_one_refused() {
    for (width, height) in [(32, 3000), (225, 32), (1000, 700)] {
        let photo = Photo::filled(PhotoSize::new(width, height).unwrap(), [127; 3]);
        assert_eq!(centre(&photo), vec![127; 3 * SIDE * SIDE]);
    }
    let photo = Photo::filled(PhotoSize::new(400, 31).unwrap(), [9; 3]);
    let said = NETWORK.view(&photo).unwrap_err().to_string();
    assert!(said.contains("400x31") && said.contains("32"), "{said}");
}

#[test]
fn a_file_of_another_network_is_refused_by_name() {
    let weights = Weights::from_safetensors(&file("blocks.3.expand.bias")).unwrap();
    let said = SemanticNetwork::load(&weights).unwrap_err().to_string();
    assert!(
        said.contains("blocks.3.expand.bias") && said.contains("144"),
        "{said}"
    );
}
