//! The networks against golden vectors of `training/export.py` (photo kodim23, its seed inside) and against themselves.

use std::sync::LazyLock;

use candle_core::Device;
use safetensors::SafeTensors;

use super::*;

const TOLERANCE: f32 = 1e-3;

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| shipped("codec"));

fn shipped(name: &str) -> Weights {
    let path = format!("{}/weights/{name}.gguf", env!("CARGO_MANIFEST_DIR"));
    Weights::from_bytes(&std::fs::read(path).expect("weights")).expect("weights")
}

fn g_a() -> Analysis {
    Analysis::load(&WEIGHTS, &Device::Cpu).expect("g_a")
}

fn g_s() -> Synthesis {
    Synthesis::load(&WEIGHTS, &Device::Cpu).expect("g_s")
}

fn refiner() -> Refiner {
    Refiner::load(&WEIGHTS, &Device::Cpu).expect("refine")
}

fn flow() -> Flow {
    Flow::load(&shipped("painter"), &WEIGHTS, &Device::Cpu).expect("painter")
}

fn settings(steps: usize) -> FlowSettings {
    FlowSettings {
        steps,
        snr_db: 7.0,
        perception: 1.0,
    }
}

fn silent() -> impl FnMut(usize, usize) {
    |_, _| ()
}

/// One golden tensor of shape 1, channels, rows, columns.
fn golden(name: &str) -> Planes {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/codec.golden.safetensors"
    );
    let bytes = std::fs::read(path).expect("vectors");
    let file = SafeTensors::deserialize(&bytes).expect("vectors");
    let view = file.tensor(name).expect("tensor");
    let [1, channels, height, width] = *view.shape() else {
        panic!("{name}: {:?}", view.shape())
    };
    let (words, _) = view.data().as_chunks::<4>();
    let values = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
    Planes::new(channels, height, width, values).expect("length")
}

/// Structure everywhere, no two rows alike.
fn pattern(channels: usize, height: usize, width: usize) -> Planes {
    let value = |i: usize| (i as f32 * 0.37).sin() * (i as f32 * 0.0013).cos() * 0.5 + 0.5;
    let values = (0..channels * height * width).map(value).collect();
    Planes::new(channels, height, width, values).expect("length")
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn analysis_gives_the_golden_latents() {
    let latents = g_a()
        .latents(&golden("photo"), &mut silent())
        .expect("latents");
    let expected = golden("latents");
    assert_eq!(latents.shape(), expected.shape());
    let difference = largest_difference(latents.data(), expected.data());
    assert!(difference <= TOLERANCE, "{difference}");
}

#[test]
fn refining_gives_the_golden_latents() {
    let (latents, deviation) = (golden("latents_hat"), golden("deviation"));
    let refiner = refiner();
    for (dial, name) in [(0.0, "refined_0"), (1.0, "refined_1")] {
        let refined = refiner
            .refine(&latents, &deviation, dial, &mut silent())
            .expect("latents");
        let expected = golden(name);
        let difference = largest_difference(refined.data(), expected.data());
        assert!(difference <= TOLERANCE, "{name}: {difference}");
        assert!(
            largest_difference(refined.data(), latents.data()) > 0.01,
            "{name} does nothing"
        );
    }
}

#[test]
fn the_flow_gives_the_golden_latents() {
    let (refined, deviation) = (golden("refined_1"), golden("deviation"));
    let flow = flow();
    for steps in [1, 2] {
        let painted = flow
            .paint(&refined, &deviation, settings(steps), &mut silent())
            .expect("latents");
        let difference =
            largest_difference(painted.data(), golden(&format!("flow_{steps}")).data());
        assert!(difference <= TOLERANCE, "{steps} steps: {difference}");
        let moved = largest_difference(painted.data(), refined.data());
        assert!(moved > 0.01, "{steps} steps do nothing");
    }
}

#[test]
fn the_flow_leaves_alone_what_is_certain() {
    let refined = pattern(32, 9, 7);
    let mut deviation = pattern(32, 9, 7);
    let places = deviation.data_mut().iter_mut().step_by(3);
    places.for_each(|deviation| *deviation = 0.0);
    let painted = flow()
        .paint(&refined, &deviation, settings(3), &mut silent())
        .expect("latents");
    for (i, (z, painted)) in refined.data().iter().zip(painted.data()).enumerate() {
        assert!(i % 3 != 0 || z == painted, "latent {i}: {z} to {painted}");
    }
}

#[test]
fn progress_of_the_flow_runs_over_all_steps() {
    let (refined, mut heard) = (pattern(32, 4, 4), Vec::new());
    let mut progress = |done, total| heard.push((done, total));
    flow()
        .paint(&refined, &refined, settings(3), &mut progress)
        .expect("latents");
    assert_eq!(heard, [(1, 3), (2, 3), (3, 3)]);
}

#[test]
fn synthesis_paints_the_golden_photos() {
    let deviation = golden("deviation");
    let g_s = g_s();
    for (dial, name) in [(0.0, "painted_0"), (1.0, "painted_1")] {
        let latents = golden(&name.replace("painted", "refined"));
        let painted = g_s
            .paint(&latents, &deviation, dial, &mut silent())
            .expect("photo");
        let expected = golden(name);
        assert_eq!(painted.shape(), expected.shape());
        let difference = largest_difference(painted.data(), expected.data());
        assert!(difference <= TOLERANCE, "{name}: {difference}");
    }
}

#[test]
fn candles_convolutions_agree() {
    let photo = golden("photo");
    let mut g_a = g_a();
    let source = |y: usize, row: &mut [f32]| photo.get_row(y, row, (0, 3));
    let reference = g_a
        .network_mut()
        .forward(photo.shape(), 0.0, &source)
        .expect("candle");
    let reference: Vec<f32> = reference
        .flatten_all()
        .expect("f32")
        .to_vec1()
        .expect("f32");
    let latents = g_a.latents(&photo, &mut silent()).expect("latents");
    assert!(largest_difference(&reference, latents.data()) <= TOLERANCE);

    let noise = pattern(64, 8, 8);
    let source = |y: usize, row: &mut [f32]| noise.get_row(y, row, (0, 64));
    let mut g_s = g_s();
    let network = g_s.network_mut();
    let reference = network
        .forward(noise.shape(), 0.7, &source)
        .expect("candle");
    let reference: Vec<f32> = reference
        .flatten_all()
        .expect("f32")
        .to_vec1()
        .expect("f32");
    let painted = network
        .evaluate([64, 8, 8], [3, 64, 64], 0.7, &source, &mut silent())
        .expect("photo");
    assert!(largest_difference(&reference, painted.data()) <= TOLERANCE);
}

#[test]
fn strips_change_nothing() {
    let photo = pattern(3, 136, 104);
    let (y_hat, deviation) = (pattern(32, 17, 13), pattern(32, 17, 13));
    let (mut g_a, mut g_s) = (g_a(), g_s());
    let whole = (
        g_a.latents(&photo, &mut silent()).expect("latents"),
        g_s.paint(&y_hat, &deviation, 1.0, &mut silent())
            .expect("photo"),
    );
    for band_bytes in [1, 300_000] {
        g_a.network_mut().set_band_bytes(band_bytes);
        g_s.network_mut().set_band_bytes(band_bytes);
        let mut strips = 0;
        let mut count = |done, total| {
            strips += 1;
            assert!(done == strips && done <= total);
        };
        let latents = g_a.latents(&photo, &mut count).expect("latents");
        assert!(strips > 4, "{strips} strips");
        assert_eq!(latents, whole.0);
        assert_eq!(
            g_s.paint(&y_hat, &deviation, 1.0, &mut silent())
                .expect("photo"),
            whole.1
        );
    }
}

#[test]
fn threads_change_nothing() {
    let photo = pattern(3, 64, 96);
    let both = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("pool");
        pool.install(|| {
            let y = g_a().latents(&photo, &mut silent()).expect("latents");
            let flowed = flow()
                .paint(&y, &y, settings(2), &mut silent())
                .expect("latents");
            let painted = g_s().paint(&flowed, &y, 0.5, &mut silent()).expect("photo");
            (flowed, painted)
        })
    };
    assert_eq!(both(1), both(2));
}

