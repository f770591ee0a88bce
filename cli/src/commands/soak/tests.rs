use std::sync::atomic::AtomicBool;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: SoakArgs,
}

fn settings(flags: &str) -> anyhow::Result<Settings> {
    let line = std::iter::once("soak").chain(flags.split_whitespace());
    Settings::resolve(&Line::try_parse_from(line)?.args)
}

fn summary(flags: &str) -> Summary {
    soak(&settings(flags).unwrap(), &AtomicBool::new(false)).unwrap()
}

const SHORT: &str = "--bursts 130 --analog-symbols 2 --caption-bytes 20 --cfo-hz-max 50000";

#[test]
fn figures_do_not_depend_on_threads() {
    let json = |threads| {
        let flags = format!("{SHORT} --snr-db 5 --sfo-ppm-max 20 --threads {threads}");
        serde_json::to_string(&summary(&flags)).unwrap()
    };
    assert_eq!(json(1), json(3));
}

#[test]
fn bursts_do_not_depend_on_chunks() {
    let lost = |chunk| {
        let flags = format!("{SHORT} --snr-db -4 --channel awgn --chunk {chunk}");
        let bursts = summary(&flags).bursts.unwrap();
        (bursts.burst_loss, bursts.analog.evm_db)
    };
    assert_eq!(lost("random"), lost("777"));
}

#[test]
fn without_noise_everything_arrives_and_nothing_else() {
    let summary = summary(SHORT);
    let bursts = summary.bursts.unwrap();
    assert_eq!(
        (summary.search.bursts, summary.search.false_bursts),
        (130, 0)
    );
    assert_eq!(bursts.burst_loss.unwrap().events, 0);
    assert_eq!(bursts.caption_loss.unwrap().events, 0);
    assert!(bursts.analog.evm_db.unwrap().value < -35.0);
    assert!(bursts.snr_estimate.is_none() && bursts.analog.loss_db.is_none());
}

#[test]
fn deep_in_the_noise_bursts_are_counted_as_lost() {
    let bursts = summary(&format!("{SHORT} --snr-db -15")).bursts.unwrap();
    assert_eq!(bursts.burst_loss.unwrap().events, 130);
}

#[test]
fn the_estimates_are_compared_with_what_the_channel_did() {
    let bursts = summary(&format!("{SHORT} --snr-db 10 --sfo-ppm-max 40"))
        .bursts
        .unwrap();
    let snr = bursts.snr_estimate.unwrap();
    assert!(snr.bias_db.unwrap().value.abs() < 0.3);
    assert!(bursts.cfo_error_hz.sigma.unwrap().value < 200.0);
    assert!((bursts.analog.evm_db.unwrap().value + 10.0).abs() < 1.0);
}

#[test]
fn noise_alone_gives_suspicions_and_no_burst() {
    let search = summary("--noise-only 300000 --dc-db 20").search;
    assert!(search.suspicions > 0 && search.bursts == 0);
    assert_eq!(search.samples, 300_000);
}

#[test]
fn a_run_that_is_stopped_gives_what_it_has() {
    let summary = soak(&settings(SHORT).unwrap(), &AtomicBool::new(true)).unwrap();
    assert!(summary.interrupted && summary.bursts.is_none());
}

#[test]
fn what_cannot_be_measured_is_said() {
    let message = |flags: &str| settings(flags).unwrap_err().to_string();
    assert!(message("--bursts 10000001").contains("found 10000001, allowed 1 to 10000000"));
    assert!(message("--analog-symbols 65").contains("found 65, allowed 1 to 64"));
    assert!(message("--channel moon").contains("tdl-a"));
    assert!(message("--dc-db 20").contains("--snr-db"));
    assert!(message("--chunk 0").contains("allowed `random`"));
    let long = settings("--bursts 1 --caption-bytes 1024").unwrap();
    let error = soak(&long, &AtomicBool::new(false))
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("found 1024"), "{error}");
}
