//! Fields of made-up components, and bytes that are none.

use proptest::prelude::*;

use super::choice::worth;
use super::*;
use crate::codec::block_latents::{Loudness, Powers, Rates, Scaling};
use crate::nn::{Weights, made_up};

const PLACES: usize = 2;
const COMPONENTS: usize = 4;

/// Components 0 and 2 are means over both places of a channel, 1 and 3 differences.
fn stage() -> LinearStage {
    let half = 0.5_f32.sqrt();
    #[rustfmt::skip]
    let v = [
        half, half, 0.0, 0.0,
        half, -half, 0.0, 0.0,
        0.0, 0.0, half, half,
        0.0, 0.0, half, -half,
    ];
    let tensor = |name: &str, shape: &[usize], values: &[f32]| {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        (format!("linear.{name}"), shape.to_vec(), bytes)
    };
    let square = [COMPONENTS, COMPONENTS];
    let each = |name, value| tensor(name, &[COMPONENTS], &[value; COMPONENTS]);
    let bytes = made_up::file(&[
        tensor("V", &square, &v),
        tensor("W", &square, &v),
        each("mean", 0.0),
        each("lam", 1.0),
        each("log_gain", 0.0),
    ]);
    let weights = Weights::from_bytes(&bytes).expect("weights");
    let stage = LinearStage::load(&weights, COMPONENTS).expect("stage");
    stage.with_field(PLACES)
}

fn grid(columns: usize, rows: usize) -> Grid {
    Grid { columns, rows }
}

/// Component 0 of each block by its place.
fn components(grid: Grid, mean: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let block = |block: usize| {
        let (row, column) = (block / grid.columns, block % grid.columns);
        [mean(row as f32, column as f32), 0.3, -0.2, 0.1]
    };
    (0..grid.blocks()).flat_map(block).collect()
}

fn rates(of_blocks: Vec<usize>) -> Rates {
    Rates::from_blocks(of_blocks, COMPONENTS)
}

fn residual(grid: Grid, components: &[f32], rates: &Rates) -> Vec<f32> {
    let stage = stage();
    let field = Coefficients::find(&stage, grid, rates, components).in_steps(1);
    let sent = Field::from_bytes(&field.to_bytes(), stage.flat().len(), grid);
    assert_eq!(sent, field);
    let mut left = components.to_vec();
    sent.common(&stage)
        .expect("a field")
        .subtract_from(&mut left);
    left.into_iter().step_by(COMPONENTS).collect()
}

#[test]
fn means_of_blocks_are_found_in_the_transform() {
    assert_eq!(stage().flat(), [0, 2]);
}

#[test]
fn a_gradient_leaves_little_to_send() {
    let grid = grid(24, 16);
    let sky = components(grid, |row, column| 8.0 - row + 0.2 * column);
    let left = residual(grid, &sky, &rates(vec![4; grid.blocks()]));
    let power = |values: &[f32]| values.iter().map(|x| x * x).sum::<f32>() / values.len() as f32;
    let all: Vec<f32> = sky.iter().step_by(COMPONENTS).copied().collect();
    assert!(power(&left) < 0.01 * power(&all), "{}", power(&left));
}

#[test]
fn blocks_that_send_nothing_have_no_say() {
    let grid = grid(16, 12);
    let below = |block: usize| if block / 16 < 2 { 0 } else { 4 };
    let rates = rates((0..grid.blocks()).map(below).collect());
    let picture = components(grid, |row, _| if row < 2.0 { 100.0 } else { 7.0 });
    let field = Coefficients::find(&stage(), grid, &rates, &picture).in_steps(0);
    let of_first = field.steps()[0].iter().filter(|&&steps| steps != 0).count();
    assert_eq!(of_first, 1, "{:?}", field.steps()[0]);
}

#[test]
fn nothing_in_common_takes_no_bytes() {
    let grid = grid(3, 2);
    let flat = components(grid, |_, _| 0.1);
    let coefficients = Coefficients::find(&stage(), grid, &rates(vec![4; 6]), &flat);
    assert!(coefficients.in_steps(0).to_bytes().is_empty());
    assert_eq!(Field::from_bytes(&[], 2, grid).common(&stage()), None);
}

