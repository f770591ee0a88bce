//! Against `transformers` on a small model of made-up weights.

use std::sync::Arc;

use heliograph::regions::{RegionError, RegionFinder};

use super::*;
use crate::test_models::{changed, difference, made_up, model, outputs};

/// Values of two programs that differ by less are the same.
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
        let beside = Point {
            is_key: false,
            ..point
        };
        for points in [vec![], vec![beside]] {
            assert!(sam.mask(&seen, &Prompt::Points(points)).is_err());
        }
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
    let boxed = |region| Prompt::Box {
        region,
        points: vec![],
    };
    let [a, b] = [region(0, 0), region(80, 60)].map(boxed);
    let alone = [&a, &b].map(|prompt| importance(vec![prompt.clone()]).unwrap());
    let both = importance(vec![a, b]).unwrap();
    for (i, both) in both.values().iter().enumerate() {
        assert!(alone.iter().all(|one| one.values()[i] <= *both));
    }
    let beside = |x| Prompt::Box {
        region: region(0, 0),
        points: vec![Point {
            x,
            y: 5.0,
            is_key: false,
        }],
    };
    importance(vec![beside(100.0)]).unwrap();
    for prompt in [boxed(region(100, 0)), beside(128.0)] {
        let outside = importance(vec![prompt]);
        assert!(matches!(outside, Err(RegionError::Outside { .. })));
    }
}

#[test]
fn points_stand_before_the_corners_of_their_box() {
    let sam = open("beside");
    let photo = Photo::filled(PhotoSize::new(64, 64).unwrap(), [90, 50, 10]);
    let seen = sam.look(&photo).unwrap();
    let region = Region {
        x: 8,
        y: 10,
        width: 32,
        height: 40,
    };
    let beside = Point {
        x: 50.0,
        y: 5.0,
        is_key: false,
    };
    let points = vec![beside];
    let prompt = places(&Prompt::Box { region, points }, &seen);
    let [point, corners @ ..] = prompt.as_slice() else {
        panic!("{prompt:?}")
    };
    assert_eq!((point.x, point.meaning), (50.0, Meaning::Other));
    // Points alone have one token more, which says so.
    let tokens = |prompt: &[Place]| sam.prompts.tokens(prompt).unwrap();
    let point = tokens(&[*point]).narrow(1, 0, 1).unwrap();
    let apart = Tensor::cat(&[&point, &tokens(corners)], 1).unwrap();
    assert!(difference(&tokens(&prompt), &apart) < TOLERANCE);
    let (masks, _) = sam.answers(&seen.embedding, &prompt).unwrap();
    assert_eq!(masks.dims(), [1, 16, 16]);
}

#[test]
fn sizes_that_nobody_needs_are_refused_by_field() {
    for (test, from, to, expected) in [
        (
            "places",
            "\"image_size\": 64",
            "\"image_size\": 2048",
            "config.json: vision_config.image_size / patch_size: found 128, allowed 1 to 64",
        ),
        (
            "patch",
            "\"patch_size\": 16",
            "\"patch_size\": 4",
            "config.json: vision_config.patch_size: found 4, allowed 8 to 64",
        ),
    ] {
        let folder = model("sam", test);
        changed(&folder, from, to);
        let said = Sam::open(&folder.0, &Device::Cpu).err().unwrap();
        assert!(said.to_string().contains(expected), "{said}");
    }
}
