//! Layered belief-propagation decoder of one code block, in single precision.
//!
//! Schedule of Hocevar ("A reduced complexity decoder architecture via layered decoding of LDPC codes",
//! SiPS 2004): each row of the base graph updates the posteriors at once, Z_c checks side by side in SIMD lanes.
//! It stops as soon as all checks hold and no information bit is undecided, or at the iteration limit;
//! the outcome says which.

use multiversion::multiversion;

use super::LdpcCode;
use super::base_graph::{COLUMNS, INFORMATION_COLUMNS, MAX_ROW_DEGREE};
use super::check_rule::{BoxPlus, CheckNode, CheckRule, LANES, OffsetMinSum};
use super::layers::{LayerEdge, Layers};
use crate::bits::llr::Llr;

/// Channel values are cut to this magnitude; filler bits have it.
const CHANNEL_LIMIT: f32 = 64.0;

/// Inputs of a check are cut to this magnitude, so that nothing grows without end in a word that never settles.
const INPUT_LIMIT: f32 = 1024.0;

/// What came of a code block, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The K' information bits, right or wrong.
    pub information: Vec<u8>,
    /// All parity checks hold and no information bit is undecided.
    pub converged: bool,
    /// Iterations done.
    pub iterations: usize,
}

/// A decoder with its memory, for blocks of one code and one rate matching.
#[derive(Clone, Debug)]
pub struct LdpcDecoder {
    rule: CheckRule,
    layers: Layers,
    /// Where the posterior of each bit of the circular buffer lies between iterations.
    buffer_places: Vec<u32>,
    /// The same for the information bits.
    information_places: Vec<u32>,
    /// The same for the filler bits.
    filler_places: Vec<u32>,
    memory: Memory,
}

#[derive(Clone, Debug)]
struct Memory {
    /// Z_c rounded up to whole lanes: distance between columns.
    stride: usize,
    /// A posterior for each code bit, column by column, each column in its current rotation.
    posteriors: Vec<f32>,
    /// Last answer on each edge.
    answers: Vec<f32>,
    /// The rotated inputs of one layer.
    inputs: Vec<f32>,
    /// Parities of one layer, in the sign bits.
    parities: Vec<u32>,
}

impl LdpcDecoder {
    /// For the first `used_bits` (at most [`LdpcCode::buffer_bits`]) of the circular buffer.
    pub fn new(code: LdpcCode, used_bits: usize, rule: CheckRule) -> Self {
        let used_bits = used_bits.min(code.buffer_bits());
        let layers = Layers::new(&code, used_bits);
        let stride = layers.z_c.next_multiple_of(LANES);
        let memory = Memory {
            stride,
            posteriors: vec![0.0; COLUMNS * stride],
            answers: vec![0.0; layers.edge_count() * stride],
            inputs: vec![0.0; MAX_ROW_DEGREE * stride],
            parities: vec![0; stride],
        };
        let place = |word_index| place(&layers, stride, word_index) as u32;
        let fillers = code.information_bits()..INFORMATION_COLUMNS * layers.z_c;
        LdpcDecoder {
            rule,
            buffer_places: (0..used_bits)
                .map(|bit| place(code.word_index(bit)))
                .collect(),
            information_places: (0..code.information_bits()).map(place).collect(),
            filler_places: fillers.map(place).collect(),
            layers,
            memory,
        }
    }

    /// Decodes soft bits of the circular buffer (missing ones are erasures) in at most `iteration_limit` iterations.
    pub fn decode(&mut self, llrs: &[Llr], iteration_limit: usize) -> Decoded {
        self.load(llrs);
        let mut iterations = 0;
        let mut converged = false;
        while !converged && iterations < iteration_limit {
            match self.rule {
                CheckRule::BoxPlus => iterate_box_plus(&self.layers, &mut self.memory),
                CheckRule::OffsetMinSum => iterate_offset_min_sum(&self.layers, &mut self.memory),
            }
            iterations += 1;
            converged = checks_hold(&self.layers, &mut self.memory) && self.all_decided();
        }
        let information = self
            .information_posteriors()
            .map(|value| u8::from(value < 0.0))
            .collect();
        Decoded {
            information,
            converged,
            iterations,
        }
    }

    fn load(&mut self, llrs: &[Llr]) {
        self.memory.answers.fill(0.0);
        self.memory.posteriors.fill(0.0);
        for (&place, llr) in self.buffer_places.iter().zip(llrs) {
            let value = if llr.0.is_nan() { 0.0 } else { llr.0 };
            self.memory.posteriors[place as usize] = value.clamp(-CHANNEL_LIMIT, CHANNEL_LIMIT);
        }
        for &place in &self.filler_places {
            self.memory.posteriors[place as usize] = CHANNEL_LIMIT;
        }
    }

    fn information_posteriors(&self) -> impl Iterator<Item = f32> {
        self.information_places
            .iter()
            .map(|&place| self.memory.posteriors[place as usize])
    }

