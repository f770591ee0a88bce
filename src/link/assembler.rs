//! From bursts to pictures: repetitions combined, soft bits gathered, symbols put back into their order.

use std::collections::BTreeSet;

use super::ledger::Ledger;
use super::picture::{Completion, LinkReport, PictureKey, ReceivedPicture};
use super::plan::PicturePlan;
use crate::bits::digital::{DigitalCode, DigitalDecoder, DigitalStream, ReceivedStream, Section};
use crate::bits::header::{Checked, Header, HeaderFields};
use crate::waveform::Numerology;
use crate::waveform::combine::Combiner;
use crate::waveform::demodulator::{BurstReport, DemodulatedBurst};
use crate::waveform::interleaver::Interleaver;
use crate::waveform::snr::SnrEstimate;

/// Bounds of the assembler.
#[derive(Clone, Copy, Debug)]
pub struct AssemblerConfig {
    /// Pictures in progress at a time.
    pub max_pictures: usize,
    /// Analog symbols of a picture, at most (12 bytes each once it is given out).
    pub max_symbols: usize,
    /// Bytes of bursts that are held, over all pictures.
    pub max_held_bytes: usize,
    /// Samples without a burst of it after which a picture is given out as it is.
    pub timeout_samples: i64,
}

impl Default for AssemblerConfig {
    fn default() -> Self {
        Self {
            max_pictures: 8,
            max_symbols: 1 << 26,
            max_held_bytes: 2 << 30,
            timeout_samples: 2_000_000,
        }
    }
}

/// Gathers bursts of one numerology.
pub struct Assembler {
    numerology: Numerology,
    config: AssemblerConfig,
    pictures: Vec<Progress>,
    refused: u64,
}

/// A look at a picture in progress: its bursts so far. Cheap to make; what it costs is spent by [`Self::finish`].
#[derive(Clone, Debug)]
pub struct PictureInProgress(Progress);

impl PictureInProgress {
    /// What tells it from others: its number on the air, the seed of its interleaver, and where its first burst began.
    pub fn key(&self) -> PictureKey {
        (
            self.0.header.picture_id(),
            self.0.header.fields().interleaver_seed,
            self.0.start_sample,
        )
    }

    /// Bytes of its bursts.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// What there is of the picture, as if no more came.
    pub fn finish(self) -> ReceivedPicture {
        finish(self.0, Completion::InProgress)
    }
}

/// A picture in progress.
#[derive(Clone, Debug)]
struct Progress {
    header: Header<Checked>,
    plan: PicturePlan,
    start_sample: i64,
    last_sample: i64,
    held: Vec<DemodulatedBurst>,
    seen: BTreeSet<(u8, u16)>,
}

impl Progress {
    fn bytes(&self) -> usize {
        let of = |b: &DemodulatedBurst| 12 * b.analog.len() + 4 * b.digital.len() + 256;
        self.held.iter().map(of).sum()
    }

    fn expected(&self) -> usize {
        self.plan.bursts() * usize::from(self.header.fields().repeat_count)
    }
}

impl Assembler {
    /// An assembler of `numerology`.
    pub fn new(numerology: Numerology, config: AssemblerConfig) -> Self {
        Self {
            numerology,
            config,
            pictures: Vec::new(),
            refused: 0,
        }
    }

    /// Bursts that contradicted their picture or its limits and were dropped.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Takes a burst; gives the pictures that are complete or have waited too long.
    pub fn push(&mut self, mut burst: DemodulatedBurst) -> Vec<ReceivedPicture> {
        let now = burst.start_sample;
        // Only those who look on want these points.
        (burst.qpsk, burst.channel, burst.pilots) = Default::default();
        let mut out = self.advance(now);
        let Some(index) = self.picture_of(&burst, &mut out) else {
            self.refused += 1;
            return out;
        };
        let picture = &mut self.pictures[index];
        let is_new = picture.seen.insert((
            burst.header.fields().repeat_index,
            burst.header.burst_index(),
        ));
        if !is_new {
            // A replay of the same burst would only fill memory.
            self.refused += 1;
            return out;
        }
        picture.last_sample = now;
        picture.held.push(burst);
        if picture.seen.len() == picture.expected() {
            let picture = self.pictures.remove(index);
            out.push(finish(picture, Completion::Complete));
        }
        self.make_room(&mut out);
        out
    }

