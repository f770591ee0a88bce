//! The graph is the library's networks; its gradients are those of differences; steps lower the loss.

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use heliograph::codec::{Cbr, Codec, DeepJsccCodec, SoftCast};
use heliograph::link::{ReceivedPicture, Receiver, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::metrics;
use heliograph::nn::{Adapter, Weights};
use heliograph::photo::{Photo, PhotoSize};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::graph::{Decoder, Given, Window, unfold};
use crate::lora::Changes;
use crate::losses::Lpips;
use crate::sample::Arrived;
use crate::{AdaptationError, Heard, Photos, Settings, Trainer};

/// Waves and edges.
fn photo(width: u32, height: u32, seed: u32) -> Photo {
    let size = PhotoSize::new(width, height).unwrap();
    let value = |i: usize| {
        let (x, y) = ((i / 3) as u32 % width, (i / 3) as u32 / width);
        let wave = ((x * (3 + seed % 5) + y * 2) as f32 / 9.0 + (i % 3) as f32).sin();
        let edge = if (x / 16 + y / 24 + seed).is_multiple_of(2) {
            40.0
        } else {
            0.0
        };
        (110.0 + 60.0 * wave + edge) as u8
    };
    Photo::new(size, (0..3 * size.pixels()).map(value).collect()).unwrap()
}

fn rng() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(3)
}

fn cbr() -> Cbr {
    "1/24".parse().unwrap()
}

fn base() -> Weights {
    DeepJsccCodec::weights(None).unwrap()
}

fn pixels(photo: &Photo) -> Tensor {
    let values = photo.rgb().iter().map(|byte| f32::from(*byte) / 255.0);
    Tensor::from_vec(values.collect(), (photo.size().pixels(), 3), &Device::Cpu).unwrap()
}

#[test]
fn the_graph_paints_what_the_codec_paints_with_an_adapter_and_without() {
    let (codec, sent) = (DeepJsccCodec::shipped().unwrap(), photo(96, 64, 1));
    let arrived = Arrived::new(&codec, &sent, cbr(), 7.0, &mut rng()).unwrap();
    let decoder = Decoder::load(&base()).unwrap();
    let changes = Changes::new(&decoder.matrices(), 2, &mut rng()).unwrap();
    for changed in [false, true] {
        if changed {
            for var in changes.variables() {
                var.set(&(var.as_tensor() + 0.01).unwrap()).unwrap();
            }
        }
        let mut weights = base();
        let adapter = Adapter::from_bytes(&changes.to_bytes(&base()).unwrap()).unwrap();
        adapter.apply(&mut weights).unwrap();
        let adapted = DeepJsccCodec::with_weights(&weights, None, &Device::Cpu).unwrap();
        for dial in [0.0, 1.0] {
            let adapted = adapted.clone().with_perception(dial).unwrap();
            let side_information = arrived.side_information();
            let expected = adapted
                .decode(arrived.received(), side_information, sent.size())
                .unwrap();
            let (latents, deviations) = codec
                .received_latents(arrived.received(), side_information, sent.size())
                .unwrap();
            let given = Given::new(&latents, &deviations).unwrap();
            let found = decoder.paint(&given, dial, &changes).unwrap();
            let found = found.clamp(0f32, 1f32).unwrap();
            let difference = (found - pixels(&expected)).unwrap().abs().unwrap();
            let largest = difference.flatten_all().unwrap().max(0).unwrap();
            let largest = largest.to_scalar::<f32>().unwrap();
            // Half a step of 8 bits, and what f16 takes from the adapter.
            let most = if changed { 0.02 } else { 0.0021 };
            assert!(largest < most, "{changed} {dial}: {largest}");
        }
    }
}

#[test]
fn the_distance_of_the_graph_is_the_metric() {
    let (a, b) = (photo(96, 64, 1), photo(96, 64, 2));
    let lpips = Lpips::new().unwrap();
    let [of_a, of_b] = [&a, &b].map(|photo| lpips.features(&pixels(photo), (64, 96)).unwrap());
    let found = lpips
        .distance(&of_a, &of_b)
        .unwrap()
        .to_scalar::<f32>()
        .unwrap();
    let expected = metrics::lpips_alex(&a, &b).unwrap();
    assert!(
        (f64::from(found) - expected).abs() < 1e-4,
        "{found} {expected}"
    );
}