#[test]
fn power_is_that_of_the_symbols_it_stands_for() {
    let grid = grid(2, 1);
    let common = Common::new(vec![(0, vec![3.0, 1.0])], COMPONENTS);
    let even = Powers::new(grid, None, Loudness::Even);
    // The first block sends component 0 twice, the second once: eight values in all.
    let rates = rates(vec![5, 3]);
    let scaling = Scaling::new(&stage(), &rates, &even);
    let squared = scaling.amplitude(0, 0).powi(2);
    let found = common.mean_power(&scaling);
    assert!((found - (2.0 * 9.0 + 1.0) * squared / 8.0).abs() < 1e-5);
}

#[test]
fn a_field_pays_where_it_saves_more_than_its_bytes_take() {
    // 20 bytes take 1.6 % of 24,576 symbols, which are worth 0.124 dB of SNR.
    assert!(worth(1.0292, 20, 24_576) > 0.0 && worth(1.0288, 20, 24_576) < 0.0);
}

#[test]
fn what_is_no_picture_has_no_field() {
    let grid = grid(6, 5);
    let even = Powers::new(grid, None, Loudness::Even);
    let is_none = |value: f32, sent: usize| {
        let picture = components(grid, |row, _| 9.0 * row + value);
        let rates = rates(vec![sent; grid.blocks()]);
        let scaling = Scaling::new(&stage(), &rates, &even);
        let whole = scaling.mean_power(&picture);
        best(&stage(), grid, &rates, &scaling, &picture, whole).is_none()
    };
    assert!(!is_none(0.0, 400));
    assert!(is_none(0.0, 0) && is_none(f32::NAN, 400) && is_none(f32::INFINITY, 400));
}

#[test]
fn steps_are_finer_where_there_are_more_symbols() {
    let grid = grid(24, 16);
    let hills = |row: f32, column: f32| 4.0 * (0.4 * row).sin() + 3.0 * (0.3 * column).cos();
    let picture = components(grid, |row, column| {
        hills(row, column) + (row * column * 7.0) % 2.0
    });
    let even = Powers::new(grid, None, Loudness::Even);
    let chosen = |copies: usize| {
        let rates = rates(vec![copies * COMPONENTS; grid.blocks()]);
        let scaling = Scaling::new(&stage(), &rates, &even);
        let whole = scaling.mean_power(&picture);
        let chosen = best(&stage(), grid, &rates, &scaling, &picture, whole).expect("it pays");
        let left = whole - chosen.common.mean_power_taken(&scaling, &picture);
        let mut without = picture.clone();
        chosen.common.subtract_from(&mut without);
        assert!((left / scaling.mean_power(&without) - 1.0).abs() < 1e-4);
        let field = Field::from_bytes(&chosen.bytes, stage().flat().len(), grid);
        (field.fineness, left / whole)
    };
    let (few, many) = (chosen(4), chosen(64));
    assert!(few.0 < many.0 && few.1 > many.1, "{few:?} {many:?}");
}

#[test]
fn a_field_that_takes_too_many_bytes_is_none() {
    let noise = |at: usize| ((at * 7919) % 2001) as i32 - 1000;
    let steps = (0..8).map(|k| (0..81).map(|at| noise(81 * k + at)).collect());
    assert!(
        Field::of_steps(0, steps.collect(), grid(9, 9))
            .to_bytes()
            .is_empty()
    );
}

proptest! {
    #[test]
    fn every_field_comes_back(
        (columns, rows, steps) in (1usize..20, 1usize..20).prop_flat_map(|(columns, rows)| {
            let count = columns.min(MOST) * rows.min(MOST);
            let steps = prop::collection::vec(prop_oneof![8 => -3..=3, 1 => -LARGEST..=LARGEST], count);
            (Just(columns), Just(rows), prop::collection::vec(steps, 2))
        }),
        fineness in 0..FINENESSES,
    ) {
        let bytes = coding::to_bytes(fineness, &steps, columns.min(MOST));
        let back = coding::from_bytes(&bytes, 2, rows.min(MOST), columns.min(MOST));
        prop_assert_eq!(back, (fineness, steps));
    }

    #[test]
    fn any_bytes_are_a_bounded_field(bytes in prop::collection::vec(any::<u8>(), 0..=255)) {
        let field = Field::from_bytes(&bytes, 2, grid(19, 17));
        prop_assert!(field.steps.iter().flatten().all(|steps| steps.abs() <= LARGEST));
        if let Some(common) = field.common(&stage()) {
            let mut left = vec![0.0; 19 * 17 * COMPONENTS];
            common.subtract_from(&mut left);
            prop_assert!(left.iter().all(|value| value.is_finite()));
        }
    }
}
