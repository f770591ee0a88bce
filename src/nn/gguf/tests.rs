use std::collections::BTreeMap;
use std::io::Cursor;

use candle_core::quantized::{GgmlDType, QTensor, gguf_file};
use candle_core::{Device, Tensor};

use super::*;

/// Values of a smooth curve with a few far ones.
fn values(count: usize) -> Vec<f32> {
    let value = |i: usize| (i as f32 * 0.37).sin() * if i.is_multiple_of(61) { 5.0 } else { 1.0 };
    (0..count).map(value).collect()
}

/// A file of tensors: name, shape, type.
fn file(tensors: &[(&str, &[usize], &str)]) -> Vec<u8> {
    let words = BTreeMap::from([("codec".to_owned(), "ae47721a".to_owned())]);
    let mut header = GgufHeader::new(words);
    for (name, shape, type_) in tensors {
        header.announce(name, shape, type_.parse().unwrap());
    }
    let mut bytes = header.bytes();
    for (_, shape, type_) in tensors {
        let type_: WeightType = type_.parse().unwrap();
        let stored = type_.quantize(&values(shape.iter().product())).unwrap();
        bytes.extend(&stored);
        bytes.resize(bytes.len() + padding(stored.len() as u64), 0);
    }
    bytes
}

/// All types, with shapes that blocks divide and such that they do not.
const TENSORS: [(&str, &[usize], &str); 6] = [
    ("kernel", &[32, 8, 3, 3], "q8_0"),
    ("matrix", &[2, 256], "q4_k"),
    ("bias", &[5], "f32"),
    ("half", &[3, 1, 3], "f16"),
    ("one", &[], "f32"),
    ("none", &[0, 7], "f16"),
];

#[test]
fn what_is_written_is_read_with_its_true_shapes_and_words() {
    let bytes = file(&TENSORS);
    let read = GgufFile::parse(&bytes).unwrap();
    assert_eq!(read.metadata["codec"], "ae47721a");
    assert_eq!(read.tensors.len(), TENSORS.len());
    for (tensor, (name, shape, type_)) in read.tensors.iter().zip(TENSORS) {
        assert_eq!((tensor.name, &tensor.shape[..]), (name, shape));
        assert_eq!(tensor.stored_as.name(), type_);
        let expected = values(shape.iter().product());
        let stored = tensor.stored_as.dequantize(tensor.bytes).unwrap();
        assert_eq!(stored.len(), expected.len(), "{name}");
        for (stored, value) in stored.iter().zip(expected) {
            assert!((stored - value).abs() < 0.4, "{name}: {stored} for {value}");
        }
    }
}

#[test]
fn candle_reads_what_is_written() {
    let bytes = file(&TENSORS[..4]);
    let mut reader = Cursor::new(&bytes);
    let theirs = gguf_file::Content::read(&mut reader).unwrap();
    for ours in GgufFile::parse(&bytes).unwrap().tensors {
        let tensor = theirs.tensor(&mut reader, ours.name, &Device::Cpu).unwrap();
        let flat = tensor.dequantize(&Device::Cpu).unwrap().flatten_all();
        let values = ours.stored_as.dequantize(ours.bytes).unwrap();
        assert_eq!(flat.unwrap().to_vec1::<f32>().unwrap(), values);
    }
}

#[test]
fn what_candle_writes_is_read_in_every_type() {
    let values = values(1024);
    for name in WeightType::names() {
        let type_: WeightType = name.parse().unwrap();
        let tensor = Tensor::from_slice(&values, (4, 256), &Device::Cpu).unwrap();
        let dtype: GgmlDType = type_.dtype();
        let stored = QTensor::quantize(&tensor, dtype).unwrap();
        let mut bytes = Cursor::new(Vec::new());
        gguf_file::write(&mut bytes, &[], &[("a", &stored)]).unwrap();
        let bytes = bytes.into_inner();
        let ours = GgufFile::parse(&bytes).unwrap();
        assert_eq!(ours.tensors[0].shape, [4, 256]);
        assert_eq!(ours.tensors[0].stored_as, type_);
        let whole = stored.dequantize(&Device::Cpu).unwrap().flatten_all();
        let read = type_.dequantize(ours.tensors[0].bytes).unwrap();
        assert_eq!(read, whole.unwrap().to_vec1::<f32>().unwrap(), "{name}");
    }
}

