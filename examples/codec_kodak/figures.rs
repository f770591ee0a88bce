//! Figures of one painted picture, and their means.

use heliograph::link::{Ledger, ReceivedPicture};
use heliograph::metrics::{lpips_alex, ms_ssim, psnr_db, ssim};
use heliograph::photo::{Photo, PhotoSize};
use serde_json::{Value, json};

use crate::Error;

const REDUCTION: usize = 8;
const FIGURES: [&str; 11] = [
    "psnr_db",
    "psnr_reduced_db",
    "ssim",
    "ms_ssim",
    "lpips_alex",
    "side_information_bytes",
    "bursts_missing",
    "bursts_expected",
    "cbr_analog",
    "cbr_digital",
    "cbr_total",
];
const GROUPS: [&str; 5] = ["cbr", "snr_db", "painter", "perception", "variances"];

pub fn row(
    photo: &Photo,
    painted: &Photo,
    received: &ReceivedPicture,
    ledger: &Ledger,
) -> Result<Value, Error> {
    let values = 3.0 * photo.size().pixels() as f64;
    Ok(json!({
        "psnr_db": psnr_db(photo, painted)?,
        "psnr_reduced_db": psnr_db(&reduced(photo)?, &reduced(painted)?)?,
        "ssim": ssim(photo, painted)?,
        "ms_ssim": ms_ssim(photo, painted).ok(),
        "lpips_alex": lpips_alex(photo, painted).ok(),
        "side_information_bytes": received.side_information.received().map(Vec::len),
        "caption_received": received.caption.received().is_some(),
        "bursts_missing": received.bursts_missing,
        "bursts_expected": received.bursts_expected,
        "cbr_analog": ledger.analog / values,
        "cbr_digital": ledger.digital / values,
        "cbr_total": ledger.total() / values,
        "ledger": ledger,
    }))
}

/// Means over pictures and seeds for every ratio, SNR and way of painting.
pub fn means(rows: &[Value]) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for row in rows {
        let same = |other: &&Value| GROUPS.iter().all(|key| other[*key] == row[*key]);
        if out.iter().any(|done| same(&done)) {
            continue;
        }
        let group: Vec<&Value> = rows.iter().filter(same).collect();
        let mut mean = json!({ "count": group.len(), "ledger_of_first_picture": row["ledger"] });
        for key in GROUPS {
            mean[key] = row[key].clone();
        }
        for key in FIGURES {
            let values: Vec<f64> = group.iter().filter_map(|row| row[key].as_f64()).collect();
            let sum: f64 = values.iter().sum();
            mean[key] = json!((!values.is_empty()).then(|| sum / values.len() as f64));
        }
        out.push(mean);
    }
    out
}

/// Means of 8x8 pixels: what is left of colour and layout.
fn reduced(photo: &Photo) -> Result<Photo, Error> {
    let (width, height) = (
        photo.size().width() as usize,
        photo.size().height() as usize,
    );
    let (columns, rows) = (width / REDUCTION, height / REDUCTION);
    let mut rgb = Vec::with_capacity(3 * columns * rows);
    for y in 0..rows {
        for x in 0..columns {
            for channel in 0..3 {
                let pixels = (0..REDUCTION * REDUCTION).map(|i| {
                    let (y, x) = (y * REDUCTION + i / REDUCTION, x * REDUCTION + i % REDUCTION);
                    u32::from(photo.rgb()[3 * (y * width + x) + channel])
                });
                let count = (REDUCTION * REDUCTION) as u32;
                rgb.push(((pixels.sum::<u32>() + count / 2) / count) as u8);
            }
        }
    }
    Ok(Photo::new(
        PhotoSize::new(columns as u32, rows as u32)?,
        rgb,
    )?)
}
