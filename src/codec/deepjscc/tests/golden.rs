//! The linear stage against vectors of PyTorch.

use safetensors::SafeTensors;

use super::*;
use crate::codec::block_latents::{Arrived, Coefficients, Field, Powers, Scaling};

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

/// Of the fields in the vectors: USUAL_FINENESS of training/field.py.
const FINENESS: u8 = 1;

fn golden_field() -> Field {
    let steps: Vec<i32> = golden("field").iter().map(|&s| s as i32).collect();
    let steps = steps.chunks(4).map(<[i32]>::to_vec).collect();
    Field::of_steps(FINENESS, steps, GOLDEN_GRID)
}

#[test]
fn the_linear_stage_sends_the_golden_symbols() {
    let linear = &CODEC.networks.linear;
    let latents = Planes::new(BAND_LATENTS, 8, 8, golden("latents")).expect("length");
    let mut components = GOLDEN_GRID.split(&latents);
    linear.analyze(&mut components);
    let rates = golden_rates();
    let field = Coefficients::find(linear, GOLDEN_GRID, &rates, &components).in_steps(FINENESS);
    assert_eq!(field, golden_field());
    let common = field.common(linear).expect("a field");
    common.subtract_from(&mut components);
    let even = Powers::new(GOLDEN_GRID, None, Loudness::Even);
    let scaling = Scaling::new(linear, &rates, &even);
    let power = golden("power")[0];
    let mut symbols = vec![0.0; 4 * COMPONENTS];
    rates.slots(|block, component| {
        let at = block * COMPONENTS + component;
        symbols[at] = components[at] * scaling.amplitude(block, component) / power.sqrt();
    });
    let difference = largest_difference(&symbols, &golden("symbols"));
    assert!(difference < 1e-3, "{difference}");
}

#[test]
fn the_linear_stage_receives_the_golden_latents() {
    let linear = &CODEC.networks.linear;
    let even = Powers::new(GOLDEN_GRID, None, Loudness::Even);
    let rates = golden_rates();
    let scaling = Scaling::new(linear, &rates, &even);
    let common = golden_field().common(linear).expect("a field");
    let power = golden("power")[0];
    let whole = power + common.mean_power(&scaling);
    let saved = whole / power;
    let received = golden("symbols").into_iter().zip(golden("noise"));
    let arrived = received.zip(golden("precision")).enumerate();
    let arrived = arrived.map(|(at, ((symbol, noise), precision))| {
        let (block, component) = (at / COMPONENTS, at % COMPONENTS);
        let amplitude = scaling.amplitude(block, component) / whole.sqrt();
        let common = common.value(block, component) * amplitude;
        let mut arrived = Arrived::default();
        arrived.add(
            (symbol + noise) / saved.sqrt() + common,
            1.0 / (precision * saved),
        );
        arrived
    });
    let arrived: Vec<Arrived> = arrived.collect();
    let (latents, deviations) = linear.estimate(&arrived, scaling.gains(), &even, whole);
    let difference = largest_difference(GOLDEN_GRID.join(&latents).data(), &golden("latents_hat"));
    assert!(difference < 1e-3, "{difference}");
    let difference = largest_difference(GOLDEN_GRID.join(&deviations).data(), &golden("deviation"));
    assert!(difference < 1e-3, "{difference}");
}

#[test]
fn a_slanted_picture_has_the_golden_field() {
    let linear = &CODEC.networks.linear;
    let grid = Grid {
        columns: 20,
        rows: 18,
    };
    let (image, sent) = (golden("field_image"), golden("field_sent"));
    let mut components = vec![0.0; grid.blocks() * COMPONENTS];
    for (values, &component) in image.chunks(grid.blocks()).zip(linear.flat()) {
        for (block, value) in values.iter().enumerate() {
            components[block * COMPONENTS + component] = *value;
        }
    }
    let rate = |sent: &f32| if *sent > 0.0 { COMPONENTS } else { 0 };
    let rates = Rates::from_blocks(sent[..grid.blocks()].iter().map(rate).collect(), COMPONENTS);
    let field = Coefficients::find(linear, grid, &rates, &components).in_steps(FINENESS);
    let steps = golden("field_steps");
    let expected = steps
        .chunks(16 * 16)
        .map(|steps| steps.iter().map(|&s| s as i32).collect());
    assert_eq!(field, Field::of_steps(FINENESS, expected.collect(), grid));
    assert!(
        field.steps().iter().all(|s| s[1] != 0 && s[16] != 0),
        "{field:?}"
    );
    let common = field.common(linear).expect("a field");
    let values = linear
        .flat()
        .iter()
        .flat_map(|&c| (0..grid.blocks()).map(move |b| (b, c)));
    let values: Vec<f32> = values.map(|(block, c)| common.value(block, c)).collect();
    let difference = largest_difference(&values, &golden("field_common"));
    assert!(difference < 1e-2, "{difference}");
}
