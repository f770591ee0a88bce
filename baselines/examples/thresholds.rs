//! The SNR that each scheme needs on this waveform: 90 % of pictures whole.
//!
//!     cargo run --release -p heliograph-baselines --example thresholds [PICTURES] [SCHEME]
//!
//! AWGN over the whole waveform, 24,576 symbols of random bytes (what Kodak has at 1/48). Steps of 0.1 dB from well below; a
//! step passes when 90 % of `PICTURES` (20) arrive. Prints JSON.

use std::sync::Arc;

use heliograph::bits::prbs::GoldSequence;
use heliograph::codec::{Codec, CodecError, CodecId, Latents, ReceivedLatents};
use heliograph::link::{Receiver, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph::regions::RateMap;
use heliograph_baselines::{Mcs, Payload};
use num_complex::Complex32;

const SAMPLE_RATE_HZ: f64 = 2e6;

/// Sends random bytes instead of a picture.
struct Probe(Mcs);

impl Codec for Probe {
    fn id(&self) -> CodecId {
        CodecId::Digital
    }

    fn encode(&self, _: &Photo, _: Option<&RateMap>, budget: usize) -> Result<Latents, CodecError> {
        let refuse = |_| CodecError::Budget { found: budget };
        let payload = Payload::new(self.0, budget).map_err(refuse)?;
        Ok(Latents {
            symbols: payload.modulate(&bytes(&payload)).map_err(refuse)?,
            side_information: vec![0],
        })
    }

    fn decode(
        &self,
        _: ReceivedLatents<'_>,
        _: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        Ok(self.decode_blind(size))
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        Photo::filled(size, [128; 3])
    }
}

fn bytes(payload: &Payload) -> Vec<u8> {
    let bits: Vec<u8> = GoldSequence::new(1).take(8 * payload.bytes()).collect();
    bits.chunks(8)
        .map(|bits| bits.iter().fold(0, |byte, bit| 2 * byte + bit))
        .collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let pictures = arguments.next().map_or(Ok(20), |text| text.parse())?;
    let only = arguments.next();
    for mcs in Mcs::all().filter(|mcs| only.as_ref().is_none_or(|only| *only == mcs.to_string())) {
        let threshold_db = threshold_db(mcs, pictures)?;
        let shannon_db = 10.0 * (2f64.powf(mcs.bits_per_symbol()) - 1.0).log10();
        let line = serde_json::json!({
            "scheme": mcs.to_string(),
            "bits_per_symbol": mcs.bits_per_symbol(),
            "threshold_db": threshold_db,
            "above_capacity_db": ((threshold_db - shannon_db) * 100.0).round() / 100.0,
        });
        println!("{line}");
    }
    Ok(())
}

/// First step of 0.1 dB that passes; steps of 0.5 dB lead to it.
fn threshold_db(mcs: Mcs, pictures: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let samples = transmit(mcs)?;
    let shannon_db = 10.0 * (2f64.powf(mcs.bits_per_symbol()) - 1.0).log10();
    let mut tenths = (10.0 * shannon_db).round() as i64 + 5;
    while !passes(mcs, &samples, tenths as f64 / 10.0, pictures)? {
        tenths += 5;
    }
    while passes(mcs, &samples, (tenths - 1) as f64 / 10.0, pictures)? {
        tenths -= 1;
    }
    Ok(tenths as f64 / 10.0)
}

fn transmit(mcs: Mcs) -> Result<Vec<Complex32>, Box<dyn std::error::Error>> {
    let photo = Photo::filled(PhotoSize::new(768, 512)?, [0; 3]);
    let config = TransmitterConfig {
        cbr: "1/48".parse()?,
        ..Default::default()
    };
    let mut transmitter = Transmitter::new(config, Arc::new(Probe(mcs)))?;
    Ok(transmitter.picture(&photo, None)?.flatten().collect())
}

fn passes(
    mcs: Mcs,
    samples: &[Complex32],
    snr_db: f64,
    pictures: u64,
) -> Result<bool, Box<dyn std::error::Error>> {
    let allowed = pictures / 10;
    let mut failed = 0;
    for seed in 0..pictures {
        failed += u64::from(!arrives(mcs, samples, snr_db, seed)?);
        if failed > allowed {
            return Ok(false);
        }
    }
    Ok(true)
}

fn arrives(
    mcs: Mcs,
    samples: &[Complex32],
    snr_db: f64,
    seed: u64,
) -> Result<bool, Box<dyn std::error::Error>> {
    let mut config = PropagationConfig::named("awgn")?;
    config.snr_db = Some(snr_db);
    let mut channel = Propagation::new(&config, SAMPLE_RATE_HZ, seed)?;
    let mut receiver = Receiver::new(Default::default());
    let mut events = receiver.push(&channel.push(samples));
    events.extend(receiver.push(&channel.finish()));
    events.extend(receiver.finish());
    let picture = events.into_iter().find_map(|event| match event {
        ReceiverEvent::Picture(picture) => Some(picture),
        ReceiverEvent::Burst(_) => None,
    });
    let Some(picture) = picture else {
        return Ok(false);
    };
    let payload = Payload::new(mcs, picture.symbols.len())?;
    let received = ReceivedLatents {
        symbols: &picture.symbols,
        variances: &picture.variances,
    };
    Ok(payload.demodulate(received).into_bytes() == Some(bytes(&payload)))
}
