//! Pictures that the user's own radios heard, and which photos they are.

use heliograph::codec::DeepJsccCodec;
use heliograph::link::{LinkError, ReceivedPicture};
use heliograph::metrics;
use heliograph::nn::Planes;
use heliograph::photo::{Photo, PhotoSize};
use rand::{Rng, RngExt};
use thiserror::Error;

use crate::AdaptationError;
use crate::photos::{BLOCK, KnownPhoto, crop, crop_sides};
use crate::sample::Arrived;

/// Most pictures that are kept, some 10 MB each.
const MOST_HEARD: usize = 256;
/// Most that are measured of one photo.
const MOST_OF_ONE: usize = 2;
/// Most pixels of one that is measured: it is painted whole.
const MOST_MEASURED: usize = 1 << 20;
/// Longest side that is kept of one that is trained on, in pixels.
const KEPT: u32 = 1024;
/// Latents of a block's side.
const BLOCK_LATENTS: u32 = 4;
/// Received at least so well: less is another photo, or noise.
const LEAST_PSNR_DB: f64 = 14.0;
/// And so much more like its photo than like any other.
const MARGIN_DB: f64 = 3.0;

/// What became of a picture that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    TrainedOn,
    HeldOut,
}

/// Why a picture that was heard is of no use.
#[derive(Debug, Error)]
pub enum NotUsed {
    /// Sent with another codec or other weights.
    #[error(transparent)]
    NotPainted(#[from] LinkError),
    /// Too little arrived.
    #[error("its side information is lost")]
    Lost,
    /// None of the photos.
    #[error("resembles none of the photos")]
    Unknown,
    /// It is a photo that is held out and too large.
    #[error("{found} is too large to be measured, allowed are {MOST_MEASURED} pixels")]
    TooLarge { found: PhotoSize },
    /// A photo that is held out and was heard before.
    #[error("its photo is held out and was heard {MOST_OF_ONE} times")]
    Often,
    /// More than are kept.
    #[error("more than {MOST_HEARD} pictures")]
    TooMany,
}

/// What arrived of a photo that is trained on.
pub(crate) struct Reception {
    photo: Photo,
    latents: Planes,
    deviations: Planes,
}

/// A crop of a photo, and of the latents as they arrived.
pub(crate) struct Crop {
    pub photo: Photo,
    pub latents: Planes,
    pub deviations: Planes,
}

/// All that was heard of photos that are known.
#[derive(Default)]
pub(crate) struct Receptions {
    trained_on: Vec<Reception>,
    held_out: Vec<(Photo, Arrived)>,
}

impl Receptions {
    /// Finds out which photo it is: painted, it is most like that.
    ///
    /// # Errors
    /// [`AdaptationError::Photo`] for a photo that cannot be read any more; inside, why the picture is of no use.
    pub(crate) fn take(
        &mut self,
        picture: &ReceivedPicture,
        codec: &DeepJsccCodec,
        known: &[KnownPhoto],
    ) -> Result<Result<Heard, NotUsed>, AdaptationError> {
        if self.trained_on.len() + self.held_out.len() >= MOST_HEARD {
            return Ok(Err(NotUsed::TooMany));
        }
        // Before anything is painted: a header may announce any size.
        if known.iter().all(|known| known.size != picture.size()) {
            return Ok(Err(NotUsed::Unknown));
        }
        let Some(arrived) = Arrived::heard(picture) else {
            return Ok(Err(NotUsed::Lost));
        };
        let painted = match picture.paint(codec) {
            Ok(painted) => painted,
            Err(error) => return Ok(Err(error.into())),
        };
        let Some((known, photo)) = recognized(known, &painted)? else {
            return Ok(Err(NotUsed::Unknown));
        };
        if known.is_held_out {
            return Ok(self.measured(photo, arrived));
        }
        let (latents, deviations) =
            codec.received_latents(arrived.received(), arrived.side_information(), photo.size())?;
        self.trained_on
            .push(Reception::middle(&photo, &latents, &deviations));
        Ok(Ok(Heard::TrainedOn))
    }

