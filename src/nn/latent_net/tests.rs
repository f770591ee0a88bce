//! Strips against the whole, and both against candle's own operations.

use std::sync::LazyLock;

use candle_core::Device;

use super::*;

const INPUTS: usize = 64;
const OUTPUTS: usize = 32;

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| weights_of("codec.gguf"));

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
        has_gaps: false,
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
            has_gaps: false,
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
    let shape = Shape {
        inputs: 96,
        outputs: 48,
        scalars: 194,
        width: 96,
        around: 3,
        depth: 10,
    };
    LatentNet::load(
        &weights_of("restorer.safetensors"),
        "net",
        shape,
        &Device::Cpu,
    )
    .expect("net")
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
        has_gaps: false,
    };
    let theirs = with_candle(&mut net, (37, 4), 37, &[job]);
    assert!(largest_difference(&whole, theirs[0].data()) < 1e-3);
    net.strip_places = 4 * 5;
    assert_eq!(own(&net), whole);
}

fn weights_of(file: &str) -> Weights {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/weights");
    let bytes = std::fs::read(format!("{folder}/{file}")).expect("weights");
    Weights::from_bytes(&bytes).expect("weights")
}

/// The receiver's first network of codec `deepjscc`, with layers for gaps.
fn inpainting() -> LatentNet {
    let shape = Shape {
        inputs: 144,
        outputs: 320,
        scalars: 1,
        width: 256,
        around: 3,
        depth: 10,
    };
    let net = LatentNet::load(
        &weights_of("deepjscc.safetensors"),
        "synthesis",
        shape,
        &Device::Cpu,
    );
    let with = net.expect("net");
    with.with_inpainting(&weights_of("inpainter.safetensors"), &[2, 4, 6, 8])
        .expect("layers")
}

#[test]
fn layers_for_gaps_give_the_same_in_strips_and_with_candle_and_touch_no_other_picture() {
    let mut net = inpainting();
    let size = (37, 4);
    let job = |has_gaps| Job {
        scalars: &[0.5],
        source: &source,
        has_gaps,
    };
    let own = |net: &LatentNet| {
        let found = net.evaluate_all(size, &[job(true), job(false)], &mut |_, _| ());
        found.expect("planes")
    };
    let whole = own(&net);
    assert!(largest_difference(whole[0].data(), whole[1].data()) > 0.01);
    let theirs = with_candle(&mut net, size, 6, &[job(true), job(false)]);
    for (own, theirs) in whole.iter().zip(&theirs) {
        let worst = largest_difference(own.data(), theirs.data());
        assert!(worst < 1e-3, "{worst}");
    }
    net.strip_places = 4 * 5;
    assert_eq!(own(&net), whole);
    let plain = LatentNet {
        inpainting: Vec::new(),
        ..net
    };
    assert_eq!(own(&plain), [whole[1].clone(), whole[1].clone()]);
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
