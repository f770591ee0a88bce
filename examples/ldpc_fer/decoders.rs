//! The contestants: this library's decoder with either rule, and ldpc-toolbox's exact one.

use heliograph::bits::ldpc::{CheckRule, LdpcCode, LdpcDecoder, base_graph};
use heliograph::bits::llr::Llr;
use ldpc_toolbox::decoder::LdpcDecoder as ReferenceDecoder;
use ldpc_toolbox::decoder::factory::{DecoderFactory, DecoderImplementation};
use ldpc_toolbox::sparse::SparseMatrix;

/// Iterations of the own decoder, as the header and the digital stream use it.
pub const ITERATION_LIMIT: usize = 50;

/// Iterations of the reference: more would not help it.
pub const REFERENCE_ITERATION_LIMIT: usize = 50;

/// What one decoder made of one word.
pub struct Verdict {
    pub right: bool,
    pub converged: bool,
    pub iterations: usize,
}

/// A decoder of soft bits of the circular buffer, told the truth to judge itself.
pub trait Decoder {
    fn name(&self) -> &'static str;
    fn decode(&mut self, buffer: &[Llr], information: &[u8]) -> Verdict;
}

pub struct Own {
    name: &'static str,
    decoder: LdpcDecoder,
}

impl Own {
    pub fn new(name: &'static str, code: LdpcCode, used_bits: usize, rule: CheckRule) -> Self {
        Own {
            name,
            decoder: LdpcDecoder::new(code, used_bits, rule),
        }
    }
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

/// Layered sum-product in double precision, on the rows of H that the rate matching leaves something of.
pub struct Reference {
    code: LdpcCode,
    word: Vec<f64>,
    decoder: Box<dyn ReferenceDecoder>,
}

impl Reference {
    pub fn new(code: LdpcCode, used_bits: usize) -> Self {
        let z_c = code.lifting_size().z_c();
        let parity = used_bits - (code.information_bits() - 2 * z_c);
        let rows = parity
            .div_ceil(z_c)
            .clamp(base_graph::CORE_ROWS, base_graph::ROWS);
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

    /// The whole code word: punctured bits unknown, filler bits certain.
    fn load(&mut self, buffer: &[Llr]) {
        let (k, z_c) = (self.code.information_bits(), self.code.lifting_size().z_c());
        self.word.fill(0.0);
        self.word[k..10 * z_c].fill(64.0);
        let (information, parity) = buffer.split_at(k - 2 * z_c);
        for (start, llrs) in [(2 * z_c, information), (10 * z_c, parity)] {
            for (value, llr) in self.word[start..].iter_mut().zip(llrs) {
                *value = f64::from(llr.0);
            }
        }
    }
}

impl Decoder for Reference {
    fn name(&self) -> &'static str {
        "ldpc-toolbox HLPhif64"
    }

    fn decode(&mut self, buffer: &[Llr], information: &[u8]) -> Verdict {
        self.load(buffer);
        let result = self.decoder.decode(&self.word, REFERENCE_ITERATION_LIMIT);
        let converged = result.is_ok();
        let output = result.unwrap_or_else(|output| output);
        Verdict {
            right: converged && output.codeword[..information.len()] == *information,
            converged,
            iterations: output.iterations,
        }
    }
}
