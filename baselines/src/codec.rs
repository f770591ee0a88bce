//! The digital link as a codec: the QAM symbols of a picture file in the places of the analog symbols.

use std::sync::Arc;

use heliograph::bits::prbs::GoldSequence;
use heliograph::bits::qpsk;
use heliograph::codec::{Codec, CodecError, CodecId, Latents, ReceivedLatents};
use heliograph::link::{LinkError, ReceivedPicture, Section};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::regions::RateMap;
use num_complex::Complex32;

use crate::payload::Arrival;
use crate::{Fitter, Mcs, Payload, PictureFile, PictureFormat, Scale};

/// Ends a file before the zeros that fill up the payload (ISO/IEC 7816-4).
const END: u8 = 0x80;

/// c_init of the symbols that are sent when no file fits.
const FILLER: u32 = 0x1D1E;

/// Sends the best picture file that fits; the receiver has it whole or not at all.
#[derive(Clone, Debug)]
pub struct DigitalCodec {
    mcs: Mcs,
    formats: Vec<PictureFormat>,
    fitter: Arc<Fitter>,
}

/// What came of a picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Reception {
    /// The file arrived, bit for bit.
    Picture {
        photo: Photo,
        format: PictureFormat,
        scale: Scale,
    },
    /// Nothing to see.
    Outage(Outage),
}

/// Why there is nothing to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// So many code blocks have a wrong CRC (0 when only that of the whole is wrong).
    Blocks { lost: usize, of: usize },
    /// The sender had no file small enough.
    NothingSent,
    /// What arrived is no picture of that size.
    Damaged,
    /// The scheme is not known: the side information did not arrive.
    SideInformation,
}

impl Reception {
    /// The picture, grey in an outage.
    pub fn into_photo(self, size: PhotoSize) -> Photo {
        match self {
            Self::Picture { photo, .. } => photo,
            Self::Outage(_) => Photo::filled(size, [128; 3]),
        }
    }
}

impl DigitalCodec {
    /// Sends with `mcs` the best of `formats`; codecs that share a `fitter` do not write the same file twice.
    pub fn new(mcs: Mcs, formats: &[PictureFormat], fitter: Arc<Fitter>) -> Self {
        Self {
            mcs,
            formats: formats.to_vec(),
            fitter,
        }
    }

    /// The file that `budget` symbols carry; `None` when none is small enough.
    pub fn file(&self, photo: &Photo, budget: usize) -> Option<PictureFile> {
        let payload = Payload::new(self.mcs, budget).ok()?;
        let most_bytes = payload.bytes().checked_sub(2)?;
        self.fitter.best(photo, &self.formats, most_bytes)
    }

    /// What arrived of a picture, of any scheme.
    ///
    /// # Errors
    /// [`LinkError::OtherCodec`] when it is not digital, [`LinkError::Codec`] as [`Codec::decode`].
    pub fn receive(&self, picture: &ReceivedPicture) -> Result<Reception, LinkError> {
        let found = picture.header.fields().codec;
        if found != self.id() as u8 {
            return Err(LinkError::OtherCodec {
                found,
                allowed: self.id(),
            });
        }
        let received = ReceivedLatents {
            symbols: &picture.symbols,
            variances: &picture.variances,
        };
        match &picture.side_information {
            Section::Received(side) => Ok(receive(received, side, picture.size())?),
            Section::Absent => Ok(receive(received, &[], picture.size())?),
            Section::Lost => Ok(Reception::Outage(Outage::SideInformation)),
        }
    }

    fn symbols(&self, photo: &Photo, budget: usize) -> Option<Vec<Complex32>> {
        let file = self.file(photo, budget)?;
        let mut bytes = vec![tag(file.format, file.scale)];
        bytes.extend_from_slice(&file.bytes);
        bytes.push(END);
        Payload::new(self.mcs, budget).ok()?.modulate(&bytes).ok()
    }
}

impl Codec for DigitalCodec {
    fn id(&self) -> CodecId {
        CodecId::Digital
    }

    /// The rate map means nothing to a picture file.
    fn encode(
        &self,
        photo: &Photo,
        _rate_map: Option<&RateMap>,
        budget: usize,
    ) -> Result<Latents, CodecError> {
        if budget == 0 {
            return Err(CodecError::Budget { found: budget });
        }
        let (symbols, mcs) = match self.symbols(photo, budget) {
            Some(symbols) => (symbols, Some(self.mcs)),
            None => (filler(budget), None),
        };
        Ok(Latents {
            symbols,
            side_information: side_information(mcs),
        })
    }

    /// Grey in an outage.
    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        Ok(receive(received, side_information, size)?.into_photo(size))
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        Photo::filled(size, [128; 3])
    }
}

/// What arrived of symbols of any scheme.
///
/// # Errors
/// [`CodecError`] for side information that [`DigitalCodec`] does not write and for lengths that differ.
pub fn receive(
    received: ReceivedLatents<'_>,
    side_information: &[u8],
    size: PhotoSize,
) -> Result<Reception, CodecError> {
    let (symbols, variances) = (received.symbols.len(), received.variances.len());
    if symbols != variances {
        return Err(CodecError::Lengths { symbols, variances });
    }
    let Some(mcs) = scheme(side_information)? else {
        return Ok(Reception::Outage(Outage::NothingSent));
    };
    let Ok(payload) = Payload::new(mcs, symbols) else {
        return Ok(Reception::Outage(Outage::Damaged));
    };
    Ok(match payload.demodulate(received) {
        Arrival::Whole(bytes) => open(&bytes, size).unwrap_or(Reception::Outage(Outage::Damaged)),
        Arrival::Outage {
            blocks_lost,
            blocks,
        } => Reception::Outage(Outage::Blocks {
            lost: blocks_lost,
            of: blocks,
        }),
    })
}

/// Format in the low four bits, scale above.
fn tag(format: PictureFormat, scale: Scale) -> u8 {
    format as u8 | (scale as u8) << 4
}

fn open(payload: &[u8], size: PhotoSize) -> Option<Reception> {
    let (&first, rest) = payload.split_first()?;
    let end = rest.iter().rposition(|byte| *byte != 0)?;
    let file = rest.get(..end).filter(|_| rest[end] == END)?;
    let all = || Scale::ALL.into_iter();
    let (format, scale) = PictureFormat::ALL
        .into_iter()
        .flat_map(|format| all().map(move |scale| (format, scale)))
        .find(|(format, scale)| tag(*format, *scale) == first)?;
    let picture = format.decode(file, scale.reduced(size)).ok()?;
    Some(Reception::Picture {
        photo: scale.restore(picture, size),
        format,
        scale,
    })
}

/// One byte: the scheme's number plus one, 0 where nothing was sent.
fn side_information(mcs: Option<Mcs>) -> Vec<u8> {
    vec![mcs.map_or(0, |mcs| mcs.index() + 1)]
}

fn scheme(side_information: &[u8]) -> Result<Option<Mcs>, CodecError> {
    let error = |reason| CodecError::SideInformation {
        length: side_information.len(),
        reason,
    };
    match side_information {
        [0] => Ok(None),
        [number] => Mcs::try_from(number - 1)
            .map(Some)
            .map_err(|_| error("a modulation and code rate of no number that is known")),
        _ => Err(error(
            "a digital picture has one byte, its modulation and code rate",
        )),
    }
}

fn filler(budget: usize) -> Vec<Complex32> {
    let bits: Vec<u8> = GoldSequence::new(FILLER).take(2 * budget).collect();
    qpsk::modulate(&bits)
}

#[cfg(test)]
mod tests;
