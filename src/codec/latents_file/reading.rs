//! From bytes of anywhere to a checked file: the header first, and nothing allocated that the file does not hold.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

use num_complex::Complex32;

use super::layout::{Layout, SYMBOLS, VARIANCES};
use super::{LatentsFile, LatentsFileError, MAX_HEADER_BYTES, MAX_PART};

pub(super) fn open(path: &Path) -> Result<LatentsFile, LatentsFileError> {
    // Asked before it is opened: opening a pipe would wait for a writer.
    let kind = fs::metadata(path)?;
    if !kind.is_file() {
        let found = if kind.is_dir() {
            "a folder"
        } else {
            "a device or pipe"
        };
        return Err(LatentsFileError::NotAFile { found });
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    read(BufReader::new(file), length)
}

/// Reads `length` bytes, the header first; the rest only when the header asks for so many.
pub(super) fn read(mut reader: impl Read, length: u64) -> Result<LatentsFile, LatentsFileError> {
    let layout = read_layout(&mut reader, length)?;
    let mut data = vec![0; layout.bytes];
    reader.read_exact(&mut data)?;
    from_data(layout, &data)
}

/// The header, when the file is as long as it says.
fn read_layout(reader: &mut impl Read, length: u64) -> Result<Layout, LatentsFileError> {
    if length < 8 {
        return Err(LatentsFileError::Format {
            reason: format!("{length} bytes; the length of the header alone takes 8"),
        });
    }
    let mut header_length = [0; 8];
    reader.read_exact(&mut header_length)?;
    let header_length = u64::from_le_bytes(header_length);
    if header_length > MAX_HEADER_BYTES {
        return Err(LatentsFileError::HeaderLength {
            found: header_length,
        });
    }
    let not = |expected: u64| LatentsFileError::Length {
        found: length,
        expected,
    };
    if length < 8 + header_length {
        return Err(not(8 + header_length));
    }
    let mut header = vec![0; header_length as usize];
    reader.read_exact(&mut header)?;
    let layout = Layout::from_header(&header)?;
    let expected = 8 + header_length + layout.bytes as u64;
    if length != expected {
        return Err(not(expected));
    }
    Ok(layout)
}

fn from_data(layout: Layout, data: &[u8]) -> Result<LatentsFile, LatentsFileError> {
    let values = data[layout.symbols].chunks_exact(8);
    let symbols: Vec<Complex32> = values
        .map(|pair| Complex32::new(f32_of(&pair[..4]), f32_of(&pair[4..])))
        .collect();
    check_symbols(&symbols)?;
    let variances = layout.variances.map(|range| {
        let values = data[range].chunks_exact(4);
        values.map(f32_of).collect::<Vec<f32>>()
    });
    check_variances(variances.as_deref().unwrap_or_default())?;
    Ok(LatentsFile {
        origin: layout.origin,
        symbols,
        variances,
        side_information: data[layout.side_information].to_vec(),
    })
}

fn f32_of(bytes: &[u8]) -> f32 {
    f32::from_le_bytes(bytes.try_into().expect("four bytes"))
}

pub(super) fn check_symbols(symbols: &[Complex32]) -> Result<(), LatentsFileError> {
    let parts = symbols.iter().flat_map(|symbol| [symbol.re, symbol.im]);
    let usable = |part: f32| part.abs() <= MAX_PART;
    match parts.enumerate().find(|(_, part)| !usable(*part)) {
        None => Ok(()),
        Some((place, found)) => Err(LatentsFileError::Value {
            name: SYMBOLS,
            place: format!("[{}, {}]", place / 2, place % 2),
            found,
            allowed: "-1e6 to 1e6 (0 where a symbol is lost, with an infinite variance)",
        }),
    }
}

pub(super) fn check_variances(variances: &[f32]) -> Result<(), LatentsFileError> {
    let usable = |variance: f32| variance >= 0.0;
    match variances.iter().position(|v| !usable(*v)) {
        None => Ok(()),
        Some(place) => Err(LatentsFileError::Value {
            name: VARIANCES,
            place: format!("[{place}]"),
            found: variances[place],
            allowed: "0 and more (infinite where a symbol is lost)",
        }),
    }
}
