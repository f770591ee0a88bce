//! The model: which letters follow which, from `training/text_model.py`; its head explains the file.

use std::ops::Range;
use std::sync::LazyLock;

/// Derived counts of the captions of Flickr8k's training split (`training/text_model.py`), not the captions themselves.
static FILE: &[u8] = include_bytes!("english.bin");

pub(super) static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(FILE));

/// Place of a character in the model's alphabet.
pub(super) type Symbol = u8;

/// What stands before the first character and after the last.
pub(super) const END: Symbol = 0;

const SYMBOLS: usize = 64;

/// Symbols of the longest context.
const LONGEST: usize = 8;

/// 2^(16 - i / 2.5), rounded: weights of what comes next.
const WEIGHTS: [u32; 32] = [
    65536, 49667, 37641, 28526, 21619, 16384, 12417, 9410, 7132, 5405, 4096, 3104, 2353, 1783,
    1351, 1024, 776, 588, 446, 338, 256, 194, 147, 111, 84, 64, 49, 37, 28, 21, 16, 12,
];

/// Weights of the escape to a shorter context: 0.9, 0.6, 0.4, 0.25, 0.15, 0.08, 0.03 and 0.01 of 65,536.
const ESCAPES: [u32; 8] = [58982, 39322, 26214, 16384, 9830, 5243, 1966, 655];

#[derive(Debug)]
struct Node {
    symbol: Symbol,
    weight: u32,
    escape: u32,
    /// Heaviest first; empty for a node that is no context.
    children: Range<usize>,
}

/// A tree of sequences: what stands below a node may follow it.
#[derive(Debug)]
pub(super) struct Model {
    alphabet: [char; SYMBOLS],
    nodes: Vec<Node>,
}

/// A node as a context.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    children: &'a [Node],
    pub(super) escape: u32,
}

impl Context<'_> {
    /// What may come next, heaviest first.
    pub(super) fn next(&self) -> impl Iterator<Item = (Symbol, u32)> {
        self.children.iter().map(|node| (node.symbol, node.weight))
    }
}

impl Model {
    fn read(file: &[u8]) -> Self {
        let (alphabet, words) = file.split_at(SYMBOLS);
        let (words, _) = words.as_chunks::<2>();
        let words: Vec<u16> = words.iter().map(|word| u16::from_le_bytes(*word)).collect();
        let (mut nodes, mut first) = (Vec::with_capacity(words.len()), 1);
        for word in &words {
            let field = |low: u32, bits: u32| usize::from(word >> low) & ((1 << bits) - 1);
            let mut children = first..first;
            if field(11, 1) == 1 {
                let more = words[first..]
                    .iter()
                    .take_while(|word| *word >> 12 & 1 == 0);
                children.end = first + more.count() + 1;
                first = children.end;
            }
            nodes.push(Node {
                symbol: field(0, 6) as Symbol,
                weight: WEIGHTS[field(6, 5)],
                escape: ESCAPES[field(13, 3)],
                children,
            });
        }
        Self {
            alphabet: std::array::from_fn(|i| char::from(alphabet[i])),
            nodes,
        }
    }

    /// The symbol of a character, if it has one.
    pub(super) fn symbol(&self, character: char) -> Option<Symbol> {
        let found = self.alphabet[1..].iter().position(|c| *c == character);
        found.map(|place| place as Symbol + 1)
    }

    /// The character of a symbol other than [`END`].
    pub(super) fn character(&self, symbol: Symbol) -> char {
        self.alphabet[usize::from(symbol)]
    }

    /// The contexts that end with `before`, the longest first; the last is the empty one.
    pub(super) fn contexts(&self, before: &[Symbol]) -> impl Iterator<Item = Context<'_>> {
        let longest = before.len().min(LONGEST);
        (0..=longest).rev().filter_map(move |length| {
            let sequence = &before[before.len() - length..];
            let step = |at: &Node, symbol: &Symbol| {
                let children = &self.nodes[at.children.clone()];
                children.iter().find(|node| node.symbol == *symbol)
            };
            let found = sequence.iter().try_fold(&self.nodes[0], step)?;
            let children = &self.nodes[found.children.clone()];
            (!children.is_empty()).then_some(Context {
                children,
                escape: found.escape,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_node_hangs_below_one_other_and_siblings_differ() {
        let nodes = &MODEL.nodes;
        let mut expected = 1;
        for node in nodes.iter().filter(|node| !node.children.is_empty()) {
            assert_eq!(node.children.start, expected);
            expected = node.children.end;
            let symbols: HashSet<Symbol> = nodes[node.children.clone()]
                .iter()
                .map(|n| n.symbol)
                .collect();
            assert_eq!(symbols.len(), node.children.len());
        }
        assert_eq!(expected, nodes.len());
        assert!(FILE.len() <= 150_000);
    }

    #[test]
    fn the_weights_are_powers_of_two() {
        for (i, weight) in WEIGHTS.iter().enumerate() {
            assert_eq!(
                f64::from(*weight),
                (2f64.powf(16.0 - i as f64 / 2.5)).round()
            );
        }
    }
}
