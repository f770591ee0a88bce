//! Text compression: a static model of English, range-coded; integers only, the same bits on every machine.

mod model;
#[cfg(test)]
mod tests;

use self::model::{END, MODEL, Symbol};
use crate::bits::digital::MAX_CAPTION_BYTES;
use crate::codec::range_coder::{BinaryCoder, Bit, Decoder, Encoder};

/// The bytes of `caption` under the model, or `None` where they would not be fewer than those of its UTF-8.
pub fn compressed(caption: &str) -> Option<Vec<u8>> {
    let bytes = coded(caption);
    (bytes.len() < caption.len()).then_some(bytes)
}

/// The inverse of [`compressed`]; `None` for bytes that it never gives, whatever they are.
pub fn decompressed(bytes: &[u8]) -> Option<String> {
    let text = decoded(&mut Decoder::new(bytes))?;
    (compressed(&text).as_deref() == Some(bytes)).then_some(text)
}

fn coded(caption: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let mut before = Before::default();
    for character in caption.chars() {
        code_character(&mut encoder, &mut before, Some(character));
    }
    code_character(&mut encoder, &mut before, None);
    encoder.finish()
}

/// Text up to its end mark; `None` when it is no text or longer than a caption may be.
fn decoded(decoder: &mut Decoder<'_>) -> Option<String> {
    let (mut text, mut before) = (String::new(), Before::default());
    loop {
        match code_character(decoder, &mut before, None) {
            Coded::End => return Some(text),
            Coded::Character(character) => text.push(character),
            Coded::Nothing => return None,
        }
        if text.len() > MAX_CAPTION_BYTES {
            return None;
        }
    }
}

/// What was coded before: the symbols, newest last, since the last character without one.
#[derive(Default)]
struct Before {
    symbols: Vec<Symbol>,
    /// The last character has no symbol.
    literal: bool,
    started: bool,
}

enum Coded {
    End,
    Character(char),
    /// Bits that are no character: only a decoder meets them.
    Nothing,
}

/// The format of one character, for both ends: `character` is what an encoder sends (`None`: the end).
fn code_character(
    coder: &mut impl BinaryCoder,
    before: &mut Before,
    character: Option<char>,
) -> Coded {
    if !before.started {
        before.symbols.push(END);
        before.started = true;
    }
    let symbol = match character {
        None => Some(END),
        Some(character) => MODEL.symbol(character),
    };
    let literal = before.literal && {
        let another = coder.bit(&mut Bit::new(1 << 15, 0), u8::from(symbol.is_none()));
        another == 1
    };
    let found = if literal {
        None
    } else {
        code_symbol(coder, &before.symbols, symbol)
    };
    match found {
        Some(END) => Coded::End,
        Some(symbol) => {
            before.symbols.push(symbol);
            before.literal = false;
            Coded::Character(MODEL.character(symbol))
        }
        None => {
            before.symbols.clear();
            before.literal = true;
            code_literal(coder, character.unwrap_or_default())
                .map_or(Coded::Nothing, Coded::Character)
        }
    }
}

/// A symbol of the model, from the longest context that knows what comes next to the shortest; `None` when none has it.
fn code_symbol(
    coder: &mut impl BinaryCoder,
    before: &[Symbol],
    wanted: Option<Symbol>,
) -> Option<Symbol> {
    // Bits of the symbols that longer contexts have ruled out.
    let mut ruled_out = 0u64;
    for context in MODEL.contexts(before) {
        let open = |symbol: Symbol| ruled_out >> symbol & 1 == 0;
        let candidates = || context.next().filter(|(symbol, _)| open(*symbol));
        let mut left = context.escape + candidates().map(|(_, weight)| weight).sum::<u32>();
        for (symbol, weight) in candidates() {
            let is_other = u8::from(wanted != Some(symbol));
            if coder.bit(&mut Bit::new(share(weight, left), 0), is_other) == 0 {
                return Some(symbol);
            }
            left -= weight;
        }
        ruled_out |= context
            .next()
            .fold(0, |bits, (symbol, _)| bits | 1 << symbol);
    }
    None
}

/// `weight / whole` in 16 bits, neither certain nor impossible.
fn share(weight: u32, whole: u32) -> u16 {
    let share = (u64::from(weight) << 16) / u64::from(whole);
    share.clamp(16, (1 << 16) - 16) as u16
}

/// The bytes of a character's UTF-8: 8 bits of the first, 6 of the others.
fn code_literal(coder: &mut impl BinaryCoder, character: char) -> Option<char> {
    let mut bytes = [0; 4];
    character.encode_utf8(&mut bytes);
    bytes[0] = coder.plain(u32::from(bytes[0]), 8) as u8;
    let length = match bytes[0] {
        0..0x80 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF8 => 4,
        _ => return None,
    };
    for byte in &mut bytes[1..length] {
        *byte = 0x80 | coder.plain(u32::from(*byte & 0x3F), 6) as u8;
    }
    std::str::from_utf8(&bytes[..length]).ok()?.chars().next()
}
