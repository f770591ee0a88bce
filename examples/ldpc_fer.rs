//! Frame error rates of the LDPC decoder beside an exact floating-point one, written as JSON.
//!
//! `cargo run --release --example ldpc_fer -- docs/results/ldpc.json [frames per point / 1000] [code name part]`
//!
//! QPSK in AWGN with exact LLRs. All decoders of a point see the same noisy words: word n of a point depends only
//! on (seed, code, point, n). Es/N0 is that of a complex symbol; Eb counts the K information bits, CRC included.

use std::time::{Duration, Instant};

use heliograph::bits::ldpc::rate_matcher::RateMatcher;
use heliograph::bits::ldpc::{CheckRule, LdpcCode, LdpcDecoder, base_graph};
use heliograph::bits::llr::Llr;
use heliograph::bits::qpsk;
use ldpc_toolbox::decoder::LdpcDecoder as ReferenceDecoder;
use ldpc_toolbox::decoder::factory::{DecoderFactory, DecoderImplementation};
use ldpc_toolbox::sparse::SparseMatrix;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

const SEED: u64 = 8;
const ITERATION_LIMIT: usize = 32;
const REFERENCE_ITERATION_LIMIT: usize = 50;

/// A code and where its waterfall is.
struct Case {
    name: &'static str,
    information_bits: usize,
    coded_bits: usize,
    es_n0_db: &'static [f64],
    /// Words a point in thousands at the default budget: slow codes get fewer.
    reference_kilowords: f64,
    own_kilowords: f64,
}

const CASES: [Case; 10] = [
    Case {
        name: "header-1152",
        information_bits: 191,
        coded_bits: 1152,
        es_n0_db: &[-4.0, -3.75, -3.5, -3.25, -3.0],
        reference_kilowords: 15.0,
        own_kilowords: 100.0,
    },
    Case {
        name: "header-1344",
        information_bits: 191,
        coded_bits: 1344,
        es_n0_db: &[-5.0, -4.5, -4.0, -3.5],
        reference_kilowords: 0.0,
        own_kilowords: 60.0,
    },
    Case {
        name: "header-1536",
        information_bits: 191,
        coded_bits: 1536,
        es_n0_db: &[-5.5, -5.0, -4.5, -4.0],
        reference_kilowords: 15.0,
        own_kilowords: 60.0,
    },
    Case {
        name: "caption-300-third",
        information_bits: 300,
        coded_bits: 900,
        es_n0_db: &[-1.0, -0.75, -0.5, -0.25, 0.0],
        reference_kilowords: 15.0,
        own_kilowords: 60.0,
    },
    Case {
        name: "caption-300-fifth",
        information_bits: 300,
        coded_bits: 1500,
        es_n0_db: &[-3.5, -3.25, -3.0, -2.75],
        reference_kilowords: 10.0,
        own_kilowords: 60.0,
    },
    Case {
        name: "caption-1400-third",
        information_bits: 1400,
        coded_bits: 4200,
        es_n0_db: &[-1.75, -1.5, -1.25, -1.0],
        reference_kilowords: 4.0,
        own_kilowords: 20.0,
    },
    Case {
        name: "caption-1400-fifth",
        information_bits: 1400,
        coded_bits: 7000,
        es_n0_db: &[-4.25, -4.0, -3.75],
        reference_kilowords: 3.0,
        own_kilowords: 20.0,
    },
    Case {
        name: "aff3ct-128-64",
        information_bits: 64,
        coded_bits: 128,
        es_n0_db: &[2.0, 2.5, 3.0, 3.5, 4.0],
        reference_kilowords: 10.0,
        own_kilowords: 60.0,
    },
    Case {
        name: "aff3ct-576-288",
        information_bits: 288,
        coded_bits: 576,
        es_n0_db: &[1.5, 2.0, 2.25, 2.5, 2.75],
        reference_kilowords: 10.0,
        own_kilowords: 60.0,
    },
    Case {
        name: "aff3ct-7680-3840",
        information_bits: 3840,
        coded_bits: 7680,
        es_n0_db: &[0.9, 1.0, 1.1, 1.2, 1.3],
        reference_kilowords: 0.5,
        own_kilowords: 5.0,
    },
];

#[derive(Serialize)]
struct Report {
    what: &'static str,
    channel: &'static str,
    seed: u64,
    iteration_limit: usize,
    reference_iteration_limit: usize,
    points: Vec<Point>,
}

