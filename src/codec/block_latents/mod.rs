//! Latents at 1/8 resolution to symbols and back, whatever networks stand around them.
//!
//! The picture is cut into blocks of 32x32 pixels, each block of latents becomes components of unit power, the ones
//! that matter most first, and a rate map says how many of them each block sends. The receiver estimates by least
//! squares with every symbol's own noise.

mod grid;
mod linear;
mod powers;
mod rates;
mod side_information;

use num_complex::Complex32;

pub(super) use grid::Grid;
pub(super) use linear::{Arrived, LinearStage};
pub(super) use powers::{Loudness, Powers};
pub(super) use rates::Rates;
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
    let gains = linear.gains(rates, &powers);
    let mut values = Vec::with_capacity(rates.of_blocks().iter().sum());
    rates.slots(|block, component| {
        let value = components[block * linear.components() + component];
        values.push(value * gains[component] * powers.factor(block));
    });
    let energy: f64 = values.iter().map(|x| f64::from(*x).powi(2)).sum();
    let power = PicturePower::nearest(energy / values.len() as f64);
    // Half of a complex symbol's unit power goes to each of its two values.
    let scale = (2.0 * power.linear()).sqrt().recip();
    let symbols = values.chunks_exact(2);
    let side = SideInformation {
        power,
        rate_map: rate_map.cloned(),
        loudness,
    };
    Latents {
        symbols: symbols
            .map(|pair| Complex32::new(pair[0], pair[1]) * scale)
            .collect(),
        side_information: side.to_bytes(),
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

/// What arrived, as latents.
///
/// # Errors
/// [`CodecError`] when symbols and variances do not pair up, or the side information does not decode.
pub(super) fn receive(
    linear: &LinearStage,
    grid: Grid,
    received: ReceivedLatents<'_>,
    side_information: &[u8],
) -> Result<Received, CodecError> {
    let (symbols, variances) = (received.symbols.len(), received.variances.len());
    if symbols != variances {
        return Err(CodecError::Lengths { symbols, variances });
    }
    let side = SideInformation::from_bytes(side_information)?;
    let components = linear.components();
    let rates = Rates::new(grid, side.rate_map.as_ref(), 2 * symbols, components);
    let mut arrived = vec![Arrived::default(); grid.blocks() * components];
    let mut slot = 0;
    rates.slots(|block, component| {
        let symbol = received.symbols[slot / 2];
        let part = if slot % 2 == 0 { symbol.re } else { symbol.im };
        let variance = received.variances[slot / 2];
        arrived[block * components + component].add(part * std::f32::consts::SQRT_2, variance);
        slot += 1;
    });
    let powers = Powers::new(grid, side.rate_map.as_ref(), side.loudness);
    let gains = linear.gains(&rates, &powers);
    let power = side.power.linear();
    // What rounding takes from blocks at the lowest rates is none of these.
    let weights = Rates::weights(grid, side.rate_map.as_ref());
    let (latents, deviations) = linear.estimate(&arrived, &gains, &powers, power);
    Ok(Received {
        latents: grid.join(&latents),
        deviations: grid.join(&deviations),
        empty_blocks: (0..grid.blocks()).filter(|&b| weights[b] == 0).collect(),
    })
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
        symbols: rates.of_blocks().iter().map(|n| *n as f64 / 2.0).collect(),
    })
}
