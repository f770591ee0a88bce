//! Odd photos: a picture or an error that names the file.

use std::fs;
use std::path::Path;

use crate::common::{Folder, size};
use image::{DynamicImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};

/// Sends a photo and checks that one of its size came back.
fn crosses(folder: &Folder, name: &str, expected: (u32, u32)) {
    folder.run(&["loopback", name, "--out", "o"]).ok();
    assert_eq!(size(&folder.path("o/received.png")), expected, "{name}");
    let (width, height) = size(&folder.path("o/side-by-side.png"));
    assert!(width <= 4000 && height <= 4000, "{name}: {width}x{height}");
}

#[test]
fn one_pixel_is_a_photo() {
    let folder = Folder::new("pixel");
    folder.photo("a.png", 1, 1);
    crosses(&folder, "a.png", (1, 1));
}

#[test]
fn long_and_thin_photos_cross_either_way() {
    let folder = Folder::new("thin");
    folder.photo("tall.png", 3, 5000);
    crosses(&folder, "tall.png", (3, 5000));
    folder.photo("wide.png", 16_384, 2);
    crosses(&folder, "wide.png", (16_384, 2));
}

#[test]
fn grey_alpha_and_16_bit_photos_become_colour_photos() {
    let folder = Folder::new("depths");
    let save = |name: &str, image: DynamicImage| image.save(folder.path(name)).unwrap();
    save(
        "grey.png",
        ImageBuffer::from_pixel(20, 10, Luma([90u8])).into(),
    );
    save(
        "grey-alpha.png",
        ImageBuffer::from_pixel(20, 10, LumaA([90u8, 0])).into(),
    );
    save(
        "alpha.png",
        ImageBuffer::from_pixel(20, 10, Rgba([0u8, 0, 0, 0])).into(),
    );
    save(
        "deep.png",
        ImageBuffer::from_pixel(20, 10, Rgb([60_000u16, 100, 30_000])).into(),
    );
    for name in ["grey.png", "grey-alpha.png", "alpha.png", "deep.png"] {
        crosses(&folder, name, (20, 10));
    }
    let white = image::open(folder.path("o/received.png"))
        .unwrap()
        .to_rgb8();
    assert!(
        white.get_pixel(3, 3)[0] > 200,
        "16 bits are scaled, not cut"
    );
}

#[test]
fn four_inks_become_the_colours_they_print() {
    let folder = Folder::new("inks");
    fs::write(folder.path("a.jpg"), include_bytes!("data/cmyk.jpg")).unwrap();
    folder
        .run(&[
            "loopback", "a.jpg", "--cbr", "1", "--snr-db", "none", "--out", "o",
        ])
        .ok();
    let received = image::open(folder.path("o/received.png"))
        .unwrap()
        .to_rgb8();
    let (left, right) = (received.get_pixel(4, 8).0, received.get_pixel(28, 8).0);
    assert!(left[0] > 180 && left[2] < 80, "{left:?}");
    assert!(right[2] > 100 && right[0] < 100, "{right:?}");
}

#[test]
fn the_first_frame_of_an_animation_is_sent() {
    let folder = Folder::new("animation");
    let mut encoder =
        image::codecs::gif::GifEncoder::new(fs::File::create(folder.path("a.gif")).unwrap());
    for shade in [250u8, 5] {
        let frame = image::RgbaImage::from_pixel(24, 16, Rgba([shade, shade, shade, 255]));
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    crosses(&folder, "a.gif", (24, 16));
    let received = image::open(folder.path("o/received.png"))
        .unwrap()
        .to_rgb8();
    assert!(received.get_pixel(8, 8)[0] > 200);
}

#[test]
fn files_that_are_no_photos_are_named_with_what_is_wrong() {
    let folder = Folder::new("broken");
    folder.photo("whole.png", 60, 60);
    let whole = fs::read(folder.path("whole.png")).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path(name), bytes).unwrap();
    write("truncated.png", &whole[..whole.len() / 2]);
    write("empty.jpg", b"");
    write("text.png", b"this is no picture");
    write("huge.pgm", b"P5 40000 40000 255\n");
    fs::create_dir(folder.path("folder.png")).unwrap();
    let cases = [
        ("truncated.png", "truncated.png"),
        ("empty.jpg", "0 bytes"),
        ("text.png", "PNG, JPEG"),
        ("huge.pgm", "16384"),
        ("folder.png", "not a file"),
        ("missing.png", "No such file"),
    ];
    for (name, said) in cases {
        let run = folder.run(&["loopback", name, "--out", "o"]);
        let err = run.err();
        assert_eq!(run.code(), 1, "{name}: {err}");
        assert!(err.contains(name) && err.contains(said), "{name}: {err}");
        assert!(
            !Path::new(&folder.path("o/received.png")).exists(),
            "{name}"
        );
    }
}
