//! Pictures of which some blocks sent nothing.

use super::*;
use crate::codec::DEFAULT_PERCEPTION;
use crate::nn::BandLatents;

#[test]
fn pictures_with_empty_blocks_are_inpainted_and_no_others() {
    let (photo, budget) = (photo(128, 96), 900);
    let plain = CODEC.clone().without_inpainter();
    let mut levels = vec![15; 12];
    levels[5] = 0;
    let map = RateMap::new(4, 3, levels).expect("map");
    for (map, differs) in [(Some(&map), true), (None, false)] {
        let sent = CODEC.encode(&photo, map, budget).expect("sent");
        let variances = vec![0.1; budget];
        let by = |codec| decoded_by(codec, &sent, &variances, photo.size());
        assert_eq!(by(&CODEC) != by(&plain), differs);
    }
    // Too few symbols for every block leave some without, which no map has asked for.
    let sent = CODEC.encode(&photo, None, 4).expect("sent");
    let by = |codec| decoded_by(codec, &sent, &[0.1; 4], photo.size());
    assert_eq!(by(&CODEC), by(&plain));
}

#[test]
fn noise_for_texture_stands_in_empty_blocks_beside_sent_ones_and_nowhere_else() {
    let (photo, budget) = (photo(128, 96), 900);
    // One row is sent, the next is beside it, the last is not.
    let map = RateMap::new(1, 3, vec![15, 0, 0]).expect("map");
    let sent = CODEC.encode(&photo, Some(&map), budget).expect("sent");
    let received = ReceivedLatents {
        symbols: &sent.symbols,
        variances: &vec![0.1; budget],
    };
    let found = || {
        let found = CODEC.receive(received, &sent.side_information, photo.size());
        found.expect("latents")
    };
    let plain = found();
    assert_eq!(plain.empty_blocks, [4, 5, 6, 7, 8, 9, 10, 11]);
    let with = |amount, perception| {
        let mut found = found();
        texture::add_noise(&mut found, Grid::of(photo.size()), amount, perception);
        found.latents
    };
    for (amount, perception) in [(0.0, 1.0), (0.5, 0.0)] {
        assert_eq!(with(amount, perception).data(), plain.latents.data());
    }
    let noisy = with(0.5, 0.5);
    assert_eq!(noisy.data(), with(0.5, 1.0).data());
    let inside = |place: usize| (4..8).contains(&(place / 16 % 12));
    let (latents, deviations) = (plain.latents.data(), plain.deviations.data());
    let mut energy = 0.0;
    for (place, (a, b)) in latents.iter().zip(noisy.data()).enumerate() {
        assert_eq!(a != b, inside(place), "{place}");
        energy += ((b - a) / deviations[place]).powi(2);
    }
    let deviation = (energy / (BAND_LATENTS * 64) as f32).sqrt();
    assert!((0.48..0.52).contains(&deviation), "{deviation}");
}

#[test]
fn gaps_are_painted_with_the_noise_of_the_weights_and_without_an_inpainter_with_none() {
    let (photo, budget) = (photo(128, 96), 900);
    let map = RateMap::new(1, 3, vec![15, 0, 0]).expect("map");
    let sent = CODEC.encode(&photo, Some(&map), budget).expect("sent");
    let variances = vec![0.1; budget];
    let received = ReceivedLatents {
        symbols: &sent.symbols,
        variances: &variances,
    };
    let grid = Grid::of(photo.size());
    let painted = |noise: f32, has_gaps: bool| {
        let mut found = CODEC
            .receive(received, &sent.side_information, photo.size())
            .expect("latents");
        texture::add_noise(&mut found, grid, noise, DEFAULT_PERCEPTION);
        let latents = BandLatents {
            latents: &found.latents,
            deviation: &found.deviations,
            has_gaps,
        };
        let synthesis = &CODEC.networks.synthesis;
        let planes = synthesis.paint_all(&[latents], DEFAULT_PERCEPTION, &mut |_, _| {});
        grid.photo(&planes.expect("painted")[0], photo.size())
    };
    let noise = CODEC.networks.inpainter.expect("shipped").noise;
    assert!(noise > 0.0);
    let by = |codec: &DeepJsccCodec| decoded_by(codec, &sent, &variances, photo.size());
    assert_eq!(by(&CODEC), painted(noise, true));
    assert_ne!(by(&CODEC), painted(0.0, true));
    let plain = CODEC.clone().without_inpainter();
    assert_eq!(by(&plain), painted(0.0, false));
}
