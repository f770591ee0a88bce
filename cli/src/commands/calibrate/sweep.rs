//! One end's gain from the lowest to the highest, and the best of them.

use anyhow::Context;
use heliograph_hardware::Direction;
use serde::Serialize;

use super::bench::Bench;
use super::probe::Point;
use crate::progress::Progress;

/// Gains whose EVM is this close to the best are as good; the lowest of them wastes no power.
const AS_GOOD_DB: f64 = 0.5;

/// Of gains that are as good, those that reach this level come first: where nothing makes noise (virtual radios) all are as good,
/// and the lowest would leave nothing of a signal in a converter of eight bits.
const LEAST_LEVEL_DBFS: f64 = -40.0;

/// A sweep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sweep {
    pub direction: String,
    pub points: Vec<Point>,
}

/// Tries every gain.
///
/// # Errors
/// A radio that fails.
pub fn run(
    bench: &mut Bench,
    direction: Direction,
    gains: &[f64],
    progress: &Progress,
) -> anyhow::Result<Sweep> {
    progress.expect(gains.len() as u64, "gains");
    let mut points = Vec::new();
    for gain_db in gains {
        points.push(bench.measure(direction, *gain_db)?);
        progress.step();
    }
    Ok(Sweep {
        direction: direction.to_string(),
        points,
    })
}

/// The lowest gain at which all bursts came, none clipped, and the EVM is as good as it gets; if one of those is loud enough, the
/// lowest of the loud ones.
///
/// # Errors
/// Not one burst came at any gain.
pub fn best(sweep: &Sweep) -> anyhow::Result<&Point> {
    let usable = |p: &&Point| p.bursts == p.bursts_sent && p.bursts_clipped == 0;
    let all = sweep.points.iter();
    let pool: Vec<&Point> = match all.clone().filter(usable).collect::<Vec<_>>() {
        // Better a clipped or patchy gain than none; the table shows it.
        none if none.is_empty() => all.filter(|p| p.bursts > 0).collect(),
        some => some,
    };
    let evm = |p: &&Point| p.evm_db.unwrap_or(f64::INFINITY);
    let least = pool.iter().map(evm).fold(f64::INFINITY, f64::min);
    let is_good = |p: &&Point| evm(p) <= least + AS_GOOD_DB;
    let is_loud = |p: &&Point| p.level_dbfs.is_some_and(|level| level >= LEAST_LEVEL_DBFS);
    let good: Vec<&Point> = pool.into_iter().filter(is_good).collect();
    let loud = good.iter().copied().find(is_loud);
    loud.or_else(|| good.first().copied())
        .with_context(|| {
            format!(
                "not one test burst came at any {} gain: check frequency, antennas or cable, and the other end's gain",
                sweep.direction
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(gain_db: f64, bursts: usize, bursts_clipped: usize, evm_db: f64) -> Point {
        Point {
            gain_db,
            bursts_sent: 4,
            bursts,
            bursts_clipped,
            evm_db: Some(evm_db),
            ..Point::default()
        }
    }

    fn chosen(points: Vec<Point>) -> Option<f64> {
        let sweep = Sweep {
            direction: "receive".to_owned(),
            points,
        };
        best(&sweep).ok().map(|p| p.gain_db)
    }

    #[test]
    fn the_lowest_gain_of_the_good_ones_is_chosen_and_clipping_never() {
        let points = vec![
            point(0.0, 2, 0, -8.0),
            point(10.0, 4, 0, -20.0),
            point(20.0, 4, 0, -29.7),
            point(30.0, 4, 0, -30.0),
            point(40.0, 4, 1, -35.0),
        ];
        assert_eq!(chosen(points), Some(20.0));
    }

    #[test]
    fn where_nothing_makes_noise_the_chosen_gain_is_loud_enough_for_a_converter() {
        let levels = [-72.0, -52.0, -32.0, -12.0];
        let points = levels.map(|level_dbfs| Point {
            level_dbfs: Some(level_dbfs),
            ..point(level_dbfs + 12.0, 4, 0, -60.0)
        });
        assert_eq!(chosen(points.to_vec()), Some(-20.0));
        assert_eq!(chosen(points[..2].to_vec()), Some(-60.0));
    }

    #[test]
    fn a_patchy_gain_is_better_than_none_and_silence_is_an_error() {
        let silent = Point {
            bursts_sent: 4,
            ..Point::default()
        };
        assert_eq!(
            chosen(vec![silent.clone(), point(10.0, 1, 0, -5.0)]),
            Some(10.0)
        );
        assert_eq!(chosen(vec![silent]), None);
    }
}