#[test]
fn progress_ends_at_its_total() {
    let mut heard = Vec::new();
    let mut progress = |done, total| heard.push((done, total));
    g_a()
        .latents(&pattern(3, 32, 32), &mut progress)
        .expect("latents");
    let total = heard.len();
    assert_eq!(
        heard,
        (1..=total).map(|done| (done, total)).collect::<Vec<_>>()
    );
}

#[test]
fn unfit_inputs_are_refused() {
    let g_a = g_a();
    for [channels, height, width] in [[3, 0, 8], [3, 8, 12], [4, 8, 8]] {
        let photo = Planes::zeros(channels, height, width);
        let refused = g_a.latents(&photo, &mut silent()).expect_err("refused");
        assert!(matches!(refused, NetworkError::Photo { found } if found == photo.shape()));
    }
    let g_s = g_s();
    let y = Planes::zeros(32, 2, 3);
    for (latents, deviation) in [
        (&y, Planes::zeros(32, 3, 2)),
        (&Planes::zeros(31, 2, 3), Planes::zeros(31, 2, 3)),
    ] {
        let refused = g_s
            .paint(latents, &deviation, 0.0, &mut silent())
            .expect_err("refused");
        assert!(matches!(refused, NetworkError::Latents { .. }));
    }
    for steps in [0, MAX_STEPS + 1] {
        let refused = flow()
            .paint(&y, &y, settings(steps), &mut silent())
            .expect_err("refused");
        assert!(matches!(refused, NetworkError::Steps { found } if found == steps));
    }
    for dial in [-0.1, 1.5, f32::NAN] {
        let refused = g_s.paint(&y, &y, dial, &mut silent()).expect_err("refused");
        assert!(matches!(refused, NetworkError::Perception { .. }));
    }
    assert!(Planes::new(usize::MAX, usize::MAX, 2, Vec::new()).is_err());
}

#[test]
fn a_file_without_a_tensor_is_refused_by_its_name() {
    let empty = Weights::from_safetensors(b"\x02\0\0\0\0\0\0\0{}").expect("no tensors");
    let said = Analysis::load(&empty, &Device::Cpu)
        .expect_err("missing")
        .to_string();
    assert_eq!(
        said,
        "tensor g_a.0.weight is missing; it must be of shape [64, 3, 3, 3]"
    );
    let said = Synthesis::load(&empty, &Device::Cpu)
        .expect_err("missing")
        .to_string();
    assert_eq!(
        said,
        "tensor latent_std is missing; it must be of shape [32]"
    );
}
