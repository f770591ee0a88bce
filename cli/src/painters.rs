//! The codecs of a receiver: which one a picture needs is known only when its header arrives.

use std::panic::{AssertUnwindSafe, catch_unwind};

use heliograph::codec::CodecId;
use heliograph::link::{LinkError, ReceivedPicture};
use heliograph::photo::Photo;

use crate::codec_args::{self, ModelArgs, Opened, PainterArgs};
use crate::progress::CurrentProgress;
use crate::report::ModelInfo;

/// Codecs that are held open, with the flags they were opened with.
const MAX_OPEN: usize = 6;

/// Opens each codec when the first picture needs it.
pub struct Painters {
    painter: PainterArgs,
    model: ModelArgs,
    progress: CurrentProgress,
    /// The latest last.
    opened: Vec<(CodecId, PainterArgs, Opened)>,
}

/// A picture, and how the networks that painted it were set.
pub struct Painted {
    pub photo: Photo,
    pub model: Option<ModelInfo>,
}

impl Painters {
    /// Opens what the flags are about right away, so that wrong ones and wrong files are said before anything is received.
    ///
    /// # Errors
    /// Flags that the codec does not know; weights or a device that cannot be opened.
    pub fn new(painter: PainterArgs, model: ModelArgs) -> anyhow::Result<Self> {
        let mut painters = Self::lazy(painter, model);
        painters.painter.check()?;
        for id in painters.model.codecs()? {
            painters.codec(id)?;
        }
        Ok(painters)
    }

    /// Opens nothing yet.
    pub fn lazy(painter: PainterArgs, model: ModelArgs) -> Self {
        Self {
            painter,
            model,
            progress: CurrentProgress::default(),
            opened: Vec::new(),
        }
    }

    /// Other flags for the pictures to come.
    pub fn set(&mut self, painter: PainterArgs) {
        self.painter = painter;
    }

    /// Paints `picture`.
    ///
    /// # Errors
    /// [`LinkError`] for a codec or weights that this program has not; what the codec says of the side information; networks
    /// that fail, whatever the reason.
    pub fn paint(&mut self, picture: &ReceivedPicture) -> anyhow::Result<Painted> {
        self.paint_all(&[picture]).swap_remove(0)
    }

    /// Paints several pictures: those of one codec and size that follow each other at once where the networks are on a GPU.
    pub fn paint_all(&mut self, pictures: &[&ReceivedPicture]) -> Vec<anyhow::Result<Painted>> {
        let codec = |picture: &ReceivedPicture| picture.header.fields().codec;
        let groups = pictures.chunk_by(|a, b| codec(a) == codec(b));
        groups.flat_map(|group| self.paint_group(group)).collect()
    }

    fn paint_group(&mut self, group: &[&ReceivedPicture]) -> Vec<anyhow::Result<Painted>> {
        let painted = catch_unwind(AssertUnwindSafe(|| -> anyhow::Result<Vec<_>> {
            let found = group[0].header.fields().codec;
            let id = CodecId::try_from(found).map_err(LinkError::from)?;
            let opened = self.codec(id)?;
            let photos = ReceivedPicture::paint_all(group, &*opened.codec).into_iter();
            let model = opened.model.clone();
            let painted = photos.map(move |photo| {
                Ok(Painted {
                    photo: photo?,
                    model: model.clone(),
                })
            });
            Ok(painted.collect())
        }));
        match painted {
            Ok(Ok(painted)) => painted,
            // One of them may be what is wrong.
            _ if group.len() > 1 => {
                let each = group.chunks(1);
                each.flat_map(|one| self.paint_group(one)).collect()
            }
            Ok(Err(error)) => vec![Err(error)],
            Err(_) => vec![Err(anyhow::anyhow!("the painter panicked"))],
        }
    }

    fn codec(&mut self, id: CodecId) -> anyhow::Result<&Opened> {
        let painter = self.painter.for_codec(id);
        let known =
            |(of, flags, _): &(CodecId, PainterArgs, Opened)| (*of, flags) == (id, &painter);
        let latest = match self.opened.iter().position(known) {
            Some(at) => self.opened.remove(at),
            None => {
                let model = match id {
                    // It has no networks, so no flag about them can be wrong.
                    CodecId::SoftCast => ModelArgs::default(),
                    _ => self.model.for_codec(id),
                };
                let opened =
                    codec_args::open(id, &painter, &model, None, self.progress.listener())?;
                (id, painter, opened)
            }
        };
        let excess = (self.opened.len() + 1).saturating_sub(MAX_OPEN);
        self.opened.drain(..excess);
        self.opened.push(latest);
        let (_, _, opened) = &self.opened[self.opened.len() - 1];
        Ok(opened)
    }
}