    /// Takes one of a photo that is held out, unless the photo would weigh more than others or take long.
    fn measured(&mut self, photo: Photo, arrived: Arrived) -> Result<Heard, NotUsed> {
        let found = photo.size();
        if found.pixels() > MOST_MEASURED {
            return Err(NotUsed::TooLarge { found });
        }
        let same = self.held_out.iter().filter(|(known, _)| *known == photo);
        if same.count() >= MOST_OF_ONE {
            return Err(NotUsed::Often);
        }
        self.held_out.push((photo, arrived));
        Ok(Heard::HeldOut)
    }

    /// Nothing to train on.
    pub(crate) fn is_empty(&self) -> bool {
        self.trained_on.is_empty()
    }

    pub(crate) fn held_out(&self) -> &[(Photo, Arrived)] {
        &self.held_out
    }

    /// A crop of one that is trained on; `None` where there is none.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> Option<Crop> {
        let count = self.trained_on.len();
        let reception = (count > 0).then(|| &self.trained_on[rng.random_range(0..count)])?;
        let size = reception.photo.size();
        let sides = crop_sides(size);
        // In whole blocks: anywhere else the picture would not begin where latents do.
        let mut corner = |side: u32, of: u32| rng.random_range(0..=(side - of) / BLOCK) * BLOCK;
        let at = (
            corner(size.width(), sides.0),
            corner(size.height(), sides.1),
        );
        Some(reception.crop(at, sides))
    }
}

/// The photo that was painted, if it is clearly that; a copy of it is no other photo.
fn recognized<'a>(
    known: &'a [KnownPhoto],
    painted: &Photo,
) -> Result<Option<(&'a KnownPhoto, Photo)>, AdaptationError> {
    let mut best: Option<(&KnownPhoto, Photo, f64)> = None;
    let mut next_db = LEAST_PSNR_DB - MARGIN_DB;
    for candidate in KnownPhoto::most_like(known, painted) {
        let photo = Photo::open(&candidate.path)?;
        if photo.size() != painted.size() || best.as_ref().is_some_and(|(_, of, _)| *of == photo) {
            continue;
        }
        let psnr_db = metrics::psnr_db(&photo, painted)?;
        let best_db = best.as_ref().map_or(f64::NEG_INFINITY, |(_, _, db)| *db);
        if psnr_db > best_db {
            next_db = next_db.max(best_db);
            best = Some((candidate, photo, psnr_db));
        } else {
            next_db = next_db.max(psnr_db);
        }
    }
    let is_clear = |(_, _, db): &(_, _, f64)| *db >= next_db + MARGIN_DB;
    Ok(best
        .filter(is_clear)
        .map(|(known, photo, _)| (known, photo)))
}

impl Reception {
    /// At most so much around the middle, in whole blocks.
    fn middle(photo: &Photo, latents: &Planes, deviations: &Planes) -> Self {
        let size = photo.size();
        let [width, height] =
            [size.width(), size.height()].map(|side| side.min(KEPT) / BLOCK * BLOCK);
        let at = |side: u32, of: u32| (side - of) / 2 / BLOCK * BLOCK;
        let at = (at(size.width(), width), at(size.height(), height));
        let Crop {
            photo,
            latents,
            deviations,
        } = cropped((photo, latents, deviations), at, (width, height));
        Self {
            photo,
            latents,
            deviations,
        }
    }

    fn crop(&self, at: (u32, u32), sides: (u32, u32)) -> Crop {
        cropped((&self.photo, &self.latents, &self.deviations), at, sides)
    }
}

/// Corner and sides in pixels, multiples of a block's.
fn cropped(
    (photo, latents, deviations): (&Photo, &Planes, &Planes),
    (x, y): (u32, u32),
    (width, height): (u32, u32),
) -> Crop {
    let [left, top, columns, rows] =
        [x, y, width, height].map(|pixels| (pixels / BLOCK * BLOCK_LATENTS) as usize);
    let part = |planes: &Planes| {
        let row = |channel, y| &planes.row(channel, y)[left..left + columns];
        let channels = 0..planes.channels();
        let values = channels.flat_map(|channel| {
            (top..top + rows).flat_map(move |y| row(channel, y).iter().copied())
        });
        let values = values.collect();
        Planes::new(planes.channels(), rows, columns, values).expect("rows of columns")
    };
    Crop {
        photo: crop(photo, (x, y), (width, height)),
        latents: part(latents),
        deviations: part(deviations),
    }
}