#[test]
fn gradients_are_those_of_differences() {
    let window = Window {
        height: 5,
        width: 4,
        side: 3,
        stride: 2,
        padding: 1,
    };
    let values: Vec<f32> = (0..40).map(|i| (i as f32 * 0.7).sin()).collect();
    let map = Var::from_vec(values.clone(), (20, 2), &Device::Cpu).unwrap();
    // A function of all windows that is no plain sum.
    let loss = |map: &Tensor| {
        let windows = unfold(map, window).unwrap();
        let weights = Tensor::arange(0f32, windows.elem_count() as f32, &Device::Cpu).unwrap();
        let weights = weights.reshape(windows.dims()).unwrap().sin().unwrap();
        (windows.sqr().unwrap() * weights)
            .unwrap()
            .sum_all()
            .unwrap()
    };
    let gradients = loss(&map).backward().unwrap();
    let gradient = gradients.get(&map).unwrap().flatten_all().unwrap();
    let gradient = gradient.to_vec1::<f32>().unwrap();
    for (i, found) in gradient.iter().enumerate() {
        let at = |step: f32| {
            let mut values = values.clone();
            values[i] += step;
            let map = Tensor::from_vec(values, (20, 2), &Device::Cpu).unwrap();
            loss(&map).to_scalar::<f32>().unwrap()
        };
        let expected = (at(1e-2) - at(-1e-2)) / 2e-2;
        assert!((found - expected).abs() < 2e-2, "{i}: {found} {expected}");
    }
}

fn settings() -> Settings {
    Settings {
        models: None,
        rank: 4,
        cbr: cbr(),
        snr_db: 7.0,
        perception: 1.0,
        seed: 1,
    }
}

/// Files of small photos, removed in the end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str, count: u32) -> Self {
        let name = format!("heliograph-adaptation-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for i in 0..count {
            photo(96, 64, i)
                .save_png(folder.join(format!("{i}.png")))
                .unwrap();
        }
        Self(folder)
    }

    fn files(&self) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn steps_make_photos_of_one_kind_better_and_can_be_gone_on_with() {
    let folder = Folder::new("steps", 5);
    let new = || Trainer::new(Photos::open(&folder.files()).unwrap(), settings()).unwrap();
    let mut trainer = new();
    let before = trainer.held_out(None).unwrap();
    for i in 0..6 {
        let loss = trainer.step(0.06 + f64::from(i) / 12.0).unwrap();
        assert!(loss.is_finite());
    }
    let bytes = trainer.adapter().unwrap();
    let adapter = Adapter::from_bytes(&bytes).unwrap();
    let after = trainer.held_out(Some(&adapter)).unwrap();
    assert!(after.lpips < before.lpips, "{before:?} {after:?}");
    // The same photos, seed and steps: the same adapter.
    let mut again = new();
    for i in 0..6 {
        again.step(0.06 + f64::from(i) / 12.0).unwrap();
    }
    assert!(again.adapter().unwrap() == bytes);
    // Going on begins where it ended.
    let mut resumed = new();
    resumed.resume(&adapter).unwrap();
    assert!(resumed.adapter().unwrap() == bytes);
    let other = Settings {
        rank: 5,
        ..settings()
    };
    let mut other = Trainer::new(Photos::open(&folder.files()).unwrap(), other).unwrap();
    assert!(matches!(
        other.resume(&adapter),
        Err(AdaptationError::Resumed { found: 4, rank: 5 })
    ));
}

