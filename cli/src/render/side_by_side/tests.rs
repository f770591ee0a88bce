use super::super::font::WARNING;
use super::layout::{MARGIN, Page};
use super::*;

fn figures(count: usize) -> Vec<Figure> {
    let figure = |i| Figure {
        label: format!("Figure {i}"),
        value: "−12.34 ± 0.56 dB".to_owned(),
        remark: "a remark that is far too long for its cell".to_owned(),
    };
    (0..count).map(figure).collect()
}

fn maps((width, height): (u32, u32)) -> Vec<BlockMap> {
    let (columns, rows) = (width.div_ceil(32) as usize, height.div_ceil(32) as usize);
    let map = BlockMap {
        title: "Symbols a block".to_owned(),
        remark: "0 to 100".to_owned(),
        columns,
        values: vec![1.0; columns * rows],
        highest: 2.0,
        marks_nothing: true,
    };
    vec![map; 2]
}

fn page_of(size: (u32, u32), caption: Caption, losses: usize, arrived: bool) -> Page {
    let pixels = vec![90; 3 * size.0 as usize * size.1 as usize];
    let view = || View::from_raw(size.0, size.1, pixels.as_slice()).unwrap();
    lay_out(&Contents {
        name: "a-file-with-a-long-name".repeat(9),
        sent: view(),
        received: arrived.then(view),
        quality: "PSNR 31.42 dB  ·  SSIM 0.912".to_owned(),
        maps: maps(size),
        losses: vec!["2 of 9 bursts were lost.".to_owned(); losses],
        caption,
        figures: figures(9),
        imprint: "Heliograph 0.1.0  ·  softcast  ·  ".repeat(8),
    })
}

fn check(page: &Page, what: &str) {
    let whole = Rect::new(
        MARGIN,
        MARGIN,
        page.width - 2 * MARGIN,
        page.height - 2 * MARGIN,
    );
    for (i, a) in page.items.iter().enumerate() {
        assert!(whole.contains(a.rect), "{what}: {a:?} leaves {whole:?}");
        for b in &page.items[..i] {
            assert!(!a.rect.overlaps(b.rect), "{what}: {a:?} on {b:?}");
        }
    }
}

#[test]
fn nothing_overlaps_and_nothing_leaves_the_page_whatever_is_on_it() {
    let sizes = [
        (1, 1),
        (8, 8),
        (3, 5000),
        (5000, 3),
        (16_384, 20),
        (768, 512),
        (512, 768),
        (3000, 2000),
    ];
    let captions = [
        Caption::None,
        Caption::Received("An espresso in a red cup".to_owned()),
        Caption::Lost("wörter 😀 ".repeat(80)),
        Caption::Received("w".repeat(1024)),
    ];
    for size in sizes {
        for caption in &captions {
            for (losses, arrived) in [(0, true), (3, false)] {
                let page = page_of(size, caption.clone(), losses, arrived);
                check(&page, &format!("{size:?} {caption:?} {losses}"));
            }
        }
    }
}

#[test]
fn the_page_is_bounded_for_the_largest_photo() {
    let page = page_of((16_384, 4096), Caption::Received("i ".repeat(512)), 3, true);
    assert!(
        page.width <= 1700 && page.height <= 2400,
        "{}x{}",
        page.width,
        page.height
    );
}

#[test]
fn ordinary_photos_stand_side_by_side_and_panoramas_above_each_other() {
    for (size, beside) in [((768, 512), true), ((1200, 300), false)] {
        let page = page_of(size, Caption::None, 0, true);
        let pictures: Vec<Rect> = page
            .items
            .iter()
            .filter(|p| matches!(p.item, Item::Picture(_)))
            .map(|p| p.rect)
            .collect();
        assert_eq!(pictures[0].y == pictures[1].y, beside, "{size:?}");
        assert_eq!(pictures[0].x == pictures[1].x, !beside, "{size:?}");
    }
}

#[test]
fn a_picture_that_did_not_arrive_leaves_an_empty_frame() {
    let page = page_of((64, 64), Caption::None, 1, false);
    let count = |wanted: &Item| page.items.iter().filter(|p| p.item == *wanted).count();
    assert_eq!(count(&Item::Vacancy), 1);
    assert_eq!(count(&Item::Picture(Side::Received)), 0);
}

#[test]
fn a_lost_caption_is_said_to_be_lost() {
    let page = page_of((64, 64), Caption::Lost("hello".to_owned()), 0, true);
    let said = page.items.iter().any(|p| {
        matches!(&p.item, Item::Line(text, style) if text.contains("lost") && *style == WARNING)
    });
    assert!(said);
}

#[test]
fn drawing_fills_the_page_that_was_laid_out() {
    let pixels = vec![200; 3 * 40 * 30];
    let contents = Contents {
        name: "x.png".to_owned(),
        sent: View::from_raw(40, 30, pixels.as_slice()).unwrap(),
        received: None,
        quality: "nothing arrived".to_owned(),
        maps: maps((40, 30)),
        losses: vec![],
        caption: Caption::Received("日本 😀 ok".to_owned()),
        figures: figures(2),
        imprint: "x".to_owned(),
    };
    let page = lay_out(&contents);
    assert_eq!(draw(&contents).dimensions(), (page.width, page.height));
}
