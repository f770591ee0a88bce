//! How fine the steps of a field are: finer ones save more power and take more bytes, whose channel uses could be symbols instead.

use super::{Coefficients, Common, FINENESSES};
use crate::codec::block_latents::grid::Grid;
use crate::codec::block_latents::linear::LinearStage;
use crate::codec::block_latents::rates::Rates;
use crate::codec::block_latents::scaling::Scaling;
use crate::codec::block_latents::side_information::{PicturePower, SYMBOLS_A_BYTE};

/// What a decibel of SNR is worth, dB of the picture: Kodak, 1/48, 4 dB, the middle of where noise limits a picture. A sender does not know the
/// receivers' SNR. Only its ratio to the next figure counts: 0.19 here, 0.15 at 1/96 and 0.25 at 1/24 (docs/results/codec.md).
const DB_OF_A_DECIBEL: f64 = 0.35;
/// The same of twice the symbols.
const DB_OF_TWICE_THE_SYMBOLS: f64 = 1.85;

/// A field as it is sent.
pub(in crate::codec) struct Chosen {
    /// One or more.
    pub(in crate::codec) bytes: Vec<u8>,
    pub(in crate::codec) common: Common,
}

/// The field that is worth most beside the symbols of `components`, whose mean power is `whole` without one; `None` where none pays.
pub(in crate::codec) fn best(
    linear: &LinearStage,
    grid: Grid,
    rates: &Rates,
    scaling: &Scaling,
    components: &[f32],
    whole: f64,
) -> Option<Chosen> {
    let coefficients = Coefficients::find(linear, grid, rates, components);
    let candidate = |fineness: u8| {
        let field = coefficients.in_steps(fineness);
        let bytes = Some(field.to_bytes()).filter(|bytes| !bytes.is_empty())?;
        // Steps are coarse: no more may be taken away than the receiver will add.
        let common = field.common(linear)?;
        let left = whole - common.mean_power_taken(scaling, components);
        let worth = worth(whole / left, bytes.len() + 1, scaling.count() / 2);
        let is_sent = worth > 0.0 && PicturePower::holds(left);
        is_sent.then_some((worth, Chosen { bytes, common }))
    };
    let candidates = (0..FINENESSES).filter_map(candidate);
    let best = candidates.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, chosen)| chosen)
}

/// What it is worth, dB of the picture, to send so many bytes beside so many symbols, to make `saved` times as much of their power.
pub(super) fn worth(saved: f64, bytes: usize, symbols: usize) -> f64 {
    let share = (bytes * SYMBOLS_A_BYTE) as f64 / symbols as f64;
    DB_OF_A_DECIBEL * 10.0 * saved.log10()
        - DB_OF_TWICE_THE_SYMBOLS / std::f64::consts::LN_2 * share
}
