use std::fs;
use std::path::PathBuf;

use safetensors::tensor::{TensorView, serialize};

use super::*;
use crate::nn::Weights;

/// A file that goes when the test ends.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let name = format!("heliograph-quantize-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// Values of a smooth curve.
fn curve(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * 0.37).sin()).collect()
}

/// A kernel, bytes with scales, what no block divides, vectors of both types.
fn original() -> Vec<u8> {
    let kernel = bytes_of(&curve(32 * 9));
    let bytes: Vec<u8> = (0..64).map(|i| (i * 3) as u8).collect();
    let scales = bytes_of(&[0.5, 0.01]);
    let odd = bytes_of(&curve(9));
    let vector = bytes_of(&[0.1, 1e-6, -7.0]);
    let half = [0x00, 0x3c, 0x01, 0xbc];
    let view = |dtype, shape: &[usize], data| TensorView::new(dtype, shape.to_vec(), data).unwrap();
    let tensors = [
        ("kernel", view(Dtype::F32, &[32, 1, 3, 3], &kernel)),
        ("bytes", view(Dtype::I8, &[2, 32], &bytes)),
        ("bytes.scale", view(Dtype::F32, &[2], &scales)),
        ("odd", view(Dtype::F32, &[3, 3], &odd)),
        ("vector", view(Dtype::F32, &[3], &vector)),
        ("half", view(Dtype::F16, &[2], &half)),
    ];
    let words = [("codec".to_owned(), "old".to_owned())].into();
    serialize(tensors, Some(words)).unwrap()
}

fn quantized(
    name: &str,
    bytes: &[u8],
    how: &Quantization,
) -> Result<(Quantized, Vec<u8>), QuantizeError> {
    let input = Temporary::new(name, bytes);
    let mut out = Vec::new();
    let quantized = quantize(&input.0, how, &mut out, &mut |_, _| ())?;
    Ok((quantized, out))
}

fn how(stored_as: &str) -> Quantization {
    Quantization::new(stored_as.parse().unwrap())
}

#[test]
fn weights_are_the_same_tensors_with_the_error_that_is_told() {
    let before = Weights::from_bytes(&original()).unwrap();
    let (told, bytes) = quantized("same", &original(), &how("q8_0")).unwrap();
    let after = Weights::from_bytes(&bytes).unwrap();
    let types: Vec<(&str, &str)> = told.tensors.iter().map(|t| (&t.name[..], t.to)).collect();
    for expected in [
        ("kernel", "q8_0"),
        ("bytes", "q8_0"),
        ("odd", "f16"),
        ("vector", "f32"),
        ("half", "f16"),
    ] {
        assert!(types.contains(&expected), "{expected:?}: {types:?}");
    }
    assert_eq!(types.len(), 5);
    for tensor in &told.tensors {
        let before = before.values(&tensor.name, &tensor.shape).unwrap();
        let after = after.values(&tensor.name, &tensor.shape).unwrap();
        let squares = |values: &mut dyn Iterator<Item = f32>| {
            values.map(|v| f64::from(v).powi(2)).sum::<f64>()
        };
        let errors = squares(&mut before.iter().zip(after).map(|(b, a)| a - b));
        let expected = (errors / squares(&mut before.iter().copied())).sqrt();
        assert!(
            (tensor.error.rms_error - expected).abs() < 1e-6,
            "{}: {expected}",
            tensor.name
        );
        // Half a step of 1/127 of the largest value of a block, which is a few times the RMS.
        assert!(
            tensor.error.rms_error < 0.01,
            "{}: {}",
            tensor.name,
            tensor.error.rms_error
        );
        assert!(tensor.error.largest_error >= tensor.error.rms_error);
    }
    assert_eq!(told.bytes_after, bytes.len() as u64);
    assert_eq!(told.bytes_before, original().len() as u64);
    assert!(told.sha256.starts_with(&format!("{:08x}", after.hash32())));
}

#[test]
fn vectors_stay_to_the_bit_and_words_survive_or_are_replaced() {
    let (_, bytes) = quantized("words", &original(), &how("q4_0")).unwrap();
    let weights = Weights::from_bytes(&bytes).unwrap();
    assert_eq!(weights.values("vector", &[3]).unwrap(), [0.1, 1e-6, -7.0]);
    assert_eq!(weights.metadata("codec"), Some("old"));
    let mut replaced = how("q4_0");
    replaced
        .metadata
        .insert("codec".to_owned(), "new".to_owned());
    let (_, bytes) = quantized("words", &original(), &replaced).unwrap();
    assert_eq!(
        Weights::from_bytes(&bytes).unwrap().metadata("codec"),
        Some("new")
    );
}