    /// A look at the picture that the latest burst belongs to, if it takes at most `max_bytes`.
    pub fn in_progress(&self, max_bytes: usize) -> Option<PictureInProgress> {
        let latest = self.pictures.iter().max_by_key(|p| p.last_sample)?;
        (latest.bytes() <= max_bytes).then(|| PictureInProgress(latest.clone()))
    }

    /// Gives the pictures whose last burst lies longer than the timeout before `now` (samples).
    pub fn advance(&mut self, now: i64) -> Vec<ReceivedPicture> {
        let timeout = self.config.timeout_samples;
        self.take(Completion::TimedOut, |p| now - p.last_sample > timeout)
    }

    /// Gives all that is still in progress.
    pub fn finish(&mut self) -> Vec<ReceivedPicture> {
        self.take(Completion::EndOfStream, |_| true)
    }

    fn take(
        &mut self,
        completion: Completion,
        mut due: impl FnMut(&Progress) -> bool,
    ) -> Vec<ReceivedPicture> {
        let (gone, kept) = std::mem::take(&mut self.pictures)
            .into_iter()
            .partition(|p| due(p));
        self.pictures = kept;
        let gone: Vec<Progress> = gone;
        gone.into_iter().map(|p| finish(p, completion)).collect()
    }

    /// Index of the picture that the burst belongs to; `None` if the burst is not to be believed.
    fn picture_of(
        &mut self,
        burst: &DemodulatedBurst,
        out: &mut Vec<ReceivedPicture>,
    ) -> Option<usize> {
        let plan = PicturePlan::announced(self.numerology, &burst.header).ok()?;
        if plan.symbols() > self.config.max_symbols {
            return None;
        }
        let known = self
            .pictures
            .iter()
            .position(|p| p.plan == plan && same_picture(&p.header, &burst.header));
        if known.is_some() {
            return known;
        }
        if self.pictures.len() >= self.config.max_pictures {
            self.evict_oldest(out);
        }
        self.pictures.push(Progress {
            header: burst.header,
            plan,
            start_sample: burst.start_sample,
            last_sample: burst.start_sample,
            held: Vec::new(),
            seen: BTreeSet::new(),
        });
        Some(self.pictures.len() - 1)
    }

    fn make_room(&mut self, out: &mut Vec<ReceivedPicture>) {
        while self.pictures.iter().map(Progress::bytes).sum::<usize>() > self.config.max_held_bytes
        {
            self.evict_oldest(out);
        }
    }

    fn evict_oldest(&mut self, out: &mut Vec<ReceivedPicture>) {
        let oldest = (0..self.pictures.len()).min_by_key(|&i| self.pictures[i].last_sample);
        if let Some(i) = oldest {
            let picture = self.pictures.remove(i);
            out.push(finish(picture, Completion::Evicted));
        }
    }
}

/// Nothing of the digital stream arrived.
const LOST_STREAM: ReceivedStream = ReceivedStream {
    caption: Section::Lost,
    rate_map: Section::Lost,
    side_information: Section::Lost,
};

