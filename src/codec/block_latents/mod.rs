//! Latents at 1/8 resolution to symbols and back, whatever networks stand around them.
//!
//! The picture is cut into blocks of 32x32 pixels, each block of latents becomes components of unit power, the ones
//! that matter most first, and a rate map says how many of them each block sends. What the means of the blocks have in common may
//! travel digitally (`field/`). The receiver estimates by least squares with every symbol's own noise.

mod field;
mod grid;
mod linear;
mod powers;
mod rates;
mod scaling;
mod side_information;

use num_complex::Complex32;

#[cfg(test)]
pub(super) use field::Coefficients;
pub(super) use field::Field;
pub(super) use grid::Grid;
pub(super) use linear::{Arrived, LinearStage};
pub(super) use powers::{Loudness, Powers};
pub(super) use rates::Rates;
pub(super) use scaling::Scaling;
pub(super) use side_information::SYMBOLS_A_BYTE;
use side_information::{PicturePower, SideInformation};

use super::{BlockSymbols, CodecError, Latents, ReceivedLatents};
use crate::nn::Planes;
use crate::photo::PhotoSize;
use crate::regions::RateMap;

/// The symbols of latents, of unit mean power, two values each; `rates` are made of `rate_map`.
pub(super) fn send(
    linear: &LinearStage,
    grid: Grid,
    latents: &Planes,
    rates: &Rates,
    rate_map: Option<&RateMap>,
    loudness: Loudness,
) -> Latents {
    let mut components = grid.split(latents);
    linear.analyze(&mut components);
    let powers = Powers::new(grid, rate_map, loudness);
    let scaling = Scaling::new(linear, rates, &powers);
    let (field, power) = take_common(linear, grid, rates, &scaling, &mut components);
    let power = PicturePower::nearest(power);
    // Half of a complex symbol's unit power goes to each of its two values.
    let scale = (2.0 * power.linear()).sqrt().recip();
    let mut values = Vec::with_capacity(scaling.count());
    scaling.values(&components, |value| values.push(value * scale));
    let side = SideInformation {
        power,
        field,
        rate_map: rate_map.cloned(),
        loudness,
    };
    Latents {
        symbols: values
            .chunks_exact(2)
            .map(|pair| Complex32::new(pair[0], pair[1]))
            .collect(),
        side_information: side.to_bytes(),
    }
}

/// Takes from the components what the blocks have in common, if that pays: its bytes, and the mean power of what is left.
fn take_common(
    linear: &LinearStage,
    grid: Grid,
    rates: &Rates,
    scaling: &Scaling,
    components: &mut [f32],
) -> (Vec<u8>, f64) {
    let whole = scaling.mean_power(components);
    match field::best(linear, grid, rates, scaling, components, whole) {
        Some(chosen) => {
            chosen.common.subtract_from(components);
            (chosen.bytes, scaling.mean_power(components))
        }
        None => (Vec::new(), whole),
    }
}

/// What a receiver has of a picture.
pub(super) struct Received {
    /// By least squares.
    pub(super) latents: Planes,
    /// The standard deviation of what remains unknown of each.
    pub(super) deviations: Planes,
    /// Those that the rate map gives nothing, where it gives others something; in order.
    pub(super) empty_blocks: Vec<usize>,
}

/// What arrived, as latents. No symbol of unit power counts as less noisy than `least_variance`.
///
/// # Errors
/// [`CodecError`] when symbols and variances do not pair up, or the side information does not decode.
pub(super) fn receive(
    linear: &LinearStage,
    grid: Grid,
    received: ReceivedLatents<'_>,
    side_information: &[u8],
    least_variance: f32,
) -> Result<Received, CodecError> {
    let (symbols, variances) = (received.symbols.len(), received.variances.len());
    if symbols != variances {
        return Err(CodecError::Lengths { symbols, variances });
    }
    let side = SideInformation::from_bytes(side_information)?;
    if !side.field.is_empty() && linear.flat().is_empty() {
        let found = side_information[0];
        let allowed = "2 and 3, for these weights";
        return Err(CodecError::Version { found, allowed });
    }
    let components = linear.components();
    let rates = Rates::new(grid, side.rate_map.as_ref(), 2 * symbols, components);
    let powers = Powers::new(grid, side.rate_map.as_ref(), side.loudness);
    let scaling = Scaling::new(linear, &rates, &powers);
    let common = Field::from_bytes(&side.field, linear.flat().len(), grid).common(linear);
    let power = side.power.linear();
    let whole = power + common.as_ref().map_or(0.0, |c| c.mean_power(&scaling));
    // As if nothing had travelled digitally: symbols of the whole power, with less noise for it.
    let saved = whole / power;
    let mut arrived = vec![Arrived::default(); grid.blocks() * components];
    let mut slot = 0;
    rates.slots(|block, component| {
        let symbol = received.symbols[slot / 2];
        let part = if slot % 2 == 0 { symbol.re } else { symbol.im };
        let variance = held(received.variances[slot / 2] / saved, least_variance);
        let mut value = part * std::f32::consts::SQRT_2 / saved.sqrt();
        if let Some(common) = &common {
            let amplitude = scaling.amplitude(block, component) / whole.sqrt();
            value += common.value(block, component) * amplitude;
        }
        arrived[block * components + component].add(value, variance);
        slot += 1;
    });
    // What rounding takes from blocks at the lowest rates is none of these.
    let weights = Rates::weights(grid, side.rate_map.as_ref());
    let (latents, deviations) = linear.estimate(&arrived, scaling.gains(), &powers, whole);
    Ok(Received {
        latents: grid.join(&latents),
        deviations: grid.join(&deviations),
        empty_blocks: (0..grid.blocks()).filter(|&b| weights[b] == 0).collect(),
    })
}

/// Neither a variance that is no number nor a negative one becomes one.
fn held(variance: f32, least: f32) -> f32 {
    match variance >= 0.0 {
        true => variance.max(least),
        false => variance,
    }
}

/// How the symbols of a picture are shared, by its side information.
///
/// # Errors
/// [`CodecError`] when that does not decode.
pub(super) fn block_symbols(
    components: usize,
    side_information: &[u8],
    size: PhotoSize,
    budget: usize,
) -> Result<BlockSymbols, CodecError> {
    let side = SideInformation::from_bytes(side_information)?;
    let grid = Grid::of(size);
    let rates = Rates::new(grid, side.rate_map.as_ref(), 2 * budget, components);
    Ok(BlockSymbols {
        columns: grid.columns,
        rows: grid.rows,
        rate_map_bytes: side.rate_map.map_or(0, |map| map.to_bytes().len()),
        symbols: rates.of_blocks().iter().map(|n| *n as f64 / 2.0).collect(),
    })
}

/// Which map the side information holds.
#[cfg(test)]
pub(super) fn rate_map(side_information: &[u8]) -> Option<RateMap> {
    let side = SideInformation::from_bytes(side_information);
    side.expect("side information").rate_map
}