#[test]
fn pieces_and_odd_places_in_memory_make_no_difference() {
    let values = values(3 << 16);
    let q5_0: WeightType = "q5_0".parse().unwrap();
    let tensor = Tensor::from_slice(&values, values.len(), &Device::Cpu).unwrap();
    let whole = QTensor::quantize(&tensor, GgmlDType::Q5_0).unwrap();
    let bytes = q5_0.quantize(&values).unwrap();
    assert_eq!(bytes, *whole.data().unwrap());
    let expected = q5_0.dequantize(&bytes).unwrap();
    for shift in 1..4 {
        let shifted = [&vec![0; shift], &bytes[..]].concat();
        assert_eq!(q5_0.dequantize(&shifted[shift..]).unwrap(), expected);
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let bytes = file(&TENSORS[..4]);
    let end = bytes.len() - padding(9 * 2);
    assert!(GgufFile::parse(&bytes[..end]).is_ok());
    for length in 0..end {
        assert!(GgufFile::parse(&bytes[..length]).is_err(), "{length} bytes");
    }
}

/// A header made by hand.
#[derive(Default)]
struct Hostile {
    entries: Vec<Vec<u8>>,
    tensors: Vec<Vec<u8>>,
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

impl Hostile {
    /// A tensor with its dimensions in the order of the file.
    fn tensor(mut self, name: &str, sides: &[u64], code: u32, offset: u64) -> Self {
        let mut bytes = text(name);
        bytes.extend((sides.len() as u32).to_le_bytes());
        sides
            .iter()
            .for_each(|side| bytes.extend(side.to_le_bytes()));
        bytes.extend(code.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        self.tensors.push(bytes);
        self
    }

    fn entry(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        self.entries
            .push([&text(key), &kind.to_le_bytes()[..], value].concat());
        self
    }

    /// The file, with 64 bytes behind its header.
    fn bytes(self) -> Vec<u8> {
        let counts = [self.tensors.len() as u64, self.entries.len() as u64];
        let mut bytes = [&MAGIC[..], &3u32.to_le_bytes()].concat();
        counts.iter().for_each(|n| bytes.extend(n.to_le_bytes()));
        bytes.extend(self.entries.concat());
        bytes.extend(self.tensors.concat());
        bytes.resize(bytes.len().next_multiple_of(32) + 64, 0);
        bytes
    }

    fn said(self) -> String {
        GgufFile::parse(&self.bytes())
            .expect_err("refused")
            .to_string()
    }
}

#[test]
fn hostile_tensors_are_refused_with_what_was_found_and_what_is_allowed() {
    let new = Hostile::default;
    let long: Vec<u8> = [&10u32.to_le_bytes()[..], &9u64.to_le_bytes(), &[1; 72]].concat();
    let wrong: Vec<u8> = [&10u32.to_le_bytes()[..], &1u64.to_le_bytes(), &[7; 8]].concat();
    let shape = "heliograph.shape.a";
    for (file, words) in [
        (
            new().tensor("a", &[1 << 40], 0, 0),
            "has 4398046511104 bytes; behind the header are 64",
        ),
        (
            new().tensor("a", &[1 << 40, 1 << 40], 0, 0),
            "tensor a is of shape [1099511627776, 1099511627776]",
        ),
        (
            new().tensor("a", &[33], 8, 0),
            "33 values; q8_0 is stored in blocks of 32",
        ),
        (new().tensor("a", &[4], 0, 8), "lies at 8"),
        (
            new().tensor("a", &[4], 0, u64::MAX - 31),
            "tensors begin at multiples of 32",
        ),
        (
            new().tensor("a", &[4], 9, 0),
            "stored as type 9; read are 0 (f32), 1 (f16)",
        ),
        (
            new().tensor("a", &[1; 5], 0, 0),
            "5 dimensions; 4 are allowed",
        ),
        (
            new().tensor("a", &[4], 0, 0).tensor("a", &[4], 0, 32),
            "tensor a is there twice",
        ),
        (
            new().tensor("a", &[16], 0, 0).tensor("b", &[16], 0, 0),
            "128 bytes together; behind the header are 64",
        ),
        (
            new().entry(shape, 9, &long).tensor("a", &[4], 0, 0),
            "9 dimensions",
        ),
        (
            new().entry(shape, 9, &wrong).tensor("a", &[4], 0, 0),
            "is not the number of its values (4)",
        ),
        (
            new().entry(shape, 4, &[0; 4]),
            "kind 4; allowed is 9, an array",
        ),
        (
            new().entry("general.alignment", 4, &[0; 4]),
            "alignment 0; powers of 2",
        ),
        (
            new().entry("x", 13, &[]),
            "metadata x is of kind 13; allowed is 0 to 12",
        ),
        (
            new().entry("x", 9, &[9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
            "arrays of all but arrays",
        ),
        (
            new().entry("x", 8, &[255; 8]),
            "needs 18446744073709551615 bytes",
        ),
        (
            new().entry("x", 9, &[[10, 0, 0, 0].as_slice(), &[255; 8]].concat()),
            "18446744073709551615 values of an array",
        ),
    ] {
        let said = file.said();
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn counts_versions_and_texts_are_not_believed() {
    let said = |bytes: &[u8]| GgufFile::parse(bytes).expect_err("refused").to_string();
    let mut bytes = Hostile::default().bytes();
    bytes[8..16].fill(255);
    assert!(
        said(&bytes)
            .contains("18446744073709551615 tensors in a file of 96 bytes, which has room for 3")
    );
    bytes[4] = 1;
    assert_eq!(said(&bytes), "GGUF version 1; 2 and 3 are read");
    bytes[0] = b'g';
    assert!(
        said(&bytes).contains("[67, 47, 55, 46]"),
        "{}",
        said(&bytes)
    );
    let mut bytes = Hostile::default().tensor("abcd", &[1], 0, 0).bytes();
    bytes[32..36].fill(0xff);
    assert_eq!(said(&bytes), "a tensor's name at byte 32 is no UTF-8");
    let control = Hostile::default().tensor("\u{1b}[2J", &[1], 99, 0).said();
    assert!(!control.contains('\u{1b}'), "{control}");
}

#[test]
fn other_metadata_and_alignments_are_passed_over() {
    let strings = [&8u32.to_le_bytes()[..], &1u64.to_le_bytes(), &text("b")].concat();
    let bytes = Hostile::default()
        .entry("tokenizer.tokens", 9, &strings)
        .entry("x", 7, &[1])
        .entry("y", 12, &[0; 8])
        .entry("general.alignment", 4, &8u32.to_le_bytes())
        .tensor("a", &[2, 1], 0, 8)
        .bytes();
    let file = GgufFile::parse(&bytes).unwrap();
    assert_eq!(file.tensors[0].shape, [1, 2]);
}
