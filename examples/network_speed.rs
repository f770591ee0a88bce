//! Times the networks once per line of standard input, for `training/compare_speed.py`.
//!
//! `network_speed FOLDER WIDTH HEIGHT` with the folder of the weights, then a line `analysis`, `refining`, `painting`
//! (one step) or `synthesis` for each run; answers are seconds.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use candle_core::Device;
use heliograph::nn::{Analysis, Flow, FlowSettings, Planes, Refiner, SCALE, Synthesis, Weights};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, width, height] = arguments.as_slice() else {
        return Err("usage: network_speed FOLDER WIDTH HEIGHT".into());
    };
    let weights = read(folder, "codec")?;
    let (width, height): (usize, usize) = (width.parse()?, height.parse()?);
    for line in std::io::stdin().lines() {
        let seconds = match line?.as_str() {
            "analysis" => analysis(&weights, height, width)?,
            "refining" => refining(&weights, height, width)?,
            "painting" => painting(&read(folder, "painter")?, &weights, height, width)?,
            "synthesis" => synthesis(&weights, height, width)?,
            other => {
                return Err(format!("{other}: analysis, refining, painting or synthesis").into());
            }
        };
        println!("{seconds:.6}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn read(folder: &str, name: &str) -> Result<Weights, Box<dyn Error>> {
    Ok(Weights::from_bytes(&std::fs::read(format!(
        "{folder}/{name}.gguf"
    ))?)?)
}

fn analysis(weights: &Weights, height: usize, width: usize) -> Result<f64, Box<dyn Error>> {
    let g_a = Analysis::load(weights, &Device::Cpu)?;
    let photo = pattern(3, height, width)?;
    let start = Instant::now();
    g_a.latents(&photo, &mut |_, _| ())?;
    Ok(start.elapsed().as_secs_f64())
}

fn refining(weights: &Weights, height: usize, width: usize) -> Result<f64, Box<dyn Error>> {
    let refiner = Refiner::load(weights, &Device::Cpu)?;
    let latents = pattern(32, height / SCALE, width / SCALE)?;
    let start = Instant::now();
    refiner.refine(&latents, &latents, 0.5, &mut |_, _| ())?;
    Ok(start.elapsed().as_secs_f64())
}

fn painting(
    painter: &Weights,
    codec: &Weights,
    height: usize,
    width: usize,
) -> Result<f64, Box<dyn Error>> {
    let flow = Flow::load(painter, codec, &Device::Cpu)?;
    let latents = pattern(32, height / SCALE, width / SCALE)?;
    let settings = FlowSettings {
        steps: 1,
        snr_db: 7.0,
        perception: 0.5,
    };
    let start = Instant::now();
    flow.paint(&latents, &latents, settings, &mut |_, _| ())?;
    Ok(start.elapsed().as_secs_f64())
}

fn synthesis(weights: &Weights, height: usize, width: usize) -> Result<f64, Box<dyn Error>> {
    let g_s = Synthesis::load(weights, &Device::Cpu)?;
    let (y_hat, deviation) = (
        pattern(32, height / SCALE, width / SCALE)?,
        pattern(32, height / SCALE, width / SCALE)?,
    );
    let start = Instant::now();
    g_s.paint(&y_hat, &deviation, 0.5, &mut |_, _| ())?;
    Ok(start.elapsed().as_secs_f64())
}

fn pattern(channels: usize, height: usize, width: usize) -> Result<Planes, Box<dyn Error>> {
    let values = (0..channels * height * width).map(|i| (i as f32 * 0.37).sin() * 0.5 + 0.5);
    Ok(Planes::new(channels, height, width, values.collect())?)
}
