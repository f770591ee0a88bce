//! Against `diffusers` on a small model of made-up weights.

use heliograph::codec::{Codec, LatentCodec, ReceivedLatents};
use heliograph::photo::{Photo, PhotoSize};

use super::*;
use crate::Memory;
use crate::test_models::{difference, made_up, model, outputs};

fn open(test: &str) -> FullSizeDecoder {
    let folder = model("autoencoder", test);
    FullSizeDecoder::open(&folder.0, &Device::Cpu).unwrap()
}

#[test]
fn latents_become_the_photo_that_diffusers_paints() {
    let decoder = open("parity");
    let latents = Planes::new(LATENT_CHANNELS, 4, 6, made_up(9, 32 * 4 * 6)).unwrap();
    let mut told = Vec::new();
    let photo = decoder
        .paint(&latents, &mut |done, all| told.push((done, all)))
        .unwrap();
    assert_eq!((photo.shape(), told), ([3, 32, 48], vec![(1, 1)]));
    let photo = Tensor::from_slice(photo.data(), (1, 3, 32, 48), &Device::Cpu).unwrap();
    // Diffusers paints -1..1.
    let expected = outputs("autoencoder")["photo"].affine(0.5, 0.5).unwrap();
    let found = difference(&photo, &expected);
    assert!(found < 1e-4, "{found}");
}

#[test]
fn tiles_fade_into_each_other() {
    let decoder = open("tiles");
    let (height, width) = (5, 90);
    let latents = Planes::new(32, height, width, made_up(3, 32 * height * width)).unwrap();
    let tiled = decoder.paint(&latents, &mut |_, _| ()).unwrap();
    let whole = decoder.raw(&latents).into_data();
    let whole = decoder.tile(whole, (height, width)).unwrap();
    let difference: Vec<f32> = tiled
        .data()
        .iter()
        .zip(&whole)
        .map(|(a, b)| a - b)
        .collect();
    let rows = || difference.chunks_exact(SCALE * width);
    let count = (3 * SCALE * height) as f32;
    // A network that sees a tile whole paints it a little differently: what matters is that nothing jumps.
    let jump = |x: usize| rows().map(|row| (row[x] - row[x - 1]).abs()).sum::<f32>() / count;
    let borders = tiles::tiles(height, width);
    let [first, second] = &borders[..] else {
        panic!("{borders:?}")
    };
    for x in [SCALE * second.columns.start, SCALE * first.columns.end] {
        let around = (x - 24..x)
            .chain(x + 1..x + 24)
            .map(jump)
            .fold(0.0, f32::max);
        assert!(jump(x) <= 1.5 * around, "{x}: {} {around}", jump(x));
    }
    let mean = difference.iter().map(|d| d.abs()).sum::<f32>() / difference.len() as f32;
    assert!((1e-6..0.1).contains(&mean), "{mean}");
}

#[test]
fn latents_of_another_shape_are_refused() {
    let decoder = open("shape");
    for shape in [[31, 2, 2], [32, 0, 2]] {
        let [channels, height, width] = shape;
        let latents = Planes::zeros(channels, height, width);
        assert!(
            decoder.paint(&latents, &mut |_, _| ()).is_err(),
            "{shape:?}"
        );
    }
}

#[test]
fn memory_is_that_of_the_decoder_alone() {
    let folder = model("autoencoder", "memory");
    let weights = folder.0.join("model.safetensors");
    let tensors = candle_core::safetensors::load(weights, &Device::Cpu).unwrap();
    let is_encoders = |name: &str| name.starts_with("encoder.") || name.starts_with("quant_conv.");
    let values: usize = tensors
        .iter()
        .filter(|(name, _)| !is_encoders(name))
        .map(|(_, tensor)| tensor.elem_count())
        .sum();
    let memory = Memory::of(&ModelFolder::open(&folder.0).unwrap()).unwrap();
    assert_eq!(memory.weights, 4 * values as u64);
}

#[test]
fn the_codec_paints_with_it_and_its_symbols_stay() {
    let plain = LatentCodec::shipped().unwrap();
    let codec = plain
        .clone()
        .with_synthesis(std::sync::Arc::new(open("codec")));
    let size = PhotoSize::new(70, 40).unwrap();
    let photo = Photo::filled(size, [200, 120, 40]);
    let sent = codec.encode(&photo, None, 300).unwrap();
    assert_eq!(
        sent.symbols,
        plain.encode(&photo, None, 300).unwrap().symbols
    );
    assert_eq!(codec.weights_hash(), plain.weights_hash());
    let received = ReceivedLatents {
        symbols: &sent.symbols,
        variances: &vec![0.1; 300],
    };
    let decode = |codec: &LatentCodec| {
        codec
            .decode(received, &sent.side_information, size)
            .unwrap()
    };
    let (with, without) = (decode(&codec), decode(&plain));
    assert_eq!(with.size(), size);
    assert_ne!(with.rgb(), without.rgb());
}
