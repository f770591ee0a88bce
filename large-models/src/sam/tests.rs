//! Against `transformers` on a small model of made-up weights.

use std::sync::Arc;

use heliograph::regions::{RegionError, RegionFinder};

use super::*;
use crate::test_models::{difference, made_up, model, outputs};

/// The bar of the issue.
const TOLERANCE: f32 = 1e-4;

fn open(test: &str) -> Sam {
    let folder = model("sam", test);
    Sam::open(&folder.0, &Device::Cpu).unwrap()
}

fn key(x: f32, y: f32) -> Place {
    let meaning = Meaning::Key;
    Place { x, y, meaning }
}

#[test]
fn what_it_sees_is_what_transformers_sees() {
    let (sam, expected) = (open("seen"), outputs("sam"));
    let pixels = Tensor::from_vec(made_up(7, 3 * 64 * 64), (1, 3, 64, 64), &Device::Cpu).unwrap();
    let seen = sam.vision.forward(&pixels).unwrap();
    let found = difference(&seen, &expected["seen"]);
    assert!(found < TOLERANCE, "{found}");
}

#[test]
fn points_and_boxes_mean_what_they_mean_to_transformers() {
    let (sam, expected) = (open("prompts"), outputs("sam"));
    let other = Place {
        meaning: Meaning::Other,
        ..key(50.0, 5.0)
    };
    let corner = |x, y, meaning| Place { x, y, meaning };
    for (name, prompt) in [
        ("one", vec![key(20.0, 31.0)]),
        ("two", vec![key(20.0, 31.0), other]),
        (
            "box",
            vec![
                corner(8.0, 10.0, Meaning::TopLeft),
                corner(40.0, 50.0, Meaning::BottomRight),
            ],
        ),
    ] {
        let (masks, scores) = sam.answers(&expected["seen"], &prompt).unwrap();
        let found = difference(&masks, &expected[name]);
        assert!(found < TOLERANCE, "{name}: masks differ by {found}");
        let found = difference(&scores, &expected[&format!("{name}_iou")]);
        assert!(found < TOLERANCE, "{name}: scores differ by {found}");
    }
}

#[test]
fn masks_have_the_shape_of_the_photo() {
    let sam = open("shape");
    for (width, height) in [(100, 40), (3, 500), (1, 1), (64, 64)] {
        let photo = Photo::filled(PhotoSize::new(width, height).unwrap(), [90, 50, 10]);
        let seen = sam.look(&photo).unwrap();
        let point = Point {
            x: 0.5,
            y: 0.5,
            is_key: true,
        };
        let mask = sam.mask(&seen, &Prompt::Points(vec![point])).unwrap();
        let part = |length: usize| (length * 16).div_ceil(64) as u32;
        let size = (mask.size().width(), mask.size().height());
        assert_eq!(
            size,
            (part(seen.width), part(seen.height)),
            "{width}x{height}"
        );
        assert!(mask.rgb().iter().all(|value| [0, 255].contains(value)));
        assert!(sam.mask(&seen, &Prompt::Points(vec![])).is_err());
    }
}

#[test]
fn what_the_prompts_mean_together_is_what_matters() {
    let sam = Arc::new(open("finder"));
    let photo = Photo::filled(PhotoSize::new(128, 96).unwrap(), [90, 50, 10]);
    let region = |x, y| Region {
        x,
        y,
        width: 40,
        height: 30,
    };
    let importance = |prompts: Vec<Prompt>| {
        let finder = SamFinder::new(sam.clone(), prompts);
        finder.importance(&photo)
    };
    let [a, b] = [region(0, 0), region(80, 60)].map(Prompt::Box);
    let alone = [&a, &b].map(|prompt| importance(vec![prompt.clone()]).unwrap());
    let both = importance(vec![a, b]).unwrap();
    for (i, both) in both.values().iter().enumerate() {
        assert!(alone.iter().all(|one| one.values()[i] <= *both));
    }
    let outside = importance(vec![Prompt::Box(region(100, 0))]);
    assert!(matches!(outside, Err(RegionError::Outside { .. })));
}
