use heliograph::bits::prbs::GoldSequence;
use heliograph::metrics::psnr_db;

use super::*;

fn photo(width: u32, height: u32) -> Photo {
    let value = |x: u32, y: u32, c: u32| {
        let wave =
            (f64::from(x * (c + 1)) / 17.0).sin() + (f64::from(y) / (9.0 + f64::from(c))).cos();
        (127.0 + 55.0 * wave) as u8
    };
    let place = |at: u32| (at / 3 % width, at / 3 / width, at % 3);
    let rgb = (0..3 * width * height).map(|at| {
        let (x, y, c) = place(at);
        value(x, y, c)
    });
    Photo::new(PhotoSize::new(width, height).unwrap(), rgb.collect()).unwrap()
}

#[test]
fn every_format_gives_back_the_photo_and_better_at_a_higher_step() {
    let photo = photo(70, 45);
    for format in PictureFormat::ALL {
        let psnr = |step| {
            let bytes = format.encode(&photo, step, Effort::Thorough).unwrap();
            psnr_db(&photo, &format.decode(&bytes, photo.size()).unwrap()).unwrap()
        };
        let (poor, good) = (psnr(format.steps() / 4), psnr(format.steps() - 1));
        assert!(good > 30.0 && good > poor + 2.0, "{format}: {poor} {good}");
    }
}

#[test]
fn odd_sizes_keep_their_size() {
    for (width, height) in [(1, 1), (3, 500), (500, 3), (2, 1), (17, 16), (65, 63)] {
        let photo = photo(width, height);
        for format in PictureFormat::ALL {
            let bytes = format
                .encode(&photo, format.steps() / 2, Effort::Quick)
                .unwrap();
            let decoded = format.decode(&bytes, photo.size()).unwrap();
            assert_eq!(decoded.size(), photo.size(), "{format}");
        }
    }
}

#[test]
fn another_size_than_announced_is_refused_with_both() {
    let photo = photo(64, 48);
    let announced = PhotoSize::new(48, 64).unwrap();
    for format in PictureFormat::ALL {
        let bytes = format
            .encode(&photo, format.steps() / 2, Effort::Quick)
            .unwrap();
        let message = format.decode(&bytes, announced).unwrap_err().to_string();
        assert!(
            message.contains("64x48") && message.contains("48x64"),
            "{message}"
        );
        let tiny = PhotoSize::new(4, 4).unwrap();
        assert!(format.decode(&bytes, tiny).is_err(), "{format}");
    }
}

#[test]
fn damaged_cut_and_random_bytes_never_panic() {
    let photo = photo(64, 48);
    let noise: Vec<u8> = GoldSequence::new(11)
        .take(8 * 600)
        .collect::<Vec<u8>>()
        .chunks(8)
        .map(|bits| bits.iter().fold(0, |byte, bit| 2 * byte + bit))
        .collect();
    for format in PictureFormat::ALL {
        let bytes = format
            .encode(&photo, format.steps() / 2, Effort::Quick)
            .unwrap();
        for length in (0..bytes.len()).step_by(7) {
            format.decode(&bytes[..length], photo.size()).ok();
            let mut damaged = bytes.clone();
            damaged[length] ^= noise[length % noise.len()] | 1;
            if let Ok(picture) = format.decode(&damaged, photo.size()) {
                assert_eq!(picture.size(), photo.size());
            }
        }
        assert!(format.decode(&noise, photo.size()).is_err());
        assert!(format.decode(&[], photo.size()).is_err());
    }
}

#[test]
fn names_survive_and_others_are_refused() {
    for format in PictureFormat::ALL {
        assert_eq!(format.name().parse::<PictureFormat>().unwrap(), format);
    }
    let message = "bpg".parse::<PictureFormat>().unwrap_err().to_string();
    assert!(message.contains("avif, jpeg and webp"), "{message}");
}
