//! One photo with a given number of channel uses in all, over the waveform in white noise.

use std::sync::Arc;

use heliograph::codec::{Cbr, Codec};
use heliograph::link::{ReceivedPicture, Receiver, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::photo::Photo;
use heliograph::propagation::{Propagation, PropagationConfig};
use num_complex::Complex32;

use crate::Error;

const CAPTION: &str = "A photo with a caption of ordinary length, sent beside its symbols.";
const SAMPLE_RATE_HZ: f64 = 2e6;
const TRIES: usize = 10;

/// What is on the air, and its channel uses per colour value.
pub struct Sent {
    samples: Vec<Complex32>,
    pub cbr_total: f64,
}

/// Sends with at most `allowed` channel uses per colour value, everything counted, and nearly so many. `analog`: those of the
/// codec's symbols to try first; afterwards what another codec would do well to try.
pub fn send(
    photo: &Photo,
    codec: Arc<dyn Codec>,
    allowed: f64,
    analog: &mut f64,
) -> Result<Sent, Error> {
    let mut best = None;
    for _ in 0..TRIES {
        let config = TransmitterConfig {
            cbr: Cbr::from_value(*analog)?,
            ..Default::default()
        };
        let sent = Transmitter::new(config, codec.clone())?.picture(photo, Some(CAPTION))?;
        let total = sent.ledger().total() / (3.0 * photo.size().pixels() as f64);
        let is_better = |(kept, _): &(f64, _)| total > *kept;
        if total <= allowed && best.as_ref().is_none_or(is_better) {
            best = Some((total, sent));
        }
        if total <= allowed && total > 0.996 * allowed {
            break;
        }
        *analog = (*analog + 0.998 * allowed - total).max(*analog / 2.0);
    }
    let (cbr_total, sent) = best.ok_or("the channel uses are too few for this photo")?;
    Ok(Sent {
        samples: sent.flatten().collect(),
        cbr_total,
    })
}

impl Sent {
    pub fn receive(&self, snr_db: f64, seed: u64) -> Result<Option<ReceivedPicture>, Error> {
        let config = PropagationConfig {
            snr_db: Some(snr_db),
            ..Default::default()
        };
        let mut channel = Propagation::new(&config, SAMPLE_RATE_HZ, seed)?;
        let mut receiver = Receiver::new(Default::default());
        let mut events = receiver.push(&channel.push(&self.samples));
        events.extend(receiver.push(&channel.finish()));
        events.extend(receiver.finish());
        Ok(events.into_iter().find_map(|event| match event {
            ReceiverEvent::Picture(picture) => Some(*picture),
            ReceiverEvent::Burst(_) => None,
        }))
    }
}