fn finish(picture: Progress, completion: Completion) -> ReceivedPicture {
    let Progress {
        header,
        plan,
        start_sample,
        held,
        seen,
        ..
    } = picture;
    let link = link_report(held.iter().map(|b| &b.report));
    let mut digital = DigitalCode::new(
        plan.stream_length_bytes(),
        plan.bursts() as u32,
        plan.digital_bits(),
    )
    .ok()
    .map(DigitalDecoder::new);
    let mut combiner = Combiner::new(plan.symbols());
    let present: BTreeSet<u16> = seen.iter().map(|(_, burst)| *burst).collect();
    let received = held.len();
    // One burst at a time is taken and dropped: the picture is never held twice.
    for burst in held {
        if let Some(decoder) = &mut digital {
            // Lengths agree by the plan; a burst that still differs adds nothing.
            let _ = decoder.accept(burst.header.burst_index().into(), &burst.digital);
        }
        gather(&plan, &burst, &mut combiner);
    }
    let stream = digital.map_or(LOST_STREAM, |mut decoder| {
        DigitalStream::from_outcome(&decoder.decode())
    });
    let (symbols, variances) = combiner.finish();
    ReceivedPicture {
        bursts_expected: plan.bursts() * usize::from(header.fields().repeat_count),
        bursts_received: received,
        bursts_missing: plan.bursts() - present.len(),
        ledger: ledger(&plan, header.fields().repeat_count),
        size: plan.size(),
        header,
        start_sample,
        completion,
        symbols,
        variances,
        caption: stream.caption,
        rate_map: stream.rate_map,
        side_information: stream.side_information,
        link,
    }
}

/// Analog symbols of a burst to their places in the picture.
fn gather(plan: &PicturePlan, burst: &DemodulatedBurst, combiner: &mut Combiner) {
    let header = burst.header.fields();
    let map = Interleaver::new(plan.slots(), header.interleaver_seed, header.repeat_index);
    let first = plan.first_slot(usize::from(header.burst_index));
    for (i, (x, v)) in burst.analog.iter().zip(&burst.variances).enumerate() {
        let slot = first + i;
        let index = map.symbol(slot);
        if index < plan.symbols() {
            combiner.add(index, x * map.rotation(slot).conj(), *v);
        }
    }
}

/// Channel uses of all bursts of a picture.
pub(super) fn ledger(plan: &PicturePlan, repeats: u8) -> Ledger {
    let mut ledger = Ledger::default();
    let padding = plan.slots() - plan.symbols();
    // Fillers are spread over all bursts; only their sum matters.
    let mut spare = padding;
    for i in 0..plan.bursts() {
        let layout = plan.layout(i);
        let empty = spare.min(layout.analog_slots());
        spare -= empty;
        for _ in 0..repeats {
            ledger += Ledger::of_burst(layout, layout.analog_slots() - empty);
        }
    }
    ledger
}

fn link_report<'a>(reports: impl Iterator<Item = &'a BurstReport> + Clone) -> LinkReport {
    let count = reports.clone().count().max(1) as f32;
    let mean = |f: &dyn Fn(&BurstReport) -> f32| reports.clone().map(f).sum::<f32>() / count;
    let power = mean(&|r| 10f32.powf(r.snr.db / 10.0));
    let error = mean(&|r| r.snr.standard_error_db.powi(2));
    LinkReport {
        snr: SnrEstimate {
            db: 10.0 * power.max(1e-9).log10(),
            standard_error_db: (error / count).sqrt(),
        },
        cfo_cycles_per_sample: mean(&|r| r.cfo_cycles_per_sample),
        clock_ppm: mean(&|r| r.clock_ppm),
        evm_db: 10.0 * mean(&|r| 10f32.powf(r.evm_db / 10.0)).max(1e-12).log10(),
        bursts_clipped: reports.clone().filter(|r| r.clipping.is_flagged()).count(),
        damaged_symbols: reports.clone().map(|r| r.damaged_symbols).sum(),
    }
}

/// Do two bursts belong to one picture: all fields agree but those of the single burst?
fn same_picture(a: &Header<Checked>, b: &Header<Checked>) -> bool {
    let common = |h: &Header<Checked>| HeaderFields {
        burst_index: 0,
        repeat_index: 0,
        analog_symbols: 1,
        ..*h.fields()
    };
    common(a) == common(b)
}
