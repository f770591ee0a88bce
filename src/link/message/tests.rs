use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::codec::SoftCast;
use crate::link::{Receiver, ReceiverEvent, Section, Transmitter};
use crate::photo::{Photo, PhotoSize};

fn message() -> PictureMessage {
    let photo = Photo::filled(PhotoSize::new(64, 48).unwrap(), [200, 120, 40]);
    let mut transmitter =
        Transmitter::new(Default::default(), Arc::new(SoftCast::default())).unwrap();
    let mut receiver = Receiver::new(Default::default());
    let bursts = transmitter.picture(&photo, Some("wörds")).unwrap();
    let mut events: Vec<_> = bursts.flat_map(|burst| receiver.push(&burst)).collect();
    events.extend(receiver.finish());
    let picture = events.into_iter().find_map(|event| match event {
        ReceiverEvent::Picture(picture) => Some(*picture),
        ReceiverEvent::Burst(_) => None,
    });
    PictureMessage {
        receiver: "roof".to_owned(),
        id: "roof-7f3a-0012".to_owned(),
        number: 12,
        sample_rate_hz: 2e6,
        picture: picture.expect("it arrives"),
    }
}

/// Bytes with their hash made right again.
fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    bytes.truncate(bytes.len() - HASH_BYTES);
    let hash = Sha256::digest(&bytes);
    bytes.extend(hash);
    bytes
}

fn said(bytes: &[u8]) -> String {
    PictureMessage::from_bytes(bytes).unwrap_err().to_string()
}

#[test]
fn a_picture_comes_back_as_it_was() {
    let mut sent = message();
    sent.picture.variances[3] = f32::INFINITY;
    sent.picture.link.evm_db = f32::NEG_INFINITY;
    sent.picture.rate_map = Section::Lost;
    let bytes = sent.to_bytes().unwrap();
    let back = PictureMessage::from_bytes(&bytes).unwrap();
    assert_eq!(
        (&back.receiver, &back.id, back.number),
        (&sent.receiver, &sent.id, 12)
    );
    assert_eq!(back.picture.header, sent.picture.header);
    assert_eq!(back.picture.symbols, sent.picture.symbols);
    assert_eq!(back.picture.variances, sent.picture.variances);
    assert_eq!(back.picture.caption, sent.picture.caption);
    assert_eq!(back.picture.rate_map, Section::Lost);
    assert_eq!(back.picture.side_information, sent.picture.side_information);
    assert_eq!(back.picture.ledger, sent.picture.ledger);
    assert!(back.picture.link.evm_db.is_nan());
    let painted =
        [&back, &sent].map(|message| message.picture.paint(&SoftCast::default()).unwrap());
    assert_eq!(painted[0], painted[1]);
    assert_eq!(back.to_bytes().unwrap(), bytes);
}

#[test]
fn what_is_wrong_is_named() {
    let good = message().to_bytes().unwrap();
    assert!(said(b"").contains("heliopic"));
    assert!(said(&good[1..]).contains("heliopic"));
    assert!(said(&good[..40]).contains("found 40 bytes"));
    assert!(said(&good[..good.len() - 1]).contains("by its fields it has"));
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert!(said(&with(8, 2)).contains("version: found 2, allowed 1"));
    assert!(said(&with(15, 9)).contains("metadata: found"));
    assert!(said(&with(16, b'[')).contains("metadata: "));
    let last = good.len() - 1;
    assert!(said(&with(last, good[last] ^ 1)).contains("SHA-256"));
    let [symbols, variances] = [12, 4].map(|bytes| {
        let count = message().picture.symbols.len();
        let sections = message()
            .picture
            .side_information
            .received()
            .map_or(0, Vec::len);
        last + 1 - HASH_BYTES - sections - count * bytes
    });
    let nan = |at: usize| {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        signed(bytes)
    };
    assert!(
        said(&nan(symbols)).contains("symbols: found NaN"),
        "{}",
        said(&nan(symbols))
    );
    assert!(said(&nan(variances)).contains("variances: found NaN at 0"));
}

/// The message with its metadata changed and everything made to fit again.
fn altered(from: &str, to: &str) -> Vec<u8> {
    let good = message().to_bytes().unwrap();
    let length = u32::from_le_bytes(good[12..16].try_into().unwrap()) as usize;
    let metadata = std::str::from_utf8(&good[16..16 + length]).unwrap();
    assert!(metadata.contains(from), "{metadata}");
    let metadata = metadata.replace(from, to);
    let mut bytes = good[..12].to_vec();
    bytes.extend((metadata.len() as u32).to_le_bytes());
    bytes.extend(metadata.as_bytes());
    bytes.extend(&good[16 + length..]);
    signed(bytes)
}

#[test]
fn hostile_fields_are_refused_and_named() {
    for (from, to, field) in [
        (
            "roof-7f3a-0012",
            "../../etc/passwd",
            "id: found ../../etc/passwd",
        ),
        (
            "\"receiver\":\"roof\"",
            "\"receiver\":\"\\u001b[2J\"",
            "receiver: found",
        ),
        (
            "\"sample_rate_hz\":2000000.0",
            "\"sample_rate_hz\":-1",
            "sample_rate_hz: found -1",
        ),
        ("roof-7f3a-0012", "summary", "id: found summary"),
        (
            "\"number\":",
            "\"\\u001b[2J\":1,\"number\":",
            "unknown field `\u{fffd}[2J`",
        ),
        ("\"width\":64", "\"width\":65536", "width: found 65536"),
        ("\"width\":64", "\"width\":16384", "by its fields it has"),
        ("\"cbr_code\":288", "\"cbr_code\":3", "cbr_code: found 3"),
        ("\"ramp\":", "\"ramp\":-", "ledger: found ramp -"),
        ("\"ramp\":", "\"rump\":1,\"ramp\":", "unknown field `rump`"),
        ("\"number\":", "\"more\":1,\"number\":", "unknown field"),
        ("\"complete\"", "\"in_progress\"", "unknown variant"),
        ("wörds", &"w".repeat(1025), "caption: found 1025 bytes"),
        (
            "\"side_information\":{\"received\":",
            "\"side_information\":{\"received\":9",
            "by its fields it has",
        ),
    ] {
        let said = said(&altered(from, to));
        assert!(said.contains(field), "{from} to {to}: {said}");
    }
}

#[test]
fn names_that_would_leave_the_folder_are_none() {
    for name in ["a", "roof-7f3a_0012", &"x".repeat(48)] {
        assert!(PictureMessage::is_name(name), "{name}");
    }
    for name in [
        "",
        "..",
        "a/b",
        "a.b",
        "a b",
        "ä",
        &"x".repeat(49),
        "a\0",
        "a>",
    ] {
        assert!(!PictureMessage::is_name(name), "{name}");
    }
    let message = PictureMessage {
        id: "a.b".to_owned(),
        ..message()
    };
    assert!(
        message
            .to_bytes()
            .unwrap_err()
            .to_string()
            .starts_with("id: found a.b")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(start in 0usize..2000, noise in prop::collection::vec(any::<u8>(), 1..40)) {
        let mut bytes = message().to_bytes().unwrap();
        for (at, byte) in noise.iter().enumerate() {
            let at = (start + 7 * at) % bytes.len();
            bytes[at] ^= byte;
        }
        let _ = PictureMessage::from_bytes(&bytes);
        let _ = PictureMessage::from_bytes(&signed(bytes));
        let _ = PictureMessage::from_bytes(&noise);
    }
}
