//! Peak signal-to-noise ratio over all RGB bytes, peak 255.

use super::{MetricError, equal_sizes};
use crate::photo::Photo;

/// `10 log10(255^2 / MSE)` in dB, the mean over all pixels and the three channels; `+inf` for
/// equal pictures.
///
/// # Errors
/// [`MetricError::SizesDiffer`].
pub fn psnr_db(reference: &Photo, distorted: &Photo) -> Result<f64, MetricError> {
    psnr_db_where(reference, distorted, |_| true)
}

/// The same over the pixels whose number, row by row, `counts`; NaN where none does.
///
/// # Errors
/// [`MetricError::SizesDiffer`].
pub fn psnr_db_where(
    reference: &Photo,
    distorted: &Photo,
    counts: impl Fn(usize) -> bool,
) -> Result<f64, MetricError> {
    equal_sizes(reference, distorted)?;
    let pixels = reference.rgb().chunks_exact(3);
    let pixels = pixels.zip(distorted.rgb().chunks_exact(3)).enumerate();
    let (mut squares, mut count) = (0, 0usize);
    for (_, (a, b)) in pixels.filter(|(pixel, _)| counts(*pixel)) {
        let square = |(a, b): (&u8, &u8)| u64::from(a.abs_diff(*b)).pow(2);
        squares += a.iter().zip(b).map(square).sum::<u64>();
        count += 3;
    }
    let mse = squares as f64 / count as f64;
    Ok(10.0 * (255.0 * 255.0 / mse).log10())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::PhotoSize;

    #[test]
    fn one_byte_off_by_ten_among_twelve_gives_the_hand_computed_figure() {
        let size = PhotoSize::new(2, 2).unwrap();
        let reference = Photo::filled(size, [100; 3]);
        let mut bytes = reference.rgb().to_vec();
        bytes[7] = 110;
        let distorted = Photo::new(size, bytes).unwrap();
        let expected = 10.0 * (255.0f64.powi(2) * 12.0 / 100.0).log10();
        assert!((psnr_db(&reference, &distorted).unwrap() - expected).abs() < 1e-12);
        assert_eq!(psnr_db(&reference, &reference).unwrap(), f64::INFINITY);
    }

    #[test]
    fn pixels_that_do_not_count_change_nothing() {
        let size = PhotoSize::new(2, 2).unwrap();
        let reference = Photo::filled(size, [100; 3]);
        let mut bytes = reference.rgb().to_vec();
        (bytes[1], bytes[9]) = (101, 200);
        let distorted = Photo::new(size, bytes).unwrap();
        let of = |counts: fn(usize) -> bool| psnr_db_where(&reference, &distorted, counts).unwrap();
        let expected = 10.0 * (255.0f64.powi(2) * 9.0).log10();
        assert!((of(|pixel| pixel != 3) - expected).abs() < 1e-12);
        assert!(of(|_| false).is_nan());
    }

    #[test]
    fn pictures_of_different_sizes_are_refused() {
        let a = Photo::filled(PhotoSize::new(2, 3).unwrap(), [0; 3]);
        let b = Photo::filled(PhotoSize::new(3, 2).unwrap(), [0; 3]);
        let message = psnr_db(&a, &b).unwrap_err().to_string();
        assert!(message.contains("2x3") && message.contains("3x2"));
    }
}
