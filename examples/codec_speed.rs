//! Times codec deepjscc once per line of standard input, for `training/compare_codec_speed.py`.
//!
//! `codec_speed DEVICE WIDTH HEIGHT BATCH [FOLDER]` with the name of a device and the folder of other weights, then a line
//! for each run: `encode` (one photo at CBR 1/48), `decode` (BATCH pictures at once), answered with seconds; `difference`, with
//! the largest difference of a colour value, 0 to 1, between the pictures of this device and those of the processor.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use candle_core::Device;
use heliograph::codec::{Arrival, Cbr, Codec, DeepJsccCodec, Latents, ReceivedLatents};
use heliograph::nn::open_device;
use heliograph::photo::{Photo, PhotoSize};

/// Of every symbol: 7 dB.
const VARIANCE: f32 = 0.2;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [device, width, height, batch] = match &arguments[1..] {
        [first, rest @ ..] if (3..=4).contains(&rest.len()) => {
            [first, &rest[0], &rest[1], &rest[2]]
        }
        _ => return Err("usage: codec_speed DEVICE WIDTH HEIGHT BATCH [FOLDER]".into()),
    };
    let folder = arguments.get(5).map(Path::new);
    let device = open_device(device)?;
    let size = PhotoSize::new(width.parse()?, height.parse()?)?;
    let bench = Bench::new(DeepJsccCodec::open(folder, &device)?, size, batch.parse()?)?;
    for line in std::io::stdin().lines() {
        let start = Instant::now();
        let answer = match line?.as_str() {
            "encode" => {
                bench.encode()?;
                start.elapsed().as_secs_f64()
            }
            "decode" => {
                bench.decode(&bench.codec)?;
                start.elapsed().as_secs_f64()
            }
            "difference" => bench.difference(folder)?,
            other => return Err(format!("{other}: encode, decode or difference").into()),
        };
        println!("{answer:.6}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// A codec with a photo and what is sent of it.
struct Bench {
    codec: DeepJsccCodec,
    photo: Photo,
    budget: usize,
    sent: Latents,
    batch: usize,
}

impl Bench {
    fn new(codec: DeepJsccCodec, size: PhotoSize, batch: usize) -> Result<Self, Box<dyn Error>> {
        let photo = Photo::new(size, pattern(size))?;
        let budget = "1/48".parse::<Cbr>()?.symbols(size);
        let sent = codec.encode(&photo, None, budget)?;
        Ok(Self {
            codec,
            photo,
            budget,
            sent,
            batch,
        })
    }

    fn encode(&self) -> Result<Latents, Box<dyn Error>> {
        Ok(self.codec.encode(&self.photo, None, self.budget)?)
    }

    fn decode(&self, codec: &DeepJsccCodec) -> Result<Vec<Photo>, Box<dyn Error>> {
        let variances = vec![VARIANCE; self.sent.symbols.len()];
        let arrival = Arrival {
            received: ReceivedLatents {
                symbols: &self.sent.symbols,
                variances: &variances,
            },
            side_information: &self.sent.side_information,
            size: self.photo.size(),
        };
        let painted = codec.decode_all(&vec![arrival; self.batch]).into_iter();
        Ok(painted.collect::<Result<_, _>>()?)
    }

    fn difference(&self, folder: Option<&Path>) -> Result<f64, Box<dyn Error>> {
        let processor = DeepJsccCodec::open(folder, &Device::Cpu)?;
        let (ours, theirs) = (self.decode(&self.codec)?, self.decode(&processor)?);
        let values = |photos: &[Photo]| -> Vec<u8> {
            photos
                .iter()
                .flat_map(|photo| photo.rgb().to_vec())
                .collect()
        };
        let pairs = values(&ours).into_iter().zip(values(&theirs));
        let largest = pairs.map(|(a, b)| a.abs_diff(b)).max();
        Ok(f64::from(largest.unwrap_or(0)) / 255.0)
    }
}

/// Waves of several lengths, edges and some grain.
fn pattern(size: PhotoSize) -> Vec<u8> {
    let (width, height) = (size.width(), size.height());
    let value = |x: u32, y: u32, c: u32| {
        let (x, y) = (x as f32, y as f32);
        let wave = (x / 37.0 + c as f32).sin() + (y / 11.0).cos() + ((x + y) / 5.0).sin();
        let edge = if (x as u32 / 48 + y as u32 / 32).is_multiple_of(3) {
            40.0
        } else {
            0.0
        };
        let grain = ((x as u32 * 7919 + y as u32 * 104_729) >> 3) % 16;
        (110.0 + 25.0 * wave + edge + grain as f32).clamp(0.0, 255.0) as u8
    };
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    rows.flat_map(|(x, y)| [0, 1, 2].map(|c| value(x, y, c)))
        .collect()
}
