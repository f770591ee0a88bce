//! The receiver: symbols to latents, latents to pictures.

use super::{Arrival, CodecError, DeepJsccCodec, Grid, ReceivedLatents, texture};
use crate::codec::block_latents::{self, Received};
use crate::nn::{BandLatents, Planes};
use crate::photo::{Photo, PhotoSize};

/// No symbol counts as less noisy: training ended at 20 dB, and beyond it the networks are not to be trusted.
pub(super) const LEAST_VARIANCE: f32 = 0.01;

impl DeepJsccCodec {
    /// Least-squares latents, and which blocks sent nothing.
    ///
    /// # Errors
    /// [`CodecError`] for symbols and side information that belong to no photo of this size.
    pub(super) fn receive(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Received, CodecError> {
        let (linear, grid) = (&self.networks.linear, Grid::of(size));
        block_latents::receive(linear, grid, received, side_information, LEAST_VARIANCE)
    }

    /// Pictures of one size; one that cannot be decoded does not stop the others.
    pub(super) fn decode_group(&self, group: &[Arrival<'_>]) -> Vec<Result<Photo, CodecError>> {
        let latents = |one: &Arrival| self.receive(one.received, one.side_information, one.size);
        let found: Vec<Result<Received, CodecError>> = group
            .iter()
            .map(|one| Ok(self.with_noise(latents(one)?, one.size)))
            .collect();
        let usable = found.iter().flatten().map(|found| BandLatents {
            latents: &found.latents,
            deviation: &found.deviations,
            has_gaps: self.inpaints && !found.empty_blocks.is_empty(),
        });
        let usable: Vec<_> = usable.collect();
        let (synthesis, mut tell) = (&self.networks.synthesis, self.settings.tell("synthesis"));
        let painted: Vec<Result<Planes, CodecError>> =
            match synthesis.paint_all(&usable, self.settings.perception(), &mut tell) {
                Ok(painted) => painted.into_iter().map(Ok).collect(),
                // A device may have room for one.
                Err(_) if group.len() > 1 => {
                    let each = group.chunks(1);
                    return each.flat_map(|one| self.decode_group(one)).collect();
                }
                Err(error) => vec![Err(error.into())],
            };
        let mut painted = painted.into_iter();
        let photo = |(found, one): (Result<_, CodecError>, &Arrival)| {
            found?;
            let planes = painted.next().expect("one of each that was usable")?;
            Ok(Grid::of(one.size).photo(&planes, one.size))
        };
        found.into_iter().zip(group).map(photo).collect()
    }

    fn with_noise(&self, mut received: Received, size: PhotoSize) -> Received {
        if let Some(inpainter) = self.networks.inpainter.as_ref().filter(|_| self.inpaints) {
            let (grid, perception) = (Grid::of(size), self.settings.perception());
            texture::add_noise(&mut received, grid, inpainter.noise, perception);
        }
        received
    }
}
