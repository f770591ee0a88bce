use super::*;
use crate::bits::llr::Llr;
use crate::bits::qpsk;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

fn clean_llrs(bits: &[u8]) -> Vec<Llr> {
    bits.iter()
        .map(|&bit| Llr(3.0 - 6.0 * f32::from(bit)))
        .collect()
}

fn noisy_llrs(bits: &[u8], snr_db: f32, rng: &mut Xoshiro256PlusPlus) -> Vec<Llr> {
    let variance = 10f32.powf(-snr_db / 10.0);
    let mut symbols = qpsk::modulate(bits);
    for symbol in &mut symbols {
        symbol.re += (variance / 2.0).sqrt() * rng.sample::<f32, _>(StandardNormal);
        symbol.im += (variance / 2.0).sqrt() * rng.sample::<f32, _>(StandardNormal);
    }
    let mut llrs = qpsk::demodulate(&symbols, &vec![variance; symbols.len()]);
    llrs.truncate(bits.len());
    llrs
}

fn test_bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 151 + i / 7) as u8).collect()
}

fn code(length: usize, burst_count: u32, rate: f64) -> DigitalCode {
    let bits = DigitalCode::minimum_bits_per_burst(length, burst_count, rate).unwrap();
    DigitalCode::new(length, burst_count, bits).unwrap()
}

fn outcome_without(code: &DigitalCode, bytes: &[u8], lost: &[u32]) -> DigitalOutcome {
    let encoder = code.encode(bytes).unwrap();
    let mut decoder = DigitalDecoder::new(code.clone());
    for burst in (0..code.burst_count()).filter(|burst| !lost.contains(burst)) {
        decoder
            .accept(burst, &clean_llrs(&encoder.burst_bits(burst)))
            .unwrap();
    }
    decoder.decode()
}

fn any_stream() -> impl Strategy<Value = DigitalStream> {
    let bytes = |limit| proptest::collection::vec(any::<u8>(), 0..limit);
    (
        proptest::option::of(".{0,80}"),
        proptest::option::of(bytes(600)),
        bytes(600),
    )
        .prop_map(|(caption, rate_map, side_information)| DigitalStream {
            caption,
            rate_map,
            side_information,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_stream_comes_back_from_its_bytes(stream in any_stream()) {
        prop_assert_eq!(DigitalStream::from_bytes(&stream.to_bytes().unwrap()).unwrap(), stream);
    }

    #[test]
    fn random_bytes_are_a_stream_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300), flags in 0..16u8) {
        let with_flags: Vec<u8> = std::iter::once(flags).chain(bytes.iter().copied()).collect();
        for bytes in [&bytes, &with_flags] {
            if let Ok(stream) = DigitalStream::from_bytes(bytes) {
                prop_assert!(stream.side_information.len() <= bytes.len());
            }
        }
    }

    #[test]
    fn every_code_is_within_its_bounds_or_an_error(length in 0..70_000usize, bursts in 0..70_000u32, bits in 0..2_000_000usize) {
        if let Ok(code) = DigitalCode::new(length, bursts, bits) {
            prop_assert!(code.rate() <= 1.0);
            prop_assert!(code.blocks() <= 138);
        }
    }

    #[test]
    fn soft_bits_of_noise_give_no_section(values in proptest::collection::vec(-9f32..9.0, 600)) {
        let code = DigitalCode::new(20, 1, 600).unwrap();
        let mut decoder = DigitalDecoder::new(code);
        decoder.accept(0, &values.into_iter().map(Llr).collect::<Vec<_>>()).unwrap();
        let received = DigitalStream::from_outcome(&decoder.decode());
        prop_assert_eq!(received.caption, Section::Lost);
    }
}