#[test]
fn exceptions_decide_by_the_beginning_of_a_name_and_blocks_by_what_they_divide() {
    let type_of = |how: &Quantization, name: &str| {
        let (told, _) = quantized("types", &original(), how).unwrap();
        told.tensors.iter().find(|t| t.name == name).unwrap().to
    };
    // 288 values: no whole blocks of 256, but of 32.
    assert_eq!(type_of(&how("q4_k"), "kernel"), "q8_0");
    assert_eq!(type_of(&how("f32"), "half"), "f32");
    let mut how = how("q5_0");
    how.exceptions = vec![
        ("ker".to_owned(), WeightType::F16),
        ("k".to_owned(), WeightType::F32),
    ];
    assert_eq!(type_of(&how, "kernel"), "f16");
    assert_eq!(type_of(&how, "bytes"), "q5_0");
    // What a scale of blocks would do to variances is never asked for by accident.
    how.exceptions = vec![(String::new(), WeightType::F16)];
    assert_eq!(type_of(&how, "vector"), "f32");
    assert_eq!(type_of(&how, "bytes"), "f16");
}

#[test]
fn whole_numbers_are_left_out_and_named() {
    let (values, counter) = (bytes_of(&curve(64)), [7u8; 8]);
    let view = |dtype, shape: &[usize], data| TensorView::new(dtype, shape.to_vec(), data).unwrap();
    let tensors = [
        ("a.weight", view(Dtype::F32, &[2, 32], &values)),
        ("a.num_batches_tracked", view(Dtype::I64, &[], &counter)),
    ];
    let bytes = serialize(tensors, None).unwrap();
    let (told, out) = quantized("whole", &bytes, &how("q8_0")).unwrap();
    assert_eq!(told.left_out, ["a.num_batches_tracked"]);
    assert_eq!(told.tensors.len(), 1);
    let weights = Weights::from_bytes(&out).unwrap();
    assert!(weights.values("a.weight", &[2, 32]).is_ok());
}

#[test]
fn fewer_bits_lose_more() {
    let values = bytes_of(&curve(4096));
    let view = TensorView::new(Dtype::F32, vec![8, 512], &values).unwrap();
    let bytes = serialize([("a", view)], None).unwrap();
    let mut last = (u64::MAX, 0.0);
    for name in ["f32", "f16", "q8_0", "q6_k", "q5_k", "q4_k", "q3_k", "q2_k"] {
        let (told, _) = quantized("bits", &bytes, &how(name)).unwrap();
        let now = (told.tensors[0].bytes_after, told.error.rms_error);
        assert!(
            now.0 < last.0 && now.1 >= last.1,
            "{name}: {now:?} after {last:?}"
        );
        last = now;
    }
    assert!(last.1 > 0.05 && last.1 < 0.5, "{last:?}");
}

#[test]
fn what_cannot_be_stored_or_read_is_named() {
    let file = |dtype, shape: &[usize], data: &[u8]| {
        let view = TensorView::new(dtype, shape.to_vec(), data).unwrap();
        serialize([("a", view)], None).unwrap()
    };
    let large = file(Dtype::F32, &[1, 32], &bytes_of(&[1e9; 32]));
    let infinite = file(Dtype::F32, &[1], &bytes_of(&[f32::NAN]));
    let narrow = file(Dtype::F8_E4M3, &[1], &[0]);
    let unscaled = file(Dtype::I8, &[1, 2], &[1, 2]);
    let whole = original();
    for (bytes, words) in [
        (
            &large[..],
            "tensor a holds 1000000000 at place 0; q8_0 cannot store its block",
        ),
        (
            &infinite,
            "tensor a holds NaN at place 0; every value must be finite",
        ),
        (
            &narrow,
            "tensor a is stored as F8_E4M3; F64, F32, F16, BF16",
        ),
        (
            &unscaled,
            "needs a tensor a.scale of F32 and shape [1]; found none",
        ),
        (
            &whole[..whole.len() - 1],
            "by its header the safetensors file has",
        ),
        (
            &[255; 64],
            "its header would be 18446744073709551615 bytes; allowed are at most 56",
        ),
        (b"short", "not a safetensors file: 5 bytes"),
        (b"\x02\0\0\0\0\0\0\0[]", "not a safetensors file"),
    ] {
        let said = quantized("refused", bytes, &how("q8_0"))
            .expect_err("refused")
            .to_string();
        assert!(said.contains(words), "{said}");
    }
    let folder = quantize(
        &std::env::temp_dir(),
        &how("q8_0"),
        Vec::new(),
        &mut |_, _| (),
    );
    assert!(matches!(folder, Err(QuantizeError::NotAFile)));
}

#[test]
fn nothing_at_all_is_a_file_too() {
    let empty = serialize(std::iter::empty::<(&str, TensorView)>(), None).unwrap();
    let (told, bytes) = quantized("empty", &empty, &how("q8_0")).unwrap();
    assert_eq!((told.tensors.len(), told.error.rms_error), (0, 0.0));
    assert!(Weights::from_bytes(&bytes).is_ok());
}
