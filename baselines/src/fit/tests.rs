use super::*;

/// A ramp with a texture, so that sizes grow with quality.
fn photo(width: u32, height: u32) -> Photo {
    let value = |at: u32| {
        ((at * 5 / width) as u8).wrapping_add((at.wrapping_mul(2_654_435_761) >> 27) as u8)
    };
    let size = PhotoSize::new(width, height).unwrap();
    Photo::new(size, (0..3 * width * height).map(value).collect()).unwrap()
}

#[test]
fn a_file_never_exceeds_its_bytes_and_more_bytes_are_never_worse() {
    let (photo, fitter) = (photo(96, 64), Fitter::default());
    for format in PictureFormat::ALL {
        let mut last = f64::NEG_INFINITY;
        for most_bytes in [0, 40, 200, 700, 1_500, 4_000, 100_000] {
            let Some(file) = fitter.fit(&photo, format, most_bytes) else {
                assert!(most_bytes < 1_500, "{format} in {most_bytes}");
                continue;
            };
            assert!(
                file.bytes.len() <= most_bytes,
                "{format}: {}",
                file.bytes.len()
            );
            assert!(file.psnr_db >= last - 0.3, "{format} in {most_bytes}");
            last = file.psnr_db;
        }
    }
}

#[test]
fn a_fitter_with_a_past_finds_the_same_file() {
    let (photo, used) = (photo(96, 64), Fitter::default());
    let budgets = [300, 5_000, 1_200, 900, 2_000];
    for most_bytes in budgets {
        used.best(&photo, &PictureFormat::ALL, most_bytes);
    }
    for most_bytes in budgets {
        let again = used.best(&photo, &PictureFormat::ALL, most_bytes);
        let fresh = Fitter::default().best(&photo, &PictureFormat::ALL, most_bytes);
        assert_eq!(again, fresh, "{most_bytes} bytes");
    }
}

#[test]
fn the_best_of_the_formats_is_no_worse_than_any() {
    let (photo, fitter) = (photo(96, 64), Fitter::default());
    let best = fitter.best(&photo, &PictureFormat::ALL, 1_500).unwrap();
    for format in PictureFormat::ALL {
        if let Some(file) = fitter.fit(&photo, format, 1_500) {
            assert!(best.psnr_db >= file.psnr_db);
        }
    }
}

#[test]
fn a_reduced_picture_wins_where_the_whole_is_too_much() {
    let (photo, fitter) = (photo(256, 192), Fitter::default());
    let file = fitter.fit(&photo, PictureFormat::WebP, 500).unwrap();
    assert_ne!(file.scale, Scale::Full);
    let odd = Scale::Quarter.reduced(PhotoSize::new(3, 500).unwrap());
    assert_eq!((odd.width(), odd.height()), (1, 125));
}

#[test]
fn one_pixel_fits_at_its_only_scale() {
    let photo = Photo::filled(PhotoSize::new(1, 1).unwrap(), [10, 200, 30]);
    let file = Fitter::default()
        .best(&photo, &PictureFormat::ALL, 2_000)
        .unwrap();
    assert_eq!(file.scale, Scale::Full);
}

#[test]
fn the_bracket_ends_at_the_largest_step_that_fits() {
    for steps in [1u8, 2, 100, 255] {
        for limit in 0..=usize::from(steps) {
            let size = |step: u8| 100 + 10 * usize::from(step);
            let most_bytes = 95 + 10 * limit;
            let mut bracket = Bracket::new(steps);
            let mut tries = 0;
            while let Some(step) = bracket.next_step(most_bytes) {
                bracket.narrow(step, size(step), most_bytes);
                tries += 1;
            }
            let found = bracket.fits.map(|(step, _)| usize::from(step) + 1);
            assert_eq!(found.unwrap_or(0), limit);
            assert!(tries <= 14, "{tries} tries");
        }
    }
}
