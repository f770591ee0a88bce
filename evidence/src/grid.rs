//! Picture grids: codecs down, SNRs across, the sent photo in the first column.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::draw::colour::{INK, PANEL, QUIET};
use crate::draw::{Anchor, Item, Weight, Words, blank, fill_rect, lay, shortened, width};
use crate::names::{Names, safe, unique};
use crate::plots::spread;
use crate::rows::Row;
use crate::summary::{Metric, Snr};
use crate::{Error, codecs, files};

/// Width of a page, at most.
const WIDEST: u32 = 2400;
/// SNRs shown, at most; more would be too small to judge.
const MOST_SNRS: usize = 6;
/// Sides of a tile, at most.
const TILE: (u32, u32) = (420, 300);
const LEAST_TILE: u32 = 150;
const MARGIN: u32 = 28;
const GAP: u32 = 10;
/// Width of the column of names.
const NAMES: u32 = 250;
/// Beneath a tile, for its figures.
const FIGURES: u32 = 36;
const TITLE: u32 = 44;
/// Above a section.
const SPACE: u32 = 30;
const SIZE: f32 = 23.0;

/// A page of one picture.
pub struct Grid {
    pub picture: String,
    /// Path from the folder of the report.
    pub file: String,
    image: RgbImage,
}

impl Grid {
    /// Writes the page.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn write(&self, dir: &Path) -> Result<PathBuf, Error> {
        let path = dir.join(&self.file);
        files::write(&path, &files::png(&self.image))?;
        Ok(path)
    }

    pub fn size(&self) -> (u32, u32) {
        self.image.dimensions()
    }
}

/// A page for each picture that was kept.
pub fn draw_all(dir: &Path, rows: &[Row]) -> Vec<Grid> {
    let mut by_picture: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_picture.entry(&row.picture).or_default().push(row);
    }
    let mut names = Names::default();
    let pages = by_picture.into_iter().filter_map(|(picture, rows)| {
        let folder = dir.join("pictures").join(unique(picture));
        let sent = open(&folder.join("sent.png"))?;
        let image = Page::new(&folder, &rows, sent)?.draw();
        let file = format!("grid-{}.png", names.take(picture));
        Some(Grid {
            picture: picture.to_owned(),
            file,
            image,
        })
    });
    pages.collect()
}

fn open(path: &Path) -> Option<RgbImage> {
    Some(image::open(path).ok()?.to_rgb8())
}

/// What one channel and CBR shows: a section of the page.
struct Section<'a> {
    title: String,
    codecs: Vec<&'a str>,
    /// Rows of a codec at an SNR, one a seed.
    rows: BTreeMap<(&'a str, Snr), Vec<&'a Row>>,
}

struct Page<'a> {
    folder: &'a Path,
    sent: RgbImage,
    snrs: Vec<Snr>,
    sections: Vec<Section<'a>>,
    tile: (u32, u32),
}

impl<'a> Page<'a> {
    /// None if nothing but the sent photo was kept.
    fn new(folder: &'a Path, rows: &[&'a Row], sent: RgbImage) -> Option<Self> {
        let kept = |row: &Row| kept_file(folder, row).is_some();
        let snrs: BTreeSet<Snr> = rows
            .iter()
            .filter(|r| kept(r))
            .map(|r| Snr(r.snr_db))
            .collect();
        let snrs: Vec<Snr> = snrs.into_iter().collect();
        let shown = spread(snrs.len(), MOST_SNRS);
        let snrs: Vec<Snr> = shown.into_iter().map(|i| snrs[i]).collect();
        let mut settings: BTreeMap<(&str, Snr, &str), Vec<&Row>> = BTreeMap::new();
        for row in rows.iter().filter(|r| snrs.contains(&Snr(r.snr_db))) {
            let key = (row.channel.as_str(), Snr(row.cbr_value), row.cbr.as_str());
            settings.entry(key).or_default().push(row);
        }
        settings.retain(|_, rows| rows.iter().any(|r| kept(r)));
        let sections = settings.into_iter().map(|((channel, _, cbr), rows)| {
            Section::new(
                format!("{channel}, CBR {cbr}   (beneath each: PSNR, LPIPS)"),
                &rows,
            )
        });
        let sections: Vec<Section> = sections.collect();
        let tile = tile(sent.dimensions(), snrs.len() as u32 + 1);
        (!sections.is_empty()).then_some(Self {
            folder,
            sent,
            snrs,
            sections,
            tile,
        })
    }

    fn draw(&self) -> RgbImage {
        let columns = self.snrs.len() as u32 + 1;
        let width = 2 * MARGIN + NAMES + columns * (self.tile.0 + GAP) - GAP;
        let row = self.tile.1 + FIGURES + GAP;
        let heights = self
            .sections
            .iter()
            .map(|s| SPACE + 2 * TITLE + s.codecs.len() as u32 * row);
        let mut page = blank(width, heights.sum::<u32>() + MARGIN);
        let sent = scaled(&self.sent, self.tile);
        let mut y = MARGIN - SPACE / 2;
        for section in &self.sections {
            y += SPACE;
            words(
                &mut page,
                (MARGIN, y + 26),
                &section.title,
                26.0,
                Weight::SemiBold,
                width,
            );
            y += TITLE;
            self.draw_heads(&mut page, y);
            y += TITLE;
            for codec in &section.codecs {
                let at = (MARGIN, y + self.tile.1 / 2);
                words(&mut page, at, codec, SIZE, Weight::SemiBold, NAMES - 12);
                imageops::replace(&mut page, &sent, self.column(0).into(), y.into());
                for (i, snr) in self.snrs.iter().enumerate() {
                    let rows = section.rows.get(&(*codec, *snr));
                    let rows = rows.map(Vec::as_slice).unwrap_or_default();
                    self.draw_tile(&mut page, (self.column(i as u32 + 1), y), rows);
                }
                y += row;
            }
        }
        page
    }

    fn column(&self, i: u32) -> u32 {
        MARGIN + NAMES + i * (self.tile.0 + GAP)
    }

    fn draw_heads(&self, page: &mut RgbImage, y: u32) {
        let heads = self.snrs.iter().map(|snr| format!("{} dB", snr.0));
        let heads = std::iter::once("sent".to_owned()).chain(heads);
        for (i, head) in heads.enumerate() {
            let at = (self.column(i as u32), y + 28);
            words(page, at, &head, SIZE, Weight::Regular, self.tile.0);
        }
    }

    fn draw_tile(&self, page: &mut RgbImage, (x, y): (u32, u32), rows: &[&Row]) {
        let picture = rows.iter().find_map(|r| open(&kept_file(self.folder, r)?));
        if let Some(picture) = picture {
            let picture = scaled(&picture, self.tile);
            imageops::replace(page, &picture, x.into(), y.into());
        } else {
            fill_rect(page, (x, y), self.tile, PANEL);
            let said = rows.first().map_or("not measured", |r| r.outcome.name());
            let at = (x + 12, y + self.tile.1 / 2);
            words(
                page,
                at,
                &said.replace('_', " "),
                SIZE,
                Weight::Regular,
                self.tile.0 - 20,
            );
        }
        let at = (x, y + self.tile.1 + 26);
        let figures = figures(rows);
        let size = fitting(&figures, self.tile.0);
        words(page, at, &figures, size, Weight::Regular, self.tile.0);
    }
}

