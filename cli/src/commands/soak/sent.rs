//! Bursts with random contents, and what was put into them.

use heliograph::bits::digital::{DigitalCode, DigitalStream};
use heliograph::bits::header::{Checked, Header, HeaderCodec, HeaderFields};
use heliograph::bits::qpsk;
use heliograph::codec::Cbr;
use heliograph::link::PicturePlan;
use heliograph::photo::PhotoSize;
use heliograph::waveform::framing::{BurstLayout, BurstModulator};
use num_complex::Complex32;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::settings::Settings;
use crate::exit::UsageError;

/// Characters of the random captions.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz ,.";

/// A burst before the channel.
pub struct SentBurst {
    pub header: Header<Checked>,
    pub caption: Option<String>,
    /// Analog symbols in the order of the air: complex Gaussian, unit mean power.
    pub analog: Vec<Complex32>,
    pub samples: Vec<Complex32>,
}

/// Makes bursts of one shape.
pub struct BurstMaker {
    layout: BurstLayout,
    modulator: BurstModulator,
    header_codec: HeaderCodec,
    digital: Option<Digital>,
}

/// The digital part of every burst: a whole stream of its own, so that a single burst can be judged.
struct Digital {
    caption_bytes: usize,
    code: DigitalCode,
}

impl BurstMaker {
    /// # Errors
    /// A caption too long for one burst.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let digital = Digital::new(settings)?;
        let digital_symbols = digital.as_ref().map_or(0, |(symbols, _)| *symbols);
        let layout = BurstLayout::new(
            settings.numerology,
            digital_symbols,
            settings.analog_symbols,
        );
        Ok(Self {
            layout,
            modulator: BurstModulator::new(settings.numerology),
            header_codec: HeaderCodec::new(layout.header_bits())?,
            digital: digital.map(|(_, digital)| digital),
        })
    }

    /// Code of the digital part.
    pub fn digital_code(&self) -> Option<&DigitalCode> {
        self.digital.as_ref().map(|digital| &digital.code)
    }

    /// The next burst.
    pub fn burst(&mut self, rng: &mut Xoshiro256PlusPlus) -> SentBurst {
        let header = self.header(rng);
        let (caption, digital_bits) = match &self.digital {
            Some(digital) => digital.burst(rng),
            None => (None, Vec::new()),
        };
        let analog: Vec<Complex32> = (0..self.layout.analog_slots())
            .map(|_| gaussian(rng))
            .collect();
        let mut data = qpsk::modulate(&self.header_codec.encode(&header));
        data.extend(qpsk::modulate(&digital_bits));
        data.extend_from_slice(&analog);
        SentBurst {
            header,
            caption,
            samples: self.modulator.burst(&data),
            analog,
        }
    }

    fn header(&self, rng: &mut Xoshiro256PlusPlus) -> Header<Checked> {
        let stream = self.digital_code().map_or(0, |c| c.stream_length_bytes());
        Header::new(HeaderFields {
            numerology: self.layout.numerology().code(),
            picture_id: rng.random(),
            burst_index: 0,
            burst_count: 1,
            repeat_index: 0,
            repeat_count: 1,
            codec: rng.random_range(0..=15),
            weights_hash: rng.random(),
            width: rng.random_range(1..=16_384),
            height: rng.random_range(1..=16_384),
            cbr_code: rng.random_range(12..=4095),
            interleaver_seed: rng.random_range(0..=63),
            digital_symbols: self.layout.digital_symbols() as u8,
            analog_symbols: self.layout.analog_symbols() as u8,
            stream_length_bytes: stream as u16,
        })
        .expect("every field is drawn from its range")
    }
}

impl Digital {
    /// The digital part with its OFDM symbols, as many as the link would spend on it.
    fn new(settings: &Settings) -> anyhow::Result<Option<(usize, Self)>> {
        if settings.caption_bytes == 0 {
            return Ok(None);
        }
        let stream = DigitalStream {
            caption: Some("a".repeat(settings.caption_bytes)),
            ..Default::default()
        };
        let bytes = stream.to_plain_bytes()?.len();
        let size = PhotoSize::new(8, 8)?;
        let plan = PicturePlan::new(settings.numerology, size, Cbr::from_code(288)?, bytes)?;
        if plan.bursts() != 1 {
            let found = settings.caption_bytes;
            let words = format!("--caption-bytes: found {found}, allowed what fits into one burst");
            return Err(UsageError(words).into());
        }
        let digital = Self {
            caption_bytes: settings.caption_bytes,
            code: DigitalCode::new(bytes, 1, plan.digital_bits())?,
        };
        Ok(Some((plan.digital_symbols(), digital)))
    }

    fn burst(&self, rng: &mut Xoshiro256PlusPlus) -> (Option<String>, Vec<u8>) {
        let letter = |_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
        let caption: String = (0..self.caption_bytes).map(letter).collect();
        let stream = DigitalStream {
            caption: Some(caption.clone()),
            ..Default::default()
        };
        let bytes = stream
            .to_plain_bytes()
            .expect("the length was tried before");
        let encoder = self.code.encode(&bytes).expect("the code fits the length");
        (Some(caption), encoder.burst_bits(0))
    }
}

/// Circular Gaussian of unit variance.
fn gaussian(rng: &mut Xoshiro256PlusPlus) -> Complex32 {
    let re: f32 = StandardNormal.sample(rng);
    let im: f32 = StandardNormal.sample(rng);
    Complex32::new(re, im) * std::f32::consts::FRAC_1_SQRT_2
}
