use super::*;

use crate::codec::SoftCast;

fn file() -> LatentsFile {
    let photo = Photo::filled(PhotoSize::new(40, 24).unwrap(), [200, 120, 40]);
    LatentsFile::encode(&SoftCast::default(), &photo, "1/12".parse().unwrap()).unwrap()
}

fn bytes(file: &LatentsFile) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.write(&mut bytes).unwrap();
    bytes
}

/// The same file with another header.
fn with_header(change: impl Fn(String) -> String) -> Vec<u8> {
    let whole = bytes(&file());
    let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let header = change(String::from_utf8(whole[8..8 + length].to_vec()).unwrap());
    let mut out = (header.len() as u64).to_le_bytes().to_vec();
    out.extend(header.into_bytes());
    out.extend(&whole[8 + length..]);
    out
}

fn message(bytes: &[u8]) -> String {
    LatentsFile::from_bytes(bytes).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read_again_with_and_without_variances() {
    let clean = file();
    assert_eq!(LatentsFile::from_bytes(&bytes(&clean)).unwrap(), clean);
    let noisy = clean.with_white_noise(7.0, 3).unwrap();
    let variance = noisy.variances().unwrap()[0];
    assert!((variance - 0.199_526).abs() < 1e-5, "{variance}");
    assert_eq!(LatentsFile::from_bytes(&bytes(&noisy)).unwrap(), noisy);
}

#[test]
fn other_tools_can_read_it() {
    let whole = bytes(&file().with_white_noise(7.0, 3).unwrap());
    let tensors = safetensors::SafeTensors::deserialize(&whole).unwrap();
    let symbols = tensors.tensor("symbols").unwrap();
    assert_eq!(symbols.shape(), [240, 2]);
    let first = f32::from_le_bytes(symbols.data()[..4].try_into().unwrap());
    let read = LatentsFile::from_bytes(&whole).unwrap();
    assert_eq!(first, read.symbols()[0].re);
}

#[test]
fn noise_of_a_seed_is_the_same_and_adds_up() {
    let twice = || {
        let once = file().with_white_noise(10.0, 1).unwrap();
        once.with_white_noise(10.0, 2).unwrap()
    };
    assert_eq!(twice(), twice());
    assert!((twice().variances().unwrap()[0] - 0.2).abs() < 1e-5);
}

#[test]
fn a_header_that_does_not_fit_is_refused_by_name() {
    let long = "x".repeat(5000);
    let long_name = format!(r#""{long}":{{"dtype":"F32""#);
    let cases = [
        (r#""width":"40""#, r#""width":"0""#, "field width"),
        (r#""width":"40""#, r#""width":"+40x""#, "1 to 16384"),
        (r#""width":"40""#, r#""width":"41""#, "[246, 2]"),
        (r#""height":"24""#, r#""height":"99999""#, "field height"),
        (r#""height":"#, r#""depth":"#, "field height is missing"),
        (r#""cbr":"1/12""#, r#""cbr":"1/24""#, "[120, 2]"),
        (r#""cbr":"1/12""#, r#""cbr":"0""#, "field cbr"),
        (r#""softcast""#, r#""jpeg""#, "latent, restored, softcast"),
        (r#""00000000""#, r#""0000""#, "field weights_hash"),
        (
            r#""format_version":"1""#,
            r#""format_version":"2""#,
            "\"2\"",
        ),
        (r#""format":"#, r#""fromat":"#, "field format is missing"),
        (
            r#""symbols":{"dtype":"F32""#,
            r#""symbols":{"dtype":"I32""#,
            "I32",
        ),
        (r#""symbols":{"dtype":"F32""#, &long_name, "is unknown"),
        (r#""symbols":"#, r#""symbol":"#, "\"symbol\" is unknown"),
        (r#""shape":[240,2]"#, r#""shape":[2,240]"#, "[2, 240]"),
        (
            r#""shape":[240,2]"#,
            r#""shape":[1,240,1,1,2]"#,
            "5 dimensions",
        ),
        (
            r#""shape":[240,2]"#,
            r#""shape":[9223372036854775807,9]"#,
            "overflow",
        ),
        (
            r#""shape":[240,2]"#,
            r#""shape":[241,2]"#,
            "not a safetensors file",
        ),
        (r#""dtype":"U8""#, r#""dtype":"I8""#, "side_information"),
        (
            r#""__metadata__""#,
            r#""metadata""#,
            "not a safetensors file",
        ),
        ("{", "\u{1b}[2J", "not a safetensors file"),
    ];
    for (from, to, named) in cases {
        let changed = with_header(|header| {
            assert!(header.contains(from), "{from} in {header}");
            header.replacen(from, to, 1)
        });
        let said = message(&changed);
        assert!(said.contains(named), "{from} -> {to}: {said}");
        let printable = said.chars().all(|c| !c.is_control());
        assert!(said.len() < 300 && printable, "{said}");
    }
}

#[test]
fn more_side_information_than_goes_over_the_air_is_refused() {
    let mut long = file();
    long.side_information = vec![7; 65_536];
    assert!(message(&bytes(&long)).contains("[65536]; allowed is [0] to [65535]"));
}

/// Every byte of the header in turn becomes another: whatever that makes of it is read or refused, and never a panic.
#[test]
fn no_changed_byte_of_the_header_is_fatal() {
    let whole = bytes(&file());
    let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for at in 0..8 + length {
        for byte in [0, b'"', b'9', b'}', 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            if let Ok(read) = LatentsFile::from_bytes(&changed) {
                assert_eq!(read.symbols(), file().symbols(), "{at}: {byte}");
            }
        }
    }
}

#[test]
fn every_shorter_file_is_refused_and_a_longer_one_too() {
    let whole = bytes(&file());
    for length in (0..whole.len()).step_by(7) {
        assert!(
            LatentsFile::from_bytes(&whole[..length]).is_err(),
            "{length}"
        );
    }
    let longer = [whole.as_slice(), &[0]].concat();
    assert!(message(&longer).contains("by its header"));
}

#[test]
fn a_header_of_gigabytes_is_not_read() {
    let mut hostile = (1u64 << 40).to_le_bytes().to_vec();
    hostile.extend([b'{'; 100]);
    assert!(message(&hostile).contains("header"));
}

#[test]
fn values_that_no_channel_makes_are_refused_with_their_place() {
    let with = |at: usize, value: f32| {
        let mut whole = bytes(&file().with_white_noise(7.0, 3).unwrap());
        let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        let at = 8 + length + 4 * at;
        whole[at..at + 4].copy_from_slice(&value.to_le_bytes());
        LatentsFile::from_bytes(&whole).map_err(|error| error.to_string())
    };
    assert!(with(3, f32::NAN).unwrap_err().contains("[1, 1]"));
    assert!(with(0, f32::INFINITY).unwrap_err().contains("symbols"));
    assert!(
        with(480 + 5, -1.0)
            .unwrap_err()
            .contains("variances holds -1 at [5]")
    );
    assert!(with(480 + 5, f32::NAN).is_err());
    assert!(with(480 + 5, f32::INFINITY).is_ok());
}

#[test]
fn symbols_of_other_weights_are_not_painted() {
    let other = with_header(|header| header.replace("00000000", "0badcafe"));
    let other = LatentsFile::from_bytes(&other).unwrap();
    let said = other.decode(&SoftCast::default()).unwrap_err().to_string();
    assert_eq!(
        said,
        "the symbols were made with weights 0badcafe, this decoder has 00000000"
    );
}

#[test]
fn symbols_of_another_codec_are_not_painted() {
    let other = with_header(|header| header.replace("softcast", "latent"));
    let other = LatentsFile::from_bytes(&other).unwrap();
    let said = other.decode(&SoftCast::default()).unwrap_err().to_string();
    assert!(
        said.contains("latent") && said.contains("softcast"),
        "{said}"
    );
}

#[test]
fn another_number_of_received_symbols_is_refused() {
    let one_short = file().symbols()[1..].to_vec();
    assert!(file().with_received(one_short, None).is_err());
    let symbols = file().symbols().to_vec();
    assert!(file().with_received(symbols, Some(vec![0.1; 3])).is_err());
}

#[test]
fn an_unknown_codec_is_answered_with_all_that_are_known() {
    assert_eq!(CodecId::ALL.map(CodecId::name).join(", "), CodecId::NAMES);
}