impl<'a> Section<'a> {
    fn new(title: String, rows: &[&'a Row]) -> Self {
        let codecs: BTreeSet<&str> = rows.iter().map(|r| r.codec.as_str()).collect();
        let mut codecs: Vec<&str> = codecs.into_iter().collect();
        codecs.sort_by(|a, b| codecs::order(a, b));
        let mut cells: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            let key = (row.codec.as_str(), Snr(row.snr_db));
            cells.entry(key).or_default().push(row);
        }
        Self {
            title,
            codecs,
            rows: cells,
        }
    }
}

/// The kept picture of a row; the SNR in its name is as typed, or as numbers are written.
fn kept_file(folder: &Path, row: &Row) -> Option<PathBuf> {
    let [channel, cbr, codec] = [&row.channel, &row.cbr, &row.codec].map(|label| safe(label));
    let names = [safe(&row.snr), row.snr_db.to_string()];
    let paths = names.map(|snr| folder.join(format!("{channel}_{cbr}_{codec}_{snr}.png")));
    paths.into_iter().find(|path| path.is_file())
}

/// Size of a tile so that `columns` of them fit the page.
fn tile((width, height): (u32, u32), columns: u32) -> (u32, u32) {
    let room = (WIDEST - 2 * MARGIN - NAMES) / columns - GAP;
    let (most_w, most_h) = (room.min(TILE.0), TILE.1);
    let enlarged = (LEAST_TILE / width.max(height)).max(1);
    let (w, h) = (width * enlarged, height * enlarged);
    let ratio = f64::min(
        f64::from(most_w) / f64::from(w),
        f64::from(most_h) / f64::from(h),
    )
    .min(1.0);
    // A thread of a photo is shown wide enough to be seen.
    let side = |n: u32, most: u32| ((f64::from(n) * ratio).round() as u32).clamp(16, most);
    (side(w, most_w), side(h, most_h))
}

fn scaled(picture: &RgbImage, (width, height): (u32, u32)) -> RgbImage {
    let filter = if width > picture.width() {
        FilterType::Nearest
    } else {
        FilterType::CatmullRom
    };
    imageops::resize(picture, width, height, filter)
}

/// The size at which a line of figures is no wider than `most`, as long as it can be read.
fn fitting(line: &str, most: u32) -> f32 {
    const USUAL: f32 = 20.0;
    const LEAST: f32 = 13.0;
    let width = width(line, USUAL, Weight::Regular).max(1.0);
    (USUAL * most as f32 / width * 0.99).clamp(LEAST, USUAL)
}

/// PSNR and LPIPS of this picture, means over its seeds.
fn figures(rows: &[&Row]) -> String {
    let mean = |metric: Metric| {
        let values: Vec<f64> = rows
            .iter()
            .filter_map(|r| r.quality[metric as usize])
            .collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let psnr = mean(Metric::Psnr).map(|v| format!("{v:.2} dB"));
    let lpips = mean(Metric::Lpips).map(|v| format!("{v:.3}"));
    psnr.into_iter().chain(lpips).collect::<Vec<_>>().join(", ")
}

fn words(
    page: &mut RgbImage,
    (x, y): (u32, u32),
    text: &str,
    size: f32,
    weight: Weight,
    most: u32,
) {
    let line = Item::Words(Words {
        x: x as f32,
        y: y as f32,
        text: shortened(text, size, weight, most as f32),
        size,
        weight,
        colour: if weight == Weight::SemiBold {
            INK
        } else {
            QUIET
        },
        anchor: Anchor::Start,
        upwards: false,
    });
    lay(page, &line, 1.0);
}
