//! Speed of the networks: analysis, refining, one step of the painter and synthesis of one picture at two sizes.
//!
//! `cargo bench --bench networks`. `training/compare_speed.py` holds the same against PyTorch.

use std::hint::black_box;

use candle_core::Device;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use heliograph::nn::{Analysis, Flow, FlowSettings, Planes, Refiner, Synthesis, Weights};

const SIZES: [(usize, usize); 2] = [(256, 256), (768, 512)];

fn planes(channels: usize, height: usize, width: usize) -> Planes {
    let values = (0..channels * height * width).map(|i| (i as f32 * 0.37).sin() * 0.5 + 0.5);
    Planes::new(channels, height, width, values.collect()).expect("length")
}

fn shipped(name: &str) -> Weights {
    let path = format!("{}/weights/{name}", env!("CARGO_MANIFEST_DIR"));
    Weights::from_bytes(&std::fs::read(path).expect("weights")).expect("weights")
}

const ONE_STEP: FlowSettings = FlowSettings {
    steps: 1,
    snr_db: 7.0,
    perception: 0.5,
};

fn networks(c: &mut Criterion) {
    let weights = shipped("codec.gguf");
    let g_a = Analysis::load(&weights, &Device::Cpu).expect("g_a");
    let g_s = Synthesis::load(&weights, &Device::Cpu).expect("g_s");
    let refiner = Refiner::load(&weights, &Device::Cpu).expect("refine");
    let flow = Flow::load(&shipped("painter.gguf"), &weights, &Device::Cpu).expect("painter");
    let mut group = c.benchmark_group("networks");
    group.sample_size(10);
    for (width, height) in SIZES {
        let photo = planes(3, height, width);
        let (y_hat, deviation) = (
            planes(32, height / 8, width / 8),
            planes(32, height / 8, width / 8),
        );
        group.throughput(Throughput::Elements((width * height) as u64));
        group.bench_function(format!("analysis {width}x{height}"), |b| {
            b.iter(|| {
                g_a.latents(black_box(&photo), &mut |_, _| ())
                    .expect("latents")
            });
        });
        group.bench_function(format!("refining {width}x{height}"), |b| {
            b.iter(|| {
                refiner
                    .refine(black_box(&y_hat), &deviation, 0.5, &mut |_, _| ())
                    .expect("latents")
            });
        });
        group.bench_function(format!("painter step {width}x{height}"), |b| {
            b.iter(|| {
                flow.paint(black_box(&y_hat), &deviation, ONE_STEP, &mut |_, _| ())
                    .expect("latents")
            });
        });
        group.bench_function(format!("synthesis {width}x{height}"), |b| {
            b.iter(|| {
                g_s.paint(black_box(&y_hat), &deviation, 0.5, &mut |_, _| ())
                    .expect("photo")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, networks);
criterion_main!(benches);
