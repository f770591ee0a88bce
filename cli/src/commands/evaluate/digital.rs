//! The link of a picture file: with one scheme, or with the fastest that decodes at each SNR.

use std::collections::HashMap;
use std::sync::Arc;

use heliograph::codec::{Cbr, Codec};
use heliograph::photo::Photo;
use heliograph_baselines::{
    DigitalCodec, Fitter, Mcs, Outage, PictureFormat, Reception, analog_cbr,
};

use super::air::{self, Air, CAPTION, Sent};
use super::link::{self, Arrived, OUTAGE, TOO_FEW};

/// Which scheme is sent.
#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    Fixed(Mcs),
    /// The one with most bits of those that decode: in white noise of those whose threshold is near, through fading of all.
    Genie,
}

/// A sender of picture files.
pub struct DigitalLink<'a> {
    photo: &'a Photo,
    scheme: Scheme,
    fitter: Arc<Fitter>,
    /// `None` when even the smallest takes more channel uses.
    analog: Option<Cbr>,
    /// By the number of the scheme.
    sent: HashMap<u8, Sent>,
}

impl<'a> DigitalLink<'a> {
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// A picture that the link refuses.
    pub fn new(
        photo: &'a Photo,
        scheme: Scheme,
        cbr_total: f64,
        fitter: Arc<Fitter>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            analog: analog_cbr(photo, Some(CAPTION), cbr_total)?,
            photo,
            scheme,
            fitter,
            sent: HashMap::new(),
        })
    }

    /// What arrives of the file.
    ///
    /// # Errors
    /// A channel that does not suit the sample rate.
    pub fn receive(&mut self, air: &Air, snr_db: f64) -> anyhow::Result<Arrived> {
        let Some(analog) = self.analog else {
            return Ok(Arrived::nothing(OUTAGE, TOO_FEW, None));
        };
        let schemes = match self.scheme {
            Scheme::Fixed(mcs) => return self.try_scheme(mcs, analog, air, snr_db),
            Scheme::Genie if air.medium.fades() => Mcs::likely_to_decode(f64::INFINITY),
            Scheme::Genie => Mcs::likely_to_decode(snr_db),
        };
        let mut last = None;
        for mcs in schemes {
            let arrived = self.try_scheme(mcs, analog, air, snr_db)?;
            if arrived.photo.is_some() {
                return Ok(arrived);
            }
            last = Some(arrived);
        }
        Ok(last.unwrap_or_else(|| Arrived::nothing(OUTAGE, "no scheme is likely to decode", None)))
    }

    fn try_scheme(
        &mut self,
        mcs: Mcs,
        analog: Cbr,
        air: &Air,
        snr_db: f64,
    ) -> anyhow::Result<Arrived> {
        let codec = DigitalCodec::new(mcs, &PictureFormat::ALL, self.fitter.clone());
        if !self.sent.contains_key(&mcs.index()) {
            let sender: Arc<dyn Codec> = Arc::new(codec.clone());
            let sent = air::send_at(self.photo, &sender, analog)?;
            self.sent.insert(mcs.index(), sent);
        }
        let sent = &self.sent[&mcs.index()];
        let Some(picture) = air.receive(sent, snr_db)? else {
            return Ok(Arrived::not_detected(sent));
        };
        let missing = picture.bursts_missing;
        let arrived = match codec.receive(&picture) {
            Err(error) => Arrived::nothing(OUTAGE, &error.to_string(), Some(sent)),
            Ok(Reception::Outage(why)) => {
                Arrived::nothing(OUTAGE, &format!("{mcs}: {}", words(why)), Some(sent))
            }
            Ok(Reception::Picture { photo, .. }) if photo.size() != self.photo.size() => {
                Arrived::nothing(OUTAGE, "another size was announced", Some(sent))
            }
            Ok(Reception::Picture {
                photo,
                format,
                scale,
            }) => Arrived {
                outcome: link::name(&picture),
                detail: format!("{mcs} {format} {scale:?}").to_lowercase(),
                photo: Some(photo),
                ..Arrived::nothing(OUTAGE, "", Some(sent))
            },
        };
        Ok(Arrived {
            bursts_missing: missing,
            ..arrived
        })
    }
}

fn words(outage: Outage) -> String {
    match outage {
        Outage::Blocks { lost, of } => format!("{lost} of {of} code blocks lost"),
        Outage::NothingSent => "no file is small enough".to_owned(),
        Outage::Damaged => "what arrived is no picture".to_owned(),
        Outage::SideInformation => "scheme not received".to_owned(),
    }
}
