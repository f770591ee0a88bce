//! Blocks that fail end the run soon and with their cause; calls over the control port do not hold it up.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use heliograph::codec::SoftCast;
use heliograph::photo::{Photo, PhotoSize};

use super::*;
use crate::supervisor::tests::Sabotage;
use crate::supervisor::{Stage, StopFlag};

/// Far above the load of a machine, far below the time that a block has to end in tests.
const LIMIT: Duration = Duration::from_secs(120);

/// Endless pictures through a loopback in which one block fails at its first work.
fn run_sabotaged(sabotage: Sabotage) -> FlowgraphError {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let supervisor = Supervisor::new(Retirement::StayReachable, StopFlag::default());
        supervisor.plant(sabotage);
        let photo = Photo::filled(PhotoSize::new(32, 32).unwrap(), [90; 3]);
        let pictures = Box::new(std::iter::repeat_with(move || (photo.clone(), None)));
        let config = LoopbackConfig::new(Arc::new(SoftCast::default()));
        let _ = sender.send(run_supervised(config, pictures, |_| (), supervisor));
    });
    let outcome = receiver.recv_timeout(LIMIT);
    let outcome = outcome.expect("the run hangs, or waits for a block that does not end");
    outcome.expect_err("the run goes on without its block")
}

#[test]
fn a_panic_in_any_block_ends_the_run_with_its_words() {
    for stage in Stage::of_loopback() {
        let failure = run_sabotaged(Sabotage::Panic(stage)).to_string();
        let expected = format!("{stage}: the block panicked: sabotaged {stage}");
        assert_eq!(failure, expected);
    }
}

#[test]
fn an_error_in_any_block_ends_the_run_with_its_cause() {
    for stage in Stage::of_loopback() {
        let failure = run_sabotaged(Sabotage::Error(stage));
        assert_eq!(
            failure.to_string(),
            format!("{stage}: out of luck in {stage}")
        );
        let FlowgraphError::Block { cause, .. } = failure else {
            panic!("{failure}")
        };
        assert_eq!(cause.to_string(), format!("out of luck in {stage}"));
    }
}
