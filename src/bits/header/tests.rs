use super::*;
use crate::bits::llr::Llr;
use proptest::prelude::*;

fn good_fields() -> HeaderFields {
    HeaderFields {
        numerology: 1,
        picture_id: 0xBEEF,
        burst_index: 39,
        burst_count: 40,
        repeat_index: 1,
        repeat_count: 2,
        codec: 1,
        weights_hash: 0x1234_5678,
        width: 768,
        height: 512,
        cbr_code: 288,
        interleaver_seed: 63,
        digital_symbols: 4,
        analog_symbols: 64,
        stream_length_bytes: 300,
    }
}

fn any_fields() -> impl Strategy<Value = HeaderFields> {
    let counts = (1..=65_536u32, 1..=8u8)
        .prop_flat_map(|(bursts, repeats)| (0..bursts, Just(bursts), 0..repeats, Just(repeats)));
    let sizes = (
        1..=16_384u32,
        1..=16_384u32,
        12..=4095u16,
        0..=63u8,
        0..=63u8,
        1..=64u8,
    );
    let free = (0..=2u8, any::<u16>(), 0..=15u8, any::<u32>(), any::<u16>());
    (counts, sizes, free).prop_map(|(counts, sizes, free)| HeaderFields {
        numerology: free.0,
        picture_id: free.1,
        burst_index: counts.0 as u16,
        burst_count: counts.1,
        repeat_index: counts.2,
        repeat_count: counts.3,
        codec: free.2,
        weights_hash: free.3,
        width: sizes.0,
        height: sizes.1,
        cbr_code: sizes.2,
        interleaver_seed: sizes.3,
        digital_symbols: sizes.4,
        analog_symbols: sizes.5,
        stream_length_bytes: free.4,
    })
}

fn clean_llrs(bits: &[u8]) -> Vec<Llr> {
    bits.iter()
        .map(|&bit| Llr(3.0 - 6.0 * f32::from(bit)))
        .collect()
}

fn field_named(error: HeaderError) -> &'static str {
    match error {
        HeaderError::Field { field, .. } => field,
        other => panic!("no field named: {other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_header_comes_back(fields in any_fields(), coded_bits in 384..2000usize) {
        let sent = Header::new(fields).unwrap();
        let received = decode_header(&clean_llrs(&encode_header(&sent, coded_bits).unwrap())).unwrap();
        prop_assert_eq!(received.fields(), &fields);
    }

    #[test]
    fn random_bits_with_a_right_crc_are_unpacked_and_checked_without_panic(bits in proptest::collection::vec(0..=1u8, 175)) {
        let limits = HeaderLimits::default();
        let checked = packing::unpack(&bits).and_then(|header| header.check(&limits));
        if let Ok(header) = checked {
            prop_assert!(u32::from(header.burst_index()) < header.burst_count());
        }
    }

    #[test]
    fn random_soft_bits_are_no_header(values in proptest::collection::vec(-20f32..20.0, 1152)) {
        let llrs: Vec<Llr> = values.into_iter().map(Llr).collect();
        prop_assert!(decode_header(&llrs).is_err());
    }
}

#[test]
fn values_out_of_range_are_named() {
    type Case = (&'static str, fn(&mut HeaderFields));
    let cases: [Case; 12] = [
        ("numerology", |fields| fields.numerology = 3),
        ("burst_count", |fields| fields.burst_count = 0),
        ("burst_count", |fields| fields.burst_count = 65_537),
        ("burst_index", |fields| fields.burst_index = 40),
        ("repeat_count", |fields| fields.repeat_count = 9),
        ("repeat_index", |fields| fields.repeat_index = 2),
        ("codec", |fields| fields.codec = 16),
        ("width", |fields| fields.width = 16_385),
        ("height", |fields| fields.height = 0),
        ("cbr_code", |fields| fields.cbr_code = 11),
        ("analog_symbols", |fields| fields.analog_symbols = 65),
        ("digital_symbols", |fields| fields.digital_symbols = 64),
    ];
    for (name, spoil) in cases {
        let mut fields = good_fields();
        spoil(&mut fields);
        assert_eq!(field_named(Header::new(fields).unwrap_err()), name);
    }
}

#[test]
fn the_message_of_an_error_has_the_field_what_was_found_and_what_is_allowed() {
    let error = Header::new(HeaderFields {
        burst_index: 40,
        ..good_fields()
    })
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "header field burst_index: found 40, allowed 0 to 39"
    );
}

#[test]
fn limits_of_the_receiver_are_kept() {
    let unchecked =
        || packing::unpack(&packing::pack(&Header::new(good_fields()).unwrap())).unwrap();
    assert!(unchecked().check(&HeaderLimits::default()).is_ok());
    let limits: [(&str, HeaderLimits); 5] = [
        (
            "width",
            HeaderLimits {
                max_pixels: 700,
                ..Default::default()
            },
        ),
        (
            "numerology",
            HeaderLimits {
                numerologies: 0..=0,
                ..Default::default()
            },
        ),
        (
            "burst_count",
            HeaderLimits {
                max_burst_count: 39,
                ..Default::default()
            },
        ),
        (
            "height",
            HeaderLimits {
                max_pixels: 768 * 511,
                ..Default::default()
            },
        ),
        (
            "stream_length_bytes",
            HeaderLimits {
                digital_bits_per_symbol: 14,
                ..Default::default()
            },
        ),
    ];
    for (name, limits) in limits {
        assert_eq!(field_named(unchecked().check(&limits).unwrap_err()), name);
    }
}

#[test]
fn a_header_of_another_version_is_reported_as_such() {
    let mut bits = packing::pack(&Header::new(good_fields()).unwrap());
    bits[0] ^= 1;
    let found = VERSION ^ 0x80;
    assert_eq!(
        packing::unpack(&bits).unwrap_err(),
        HeaderError::Version { found }
    );
}

#[test]
fn lost_noise_and_constant_soft_bits_are_no_header() {
    for value in [0.0, f32::NAN, f32::INFINITY, 1.0, -5.0] {
        let error = decode_header(&[Llr(value); 1152]).unwrap_err();
        assert!(
            matches!(error, HeaderError::NotDecoded { .. }),
            "{value}: {error}"
        );
    }
}

#[test]
fn lengths_that_no_header_has_are_refused() {
    for length in [0, 383, 1 << 20] {
        assert!(matches!(
            HeaderCodec::new(length),
            Err(HeaderError::CodedBits { .. })
        ));
    }
    let mut codec = HeaderCodec::new(1152).unwrap();
    assert!(matches!(
        codec.decode(&[Llr(1.0); 1150]),
        Err(HeaderError::CodedBits { .. })
    ));
}
