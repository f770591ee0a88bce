//! What is received.

use super::*;
use crate::Lost;

#[test]
fn a_tone_is_received_as_it_is_and_what_lies_beside_the_signal_is_not() {
    for pair in RATIOS {
        let ratio = ratio(pair);
        let (signal_hz, faster) = (1e6, pair.0 as f64 / pair.1 as f64);
        let of_air = |frequency| {
            let air = tone(frequency, faster, (4000.0 * faster) as usize);
            let (_radio, rx) = hearing(&air, signal_hz * faster);
            let mut rx = ResampledReceiver::new(rx, ratio, signal_hz * faster);
            read(&mut rx, 3000)
        };
        for frequency in [0.0, 0.2, -0.45] {
            let expected = tone(frequency, 1.0, 3000);
            let error = largest_difference(&of_air(frequency)[SPREAD..], &expected[SPREAD..]);
            assert!(error < CLOSE, "{pair:?} at {frequency}: {error}");
        }
        if faster >= 1.5 {
            let beside = of_air(0.55);
            let left = largest_difference(&beside[SPREAD..], &[Complex32::ZERO; 3000]);
            assert!(left < CLOSE, "{pair:?}: {left}");
        }
    }
}

#[test]
fn samples_behind_a_loss_lie_where_they_would_without_it() {
    for pair in RATIOS {
        let faster = pair.0 as f64 / pair.1 as f64;
        let air = tone(0.3, faster, 1 << 18);
        let (radio, rx) = hearing(&air, 1e6 * faster);
        let mut rx = ResampledReceiver::new(rx, ratio(pair), 1e6 * faster);
        let expected = tone(0.3, 1.0, 1 << 18);
        let mut at = read(&mut rx, 777).len();
        for lost in [1, 100, 12_345] {
            radio.lose(lost);
            let mut samples = vec![Complex32::ZERO; 400];
            let mut seen = Lost::Nothing;
            // What was complete before the loss comes first.
            while seen == Lost::Nothing {
                let reception = rx.read(&mut samples, SOON).unwrap();
                seen = reception.lost;
                if let Lost::Samples(count) = seen {
                    at += count as usize;
                }
                let time = RadioTime::of_sample(at as u64, 1e6);
                let off = reception.time.unwrap().nanoseconds - time.nanoseconds;
                assert!(off.abs() <= 1, "{pair:?}: {off} ns");
                at += reception.samples;
            }
            at += read(&mut rx, SPREAD).len();
            let after = read(&mut rx, 300);
            let error = largest_difference(&after, &expected[at..]);
            assert!(error < CLOSE, "{pair:?} after {lost}: {error}");
            at += after.len();
        }
    }
}

#[test]
fn a_loss_of_unknown_length_stays_one_and_a_hostile_length_too() {
    struct Losing(Vec<Lost>);
    impl RxStream for Losing {
        fn read(
            &mut self,
            samples: &mut [Complex32],
            _: Duration,
        ) -> Result<crate::Reception, RadioError> {
            samples.fill(Complex32::ONE);
            Ok(crate::Reception {
                samples: samples.len(),
                time: None,
                lost: self.0.pop().unwrap_or(Lost::Nothing),
            })
        }
    }
    for lost in [
        Lost::Unknown,
        Lost::Samples(u64::MAX),
        Lost::Samples(u64::MAX - 5),
    ] {
        let radio = Losing(vec![Lost::Nothing, Lost::Samples(10), lost, Lost::Nothing]);
        let mut rx = ResampledReceiver::new(Box::new(radio), ratio((6, 5)), 1.2e6);
        let mut samples = vec![Complex32::ZERO; 5000];
        let read: Vec<_> = (0..4)
            .map(|_| rx.read(&mut samples, SOON).unwrap().lost)
            .collect();
        assert!(
            matches!(read[1], Lost::Unknown | Lost::Samples(1000..)),
            "{read:?}"
        );
        assert_ne!(read[2], Lost::Nothing, "{read:?}");
        assert_eq!(read[3], Lost::Nothing);
    }
}

#[test]
fn overload_is_seen_behind_the_filter() {
    let mut air = tone(0.01, 4.0, 8000);
    // One of four samples is noise, three are the signal.
    air[4001] = Complex32::new(-1.0, 0.0);
    air[4805..4808].fill(Complex32::new(-1.0, 0.5));
    let (_radio, rx) = hearing(&air, 4e6);
    let mut rx = ResampledReceiver::new(rx, ratio((4, 1)), 4e6);
    let received = read(&mut rx, 1500);
    let railed: Vec<_> = (0..1500).filter(|&n| received[n].re == -1.0).collect();
    assert_eq!(railed, [1201]);
}
