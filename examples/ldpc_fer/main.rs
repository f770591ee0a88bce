//! Frame error rates of the LDPC decoder beside an exact floating-point one, written as JSON.
//!
//! `cargo run --release -p heliograph --example ldpc_fer -- docs/results/ldpc.json [share of the words] [part of a code's name]`
//!
//! QPSK in AWGN with exact LLRs. All decoders of a point see the same noisy words: word n of a point depends only
//! on (seed, code, point, n). Es/N0 is that of a complex symbol; Eb counts the K information bits, CRC included.

mod cases;
mod decoders;
mod report;

use std::time::{Duration, Instant};

use cases::{CASES, Case};
use decoders::{Decoder, Own, Reference};
use heliograph::bits::ldpc::rate_matcher::RateMatcher;
use heliograph::bits::ldpc::{CheckRule, LdpcCode};
use heliograph::bits::llr::Llr;
use heliograph::bits::qpsk;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;
use report::{Point, Report};

const SEED: u64 = 8;

/// A decoder, how many of a point's words it gets, and what it made of them.
struct Contestant {
    decoder: Box<dyn Decoder>,
    words: u64,
    tally: Tally,
}

/// Counts over the words of a point.
#[derive(Default)]
struct Tally {
    frames: u64,
    frame_errors: u64,
    false_decodes: u64,
    iterations: u64,
    time: Duration,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().ok_or("give the path of the JSON file")?;
    let share: f64 = arguments.get(1).map_or(Ok(1.0), |text| text.parse())?;
    let part = arguments.get(2).map_or("", String::as_str);
    let points: Vec<Point> = CASES
        .iter()
        .filter(|case| case.name.contains(part))
        .flat_map(|case| {
            case.es_n0_db
                .iter()
                .flat_map(move |&snr| measure(case, snr, share))
        })
        .collect();
    std::fs::write(
        path,
        serde_json::to_string_pretty(&Report::new(SEED, points))? + "\n",
    )?;
    Ok(())
}

fn measure(case: &Case, es_n0_db: f64, share: f64) -> Vec<Point> {
    let code = LdpcCode::new(case.information_bits).expect("cases are valid");
    let matcher = RateMatcher::new(&code, case.coded_bits as u64);
    let mut contestants = contestants(case, code, matcher.used_bits(), es_n0_db, share);
    let words = contestants
        .iter()
        .map(|contestant| contestant.words)
        .max()
        .unwrap_or(0);
    let mut buffer = vec![Llr::ERASED; matcher.used_bits()];
    for word in 0..words {
        let mut rng = word_generator(case, es_n0_db, word);
        let information: Vec<u8> = (0..case.information_bits)
            .map(|_| rng.random_range(0..2))
            .collect();
        let coded = code.encode(&information).expect("as long as the code says");
        let sent: Vec<u8> = matcher.select(&coded, 0).take(case.coded_bits).collect();
        buffer.fill(Llr::ERASED);
        matcher.combine(
            &mut buffer,
            0,
            noisy_llrs(&sent, es_n0_db, &mut rng).into_iter(),
        );
        for contestant in contestants
            .iter_mut()
            .filter(|contestant| word < contestant.words)
        {
            contestant.try_word(&buffer, &information);
        }
    }
    contestants
        .iter()
        .map(|contestant| Point::new(case, es_n0_db, contestant.decoder.name(), &contestant.tally))
        .inspect(|point| eprintln!("{point}"))
        .collect()
}

fn contestants(
    case: &Case,
    code: LdpcCode,
    used_bits: usize,
    es_n0_db: f64,
    share: f64,
) -> Vec<Contestant> {
    let contestant = |words: u64, decoder| Contestant {
        decoder,
        words: (words as f64 * share) as u64,
        tally: Tally::default(),
    };
    let own = |name, rule| contestant(case.words, Box::new(Own::new(name, code, used_bits, rule)));
    let mut contestants = vec![
        own("box-plus", CheckRule::BoxPlus),
        own("offset min-sum", CheckRule::OffsetMinSum),
    ];
    if case.reference_es_n0_db.contains(&es_n0_db) {
        let reference = Box::new(Reference::new(code, used_bits));
        contestants.push(contestant(case.reference_words, reference));
    }
    contestants
}

impl Contestant {
    fn try_word(&mut self, buffer: &[Llr], information: &[u8]) {
        let start = Instant::now();
        let verdict = self.decoder.decode(buffer, information);
        self.tally.time += start.elapsed();
        self.tally.frames += 1;
        self.tally.frame_errors += u64::from(!verdict.right);
        self.tally.false_decodes += u64::from(verdict.converged && !verdict.right);
        self.tally.iterations += verdict.iterations as u64;
    }
}

fn word_generator(case: &Case, es_n0_db: f64, word: u64) -> Xoshiro256PlusPlus {
    let point = (es_n0_db * 100.0).round() as i64 as u64 & 0xFFFF;
    let code = (case.information_bits * 8192 + case.coded_bits) as u64;
    // Odd multiplier: distinct (code, point, word) keep distinct seeds.
    let seed = (code << 16 | point).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Xoshiro256PlusPlus::seed_from_u64(SEED ^ seed.wrapping_add(word))
}

fn noisy_llrs(bits: &[u8], es_n0_db: f64, rng: &mut Xoshiro256PlusPlus) -> Vec<Llr> {
    let variance = 10f64.powf(-es_n0_db / 10.0) as f32;
    let deviation = (variance / 2.0).sqrt();
    let mut symbols = qpsk::modulate(bits);
    for symbol in &mut symbols {
        symbol.re += deviation * rng.sample::<f32, _>(StandardNormal);
        symbol.im += deviation * rng.sample::<f32, _>(StandardNormal);
    }
    qpsk::demodulate(&symbols, &vec![variance; symbols.len()])
}
