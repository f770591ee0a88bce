//! One sender's link: what every contender behind it shows at an SNR.

use heliograph::codec::CodecError;
use heliograph::link::{LinkError, ReceivedPicture};
use heliograph::photo::{Photo, PhotoSize};

use super::air::{self, Air, Sent};
use super::plan::{Painter, Party};
use crate::report;

pub const OUTAGE: &str = "outage";
const NOT_DETECTED: &str = "not_detected";
/// Why nothing was sent.
pub const TOO_FEW: &str = "channel uses too few for this sender";

/// What a contender shows.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub outcome: &'static str,
    /// Without commas.
    pub detail: String,
    pub cbr_total: Option<f64>,
    pub bursts_missing: usize,
    /// `None`: a grey picture.
    pub photo: Option<Photo>,
}

impl Arrived {
    /// Nothing to see of what was sent.
    pub fn nothing(outcome: &'static str, detail: &str, sent: Option<&Sent>) -> Self {
        Self {
            outcome,
            // Commas part the columns.
            detail: detail.replace([',', '"', '\n', '\r'], ";"),
            cbr_total: sent.map(|sent| sent.cbr_total),
            bursts_missing: 0,
            photo: None,
        }
    }

    /// No burst was found.
    pub fn not_detected(sent: &Sent) -> Self {
        Self {
            bursts_missing: sent.bursts,
            ..Self::nothing(NOT_DETECTED, "", Some(sent))
        }
    }
}

/// A sender of analog symbols: one transmission, whatever the SNR.
pub struct AnalogLink {
    sent: Option<Sent>,
    size: PhotoSize,
}

impl AnalogLink {
    /// Sends the photo.
    ///
    /// # Errors
    /// A photo that the codec refuses.
    pub fn new(photo: &Photo, party: &Party, cbr_total: f64) -> anyhow::Result<Self> {
        // The contenders of a sender differ at the receiver only.
        let codec = party
            .painters
            .iter()
            .find_map(|painter| painter.codec.as_ref());
        let sent = codec
            .map(|codec| air::send(photo, codec, cbr_total))
            .transpose()?;
        Ok(Self {
            sent: sent.flatten(),
            size: photo.size(),
        })
    }

    /// One reception, painted by each of `painters`.
    ///
    /// # Errors
    /// A channel that does not suit the sample rate.
    pub fn receive(
        &self,
        air: &Air,
        snr_db: f64,
        painters: &[&Painter],
    ) -> anyhow::Result<Vec<Arrived>> {
        let Some(sent) = &self.sent else {
            return Ok(vec![
                Arrived::nothing(OUTAGE, TOO_FEW, None);
                painters.len()
            ]);
        };
        Ok(match air.receive(sent, snr_db)? {
            None => vec![Arrived::not_detected(sent); painters.len()],
            Some(picture) => {
                let paint = |painter: &&Painter| self.paint(sent, &picture, painter);
                painters.iter().map(paint).collect::<anyhow::Result<_>>()?
            }
        })
    }

    /// A header that passes its check by chance may announce anything: an outage, not an error.
    fn paint(
        &self,
        sent: &Sent,
        picture: &ReceivedPicture,
        painter: &Painter,
    ) -> anyhow::Result<Arrived> {
        let outage = |detail: &str| Arrived::nothing(OUTAGE, detail, Some(sent));
        let Some(codec) = &painter.codec else {
            return Ok(outage("no codec"));
        };
        if picture.size() != self.size {
            let detail = format!("a picture of {} was announced", picture.size());
            return Ok(outage(&detail));
        }
        Ok(match picture.paint(&**codec) {
            // A program that fails says nothing of the codec that it is.
            Err(error @ LinkError::Codec(CodecError::External { .. })) => return Err(error.into()),
            Err(error) => outage(&error.to_string()),
            Ok(photo) => Arrived {
                outcome: name(picture),
                detail: String::new(),
                cbr_total: Some(sent.cbr_total),
                bursts_missing: picture.bursts_missing,
                photo: Some(photo),
            },
        })
    }
}

/// How a picture arrived.
pub fn name(picture: &ReceivedPicture) -> &'static str {
    match report::Outcome::of(picture) {
        report::Outcome::Received => "received",
        report::Outcome::ReceivedWithLosses => "received_with_losses",
        report::Outcome::PaintedBlind => "painted_blind",
        report::Outcome::NothingReceived => NOT_DETECTED,
    }
}
