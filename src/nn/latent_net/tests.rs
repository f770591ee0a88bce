//! Strips against the whole, and both against candle's own operations.

use std::sync::LazyLock;

use candle_core::Device;

use super::*;

const INPUTS: usize = 64;
const OUTPUTS: usize = 32;

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/codec.safetensors");
    Weights::from_safetensors(&std::fs::read(path).expect("weights")).expect("weights")
});

fn net() -> LatentNet {
    let shape = Shape::of_latents(INPUTS, OUTPUTS, 1);
    LatentNet::load(&WEIGHTS, "refine", shape, &Device::Cpu).expect("refine")
}

/// No two places alike.
fn source(y: usize, row: &mut [f32]) {
    for (i, value) in row.iter_mut().enumerate() {
        *value = (i as f32 * 0.37 + y as f32 * 1.7).sin();
    }
}

fn evaluate(net: &LatentNet, height: usize, width: usize) -> Vec<f32> {
    let out = net.evaluate((height, width), &[0.7], &source, &mut |_, _| ());
    out.expect("planes").into_data()
}

/// The same pictures with candle's own operations, `strip` rows at once.
fn with_candle(
    net: &mut LatentNet,
    size: (usize, usize),
    strip: usize,
    jobs: &[Job],
) -> Vec<Planes> {
    net.device_places = strip * size.1 * jobs.len();
    let found = net.on_device(size, jobs, &mut |_, _| ());
    found.expect("planes")
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn candles_operations_agree() {
    let mut net = net();
    let own = evaluate(&net, 7, 9);
    let job = Job {
        scalars: &[0.7],
        source: &source,
    };
    let theirs = with_candle(&mut net, (7, 9), 7, &[job]);
    let worst = largest_difference(&own, theirs[0].data());
    assert!(worst < 1e-4, "{worst}");
    assert!(own.iter().any(|x| x.abs() > 0.01));
}

#[test]
fn pictures_evaluated_at_once_and_in_strips_are_those_alone() {
    let mut net = restorer();
    let dark = |y: usize, row: &mut [f32]| row.fill(y as f32 / 40.0);
    let jobs = || {
        let job = |scalar: &'static [f32], source| Job {
            scalars: scalar,
            source,
        };
        let sources: [Source; 2] = [&source, &dark];
        [job(&[0.3; 194], sources[0]), job(&[0.8; 194], sources[1])]
    };
    let size = (41, 4);
    let alone = net.evaluate_all(size, &jobs(), &mut |_, _| ());
    let together = with_candle(&mut net, size, 6, &jobs());
    for (alone, together) in alone.expect("planes").iter().zip(&together) {
        let worst = largest_difference(alone.data(), together.data());
        assert!(worst < 1e-3, "{worst}");
    }
    assert_ne!(together[0], together[1]);
}

#[test]
fn strips_give_what_the_whole_picture_gives() {
    let mut net = net();
    let whole = evaluate(&net, 61, 3);
    net.strip_places = 3 * 7;
    assert_eq!(evaluate(&net, 61, 3), whole);
}

/// Filters of another size, another width.
fn restorer() -> LatentNet {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/restorer.safetensors");
    let weights = Weights::from_safetensors(&std::fs::read(path).expect("weights"));
    let shape = Shape {
        inputs: 96,
        outputs: 48,
        scalars: 194,
        width: 96,
        around: 3,
        depth: 10,
    };
    LatentNet::load(&weights.expect("weights"), "net", shape, &Device::Cpu).expect("net")
}

#[test]
fn the_narrow_network_agrees_with_candle_and_in_strips() {
    let mut net = restorer();
    let scalars = [0.3; 194];
    let own = |net: &LatentNet| {
        let out = net.evaluate((37, 4), &scalars, &source, &mut |_, _| ());
        out.expect("planes").into_data()
    };
    let whole = own(&net);
    let job = Job {
        scalars: &scalars,
        source: &source,
    };
    let theirs = with_candle(&mut net, (37, 4), 37, &[job]);
    assert!(largest_difference(&whole, theirs[0].data()) < 1e-3);
    net.strip_places = 4 * 5;
    assert_eq!(own(&net), whole);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let net = net();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        pool.install(|| evaluate(&net, 12, 5))
    };
    assert_eq!(with(1), with(2));
}
