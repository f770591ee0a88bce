//! Beam search: several captions grow side by side, the likeliest for its length wins.

use candle_core::Result;

use super::{BEGIN, Begun, END, MAX_WORDS, Seen, UNKNOWN, WordNet};

/// Captions that grow side by side.
const BEAMS: usize = 4;

/// Log-likelihoods are divided by the length, its end included, to this power.
const POWER: f32 = 0.7;

/// A caption on its way.
struct Beam {
    begun: Begun,
    likelihood: f32,
    words: Vec<usize>,
}

/// A caption that may go on or end with `word`.
struct Candidate {
    beam: usize,
    word: usize,
    likelihood: f32,
}

/// Words without begin and end.
pub(super) fn search(net: &WordNet, seen: &Seen) -> Result<Vec<usize>> {
    let mut beams = vec![Beam {
        begun: net.begin(),
        likelihood: 0.0,
        words: Vec::new(),
    }];
    let mut finished: Vec<(f32, Vec<usize>)> = Vec::new();
    for length in 1..=MAX_WORDS {
        let candidates = candidates(net, seen, &mut beams)?;
        let (ending, going): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|c| c.word == END);
        for candidate in ending {
            let score = candidate.likelihood / (length as f32).powf(POWER);
            finished.push((score, beams[candidate.beam].words.clone()));
        }
        finished.sort_by(|a, b| b.0.total_cmp(&a.0));
        beams = going
            .iter()
            .take(BEAMS)
            .map(|next| beams[next.beam].with(next))
            .collect();
        let ahead = beams.first().map_or(f32::MIN, |best| best.likelihood);
        let reachable = ahead / (MAX_WORDS as f32).powf(POWER);
        if finished
            .get(BEAMS - 1)
            .is_some_and(|(score, _)| *score >= reachable)
        {
            break;
        }
    }
    let unfinished = beams.into_iter().map(|beam| beam.words);
    let best = finished
        .into_iter()
        .map(|(_, words)| words)
        .chain(unfinished)
        .next();
    Ok(best.unwrap_or_default())
}

/// The 2 x [`BEAMS`] likeliest next words of all captions, so that as many as there are can go on; ties in order.
fn candidates(net: &WordNet, seen: &Seen, beams: &mut [Beam]) -> Result<Vec<Candidate>> {
    let mut all = Vec::new();
    for (place, beam) in beams.iter_mut().enumerate() {
        let last = beam.words.last().copied().unwrap_or(BEGIN);
        let after = net.next(seen, &mut beam.begun, last)?;
        let allowed = after
            .iter()
            .enumerate()
            .filter(|(word, _)| ![BEGIN, UNKNOWN].contains(word));
        all.extend(allowed.map(|(word, likelihood)| Candidate {
            beam: place,
            word,
            likelihood: beam.likelihood + likelihood,
        }));
    }
    all.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood));
    all.truncate(2 * BEAMS);
    Ok(all)
}

impl Beam {
    fn with(&self, next: &Candidate) -> Self {
        let mut words = self.words.clone();
        words.push(next.word);
        Self {
            begun: self.begun.clone(),
            likelihood: next.likelihood,
            words,
        }
    }
}
