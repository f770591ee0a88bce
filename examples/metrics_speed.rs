//! How long the figures of merit of a picture pair take, and LPIPS of two picture files.
//!
//! Run: cargo run --release -p heliograph --example metrics_speed -- [REFERENCE DISTORTED]

use std::time::Instant;

use heliograph::metrics::{MetricError, lpips_alex, ms_ssim, psnr_db, ssim};
use heliograph::photo::{Photo, PhotoSize};

type Metric = fn(&Photo, &Photo) -> Result<f64, MetricError>;

const METRICS: [(&str, Metric); 4] = [
    ("psnr_db", psnr_db),
    ("ssim", ssim),
    ("ms_ssim", ms_ssim),
    ("lpips_alex", lpips_alex),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if let [reference, distorted] = files.as_slice() {
        measure(&Photo::open(reference)?, &Photo::open(distorted)?);
        return Ok(());
    }
    for (width, height) in [(256, 256), (768, 512), (2048, 1536), (4000, 3000)] {
        let size = PhotoSize::new(width, height)?;
        measure(&pattern(size, 3), &pattern(size, 4));
    }
    Ok(())
}

fn measure(reference: &Photo, distorted: &Photo) {
    println!("{}", reference.size());
    for (name, metric) in METRICS {
        let start = Instant::now();
        match metric(reference, distorted) {
            Ok(value) => println!(
                "  {name:<10} {value:.6}  {:.3} s",
                start.elapsed().as_secs_f64()
            ),
            Err(error) => println!("  {name:<10} {error}"),
        }
    }
}

fn pattern(size: PhotoSize, step: usize) -> Photo {
    let bytes = (0..3 * size.pixels()).map(|i| (i * step / 7 % 256) as u8);
    Photo::new(size, bytes.collect()).expect("as many bytes as the size takes")
}