    /// An erased word meets all checks as the word of zeros: a posterior of exactly 0 is no decision.
    fn all_decided(&self) -> bool {
        self.information_posteriors().all(|value| value != 0.0)
    }
}

/// Where the posterior of a bit of the code word lies between iterations.
fn place(layers: &Layers, stride: usize, word_index: usize) -> usize {
    let (column, bit) = (word_index / layers.z_c, word_index % layers.z_c);
    let turned = (bit + layers.z_c - layers.resting_shifts[column]) % layers.z_c;
    column * stride + turned
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn iterate_box_plus(layers: &Layers, memory: &mut Memory) {
    iterate::<BoxPlus>(layers, memory);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn iterate_offset_min_sum(layers: &Layers, memory: &mut Memory) {
    iterate::<OffsetMinSum>(layers, memory);
}

#[inline(always)]
fn iterate<N: CheckNode>(layers: &Layers, memory: &mut Memory) {
    let mut first_answer = 0;
    for edges in &layers.layers {
        for (slot, edge) in edges.iter().enumerate() {
            let source = &memory.posteriors[edge.column * memory.stride..][..layers.z_c];
            let target = &mut memory.inputs[slot * memory.stride..][..layers.z_c];
            rotate_into(target, source, edge.rotation);
        }
        for lane in (0..memory.stride).step_by(LANES) {
            update_any_degree::<N>(edges, memory, first_answer, lane);
        }
        first_answer += edges.len() * memory.stride;
    }
}

/// Picks the code for the row's degree, so that its loops have fixed lengths.
#[inline(always)]
fn update_any_degree<N: CheckNode>(
    edges: &[LayerEdge],
    memory: &mut Memory,
    first_answer: usize,
    lane: usize,
) {
    match edges.len() {
        2 => update::<N, 2>(edges, memory, first_answer, lane),
        3 => update::<N, 3>(edges, memory, first_answer, lane),
        4 => update::<N, 4>(edges, memory, first_answer, lane),
        5 => update::<N, 5>(edges, memory, first_answer, lane),
        6 => update::<N, 6>(edges, memory, first_answer, lane),
        7 => update::<N, 7>(edges, memory, first_answer, lane),
        8 => update::<N, 8>(edges, memory, first_answer, lane),
        9 => update::<N, 9>(edges, memory, first_answer, lane),
        MAX_ROW_DEGREE => update::<N, MAX_ROW_DEGREE>(edges, memory, first_answer, lane),
        degree => unreachable!("base graph 2 has no row of degree {degree}"),
    }
}

/// One group of lanes of one layer: take the old answers out, ask the checks, put the new answers in.
#[inline(always)]
fn update<N: CheckNode, const D: usize>(
    edges: &[LayerEdge],
    memory: &mut Memory,
    first_answer: usize,
    lane: usize,
) {
    let stride = memory.stride;
    let mut inputs = [[0.0f32; LANES]; D];
    for (slot, input) in inputs.iter_mut().enumerate() {
        let posteriors = &memory.inputs[slot * stride + lane..][..LANES];
        let answers = &memory.answers[first_answer + slot * stride + lane..][..LANES];
        for i in 0..LANES {
            let value = posteriors[i] - answers[i];
            let value = if value > INPUT_LIMIT {
                INPUT_LIMIT
            } else {
                value
            };
            input[i] = if value < -INPUT_LIMIT {
                -INPUT_LIMIT
            } else {
                value
            };
        }
    }
    let new_answers = N::answer(&inputs);
    for (slot, edge) in edges.iter().enumerate().take(D) {
        let posteriors = &mut memory.posteriors[edge.column * stride + lane..][..LANES];
        let answers = &mut memory.answers[first_answer + slot * stride + lane..][..LANES];
        for i in 0..LANES {
            answers[i] = new_answers[slot][i];
            posteriors[i] = inputs[slot][i] + new_answers[slot][i];
        }
    }
}

/// Whether the hard decisions of all posteriors are a code word.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn checks_hold(layers: &Layers, memory: &mut Memory) -> bool {
    layers.layers.iter().all(|edges| {
        let parities = &mut memory.parities[..layers.z_c];
        parities.fill(0);
        for edge in edges {
            let column = &memory.posteriors[edge.column * memory.stride..][..layers.z_c];
            let (wrapped, straight) = column.split_at(edge.final_rotation);
            let (first, last) = parities.split_at_mut(straight.len());
            first
                .iter_mut()
                .zip(straight)
                .for_each(|(parity, value)| *parity ^= value.to_bits());
            last.iter_mut()
                .zip(wrapped)
                .for_each(|(parity, value)| *parity ^= value.to_bits());
        }
        parities.iter().fold(0, |any, parity| any | parity) >> 31 == 0
    })
}

#[inline(always)]
fn rotate_into(target: &mut [f32], source: &[f32], rotation: usize) {
    let (wrapped, straight) = source.split_at(rotation);
    target[..straight.len()].copy_from_slice(straight);
    target[straight.len()..].copy_from_slice(wrapped);
}

#[cfg(test)]
mod tests;
