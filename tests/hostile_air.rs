//! Samples from anywhere: the receiver neither panics nor grows, whatever they are.

use std::sync::Arc;

use heliograph::codec::SoftCast;
use heliograph::link::{Receiver, ReceiverConfig, ReceiverEvent, Transmitter, TransmitterConfig};
use heliograph::photo::{Photo, PhotoSize};
use num_complex::Complex32;
use proptest::prelude::*;

fn transmission() -> Vec<Complex32> {
    let photo = Photo::filled(PhotoSize::new(40, 40).unwrap(), [200, 90, 30]);
    let mut transmitter =
        Transmitter::new(TransmitterConfig::default(), Arc::new(SoftCast::default())).unwrap();
    transmitter
        .picture(&photo, Some("caption"))
        .unwrap()
        .flatten()
        .collect()
}

fn any_sample() -> impl Strategy<Value = Complex32> {
    (any::<f32>(), any::<f32>()).prop_map(|(re, im)| Complex32::new(re, im))
}

/// One way to spoil a stream.
#[derive(Clone, Debug)]
enum Damage {
    Cut { at: usize, len: usize },
    Overwrite { at: usize, with: Vec<Complex32> },
    Scale { by: f32 },
    Repeat { at: usize, len: usize },
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0usize..6000;
    prop_oneof![
        (at.clone(), 0usize..3000).prop_map(|(at, len)| Damage::Cut { at, len }),
        (at.clone(), prop::collection::vec(any_sample(), 0..400))
            .prop_map(|(at, with)| Damage::Overwrite { at, with }),
        any::<f32>().prop_map(|by| Damage::Scale { by }),
        (at, 0usize..3000).prop_map(|(at, len)| Damage::Repeat { at, len }),
    ]
}

fn apply(samples: &mut Vec<Complex32>, damage: Damage) {
    let n = samples.len();
    match damage {
        Damage::Cut { at, len } => drop(samples.drain(at.min(n)..(at + len).min(n))),
        Damage::Overwrite { at, with } => {
            let end = (at + with.len()).min(n);
            let at = at.min(n);
            samples[at..end].copy_from_slice(&with[..end - at]);
        }
        Damage::Scale { by } => samples.iter_mut().for_each(|x| *x *= by),
        Damage::Repeat { at, len } => {
            let again = samples[at.min(n)..(at + len).min(n)].to_vec();
            samples.extend(again);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_transmissions_give_pictures_or_nothing(
        damages in prop::collection::vec(damage(), 1..4),
        chunk in 1usize..5000,
    ) {
        let mut samples = transmission();
        damages.into_iter().for_each(|d| apply(&mut samples, d));
        let mut receiver = Receiver::new(ReceiverConfig::default());
        let mut events = Vec::new();
        samples.chunks(chunk).for_each(|c| events.extend(receiver.push(c)));
        events.extend(receiver.finish());
        for event in events {
            if let ReceiverEvent::Picture(picture) = event {
                let painted = picture.paint(&SoftCast::default());
                prop_assert!(painted.is_ok(), "{:?}", painted.err());
                if let Some(caption) = picture.caption.received() {
                    prop_assert_eq!(caption, "caption");
                }
            }
        }
    }

    #[test]
    fn random_samples_give_nothing(samples in prop::collection::vec(any_sample(), 0..8000)) {
        let mut receiver = Receiver::new(ReceiverConfig::default());
        let mut events = receiver.push(&samples);
        events.extend(receiver.finish());
        prop_assert!(events.is_empty());
    }
}