#[derive(Serialize)]
struct Point {
    code: &'static str,
    information_bits: usize,
    coded_bits: usize,
    decoder: &'static str,
    es_n0_db: f64,
    eb_n0_db: f64,
    frames: u64,
    frame_errors: u64,
    /// Of these, words that met all parity checks and were wrong.
    false_decodes: u64,
    fer: f64,
    fer_low_95: f64,
    fer_high_95: f64,
    mean_iterations: f64,
    mean_microseconds: f64,
}

/// What one decoder made of one word.
struct Verdict {
    right: bool,
    converged: bool,
    iterations: usize,
}

trait Decoder {
    fn name(&self) -> &'static str;
    fn decode(&mut self, buffer: &[Llr], information: &[u8]) -> Verdict;
}

struct Own {
    name: &'static str,
    decoder: LdpcDecoder,
}

impl Decoder for Own {
    fn name(&self) -> &'static str {
        self.name
    }

    fn decode(&mut self, buffer: &[Llr], information: &[u8]) -> Verdict {
        let decoded = self.decoder.decode(buffer, ITERATION_LIMIT);
        Verdict {
            right: decoded.converged && decoded.information == information,
            converged: decoded.converged,
            iterations: decoded.iterations,
        }
    }
}

/// ldpc-toolbox on the rows of H that the rate matching leaves something of.
struct Reference {
    code: LdpcCode,
    word: Vec<f64>,
    decoder: Box<dyn ReferenceDecoder>,
}

impl Reference {
    fn new(code: LdpcCode, used_bits: usize) -> Self {
        let z_c = code.lifting_size().z_c();
        let parity = used_bits - (code.information_bits() - 2 * z_c);
        let rows = parity.div_ceil(z_c).clamp(4, 42);
        let mut h = SparseMatrix::new(rows * z_c, (10 + rows) * z_c);
        for edge in base_graph::edges().iter().filter(|edge| edge.row() < rows) {
            for i in 0..z_c {
                let column_bit = (i + edge.shift(code.lifting_size())) % z_c;
                h.insert(edge.row() * z_c + i, edge.column() * z_c + column_bit);
            }
        }
        let word = vec![0.0; h.num_cols()];
        Reference {
            code,
            word,
            decoder: DecoderImplementation::HLPhif64.build_decoder(h),
        }
    }
}

impl Decoder for Reference {
    fn name(&self) -> &'static str {
        "ldpc-toolbox HLPhif64"
    }

    fn decode(&mut self, buffer: &[Llr], information: &[u8]) -> Verdict {
        let (k, z_c) = (self.code.information_bits(), self.code.lifting_size().z_c());
        self.word.fill(0.0);
        self.word[k..10 * z_c].fill(64.0);
        let (sent_information, parity) = buffer.split_at(k - 2 * z_c);
        for (value, llr) in self.word[2 * z_c..].iter_mut().zip(sent_information) {
            *value = f64::from(llr.0);
        }
        for (value, llr) in self.word[10 * z_c..].iter_mut().zip(parity) {
            *value = f64::from(llr.0);
        }
        let result = self.decoder.decode(&self.word, REFERENCE_ITERATION_LIMIT);
        let converged = result.is_ok();
        let output = result.unwrap_or_else(|output| output);
        Verdict {
            right: converged && output.codeword[..k] == *information,
            converged,
            iterations: output.iterations,
        }
    }
}

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
    let scale: f64 = arguments.get(1).map_or(Ok(1.0), |text| text.parse())?;
    let part = arguments.get(2).map_or("", String::as_str);
    let points = CASES
        .iter()
        .filter(|case| case.name.contains(part))
        .flat_map(|case| {
            case.es_n0_db
                .iter()
                .flat_map(move |&snr| measure(case, snr, scale))
        })
        .collect();
    let report = Report {
        what: "LDPC base graph 2 of TS 38.212: frame error rates",
        channel: "QPSK, AWGN, exact LLRs; Es/N0 of a complex symbol",
        seed: SEED,
        iteration_limit: ITERATION_LIMIT,
        reference_iteration_limit: REFERENCE_ITERATION_LIMIT,
        points,
    };
    std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    Ok(())
}

