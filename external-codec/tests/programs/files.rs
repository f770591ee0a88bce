//! What passes between the two, and how it is checked.

use heliograph::codec::{Codec, CodecError, ReceivedLatents};
use num_complex::Complex32;
use safetensors::SafeTensors;
use std::fs;

use crate::bench::*;

#[test]
fn symbols_and_pictures_pass_through_a_program() {
    let bench = Bench::new();
    bench.encodes(&[1.0, 0.0, 0.0, -1.0], Some(b"side"));
    bench.paints(8, 6);
    let codec = open(&bench.good());
    assert_eq!((codec.name(), codec.weights_hash()), ("test", 0x00c0_ffee));
    // Two of four symbols are its own.
    let sent = codec.encode(&photo(), None, 4).unwrap();
    let [one, i] = [Complex32::ONE, -Complex32::I];
    assert_eq!(sent.symbols, [one, i, one, i]);
    assert_eq!(sent.side_information.len(), 8 + 4);
    let received = ReceivedLatents {
        symbols: &[one, i, one, Complex32::ZERO],
        variances: &[0.5, 0.25, 0.5, f32::INFINITY],
    };
    let size = photo().size();
    let found = codec.decode(received, &sent.side_information, size);
    assert_eq!(found.unwrap().pixel(3, 3), [9, 99, 199]);
    let bytes = fs::read(bench.path("received")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("symbols").unwrap().shape(), [2, 2]);
    let (noise, _) = file.tensor("variances").unwrap().data().as_chunks::<4>();
    let noise: Vec<f32> = noise.iter().map(|v| f32::from_le_bytes(*v)).collect();
    assert_eq!(noise, [0.25, 0.25]);
    assert_eq!(file.tensor("side_information").unwrap().data(), b"side");
    let asked = fs::read_to_string(bench.path("asked")).unwrap();
    let asked: Vec<&str> = asked.lines().collect();
    assert!(
        asked[0].starts_with(r#"{"do":"encode","photo":"#),
        "{}",
        asked[0]
    );
    assert!(
        asked[0].contains(r#""width":8,"height":6,"symbols":4"#),
        "{}",
        asked[0]
    );
    assert!(asked[1].contains(r#""perception":0.25"#), "{}", asked[1]);
}

#[test]
fn what_it_writes_is_checked_before_it_goes_on_the_air() {
    let bench = Bench::new();
    let command = bench.good();
    for (parts, words) in [
        (&[1.0, 0.0, f32::NAN, 0.0][..], "found NaN in row 1"),
        (&[2e6, 0.0, 0.0, 2.0], "found 2000000 in row 0"),
        (
            &[1.0, 0.0].repeat(5),
            "found F32 [5, 2], allowed F32 [N, 2] with N of 1 to 4",
        ),
        (&[], "found F32 [0, 2], allowed"),
    ] {
        bench.encodes(parts, None);
        let said = encode_error(&command);
        assert!(said.contains(words), "{said}");
    }
    fs::write(bench.path("symbols"), "no safetensors").unwrap();
    assert!(encode_error(&command).contains("encoded.safetensors"));
    fs::write(bench.path("symbols"), vec![0; 1 << 20]).unwrap();
    assert!(encode_error(&command).contains("found 1048576 bytes, allowed"));
    bench.encodes(&[1.0, 0.0].repeat(4), Some(&vec![0; 40_000]));
    assert!(encode_error(&command).contains("side_information: found U8 [40000]"));
    // All zero: nothing to send.
    bench.encodes(&[0.0; 8], None);
    open(&command).encode(&photo(), None, 4).unwrap();
    bench.paints(6, 8);
    let codec = open(&command);
    let received = ReceivedLatents {
        symbols: &[Complex32::ONE; 4],
        variances: &[0.1; 4],
    };
    let size = photo().size();
    let painted = |count: u32, deviation: f32| {
        let side = [count.to_le_bytes(), deviation.to_le_bytes()].concat();
        codec.decode(received, &side, size).unwrap_err().to_string()
    };
    assert!(painted(4, 1.0).contains("painted.png: found 6x8, allowed 8x6"));
    // From the air.
    for (count, deviation) in [
        (0, 1.0),
        (5, 1.0),
        (u32::MAX, 1.0),
        (4, 0.0),
        (4, -1.0),
        (4, f32::NAN),
        (4, 1e9),
    ] {
        let said = painted(count, deviation);
        assert!(
            said.contains("side information"),
            "{count} {deviation}: {said}"
        );
    }
    let cut = codec.decode(received, &[4, 0, 0, 0, 0, 0, 0], size);
    assert!(cut.unwrap_err().to_string().contains("cut off"));
}

#[test]
fn a_budget_that_is_too_small_is_known_from_a_failure() {
    let bench = Bench::new();
    let command = bench.command(r#"echo '{"least": 7}'"#);
    let found = open(&command).encode(&photo(), None, 4).unwrap_err();
    assert_eq!(found, CodecError::TooFew { found: 4, least: 7 });
}