#[test]
fn streams_of_one_and_of_many_blocks_survive_lost_bursts() {
    for (length, burst_count) in [
        (1, 1),
        (60, 4),
        (477, 5),
        (478, 7),
        (3000, 12),
        (65_535, 64),
    ] {
        let (code, bytes) = (code(length, burst_count, 0.3), test_bytes(length));
        let lost: Vec<u32> = if burst_count > 3 {
            vec![burst_count / 2]
        } else {
            vec![]
        };
        let outcome = outcome_without(&code, &bytes, &lost);
        assert!(outcome.complete(), "{length} bytes");
        assert_eq!(outcome.bytes, bytes);
    }
}

#[test]
fn a_caption_at_a_third_comes_through_at_0_db_and_with_a_lost_burst_at_2_db() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let (code, bytes) = (code(34, 4, 1.0 / 3.0), test_bytes(34));
    let encoder = code.encode(&bytes).unwrap();
    for (snr_db, received) in [(0.0, 0..4), (2.0, 1..4)] {
        for _ in 0..100 {
            let mut decoder = DigitalDecoder::new(code.clone());
            for burst in received.clone() {
                let llrs = noisy_llrs(&encoder.burst_bits(burst), snr_db, &mut rng);
                decoder.accept(burst, &llrs).unwrap();
            }
            assert_eq!(decoder.decode().bytes, bytes, "{snr_db} dB");
        }
    }
}

#[test]
fn each_burst_alone_carries_a_stream_repeated_often_enough() {
    let (code, bytes) = (code(50, 20, 1.0 / 50.0), test_bytes(50));
    let encoder = code.encode(&bytes).unwrap();
    for burst in 0..20 {
        let mut decoder = DigitalDecoder::new(code.clone());
        decoder
            .accept(burst, &clean_llrs(&encoder.burst_bits(burst)))
            .unwrap();
        assert_eq!(decoder.decode().bytes, bytes, "burst {burst}");
    }
}

#[test]
fn repeats_combine() {
    let (code, bytes) = (code(50, 1, 0.5), test_bytes(50));
    let sent = code.encode(&bytes).unwrap().burst_bits(0);
    // Each copy misses every other bit, so neither decodes alone.
    let copy = |parity: usize| -> Vec<Llr> {
        let known = |(index, llr)| {
            if index % 2 == parity {
                llr
            } else {
                Llr::ERASED
            }
        };
        clean_llrs(&sent)
            .into_iter()
            .enumerate()
            .map(known)
            .collect()
    };
    let mut decoder = DigitalDecoder::new(code);
    decoder.accept(0, &copy(0)).unwrap();
    assert!(!decoder.decode().complete());
    decoder.accept(0, &copy(1)).unwrap();
    assert_eq!(decoder.decode().bytes, bytes);
}

#[test]
fn nothing_received_is_nothing_known_even_of_a_stream_of_zeros() {
    let code = code(40, 3, 0.3);
    let mut decoder = DigitalDecoder::new(code.clone());
    assert_eq!(decoder.decode().block_ok, [false]);
    decoder
        .accept(0, &vec![Llr::ERASED; code.bits_per_burst()])
        .unwrap();
    let received = DigitalStream::from_outcome(&decoder.decode());
    assert_eq!(received.caption, Section::Lost);
    assert_eq!(received.side_information, Section::Lost);
}

#[test]
fn a_lost_block_loses_only_the_sections_in_it() {
    let stream = DigitalStream {
        caption: Some("first block".into()),
        rate_map: None,
        side_information: test_bytes(2000),
    };
    let bytes = stream.to_bytes().unwrap();
    let code = code(bytes.len(), 1, 0.4);
    let mut llrs = clean_llrs(&code.encode(&bytes).unwrap().burst_bits(0));
    let last_block = code.blocks() - 1;
    llrs.iter_mut()
        .skip(last_block)
        .step_by(code.blocks())
        .for_each(|llr| *llr = Llr::ERASED);
    let mut decoder = DigitalDecoder::new(code);
    decoder.accept(0, &llrs).unwrap();
    let received = DigitalStream::from_outcome(&decoder.decode());
    assert_eq!(received.caption, Section::Received("first block".into()));
    assert_eq!(received.rate_map, Section::Absent);
    assert_eq!(received.side_information, Section::Lost);
}

