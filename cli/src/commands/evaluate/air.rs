//! One photo over the air: sent with a given number of channel uses in all, received at an SNR.

use std::sync::Arc;

use heliograph::codec::{Cbr, Codec, CodecError};
use heliograph::link::{
    LinkError, ReceivedPicture, Receiver, ReceiverConfig, ReceiverEvent, Transmission, Transmitter,
    TransmitterConfig,
};
use heliograph::photo::Photo;
use heliograph::propagation::Propagation;
use num_complex::Complex32;

use super::medium::{self, Medium};

/// Words that travel beside every photo, of ordinary length.
pub const CAPTION: &str = "A photo with a caption of ordinary length, sent beside its symbols.";

/// Transmissions that are tried until their channel uses are right.
const TRIES: usize = 6;

/// A total within this share below what is allowed is right.
const CLOSE: f64 = 0.004;

/// Samples of a transmission, and its channel uses per colour value.
pub struct Sent {
    samples: Vec<Complex32>,
    /// Analog symbols in the codec's order.
    symbols: Vec<Complex32>,
    pub cbr_total: f64,
    pub bursts: usize,
}

impl Sent {
    fn new(transmission: Transmission, cbr_total: f64) -> Self {
        let symbols = transmission.symbols().to_vec();
        let (mut samples, mut bursts) = (Vec::new(), 0);
        for burst in transmission {
            samples.extend(burst);
            bursts += 1;
        }
        Self {
            samples,
            symbols,
            cbr_total,
            bursts,
        }
    }
}

/// Channel uses per colour value, everything counted.
fn total(transmission: &Transmission, photo: &Photo) -> f64 {
    transmission.ledger().total() / (3.0 * photo.size().pixels() as f64)
}

/// Sends `photo` with at most `cbr_total` channel uses per colour value, everything counted, and nearly so many.
///
/// `None` when so few channel uses cannot carry it.
///
/// # Errors
/// A photo that the codec refuses.
pub fn send(photo: &Photo, codec: &Arc<dyn Codec>, cbr_total: f64) -> anyhow::Result<Option<Sent>> {
    let smallest = 12.0 / f64::from(Cbr::MAX_CODE);
    let mut analog = (0.8 * cbr_total).max(smallest);
    let mut best: Option<(f64, Transmission)> = None;
    for _ in 0..TRIES {
        let transmission = match transmit(photo, codec, Cbr::from_value(analog)?) {
            // A codec of one rate: once more with what it needs, if that may be enough.
            Err(LinkError::Codec(CodecError::TooFew { found, least })) if best.is_none() => {
                analog = at_least(analog * least as f64 / found as f64);
                match analog <= cbr_total {
                    true => continue,
                    false => break,
                }
            }
            Err(LinkError::Codec(CodecError::TooFew { .. })) => break,
            transmission => transmission?,
        };
        let found = total(&transmission, photo);
        let allowed = found <= cbr_total;
        if allowed && best.as_ref().is_none_or(|(kept, _)| found > *kept) {
            best = Some((found, transmission));
        }
        if allowed && found > (1.0 - CLOSE) * cbr_total {
            break;
        }
        // What is not analog hardly depends on it; a little less than exact, so that it is not above.
        let next = (analog + cbr_total * (1.0 - CLOSE / 2.0) - found).max(analog / 2.0);
        if next < smallest || same_code(next, analog) {
            break;
        }
        analog = next;
    }
    Ok(best.map(|(found, transmission)| Sent::new(transmission, found)))
}

/// Sends `photo` with exactly `cbr` of analog symbols.
///
/// # Errors
/// A photo that the codec refuses.
pub fn send_at(photo: &Photo, codec: &Arc<dyn Codec>, cbr: Cbr) -> anyhow::Result<Sent> {
    let transmission = transmit(photo, codec, cbr)?;
    let found = total(&transmission, photo);
    Ok(Sent::new(transmission, found))
}

/// The next larger ratio that a header can say.
fn at_least(ratio: f64) -> f64 {
    12.0 / (12.0 / ratio).floor().max(1.0)
}

fn same_code(a: f64, b: f64) -> bool {
    (12.0 / a).round() == (12.0 / b).round()
}

fn transmit(photo: &Photo, codec: &Arc<dyn Codec>, cbr: Cbr) -> Result<Transmission, LinkError> {
    let config = TransmitterConfig {
        cbr,
        ..Default::default()
    };
    Transmitter::new(config, codec.clone())?.picture(photo, Some(CAPTION))
}

/// The channel of one draw.
pub struct Air<'a> {
    pub medium: &'a Medium,
    pub sample_rate_hz: f64,
    pub seed: u64,
}

