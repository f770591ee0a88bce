//! Pictures cross the loopback, whole or with losses.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use heliograph::codec::SoftCast;
use heliograph::link::Section;
use heliograph::metrics::psnr_db;
use heliograph_flowgraphs::event::Event;
use heliograph_flowgraphs::loopback::{Ending, run};
use support::{config, photo, pictures, receive, within};

#[test]
fn a_picture_crosses_with_its_caption() {
    within(60, || {
        let mut config = config();
        config.propagation.snr_db = Some(25.0);
        config.propagation.cfo_hz = 12_345.0;
        let sent = pictures(2);
        let (summary, received) = receive(config, sent.clone()).unwrap();
        assert_eq!(received.len(), 2);
        for (picture, (photo, caption)) in received.iter().zip(&sent) {
            let painted = picture.paint(&SoftCast::default()).unwrap();
            assert!(psnr_db(photo, &painted).unwrap() > 20.0);
            assert_eq!(picture.caption, Section::Received(caption.clone().unwrap()));
        }
        assert_eq!(summary.ending, Ending::Complete);
        assert_eq!(summary.source.pictures, 2);
        assert_eq!(summary.modulator.bursts, summary.demodulator.bursts);
        assert!(!summary.constellation.analog.is_empty());
    });
}

#[test]
fn a_picture_that_lost_bursts_is_still_given_out_and_painted() {
    within(60, || {
        let mut config = config();
        config.propagation.snr_db = Some(20.0);
        config.transmitter.cbr = "1/12".parse().unwrap();
        config.drop_probability = 0.3;
        config.seed = 1;
        let (summary, received) = receive(config, vec![(photo(768, 512, 0), None)]).unwrap();
        let dropped = summary.dropper.dropped;
        assert!(dropped > 0 && dropped < summary.dropper.bursts, "{dropped}");
        let [picture] = &received[..] else {
            panic!("{} pictures", received.len())
        };
        assert_eq!(picture.bursts_missing as u64, dropped);
        picture.paint(&SoftCast::default()).unwrap();
    });
}

#[test]
fn losing_every_burst_gives_no_picture_and_ends() {
    within(60, || {
        let mut config = config();
        config.drop_probability = 1.0;
        let (summary, received) = receive(config, pictures(3)).unwrap();
        assert_eq!((received.len(), summary.synchronizer.suspected), (0, 0));
        assert_eq!(summary.dropper.dropped, summary.modulator.bursts);
    });
}

#[test]
fn without_pictures_the_run_ends_at_once() {
    within(60, || {
        let (summary, received) = receive(config(), Vec::new()).unwrap();
        assert_eq!((summary.source.pictures, received.len()), (0, 0));
    });
}

#[test]
fn stopping_ends_an_endless_run_and_what_is_on_the_air_still_arrives() {
    within(60, || {
        let config = config();
        let stop = config.stop.clone();
        let endless = (0..).map(|i| (photo(96, 64, i), None));
        let mut received = 0u64;
        let summary = run(config, endless, |event| {
            if let Event::Picture(_) = event {
                received += 1;
                if received == 3 {
                    stop.stop();
                }
            }
        })
        .unwrap();
        assert_eq!(summary.ending, Ending::Stopped);
        assert_eq!(summary.modulator.bursts, summary.assembler.bursts);
        assert_eq!(summary.assembler.pictures, received);
    });
}

#[test]
fn a_slow_caller_slows_the_source_and_does_not_fill_the_memory() {
    within(60, || {
        let mut config = config();
        config.queue_bytes = 1;
        config.buffer_samples = 4096;
        let stop = config.stop.clone();
        let taken = Arc::new(AtomicU32::new(0));
        let endless = (0..).map({
            let taken = taken.clone();
            move |i| {
                taken.store(i, Ordering::Relaxed);
                (photo(96, 64, i), None)
            }
        });
        let mut seen = Vec::new();
        run(config, endless, |event| {
            if let Event::Picture(_) = event {
                std::thread::sleep(Duration::from_millis(100));
                seen.push(taken.load(Ordering::Relaxed));
                if seen.len() == 10 {
                    stop.stop();
                }
            }
        })
        .unwrap();
        let ahead = seen.iter().zip(0..).map(|(&taken, i)| taken - i).max();
        assert!(ahead.unwrap() <= 12, "{seen:?}");
    });
}