/// What a receiver has of `photo`.
fn received(photo: &Photo, codec: Arc<dyn Codec>) -> ReceivedPicture {
    let config = TransmitterConfig {
        cbr: cbr(),
        ..Default::default()
    };
    let mut transmitter = Transmitter::new(config, codec).unwrap();
    let samples: Vec<_> = transmitter
        .picture(photo, None)
        .unwrap()
        .flatten()
        .collect();
    let mut receiver = Receiver::new(Default::default());
    let mut events = receiver.push(&samples);
    events.extend(receiver.finish());
    let picture = events.into_iter().find_map(|event| match event {
        ReceiverEvent::Picture(picture) => Some(*picture),
        ReceiverEvent::Burst(_) => None,
    });
    picture.unwrap()
}

#[test]
fn pictures_that_were_heard_are_trained_on_or_measured_as_their_photos_are() {
    let folder = Folder::new("heard", 5);
    let photos = Photos::open(&folder.files()).unwrap();
    let mut trainer = Trainer::new(photos, settings()).unwrap();
    let codec: Arc<dyn Codec> = Arc::new(DeepJsccCodec::shipped().unwrap());
    let mut hear = |photo: &Photo, codec: &Arc<dyn Codec>| {
        let heard = trainer.hear(&received(photo, codec.clone())).unwrap();
        heard.map_err(|reason| reason.to_string())
    };
    let heard: Vec<_> = (0..5)
        .map(|seed| hear(&photo(96, 64, seed), &codec))
        .collect();
    let count = |of| heard.iter().filter(|heard| **heard == Ok(of)).count();
    assert_eq!((count(Heard::TrainedOn), count(Heard::HeldOut)), (4, 1));
    let held_out = (0..5)
        .find(|seed| heard[*seed as usize] == Ok(Heard::HeldOut))
        .unwrap();
    assert_eq!(hear(&photo(96, 64, held_out), &codec), Ok(Heard::HeldOut));
    let often = hear(&photo(96, 64, held_out), &codec).unwrap_err();
    assert!(often.contains("held out"), "{often}");
    let unknown = Err("resembles none of the photos".to_owned());
    let red = Photo::filled(photo(96, 64, 1).size(), [200, 30, 30]);
    assert_eq!(hear(&red, &codec), unknown);
    assert_eq!(hear(&photo(64, 64, 3), &codec), unknown);
    let other: Arc<dyn Codec> = Arc::new(SoftCast::default());
    let refused = hear(&photo(96, 64, 3), &other).unwrap_err();
    assert!(refused.contains("codec number 1"), "{refused}");
    let before = trainer.held_out(None).unwrap();
    let loss = trainer.step(0.1).unwrap();
    assert!(loss.is_finite());
    // As it was heard counts beside as simulated.
    let alone = Trainer::new(Photos::open(&folder.files()).unwrap(), settings()).unwrap();
    assert!(before.psnr_db > alone.held_out(None).unwrap().psnr_db);
}

#[test]
fn too_few_photos_and_ranks_that_are_none_are_refused() {
    let folder = Folder::new("few", 4);
    std::fs::write(folder.0.join("damaged.png"), "none").unwrap();
    let photos = Photos::open(&folder.files()).unwrap();
    assert_eq!(
        (
            photos.trained_on(),
            photos.held_out().len(),
            photos.skipped.len()
        ),
        (3, 1, 1)
    );
    std::fs::remove_file(folder.0.join("0.png")).unwrap();
    let said = Photos::open(&folder.files()).err().unwrap().to_string();
    assert_eq!(
        said,
        "found 3 photos with sides of at least 64 pixels, allowed are 4 or more"
    );
    for i in 1..5 {
        let file = folder.0.join(format!("{i}.png"));
        photo(96, 64, 1).save_png(file).unwrap();
    }
    let said = Photos::open(&folder.files()).err().unwrap().to_string();
    let wanted = "found 4 photos that show the same, allowed are different ones";
    assert_eq!(said, wanted);
    let photos = || Photos::of_test((0..4).map(|seed| photo(96, 64, seed)).collect());
    for rank in [0, 65] {
        let settings = Settings { rank, ..settings() };
        let said = Trainer::new(photos(), settings).err().unwrap().to_string();
        assert_eq!(said, format!("rank: found {rank}, allowed 1 to 64"));
    }
}