impl Air<'_> {
    /// What a receiver finds that knows nothing of the transmission; `None` when it finds no picture.
    ///
    /// # Errors
    /// A channel that does not suit the sample rate.
    pub fn receive(&self, sent: &Sent, snr_db: f64) -> anyhow::Result<Option<ReceivedPicture>> {
        let config = self.medium.propagation(snr_db);
        let mut channel = Propagation::new(&config, self.sample_rate_hz, self.seed)?;
        let mut receiver = Receiver::new(ReceiverConfig::default());
        let mut events = receiver.push(&channel.push(&sent.samples));
        events.extend(receiver.push(&channel.finish()));
        events.extend(receiver.finish());
        let pictures = events.into_iter().filter_map(|event| match event {
            ReceiverEvent::Picture(picture) => Some(*picture),
            ReceiverEvent::Burst(_) => None,
        });
        // One that paused too long comes in two parts: the fuller one counts.
        let mut fullest = pictures.max_by_key(|picture| picture.bursts_received);
        if let (Some(picture), Medium::Ideal) = (&mut fullest, self.medium) {
            medium::noise_alone(picture, &sent.symbols, snr_db, self.seed);
        }
        Ok(fullest)
    }
}

/// The same draw for every codec, ratio and SNR, whatever else is measured: FNV-1a of the names.
pub fn seed_of(picture: &str, channel: &str, seed: u64) -> u64 {
    let words = [picture.as_bytes(), channel.as_bytes(), &seed.to_le_bytes()];
    let bytes = words.iter().flat_map(|word| word.iter().chain([&0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use heliograph::codec::{CodecId, Latents, ReceivedLatents, SoftCast};
    use heliograph::photo::PhotoSize;
    use heliograph::regions::RateMap;

    use super::*;

    fn photo(side: u32) -> Photo {
        let size = PhotoSize::new(side, side).unwrap();
        let value = |i: u32| ((i * 7919) >> 4) as u8;
        Photo::new(size, (0..3 * side * side).map(value).collect()).unwrap()
    }

    #[test]
    fn the_total_is_what_is_allowed_and_hardly_less() {
        let codec: Arc<dyn Codec> = Arc::new(SoftCast::default());
        // SoftCast's side information and the rest of a transmission alone take 1/48 of a picture of 256x256.
        for allowed in [1.0 / 12.0, 1.0 / 24.0] {
            let sent = send(&photo(256), &codec, allowed).unwrap().unwrap();
            let share = sent.cbr_total / allowed;
            assert!((0.97..=1.0).contains(&share), "{allowed}: {share}");
        }
    }

    #[test]
    fn a_photo_too_small_for_its_channel_uses_is_not_sent() {
        let codec: Arc<dyn Codec> = Arc::new(SoftCast::default());
        assert!(send(&photo(8), &codec, 1.0 / 48.0).unwrap().is_none());
    }

    /// A codec that needs so many symbols for any photo, and wastes all others.
    struct OfOneRate(usize);

    impl Codec for OfOneRate {
        fn id(&self) -> CodecId {
            CodecId::External
        }

        fn encode(
            &self,
            _photo: &Photo,
            _rate_map: Option<&RateMap>,
            found: usize,
        ) -> Result<Latents, CodecError> {
            let least = self.0;
            if found < least {
                return Err(CodecError::TooFew { found, least });
            }
            Ok(Latents {
                symbols: vec![Complex32::ONE; found],
                side_information: vec![0; 12],
            })
        }

        fn decode(
            &self,
            _received: ReceivedLatents<'_>,
            _side_information: &[u8],
            size: PhotoSize,
        ) -> Result<Photo, CodecError> {
            Ok(self.decode_blind(size))
        }

        fn decode_blind(&self, size: PhotoSize) -> Photo {
            Photo::filled(size, [128; 3])
        }
    }

    #[test]
    fn a_codec_of_one_rate_gets_what_it_needs_where_that_is_allowed() {
        let (photo, symbols) = (photo(256), 256 * 256 * 3 / 24);
        let codec: Arc<dyn Codec> = Arc::new(OfOneRate(symbols));
        let needs = send_at(&photo, &codec, "1/24".parse().unwrap()).unwrap();
        for (allowed, is_sent) in [(1.001, true), (1.1, true), (1.5, true), (0.999, false)] {
            let sent = send(&photo, &codec, allowed * needs.cbr_total).unwrap();
            let found = sent.map(|sent| sent.symbols.len());
            assert_eq!(found.is_some(), is_sent, "{allowed}");
            assert!(found.is_none_or(|found| found >= symbols), "{found:?}");
        }
    }

    #[test]
    fn draws_differ_by_every_name() {
        let seeds = [
            seed_of("a", "awgn", 0),
            seed_of("b", "awgn", 0),
            seed_of("a", "tdl-a", 0),
            seed_of("a", "awgn", 1),
        ];
        assert!((1..4).all(|i| !seeds[..i].contains(&seeds[i])), "{seeds:?}");
    }
}