fn measure(case: &Case, es_n0_db: f64, scale: f64) -> Vec<Point> {
    let code = LdpcCode::new(case.information_bits).expect("cases are valid");
    let matcher = RateMatcher::new(&code, case.coded_bits as u64);
    let own = |name, rule| Own {
        name,
        decoder: LdpcDecoder::new(code, matcher.used_bits(), rule),
    };
    let mut decoders: Vec<(f64, Box<dyn Decoder>)> = vec![
        (
            case.own_kilowords,
            Box::new(own("box-plus", CheckRule::BoxPlus)),
        ),
        (
            case.own_kilowords,
            Box::new(own("offset min-sum", CheckRule::OffsetMinSum)),
        ),
    ];
    if case.reference_kilowords > 0.0 {
        decoders.push((
            case.reference_kilowords,
            Box::new(Reference::new(code, matcher.used_bits())),
        ));
    }
    decoders
        .iter_mut()
        .map(|(kilowords, decoder)| {
            let frames = (*kilowords * 1000.0 * scale) as u64;
            let tally = run(case, &code, &matcher, es_n0_db, frames, decoder.as_mut());
            let point = point(case, es_n0_db, decoder.name(), &tally);
            eprintln!(
                "{:20} {:22} Es/N0 {:6.2} dB  FER {:.2e} ({} of {}, {} false)  {:.1} iterations  {:.0} us",
                point.code, point.decoder, es_n0_db, point.fer, point.frame_errors, point.frames,
                point.false_decodes, point.mean_iterations, point.mean_microseconds
            );
            point
        })
        .collect()
}

fn run(
    case: &Case,
    code: &LdpcCode,
    matcher: &RateMatcher,
    es_n0_db: f64,
    frames: u64,
    decoder: &mut dyn Decoder,
) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = vec![Llr::ERASED; matcher.used_bits()];
    for frame in 0..frames {
        let mut rng = word_generator(case, es_n0_db, frame);
        let information: Vec<u8> = (0..case.information_bits)
            .map(|_| rng.random_range(0..2))
            .collect();
        let word = code.encode(&information).expect("as long as the code says");
        let sent: Vec<u8> = matcher.select(&word, 0).take(case.coded_bits).collect();
        buffer.fill(Llr::ERASED);
        matcher.combine(
            &mut buffer,
            (0..).zip(noisy_llrs(&sent, es_n0_db, &mut rng)),
        );
        let start = Instant::now();
        let verdict = decoder.decode(&buffer, &information);
        tally.time += start.elapsed();
        tally.frames += 1;
        tally.frame_errors += u64::from(!verdict.right);
        tally.false_decodes += u64::from(verdict.converged && !verdict.right);
        tally.iterations += verdict.iterations as u64;
    }
    tally
}

fn word_generator(case: &Case, es_n0_db: f64, frame: u64) -> Xoshiro256PlusPlus {
    let point = (es_n0_db * 100.0).round() as i64 as u64;
    let code = (case.information_bits * 65_536 + case.coded_bits) as u64;
    Xoshiro256PlusPlus::seed_from_u64(SEED ^ code << 32 ^ point << 24 ^ frame)
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

fn point(case: &Case, es_n0_db: f64, decoder: &'static str, tally: &Tally) -> Point {
    let frames = tally.frames as f64;
    let bits_per_symbol = 2.0 * case.information_bits as f64 / case.coded_bits as f64;
    let (fer_low_95, fer_high_95) = wilson_interval(tally.frame_errors as f64, frames);
    Point {
        code: case.name,
        information_bits: case.information_bits,
        coded_bits: case.coded_bits,
        decoder,
        es_n0_db,
        eb_n0_db: es_n0_db - 10.0 * bits_per_symbol.log10(),
        frames: tally.frames,
        frame_errors: tally.frame_errors,
        false_decodes: tally.false_decodes,
        fer: tally.frame_errors as f64 / frames,
        fer_low_95,
        fer_high_95,
        mean_iterations: tally.iterations as f64 / frames,
        mean_microseconds: tally.time.as_secs_f64() * 1e6 / frames,
    }
}

/// Wilson's 95 % score interval of a proportion.
fn wilson_interval(successes: f64, trials: f64) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let share = successes / trials;
    let centre = share + Z * Z / (2.0 * trials);
    let width = Z * (share * (1.0 - share) / trials + Z * Z / (4.0 * trials * trials)).sqrt();
    let scale = 1.0 + Z * Z / trials;
    (
        ((centre - width) / scale).max(0.0),
        (centre + width) / scale,
    )
}