#[test]
fn a_caption_that_is_no_text_is_lost_and_never_garbage() {
    let bytes = [&[0b001][..], &[0xFF, 0xFE, b'a']].concat();
    assert!(matches!(
        DigitalStream::from_bytes(&bytes),
        Err(DigitalError::Malformed {
            field: "caption",
            ..
        })
    ));
    let outcome = outcome_without(&code(bytes.len(), 1, 0.3), &bytes, &[]);
    assert!(outcome.complete());
    assert_eq!(DigitalStream::from_outcome(&outcome).caption, Section::Lost);
}

#[test]
fn a_caption_is_compressed_where_that_is_shorter_and_read_in_both_forms() {
    let stream = |caption: &str| DigitalStream {
        caption: Some(caption.into()),
        rate_map: Some(vec![1, 2, 3]),
        side_information: vec![4, 5],
    };
    for caption in [
        "",
        "😀😀",
        "A dog runs through the grass.",
        &"x".repeat(1024),
    ] {
        let stream = stream(caption);
        let (bytes, plain) = (stream.to_bytes().unwrap(), stream.to_plain_bytes().unwrap());
        assert!(bytes.len() <= plain.len());
        assert_eq!(bytes[0] >> 3 == 1, bytes != plain);
        for bytes in [bytes, plain] {
            assert_eq!(DigitalStream::from_bytes(&bytes).unwrap(), stream);
        }
    }
    let dog = stream("A dog runs through the grass.");
    assert!(dog.to_bytes().unwrap().len() < dog.to_plain_bytes().unwrap().len() - 20);
}

#[test]
fn a_compressed_caption_that_is_none_is_lost_and_the_rest_is_there() {
    let bytes = [&[0b1101, 4][..], &[0xFF; 4], &[7, 8]].concat();
    let outcome = outcome_without(&code(bytes.len(), 1, 0.3), &bytes, &[]);
    let received = DigitalStream::from_outcome(&outcome);
    assert_eq!(received.caption, Section::Lost);
    assert_eq!(received.side_information, Section::Received(vec![7, 8]));
    let message = DigitalStream::from_bytes(&bytes).unwrap_err().to_string();
    assert!(
        message.contains("caption") && message.contains("4 bytes"),
        "{message}"
    );
    let without_caption = DigitalStream::from_bytes(&[0b1100, 7, 8]).unwrap_err();
    assert!(
        without_caption.to_string().contains("0b00001100"),
        "{without_caption}"
    );
}

#[test]
fn what_is_too_long_is_named() {
    let caption = DigitalStream {
        caption: Some("x".repeat(1025)),
        ..Default::default()
    };
    let message = caption.to_bytes().unwrap_err().to_string();
    assert_eq!(message, "caption bytes: found 1025, allowed 0 to 1024");
    let stream = DigitalStream {
        side_information: vec![0; 65_535],
        ..Default::default()
    };
    let message = stream.to_bytes().unwrap_err().to_string();
    assert_eq!(
        message,
        "digital stream bytes: found 65536, allowed 1 to 65535"
    );
    assert!(DigitalCode::new(100, 1, 823).is_err());
    assert!(DigitalCode::minimum_bits_per_burst(10, 1, f64::NAN).is_err());
}

#[test]
fn bursts_of_another_length_or_index_are_refused() {
    let code = code(10, 2, 0.3);
    let mut decoder = DigitalDecoder::new(code.clone());
    assert!(
        decoder
            .accept(0, &vec![Llr(1.0); code.bits_per_burst() + 1])
            .is_err()
    );
    assert!(
        decoder
            .accept(2, &vec![Llr(1.0); code.bits_per_burst()])
            .is_err()
    );
}

#[test]
fn the_bits_of_a_burst_are_white() {
    let code = code(200, 2, 0.2);
    let bits = code.encode(&[0; 200]).unwrap().burst_bits(1);
    let ones: usize = bits.iter().map(|&bit| usize::from(bit)).sum();
    assert!(ones.abs_diff(bits.len() / 2) < bits.len() / 10);
}
