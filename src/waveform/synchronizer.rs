//! From a stream of samples to bursts with a header.
//!
//! Chunks may have any size: every decision is taken at an absolute sample position once all samples it needs are there,
//! so chunk borders change nothing. After a burst the search goes on at its end; if the last pilots say that the burst did
//! not last that long (dropped samples, an overrun by another transmitter), right behind its header instead.

use num_complex::Complex32;

use super::acquisition::{Acquirer, Acquisition, MARGIN};
use super::dc::DcRemover;
use super::framing::BurstLayout;
use super::numerology::Numerology;
use super::prbs;
use super::preamble::{PERIOD, PREAMBLE_SAMPLES};
use super::search::{self, Found, Search};
use super::training::{Training, TrainingReader};
use crate::bits::header::{Checked, Header, HeaderLimits};

/// Coherence of the last symbols' pilots below which the search begins again behind the header: 0.67 at 3 dB, noise 0.15.
const LOST_COHERENCE: f32 = 0.4;
/// Symbols at the end of a burst that are looked at.
const LAST_SYMBOLS: usize = 4;

/// Largest I or Q that is believed; full scale is about 1, and squares of sums must stay finite.
const MAX_MAGNITUDE: f32 = 1e6;
/// Samples that are looked at in one go.
const PIECE: usize = 1 << 16;

/// A burst whose header was read.
#[derive(Clone, Debug)]
pub struct AcquiredBurst {
    /// Its header.
    pub header: Header<Checked>,
    /// Position of the preamble in the stream, samples.
    pub start_sample: i64,
    /// Samples from the preamble to the end of the burst; fewer if the stream ended before.
    pub samples: Vec<Complex32>,
    pub(crate) training: Training,
}

/// Counters of the search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SynchronizerCounters {
    /// Samples taken in.
    pub samples: u64,
    /// Suspicions of the search.
    pub suspected: u64,
    /// Preambles that were confirmed.
    pub detected: u64,
    /// Confirmed preambles whose header could not be read.
    pub headers_lost: u64,
    /// Headers that were read and refused by the limits.
    pub headers_refused: u64,
    /// Bursts given out.
    pub bursts: u64,
}

/// Finds bursts.
pub struct Synchronizer {
    numerology: Numerology,
    limits: HeaderLimits,
    dc: DcRemover,
    search: Search,
    acquirer: Acquirer,
    reader: TrainingReader,
    /// Samples from absolute position `base` on.
    buffer: Vec<Complex32>,
    base: i64,
    /// Position of the search.
    cursor: i64,
    state: State,
    counters: SynchronizerCounters,
    /// Start of the last detection whose header could not be read.
    unread: Option<i64>,
    believed: Vec<Complex32>,
}

enum State {
    Searching,
    Suspect {
        at: i64,
        rotation: f32,
    },
    Header {
        suspicion: i64,
        at: i64,
        acquisition: Acquisition,
    },
    Body {
        at: i64,
        header: Box<(Header<Checked>, Training)>,
    },
}

impl Synchronizer {
    /// A synchronizer of `numerology` that refuses headers beyond `limits`.
    ///
    /// Whatever `limits` say of numerologies: only its own can be demodulated, and its symbols carry what they carry.
    pub fn new(numerology: Numerology, limits: HeaderLimits) -> Self {
        let limits = HeaderLimits {
            numerologies: numerology.code()..=numerology.code(),
            digital_bits_per_symbol: 2 * numerology.data_carriers() as u32,
            ..limits
        };
        // Silence in front lets a burst begin at the very first sample.
        let lead = MARGIN + PERIOD;
        Self {
            numerology,
            limits,
            dc: DcRemover::default(),
            search: Search::default(),
            acquirer: Acquirer::new(numerology),
            reader: TrainingReader::new(numerology),
            buffer: vec![Complex32::default(); lead],
            base: -(lead as i64),
            cursor: -(PERIOD as i64),
            state: State::Searching,
            counters: SynchronizerCounters::default(),
            unread: None,
            believed: Vec::new(),
        }
    }

    /// Takes the next samples, gives the bursts that are complete.
    pub fn push(&mut self, samples: &[Complex32]) -> Vec<AcquiredBurst> {
        self.counters.samples += samples.len() as u64;
        let mut out = Vec::new();
        // In pieces, so that one huge chunk does not double its memory.
        for piece in samples.chunks(PIECE) {
            self.believed.clear();
            self.believed.extend(piece.iter().map(|x| believable(*x)));
            self.dc.push(&self.believed, &mut self.buffer);
            while self.step(&mut out) {}
            self.forget();
        }
        out
    }

