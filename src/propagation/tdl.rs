//! Tapped-delay-line profiles TDL-A, TDL-B and TDL-C: the tables of 3GPP TR 38.901.
//!
//! Source: 3GPP TR 38.901, section 7.7.2, Tables 7.7.2-1, 7.7.2-2 and 7.7.2-3. Delays are normalized to a delay spread
//! of 1 and are scaled by the wanted one (section 7.7.3); every tap is Rayleigh. The entries were compared, all 70 of
//! them, with two independent transcriptions that agree with each other: `TDL-{A,B,C}.json` of NVIDIA Sionna and
//! `random_channel.c` of OpenAirInterface. (Copies with errors exist: one public simulator has TDL-B tap 6 at -3.2 dB.)
//! A test below checks what the tables promise: a delay spread of 1.

/// One tap of a profile: delay in delay spreads, mean power in dB.
pub(super) type ProfileTap = (f64, f64);

/// TR 38.901 Table 7.7.2-1.
pub(super) const TDL_A: [ProfileTap; 23] = [
    (0.0000, -13.4),
    (0.3819, 0.0),
    (0.4025, -2.2),
    (0.5868, -4.0),
    (0.4610, -6.0),
    (0.5375, -8.2),
    (0.6708, -9.9),
    (0.5750, -10.5),
    (0.7618, -7.5),
    (1.5375, -15.9),
    (1.8978, -6.6),
    (2.2242, -16.7),
    (2.1718, -12.4),
    (2.4942, -15.2),
    (2.5119, -10.8),
    (3.0582, -11.3),
    (4.0810, -12.7),
    (4.4579, -16.2),
    (4.5695, -18.3),
    (4.7966, -18.9),
    (5.0066, -16.6),
    (5.3043, -19.9),
    (9.6586, -29.7),
];

/// TR 38.901 Table 7.7.2-2.
pub(super) const TDL_B: [ProfileTap; 23] = [
    (0.0000, 0.0),
    (0.1072, -2.2),
    (0.2155, -4.0),
    (0.2095, -3.2),
    (0.2870, -9.8),
    (0.2986, -1.2),
    (0.3752, -3.4),
    (0.5055, -5.2),
    (0.3681, -7.6),
    (0.3697, -3.0),
    (0.5700, -8.9),
    (0.5283, -9.0),
    (1.1021, -4.8),
    (1.2756, -5.7),
    (1.5474, -7.5),
    (1.7842, -1.9),
    (2.0169, -7.6),
    (2.8294, -12.2),
    (3.0219, -9.8),
    (3.6187, -11.4),
    (4.1067, -14.9),
    (4.2790, -9.2),
    (4.7834, -11.3),
];

/// TR 38.901 Table 7.7.2-3.
// 0.6366 is the table's delay, not 2/pi.
#[allow(clippy::approx_constant)]
pub(super) const TDL_C: [ProfileTap; 24] = [
    (0.0000, -4.4),
    (0.2099, -1.2),
    (0.2219, -3.5),
    (0.2329, -5.2),
    (0.2176, -2.5),
    (0.6366, 0.0),
    (0.6448, -2.2),
    (0.6560, -3.9),
    (0.6584, -7.4),
    (0.7935, -7.1),
    (0.8213, -10.7),
    (0.9336, -11.1),
    (1.2285, -5.1),
    (1.3083, -6.8),
    (2.1704, -8.7),
    (2.7105, -13.2),
    (4.2589, -13.9),
    (4.6003, -13.9),
    (5.4902, -15.8),
    (5.6077, -17.1),
    (6.3065, -16.0),
    (6.6374, -15.7),
    (7.0427, -21.6),
    (8.6523, -22.8),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Root of the power-weighted variance of the delays.
    fn delay_spread(profile: &[ProfileTap]) -> f64 {
        let moment = |order: i32| -> f64 {
            profile
                .iter()
                .map(|(delay, db)| delay.powi(order) * 10f64.powf(db / 10.0))
                .sum()
        };
        let mean = moment(1) / moment(0);
        (moment(2) / moment(0) - mean * mean).sqrt()
    }

    #[test]
    fn every_profile_has_a_delay_spread_of_one() {
        for profile in [&TDL_A[..], &TDL_B, &TDL_C] {
            let spread = delay_spread(profile);
            assert!((spread - 1.0).abs() < 0.01, "delay spread {spread}");
        }
    }
}
