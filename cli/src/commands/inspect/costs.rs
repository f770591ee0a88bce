//! What everything costs, in channel uses.

use heliograph::link::Ledger;
use serde::Serialize;

/// Bytes of the digital stream.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bytes {
    pub caption: usize,
    pub rate_map: usize,
    /// Side information but for the rate map.
    pub other: usize,
}

/// Channel uses of one kind, and what that is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    pub kind: &'static str,
    pub uses: f64,
}

/// All kinds, the digital stream divided by its bytes; their sum is the ledger's.
pub fn costs(ledger: &Ledger, bytes: Bytes) -> Vec<Cost> {
    let count = (bytes.caption + bytes.rate_map + bytes.other).max(1) as f64;
    let digital = |bytes: usize| ledger.digital * bytes as f64 / count;
    let mut costs = Vec::new();
    for (kind, uses) in ledger.kinds() {
        if kind == "digital" {
            let parts = [
                ("caption", bytes.caption),
                ("rate_map", bytes.rate_map),
                ("side_information", bytes.other),
            ];
            costs.extend(parts.map(|(kind, bytes)| Cost {
                kind,
                uses: digital(bytes),
            }));
        } else {
            costs.push(Cost { kind, uses });
        }
    }
    costs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_digital_stream_add_up_to_it() {
        let ledger = Ledger {
            digital: 300.0,
            analog: 1000.0,
            ..Ledger::default()
        };
        let bytes = Bytes {
            caption: 20,
            rate_map: 30,
            other: 10,
        };
        let costs = costs(&ledger, bytes);
        let of = |kind| costs.iter().find(|cost| cost.kind == kind).unwrap().uses;
        assert_eq!(
            [of("caption"), of("rate_map"), of("side_information")],
            [100.0, 150.0, 50.0]
        );
        assert_eq!(costs.iter().map(|cost| cost.uses).sum::<f64>(), 1300.0);
    }
}
