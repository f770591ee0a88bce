//! A codec that shares its symbols by what matters in each photo.

use std::sync::Arc;

use super::{Arrival, BlockSymbols, Codec, CodecError, CodecId, Latents, ReceivedLatents};
use crate::photo::{Photo, PhotoSize};
use crate::regions::{Interest, Priorities, RateMap, rate_map};

/// Another codec with rate maps: the receiver needs nothing but that codec.
///
/// ```
/// use std::sync::Arc;
/// use heliograph::codec::{Codec, DeepJsccCodec, RegionalCodec};
/// use heliograph::photo::{Photo, PhotoSize};
/// use heliograph::regions::{Interest, Priorities, Region};
///
/// let plain: Arc<dyn Codec> = Arc::new(DeepJsccCodec::shipped()?);
/// let face = Region { x: 32, y: 0, width: 32, height: 64 };
/// let interest = Interest::Regions(vec![face]);
/// let codec = RegionalCodec::new(plain, interest, Priorities::default());
/// let photo = Photo::filled(PhotoSize::new(96, 64)?, [200, 120, 40]);
/// let sent = codec.encode(&photo, None, 300)?;
/// assert_eq!(sent.symbols.len(), 300);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RegionalCodec {
    codec: Arc<dyn Codec>,
    interest: Interest,
    priorities: Priorities,
}

impl RegionalCodec {
    /// `codec` with the maps that `interest` and `priorities` give.
    pub fn new(codec: Arc<dyn Codec>, interest: Interest, priorities: Priorities) -> Self {
        Self {
            codec,
            interest,
            priorities,
        }
    }
}

impl Codec for RegionalCodec {
    fn id(&self) -> CodecId {
        self.codec.id()
    }

    fn weights_hash(&self) -> u32 {
        self.codec.weights_hash()
    }

    /// A map that is given goes before the one that would be made.
    fn encode(
        &self,
        photo: &Photo,
        given: Option<&RateMap>,
        budget: usize,
    ) -> Result<Latents, CodecError> {
        if given.is_some() {
            return self.codec.encode(photo, given, budget);
        }
        let importance = self.interest.importance(photo)?;
        let map = rate_map(&importance, self.priorities)?;
        self.codec.encode(photo, map.as_ref(), budget)
    }

    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        self.codec.decode(received, side_information, size)
    }

    fn decode_all(&self, arrivals: &[Arrival<'_>]) -> Vec<Result<Photo, CodecError>> {
        self.codec.decode_all(arrivals)
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        self.codec.decode_blind(size)
    }

    fn block_symbols(
        &self,
        side_information: &[u8],
        size: PhotoSize,
        budget: usize,
    ) -> Result<Option<BlockSymbols>, CodecError> {
        self.codec.block_symbols(side_information, size, budget)
    }
}