    /// Ends the stream: gives what can still be read. A burst cut off comes with the samples it has.
    pub fn finish(&mut self) -> Vec<AcquiredBurst> {
        self.dc.finish(&mut self.buffer);
        let end = self.end();
        let mut out = Vec::new();
        // Silence behind the end lets every decision be taken.
        self.buffer.resize(
            self.buffer.len() + search::NEEDED + PREAMBLE_SAMPLES,
            Complex32::default(),
        );
        loop {
            while self.step(&mut out) {}
            match &self.state {
                State::Body { at, header } => {
                    let (at, header) = (*at, header.clone());
                    let samples = self.slice(at, (end - at).max(0) as usize).to_vec();
                    self.cursor = end;
                    self.state = State::Searching;
                    self.emit(at, *header, samples, &mut out);
                }
                State::Searching => break,
                _ => self.buffer.resize(
                    self.buffer.len() + self.reader.windows.header_end(),
                    Complex32::default(),
                ),
            }
        }
        self.buffer.clear();
        self.base = end;
        self.cursor = end;
        out
    }

    /// What was counted so far.
    pub fn counters(&self) -> SynchronizerCounters {
        self.counters
    }

    fn end(&self) -> i64 {
        self.base + self.buffer.len() as i64
    }

    fn slice(&self, at: i64, len: usize) -> &[Complex32] {
        let start = (at - self.base) as usize;
        &self.buffer[start..start + len]
    }

    fn has(&self, at: i64, len: usize) -> bool {
        self.end() - at >= len as i64
    }

    /// One step of the state machine; false when more samples are needed.
    fn step(&mut self, out: &mut Vec<AcquiredBurst>) -> bool {
        match self.state {
            State::Searching => self.step_search(),
            State::Suspect { at, rotation } => self.step_suspect(at, rotation),
            State::Header {
                suspicion,
                at,
                acquisition,
            } => self.step_header(suspicion, at, acquisition),
            State::Body { .. } => self.step_body(out),
        }
    }

    fn step_search(&mut self) -> bool {
        if !self.has(self.cursor, search::NEEDED) {
            return false;
        }
        let start = (self.cursor - self.base) as usize;
        match self
            .search
            .block(&self.buffer[start..start + search::NEEDED])
        {
            Found::Nothing => self.cursor += search::BLOCK as i64,
            Found::Chance { at } => self.cursor += (at + PERIOD) as i64,
            Found::Peak { at, rotation } => {
                self.counters.suspected += 1;
                let at = self.cursor + at as i64;
                self.state = State::Suspect { at, rotation };
            }
        }
        true
    }

    fn step_suspect(&mut self, at: i64, rotation: f32) -> bool {
        let from = at - MARGIN as i64;
        let needed = MARGIN + Acquirer::needed(self.numerology);
        if !self.has(from, needed) {
            return false;
        }
        let start = (from - self.base) as usize;
        let window = &self.buffer[start..start + needed];
        match self.acquirer.acquire(window, rotation) {
            Some(acquisition) => {
                self.counters.detected += 1;
                self.state = State::Header {
                    suspicion: at,
                    at: from + acquisition.preamble_start as i64,
                    acquisition,
                };
            }
            None => self.resume(at + PERIOD as i64),
        }
        true
    }

    fn step_header(&mut self, suspicion: i64, at: i64, acquisition: Acquisition) -> bool {
        let needed = self.reader.windows.header_end();
        if !self.has(at, needed) {
            return false;
        }
        let start = (at - self.base) as usize;
        let window = &self.buffer[start..start + needed];
        let (training, header) = self.reader.read(window, acquisition);
        let Ok(header) = header else {
            self.counters.headers_lost += 1;
            self.unread = Some(at);
            // A peak of noise just before may have hidden the true start a few samples on: go on right here,
            // but never before the suspicion, which would be found again for ever.
            self.resume(at.max(suspicion) + PERIOD as i64);
            return true;
        };
        self.forgive(at);
        match header.check(&self.limits) {
            Ok(header) => {
                let header = Box::new((header, training));
                self.state = State::Body { at, header };
            }
            Err(_) => {
                self.counters.headers_refused += 1;
                self.resume(at.max(suspicion) + PREAMBLE_SAMPLES as i64);
            }
        }
        true
    }

