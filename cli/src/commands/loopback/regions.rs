//! Where a photo's symbols went, and how what matters of it came out.

use anyhow::Context;
use heliograph::codec::{BlockSymbols, Codec};
use heliograph::link::ReceivedPicture;
use heliograph::metrics;
use heliograph::photo::Photo;
use heliograph::regions::{BLOCK_PIXELS, Importance, Interest};

use crate::render::block_map::{BlockMap, key_share};
use crate::report::RegionsInfo;

/// What is known of the photo's blocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regions {
    /// Where something was asked to matter.
    importance: Option<Importance>,
    /// Of codecs with blocks, where the side information arrived.
    symbols: Option<BlockSymbols>,
}

impl Regions {
    /// Looks at the photo once more, and at what arrived.
    ///
    /// # Errors
    /// A region that the photo does not have.
    pub fn of(
        photo: &Photo,
        interest: Option<&Interest>,
        codec: &dyn Codec,
        picture: Option<&ReceivedPicture>,
    ) -> anyhow::Result<Self> {
        let importance = interest.map(|interest| interest.importance(photo));
        Ok(Self {
            importance: importance.transpose().context("--roi")?,
            symbols: picture.and_then(|picture| symbols(photo, codec, picture)),
        })
    }

    /// What is drawn: nothing where all blocks were alike.
    pub fn maps(&self) -> Vec<BlockMap> {
        let differ = |found: &&BlockSymbols| {
            let [least, most] = extremes(&found.symbols);
            most - least > 1.0
        };
        let symbols = self.symbols.as_ref().filter(differ);
        let symbols = symbols.map(|found| BlockMap::symbols(found.clone()));
        let importance = self.importance.as_ref().map(BlockMap::importance);
        importance.into_iter().chain(symbols).collect()
    }

    /// Figures inside and outside of what matters; `None` where nothing was asked to.
    pub fn figures(&self, sent: &Photo, received: Option<&Photo>) -> Option<RegionsInfo> {
        let importance = self.importance.as_ref()?;
        let psnr = |key| received.and_then(|photo| psnr_db(sent, photo, importance, key));
        let symbols = |key| {
            let symbols = self.symbols.as_ref()?.symbols.iter().enumerate();
            mean(symbols.filter_map(|(block, n)| (importance.is_key(block) == key).then_some(*n)))
        };
        Some(RegionsInfo {
            key_share: key_share(importance),
            key_psnr_db: psnr(true),
            rest_psnr_db: psnr(false),
            key_symbols_per_block: symbols(true),
            rest_symbols_per_block: symbols(false),
        })
    }
}

fn symbols(photo: &Photo, codec: &dyn Codec, picture: &ReceivedPicture) -> Option<BlockSymbols> {
    let side_information = picture.side_information.received()?;
    let budget = picture.symbols.len();
    // What cannot be read was not painted either, and is said elsewhere.
    codec
        .block_symbols(side_information, photo.size(), budget)
        .ok()?
}

fn extremes(values: &[f64]) -> [f64; 2] {
    let fold = |start: f64, pick: fn(f64, f64) -> f64| values.iter().copied().fold(start, pick);
    [fold(f64::INFINITY, f64::min), fold(0.0, f64::max)]
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Over the pixels of blocks that are key, or are not; `None` where there are none, or the sizes differ.
fn psnr_db(sent: &Photo, received: &Photo, importance: &Importance, key: bool) -> Option<f64> {
    let width = sent.size().width() as usize;
    let counts = |pixel: usize| {
        let (column, row) = (pixel % width / BLOCK_PIXELS, pixel / width / BLOCK_PIXELS);
        importance.is_key(row * importance.columns() + column) == key
    };
    let psnr_db = metrics::psnr_db_where(sent, received, counts).ok()?;
    (!psnr_db.is_nan()).then_some(psnr_db)
}

#[cfg(test)]
mod tests {
    use heliograph::photo::PhotoSize;
    use heliograph::regions::Region;

    use super::*;

    fn regions() -> (Photo, Regions) {
        let photo = Photo::filled(PhotoSize::new(70, 40).unwrap(), [100; 3]);
        let left = Region {
            x: 0,
            y: 0,
            width: 32,
            height: 40,
        };
        let interest = Interest::Regions(vec![left]);
        let importance = interest.importance(&photo).unwrap();
        let symbols = BlockSymbols {
            columns: 3,
            rows: 2,
            symbols: vec![8.0, 1.0, 1.0, 4.0, 0.0, 2.0],
            rate_map_bytes: 0,
        };
        let regions = Regions {
            importance: Some(importance),
            symbols: Some(symbols),
        };
        (photo, regions)
    }

    #[test]
    fn figures_tell_what_matters_from_the_rest() {
        let (photo, regions) = regions();
        // Off by 1 where it matters, by 10 elsewhere.
        let value = |at: usize| if at % 70 < 32 { 101 } else { 110 };
        let rgb = (0..70 * 40).flat_map(|at| [value(at); 3]).collect();
        let received = Photo::new(photo.size(), rgb).unwrap();
        let found = regions.figures(&photo, Some(&received)).unwrap();
        assert!(
            (found.key_psnr_db.unwrap() - 48.13).abs() < 0.01,
            "{found:?}"
        );
        assert!(
            (found.rest_psnr_db.unwrap() - 28.13).abs() < 0.01,
            "{found:?}"
        );
        assert_eq!(found.key_symbols_per_block, Some(6.0));
        assert_eq!(found.rest_symbols_per_block, Some(1.0));
        assert!((found.key_share - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_picture_there_are_no_figures_of_it() {
        let (photo, regions) = regions();
        let found = regions.figures(&photo, None).unwrap();
        assert_eq!((found.key_psnr_db, found.rest_psnr_db), (None, None));
        assert_eq!(Regions::default().figures(&photo, Some(&photo)), None);
    }

    #[test]
    fn maps_are_drawn_where_there_is_something_to_see() {
        let (_, regions) = regions();
        let titles: Vec<String> = regions.maps().into_iter().map(|map| map.title).collect();
        assert_eq!(titles, ["Importance", "Symbols a block"]);
        let alike = BlockSymbols {
            columns: 3,
            rows: 2,
            symbols: vec![8.0; 6],
            rate_map_bytes: 0,
        };
        let even = Regions {
            importance: None,
            symbols: Some(alike),
        };
        assert!(even.maps().is_empty());
    }
}
