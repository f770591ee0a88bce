//! Photo to bursts.

use std::sync::Arc;

use num_complex::Complex32;

use super::LinkError;
use super::assembler::ledger;
use super::ledger::Ledger;
use super::plan::PicturePlan;
use crate::bits::digital::{DigitalCode, DigitalEncoder, DigitalStream};
use crate::bits::header::{Checked, Header, HeaderCodec, HeaderFields};
use crate::bits::qpsk;
use crate::codec::{Cbr, Codec};
use crate::photo::Photo;
use crate::waveform::Numerology;
use crate::waveform::framing::BurstModulator;
use crate::waveform::interleaver::Interleaver;

/// Settings of a transmitter.
#[derive(Clone, Debug)]
pub struct TransmitterConfig {
    /// Sizes of the OFDM symbol.
    pub numerology: Numerology,
    /// Analog symbols per colour value.
    pub cbr: Cbr,
    /// How often every burst is sent, 1 to 8.
    pub repeats: u8,
    /// Seed of picture ids and interleavers.
    pub seed: u64,
    /// Limit of the sample magnitude, dB over the mean power; `None` leaves the peaks.
    pub peak_limit_db: Option<f32>,
}

impl Default for TransmitterConfig {
    /// Standard numerology, 1/24, every burst once, peaks untouched.
    fn default() -> Self {
        Self {
            numerology: Numerology::Standard,
            cbr: Cbr::from_code(288).expect("1/24 is a ratio"),
            repeats: 1,
            seed: 0,
            peak_limit_db: None,
        }
    }
}

/// Turns photos into bursts.
pub struct Transmitter {
    config: TransmitterConfig,
    codec: Arc<dyn Codec>,
    pictures: u64,
}

impl Transmitter {
    /// A transmitter.
    ///
    /// # Errors
    /// [`LinkError::Repeats`] unless 1 to 8.
    pub fn new(config: TransmitterConfig, codec: Arc<dyn Codec>) -> Result<Self, LinkError> {
        if !(1..=8).contains(&config.repeats) {
            return Err(LinkError::Repeats {
                found: config.repeats,
            });
        }
        Ok(Self {
            config,
            codec,
            pictures: 0,
        })
    }

    /// The transmission of one photo.
    ///
    /// # Errors
    /// A caption beyond 1,024 bytes, a picture beyond what headers can count, a codec that refuses.
    pub fn picture(
        &mut self,
        photo: &Photo,
        caption: Option<&str>,
    ) -> Result<Transmission, LinkError> {
        let config = &self.config;
        let budget = config.cbr.symbols(photo.size());
        let latents = self.codec.encode(photo, None, budget)?;
        let stream = DigitalStream {
            caption: caption.map(str::to_owned),
            rate_map: None,
            side_information: latents.side_information.clone(),
        }
        .to_bytes()?;
        let plan = PicturePlan::new(config.numerology, photo.size(), config.cbr, stream.len())?;
        let code = DigitalCode::new(stream.len(), plan.bursts() as u32, plan.digital_bits())?;
        // Splitting one seed by picture keeps ids and interleavers of a session apart.
        let random = mix(config.seed.wrapping_add(self.pictures));
        self.pictures += 1;
        let fields = HeaderFields {
            numerology: config.numerology.code(),
            picture_id: random as u16,
            burst_index: 0,
            burst_count: plan.bursts() as u32,
            repeat_index: 0,
            repeat_count: config.repeats,
            codec: self.codec.id() as u8,
            weights_hash: self.codec.weights_hash(),
            width: photo.size().width(),
            height: photo.size().height(),
            cbr_code: config.cbr.code(),
            interleaver_seed: (random >> 16) as u8 & 63,
            digital_symbols: plan.digital_symbols() as u8,
            analog_symbols: plan.analog_symbols(0) as u8,
            stream_length_bytes: stream.len() as u16,
        };
        Ok(Transmission {
            modulator: BurstModulator::new(config.numerology),
            header_codec: HeaderCodec::new(plan.layout(0).header_bits())?,
            digital: code.encode(&stream)?,
            symbols: latents.symbols,
            side_information: latents.side_information,
            peak_limit_db: config.peak_limit_db,
            numerology: config.numerology,
            plan,
            fields,
            next: 0,
        })
    }
}

/// SplitMix64's finalizer.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The bursts of one photo, made one at a time.
pub struct Transmission {
    numerology: Numerology,
    plan: PicturePlan,
    fields: HeaderFields,
    modulator: BurstModulator,
    header_codec: HeaderCodec,
    digital: DigitalEncoder,
    symbols: Vec<Complex32>,
    side_information: Vec<u8>,
    peak_limit_db: Option<f32>,
    next: usize,
}

impl Transmission {
    /// Number of the picture on the air.
    pub fn picture_id(&self) -> u16 {
        self.fields.picture_id
    }

    /// Bursts in all, repetitions included.
    pub fn burst_count(&self) -> usize {
        self.plan.bursts() * usize::from(self.fields.repeat_count)
    }

    /// Analog symbols as the codec made them, in its order.
    pub fn symbols(&self) -> &[Complex32] {
        &self.symbols
    }

    /// What travels beside the symbols for the codec.
    pub fn side_information(&self) -> &[u8] {
        &self.side_information
    }

    /// Channel uses of all bursts.
    pub fn ledger(&self) -> Ledger {
        ledger(&self.plan, self.fields.repeat_count)
    }

    /// How the picture is divided.
    pub fn plan(&self) -> PicturePlan {
        self.plan
    }

    fn header(&self, repeat: usize, burst: usize) -> Header<Checked> {
        let fields = HeaderFields {
            burst_index: burst as u16,
            repeat_index: repeat as u8,
            analog_symbols: self.plan.analog_symbols(burst) as u8,
            ..self.fields
        };
        Header::new(fields).expect("the plan keeps every field within its range")
    }

    fn data(&self, repeat: usize, burst: usize) -> Vec<Complex32> {
        let layout = self.plan.layout(burst);
        let header = self.header(repeat, burst);
        let mut data = qpsk::modulate(&self.header_codec.encode(&header));
        data.extend(qpsk::modulate(&self.digital.burst_bits(burst as u32)));
        let map = Interleaver::new(
            self.plan.slots(),
            self.fields.interleaver_seed,
            repeat as u8,
        );
        let first = self.plan.first_slot(burst);
        data.extend((first..first + layout.analog_slots()).map(|slot| {
            let symbol = self.symbols.get(map.symbol(slot)).copied();
            symbol.unwrap_or_else(|| map.filler(slot)) * map.rotation(slot)
        }));
        data
    }
}

impl Iterator for Transmission {
    type Item = Vec<Complex32>;

    fn next(&mut self) -> Option<Vec<Complex32>> {
        if self.next >= self.burst_count() {
            return None;
        }
        let (repeat, burst) = (
            self.next / self.plan.bursts(),
            self.next % self.plan.bursts(),
        );
        self.next += 1;
        let data = self.data(repeat, burst);
        let mut samples = self.modulator.burst(&data);
        if let Some(limit_db) = self.peak_limit_db {
            limit_peaks(&mut samples, limit_db, self.numerology);
        }
        Some(samples)
    }
}

/// Scales samples beyond the limit back to it; their phase stays.
fn limit_peaks(samples: &mut [Complex32], limit_db: f32, numerology: Numerology) {
    let limit = (numerology.mean_sample_power() as f32).sqrt() * 10f32.powf(limit_db / 20.0);
    for x in samples {
        let magnitude = x.norm();
        if magnitude > limit {
            *x *= limit / magnitude;
        }
    }
}