    /// The detection before the one at `at`, whose header was read, was the same burst found too early: no loss.
    fn forgive(&mut self, at: i64) {
        let reach = Acquirer::needed(self.numerology) as i64;
        if self.unread.take().is_some_and(|unread| at - unread < reach) {
            self.counters.headers_lost -= 1;
            self.counters.detected -= 1;
        }
    }

    fn step_body(&mut self, out: &mut Vec<AcquiredBurst>) -> bool {
        let State::Body { at, header } = &self.state else {
            return false;
        };
        let at = *at;
        let layout = layout(self.numerology, &header.0);
        // A burst's own preamble may come a little early after the last window: windows begin before their symbol.
        let len = layout.samples_from_preamble();
        if !self.has(at, len) {
            return false;
        }
        let header = header.clone();
        let samples = self.slice(at, len).to_vec();
        let whole = self.last_pilots_cohere(&samples, &header.1, layout.body_symbols());
        let next = if whole {
            len
        } else {
            self.reader.windows.header_end()
        };
        self.resume(at + next as i64 - PERIOD as i64);
        self.emit(at, *header, samples, out);
        true
    }

    fn emit(
        &mut self,
        start_sample: i64,
        (header, training): (Header<Checked>, Training),
        samples: Vec<Complex32>,
        out: &mut Vec<AcquiredBurst>,
    ) {
        self.counters.bursts += 1;
        out.push(AcquiredBurst {
            header,
            start_sample,
            samples,
            training,
        });
    }

    fn resume(&mut self, at: i64) {
        self.cursor = at;
        self.state = State::Searching;
    }

    /// Do the pilots at the end of the burst still look like pilots, whatever phase and clock did?
    fn last_pilots_cohere(
        &mut self,
        samples: &[Complex32],
        training: &Training,
        symbols: usize,
    ) -> bool {
        let range = symbols.saturating_sub(LAST_SYMBOLS)..symbols;
        let body = self.reader.body(samples, training.cfo, range.clone());
        let (mut product, mut energy, mut last) = (Complex32::default(), 0.0, 0.0);
        for (t, row) in range.zip(body.chunks_exact(self.reader.plan.used.len())) {
            let pilots = self.reader.plan.pilots.iter().enumerate();
            let matched: Vec<Complex32> = pilots
                .map(|(p, &i)| row[i] * training.channel.gains[i].conj() * prbs::pilot(t, p))
                .collect();
            // Products of neighbours are blind to common phase and nearly so to a timing drift.
            let coherent: Complex32 = matched.windows(2).map(|w| w[0].conj() * w[1]).sum();
            let power: f32 = matched.iter().map(|m| m.norm_sqr()).sum();
            last = coherent.norm() / power.max(f32::MIN_POSITIVE);
            product += coherent;
            energy += power;
        }
        let snr = training.channel.power() / training.noise.variance.max(f32::MIN_POSITIVE);
        // In deep noise pilots say nothing; then the header is believed.
        snr < 2.0 || last.min(product.norm() / energy.max(f32::MIN_POSITIVE)) > LOST_COHERENCE
    }

    /// Drops samples that no decision can need any more.
    fn forget(&mut self) {
        let oldest = match self.state {
            State::Searching => self.cursor,
            State::Suspect { at, .. } | State::Header { at, .. } | State::Body { at, .. } => at,
        };
        let keep = oldest - 2 * MARGIN as i64 - PERIOD as i64;
        let drop = (keep - self.base).clamp(0, self.buffer.len() as i64) as usize;
        // Moving the rest costs; do it when much can go.
        if drop > 8 * search::BLOCK {
            self.buffer.drain(..drop);
            self.base += drop as i64;
        }
    }
}

/// A sample that is no number or absurdly large becomes silence: one of them must not deafen the receiver.
fn believable(x: Complex32) -> Complex32 {
    if x.re.abs() <= MAX_MAGNITUDE && x.im.abs() <= MAX_MAGNITUDE {
        x
    } else {
        Complex32::default()
    }
}

/// Layout of the burst that `header` announces.
pub(crate) fn layout(numerology: Numerology, header: &Header<Checked>) -> BurstLayout {
    BurstLayout::new(
        numerology,
        usize::from(header.fields().digital_symbols),
        usize::from(header.fields().analog_symbols),
    )
}
