//! The linear stage against vectors of PyTorch.

use safetensors::SafeTensors;

use super::*;
use crate::codec::block_latents::{Arrived, Powers};

fn golden_words<const N: usize>(name: &str) -> Vec<[u8; N]> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/deepjscc.golden.safetensors"
    );
    let bytes = std::fs::read(path).expect("vectors");
    let file = SafeTensors::deserialize(&bytes).expect("vectors");
    let (words, _) = file.tensor(name).expect("tensor").data().as_chunks::<N>();
    words.to_vec()
}

fn golden(name: &str) -> Vec<f32> {
    let words = golden_words::<4>(name).into_iter();
    words.map(f32::from_le_bytes).collect()
}

fn golden_rates() -> Rates {
    let words = golden_words::<8>("rate").into_iter();
    Rates::from_blocks(
        words
            .map(|word| i64::from_le_bytes(word) as usize)
            .collect(),
        COMPONENTS,
    )
}

const GOLDEN_GRID: Grid = Grid {
    columns: 2,
    rows: 2,
};

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn the_linear_stage_sends_the_golden_symbols() {
    let linear = &CODEC.networks.linear;
    let latents = Planes::new(BAND_LATENTS, 8, 8, golden("latents")).expect("length");
    let mut components = GOLDEN_GRID.split(&latents);
    linear.analyze(&mut components);
    let rates = golden_rates();
    let gains = linear.gains(&rates, &Powers::new(GOLDEN_GRID, None, Loudness::Even));
    let power = golden("power")[0];
    let mut symbols = vec![0.0; 4 * COMPONENTS];
    rates.slots(|block, component| {
        let at = block * COMPONENTS + component;
        symbols[at] = components[at] * gains[component] / power.sqrt();
    });
    let difference = largest_difference(&symbols, &golden("symbols"));
    assert!(difference < 1e-3, "{difference}");
}

#[test]
fn the_linear_stage_receives_the_golden_latents() {
    let linear = &CODEC.networks.linear;
    let received = golden("symbols").into_iter().zip(golden("noise"));
    let arrived = received
        .zip(golden("precision"))
        .map(|((symbol, noise), precision)| {
            let mut arrived = Arrived::default();
            arrived.add(symbol + noise, 1.0 / precision);
            arrived
        });
    let arrived: Vec<Arrived> = arrived.collect();
    let even = Powers::new(GOLDEN_GRID, None, Loudness::Even);
    let gains = linear.gains(&golden_rates(), &even);
    let (latents, deviations) = linear.estimate(&arrived, &gains, &even, golden("power")[0]);
    let difference = largest_difference(GOLDEN_GRID.join(&latents).data(), &golden("latents_hat"));
    assert!(difference < 1e-3, "{difference}");
    let difference = largest_difference(GOLDEN_GRID.join(&deviations).data(), &golden("deviation"));
    assert!(difference < 1e-3, "{difference}");
}
