use safetensors::tensor::{TensorView, serialize};

use super::*;

/// The file of one tensor.
fn file(name: &str, dtype: Dtype, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let view = TensorView::new(dtype, shape.to_vec(), bytes).expect("fits");
    serialize([(name, view)], None).expect("serializes")
}

#[test]
fn halves_and_singles_are_read() {
    // 1.0 and -2.0 in f16
    let halves = file("a", Dtype::F16, &[2], &[0x00, 0x3c, 0x00, 0xc0]);
    let weights = Weights::from_safetensors(&halves).expect("reads");
    assert_eq!(weights.values("a", &[2]).expect("there"), [1.0, -2.0]);
    let single = file("b", Dtype::F32, &[1, 1], &0.1f32.to_le_bytes());
    let weights = Weights::from_safetensors(&single).expect("reads");
    let tensor = weights.tensor("b", &[1, 1], &Device::Cpu).expect("there");
    assert_eq!(tensor.to_vec2::<f32>().expect("f32"), [[0.1]]);
}

/// A file of bytes and their scales.
fn bytes_with_scales(shape: &[usize], bytes: &[u8], scales: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = scales.iter().flat_map(|s| s.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::I8, shape.to_vec(), bytes).expect("fits");
    let scale = TensorView::new(Dtype::F32, vec![scales.len()], &raw).expect("fits");
    serialize([("a", view), ("a.scale", scale)], None).expect("serializes")
}

#[test]
fn bytes_are_multiplied_by_the_scale_of_their_row() {
    let file = bytes_with_scales(&[2, 2], &[1, 0xff, 127, 0x81], &[0.5, 2.0]);
    let weights = Weights::from_safetensors(&file).expect("reads");
    let values = weights.values("a", &[2, 2]).expect("there");
    assert_eq!(values, [0.5, -0.5, 254.0, -254.0]);
}

#[test]
fn bytes_without_a_scale_for_each_row_are_refused() {
    let alone = file("a", Dtype::I8, &[2, 1], &[1, 2]);
    let said = |bytes: &[u8]| {
        Weights::from_safetensors(bytes)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        said(&alone),
        "tensor a.scale is missing; it must be of shape [2]"
    );
    let short = bytes_with_scales(&[2, 1], &[1, 2], &[0.5]);
    assert_eq!(
        said(&short),
        "tensor a.scale is of shape [1]; the network's is [2]"
    );
    let infinite = bytes_with_scales(&[1, 1], &[1], &[f32::INFINITY]);
    assert!(said(&infinite).contains("every value must be finite"));
}

#[test]
fn the_hash_is_the_start_of_sha256() {
    let bytes = file("a", Dtype::F32, &[0], &[]);
    let weights = Weights::from_safetensors(&bytes).expect("reads");
    assert_eq!(weights.sha256()[..4], weights.hash32().to_be_bytes());
    assert_eq!(weights.sha256()[..], Sha256::digest(&bytes)[..]);
}

#[test]
fn errors_name_the_tensor_and_the_shapes() {
    let bytes = file("a", Dtype::F32, &[1], &[0; 4]);
    let weights = Weights::from_safetensors(&bytes).expect("reads");
    let said = weights.values("a", &[2, 3]).expect_err("shape").to_string();
    assert_eq!(said, "tensor a is of shape [1]; the network's is [2, 3]");
    let said = weights.values("b", &[7]).expect_err("missing").to_string();
    assert_eq!(said, "tensor b is missing; it must be of shape [7]");
}

#[test]
fn only_finite_values_of_known_types_are_read() {
    let integers = file("n", Dtype::I32, &[1], &[0; 4]);
    let said = Weights::from_safetensors(&integers)
        .expect_err("type")
        .to_string();
    assert_eq!(said, "tensor n is stored as I32; F16, F32 and I8 are read");
    let bytes = [1.0f32.to_le_bytes(), f32::INFINITY.to_le_bytes()].concat();
    let infinite = file("x", Dtype::F32, &[2], &bytes);
    let said = Weights::from_safetensors(&infinite)
        .expect_err("infinite")
        .to_string();
    assert_eq!(
        said,
        "tensor x holds inf at place 1; every value must be finite"
    );
}

#[test]
fn truncated_and_hostile_files_are_refused() {
    let whole = file("a", Dtype::F32, &[4, 4], &[0; 64]);
    for len in 0..whole.len() {
        assert!(
            Weights::from_safetensors(&whole[..len]).is_err(),
            "{len} bytes"
        );
    }
    for header in [
        r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,64]}}"#,
        r#"{"a":{"dtype":"F32","shape":[16],"data_offsets":[64,0]}}"#,
        r#"{"a":{"dtype":"F32","shape":[16],"data_offsets":[0,18446744073709551615]}}"#,
        r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,64]}}"#,
        "[]",
    ] {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend([0; 64]);
        assert!(Weights::from_safetensors(&bytes).is_err(), "{header}");
    }
    assert!(Weights::from_safetensors(&[0xff; 64]).is_err());
}

#[test]
fn gguf_is_told_by_its_first_bytes_and_its_tensors_are_checked_too() {
    let q8_0 = gguf::WeightType::Q8_0;
    let mut header = gguf::GgufHeader::default();
    header.announce("a", &[2, 16], q8_0);
    let mut bytes = header.bytes();
    let start = bytes.len();
    bytes.extend(q8_0.quantize(&[-0.25; 32]).expect("stores"));
    let weights = Weights::from_bytes(&bytes).expect("reads");
    let values = weights.values("a", &[2, 16]).expect("there");
    assert!(values.iter().all(|value| (value + 0.25).abs() < 1e-4));
    assert_eq!(weights.sha256()[..], Sha256::digest(&bytes)[..]);
    // The scale of the block, infinite.
    bytes[start..start + 2].copy_from_slice(&[0x00, 0x7c]);
    let said = Weights::from_bytes(&bytes)
        .expect_err("infinite")
        .to_string();
    assert_eq!(
        said,
        "tensor a holds -inf at place 0; every value must be finite"
    );
    bytes.truncate(start);
    let said = Weights::from_bytes(&bytes).expect_err("short").to_string();
    assert!(
        said.contains("no GGUF file that is read: tensor a lies at 0 and has 34 bytes"),
        "{said}"
    );
}
