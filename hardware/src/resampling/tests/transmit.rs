//! What is sent.

use std::sync::{Arc, Mutex};

use super::super::polyphase::Polyphase;
use super::super::transmit::at_most_full_scale;
use super::*;
use crate::TxReport;

#[test]
fn a_burst_is_sent_with_nothing_but_itself_in_the_band() {
    for pair in RATIOS {
        let ratio = ratio(pair);
        let faster = pair.0 as f64 / pair.1 as f64;
        let (_radio, tx, mut rx) = pair_of_streams(1 << 20, 1e6 * faster);
        let mut tx = ResampledTransmitter::new(tx, ratio, 1e6);
        let sent = tone(0.4, 1.0, 3000);
        for (part, end) in [
            (0..1, BurstEnd::Later),
            (1..1234, BurstEnd::Later),
            (1234..3000, BurstEnd::Here),
        ] {
            tx.send(&sent[part], TxStart::Now, end, SOON).unwrap();
        }
        let length = (3000.0 * faster) as usize;
        let mut air = vec![Complex32::ZERO; length + (2.0 * SPREAD as f64 * faster) as usize];
        rx.read(&mut air, SOON).unwrap();
        // An image would lie at -0.6.
        let expected = tone(0.4, faster, length);
        let lead = (SPREAD as f64 * faster).round() as usize;
        let exact = SPREAD as f64 * faster;
        let turn = Complex64::from_polar(1.0, TAU * 0.4 * (lead as f64 - exact) / faster);
        let turn = Complex32::new(turn.re as f32, turn.im as f32);
        let (from, to) = (2 * lead, length - 2 * lead);
        let expected: Vec<_> = expected[from..to].iter().map(|x| x * turn).collect();
        let error = largest_difference(&air[from + lead..to + lead], &expected);
        assert!(error < CLOSE, "{pair:?}: {error}");
    }
}

#[test]
fn what_the_radio_has_no_room_for_waits() {
    let (_radio, tx, mut rx) = pair_of_streams(10_000, 2e6);
    let mut tx = ResampledTransmitter::new(tx, ratio((2, 1)), 1e6);
    let sent = tone(0.1, 1.0, 4000);
    tx.send(&sent[..3000], TxStart::Now, BurstEnd::Later, SOON)
        .unwrap();
    let full = tx.send(&sent[3000..], TxStart::Now, BurstEnd::Here, Duration::ZERO);
    assert!(full.is_ok(), "{full:?}");
    let full = tx.send(&sent, TxStart::Now, BurstEnd::Here, Duration::ZERO);
    let done = match full {
        Err(RadioError::Timeout {
            done, wanted: 4000, ..
        }) => done,
        other => panic!("{other:?}"),
    };
    let mut air = vec![Complex32::ZERO; 9000];
    rx.read(&mut air, SOON).unwrap();
    tx.send(&sent[done..], TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    rx.read(&mut air, SOON).unwrap();
    let strong = air.iter().filter(|x| x.norm() > 0.4).count();
    assert!((7900..8100).contains(&strong), "{strong}");
}

#[test]
fn a_radio_that_takes_little_at_a_time_gets_all_of_it() {
    #[derive(Default)]
    struct Air {
        samples: Vec<Complex32>,
        ended: bool,
    }
    struct Stingy(Arc<Mutex<Air>>);
    impl TxStream for Stingy {
        fn send(
            &mut self,
            samples: &[Complex32],
            start: TxStart,
            end: BurstEnd,
            limit: Duration,
        ) -> Result<(), RadioError> {
            let (done, wanted) = (samples.len().min(100), samples.len());
            let mut air = self.0.lock().unwrap();
            assert_eq!(
                (start, end, air.ended),
                (TxStart::Now, BurstEnd::Here, false)
            );
            air.samples.extend_from_slice(&samples[..done]);
            air.ended = done == wanted;
            match done < wanted {
                true => Err(RadioError::Timeout {
                    limit,
                    done,
                    wanted,
                }),
                false => Ok(()),
            }
        }

        fn report(&mut self, _: Duration) -> Result<Option<TxReport>, RadioError> {
            Ok(None)
        }
    }
    let air = Arc::new(Mutex::new(Air::default()));
    let mut tx = ResampledTransmitter::new(Box::new(Stingy(air.clone())), ratio((3, 2)), 1e6);
    let sent = tone(0.1, 1.0, 1000);
    let mut left = &sent[..];
    for _ in 0..100 {
        match tx.send(left, TxStart::Now, BurstEnd::Here, SOON) {
            Ok(()) => break,
            Err(RadioError::Timeout { done, .. }) => left = &left[done..],
            Err(error) => panic!("{error}"),
        }
    }
    let mut polyphase = Polyphase::up(ratio((3, 2)));
    polyphase.restart(SPREAD);
    let mut expected = Vec::new();
    polyphase.push(&sent, &mut expected, |_, _| ());
    let air = air.lock().unwrap();
    assert!(air.ended && air.samples.len() > expected.len());
    assert_eq!(air.samples[..expected.len()], expected);
}

#[test]
fn a_timed_burst_begins_as_much_earlier_as_the_filter_spreads() {
    let (_radio, tx, mut rx) = pair_of_streams(1 << 16, 4e6);
    let mut tx = ResampledTransmitter::new(tx, ratio((4, 1)), 1e6);
    let start = TxStart::At(RadioTime::of_sample(1000, 4e6));
    let mut impulse = vec![Complex32::ZERO; 99];
    impulse[0] = Complex32::new(0.5, 0.0);
    impulse[98] = Complex32::new(0.0, 0.4);
    tx.send(&impulse, start, BurstEnd::Here, SOON).unwrap();
    let mut air = vec![Complex32::ZERO; 2000];
    rx.read(&mut air, SOON).unwrap();
    let largest = (0..2000).max_by(|&a, &b| air[a].norm().total_cmp(&air[b].norm()));
    assert_eq!(largest, Some(1000));
    // It ends with all of its last sample.
    let (middle, side) = (air[1000 + 4 * 98].im, air[1002 + 4 * (98 + SPREAD - 2)].im);
    assert!(
        (middle - 0.4).abs() < 1e-3 && side.abs() > 1e-5,
        "{middle} {side}"
    );
}

#[test]
fn no_sample_is_beyond_full_scale() {
    let (mut made, mut polyphase) = (Vec::new(), Polyphase::up(ratio((4, 1))));
    polyphase.restart(0);
    let alternating: Vec<_> = [1.0, 1.0, -1.0, -1.0]
        .repeat(50)
        .iter()
        .map(|&x| Complex32::new(x, x))
        .collect();
    polyphase.push(&alternating, &mut made, at_most_full_scale);
    assert!(made.iter().all(|x| x.re.abs() <= 1.0 && x.im.abs() <= 1.0));
    assert!(made.iter().filter(|x| x.re == 1.0).count() > 20);
}
