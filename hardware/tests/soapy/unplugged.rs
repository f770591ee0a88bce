//! Radios that are pulled out.

use heliograph_hardware::{BurstEnd, Lost, RadioError, Reconnecting, RxStream, TxStart, TxStream};

use crate::bench::*;

#[track_caller]
fn assert_gone<T: std::fmt::Debug>(result: Result<T, RadioError>) {
    assert_gone_as(result, "heliograph (virtual radio)");
}

#[track_caller]
fn assert_gone_as<T: std::fmt::Debug>(result: Result<T, RadioError>, radio: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, RadioError::Gone { .. }), "{error:?}");
    let words = format!("{radio} does not answer any more: STREAM_ERROR (-2)");
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_receiver_without_a_radio_says_so_at_every_read() {
    let mut rx = receiver(&ether("gone-rx"), "pace=free,fault=unplug@20000");
    hear(&mut *rx, 20_000);
    for _ in 0..2 {
        assert_gone(read(&mut *rx, 10));
    }
}

#[test]
fn a_transmitter_without_a_radio_says_so_at_every_call() {
    let mut tx = transmitter(&ether("gone-tx"), "pace=free,fault=unplug@1000");
    for _ in 0..2 {
        assert_gone(tx.send(&distinct(2_000), TxStart::Now, BurstEnd::Here, PATIENT));
        assert_gone(tx.report(PATIENT));
    }
}

#[test]
fn a_reconnecting_receiver_goes_on_with_the_radio_that_is_plugged_in_again() {
    let ether = ether("again");
    let mut tx = transmitter(&ether, "pace=free");
    let mut faults = ["fault=unplug@5000", ""].into_iter();
    let mut rx = Reconnecting::new({
        let ether = ether.clone();
        move || -> Result<Box<dyn RxStream>, RadioError> {
            let fault = faults.next().unwrap_or("");
            let separator = if fault.is_empty() { "" } else { "," };
            let profile = profile(&ether, &format!("id=receiver{separator}{fault}"));
            radio(&profile, &settings()).receive()
        }
    })
    .unwrap();
    let connection = rx.connection();
    hear(&mut rx, 5_000);
    assert_eq!(connection.reason(), None);
    let reception = read(&mut rx, 10).unwrap().1;
    assert_eq!(reception.lost, Lost::Unknown);
    assert_eq!(connection.reconnections(), 1);
    let reason = connection.reason().unwrap();
    assert!(reason.contains("STREAM_ERROR"), "{reason}");

    let burst = distinct(1_000);
    send(&mut *tx, &burst, TxStart::Now);
    assert_same(&hear(&mut rx, 1_000), &burst);
}

#[test]
fn a_sender_that_goes_in_the_middle_of_a_burst_holds_nobody_back() {
    let ether = ether("cut");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    let burst = distinct(500);
    tx.send(&burst, TxStart::Now, BurstEnd::Later, PATIENT)
        .unwrap();
    drop::<Box<dyn TxStream>>(tx);
    assert_same(&hear(&mut *rx, 1_000)[..500], &burst);
}

#[test]
fn a_half_duplex_radio_that_goes_while_it_sends_is_gone_for_its_receiver_too() {
    let arguments = "pace=free,emulate=hackrf,fault=unplug@1000";
    let mut radio = radio(&profile(&ether("gone-half"), arguments), &settings());
    let (mut rx, mut tx) = (radio.receive().unwrap(), radio.transmit().unwrap());
    assert_gone_as(
        tx.send(&distinct(2_000), TxStart::Now, BurstEnd::Here, PATIENT),
        "heliograph (virtual radio as HackRF)",
    );
    let error = read(&mut *rx, 10).unwrap_err();
    let gone = matches!(error, RadioError::Gone { .. } | RadioError::Driver { .. });
    assert!(gone, "{error:?}");
}
