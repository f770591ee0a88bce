//! Rows on disk: appended as they come, sorted into rows.csv at the end.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::row::{HEADER, Key, Row};

/// Rows of this run that are on disk, by what they measured.
pub type Found = HashMap<Key, String>;

/// Appends rows to a file; a line that a crash or a full disk cut off is taken off first.
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// Names the file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let open = || -> io::Result<File> {
            let whole = match fs::read(path) {
                Ok(bytes) => whole_lines(&bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                Err(error) => return Err(error),
            };
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            file.set_len(whole as u64)?;
            if whole == 0 {
                writeln!(file, "{HEADER}")?;
            }
            Ok(file)
        };
        Ok(Self {
            file: open().with_context(|| format!("{}: cannot be opened", path.display()))?,
            path: path.to_owned(),
        })
    }

    /// Writes rows and waits until they are on disk.
    ///
    /// # Errors
    /// Names the file; what stood in it before is intact.
    pub fn append(&mut self, rows: &[Row]) -> anyhow::Result<()> {
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let before = self.file.metadata().map(|file| file.len());
        let written = self
            .file
            .write_all(lines.as_bytes())
            .and_then(|()| self.file.sync_data());
        if let (Err(_), Ok(length)) = (&written, before) {
            // The first error is the one to report; what is left of a line is taken off at the next start anyway.
            let _ = self.file.set_len(length);
        }
        written.with_context(|| {
            format!(
                "{}: cannot be written; finished rows are kept",
                self.path.display()
            )
        })
    }
}

/// Bytes up to the last end of a line.
fn whole_lines(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1)
}

/// Adds the rows of a file to `found`, and says which were there already, equal; a file that is not there has none.
///
/// # Errors
/// The file and the line that is no row, or that contradicts another of the same measurement.
pub fn read(path: &Path, found: &mut Found) -> anyhow::Result<Vec<Key>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.with_context(|| format!("{}: cannot be read", path.display()))?,
    };
    let text = String::from_utf8_lossy(&bytes[..whole_lines(&bytes)]).into_owned();
    let mut lines = text.lines();
    if lines.next().is_some_and(|first| first != HEADER) {
        anyhow::bail!(
            "{}: line 1 is not the header of rows: {HEADER}",
            path.display()
        );
    }
    let mut again = Vec::new();
    for (at, line) in lines.enumerate() {
        let place = || format!("{}: line {}", path.display(), at + 2);
        let no_row = |fields| {
            let allowed = HEADER.split(',').count();
            format!(
                "{} is no row: found {fields} fields, allowed {allowed}",
                place()
            )
        };
        let row = Row::parse(line).with_context(|| no_row(line.split(',').count()))?;
        match found.get(&row.key) {
            Some(other) if *other != row.result => anyhow::bail!(
                "{} contradicts another row: {line}; found before: {other}",
                place()
            ),
            Some(_) => again.push(row.key),
            None => {
                found.insert(row.key, row.result);
            }
        }
    }
    Ok(again)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(picture: &str, psnr: &str) -> Row {
        let line = format!("{picture},awgn,1/48,7,softcast,0,received,,0.02,0,{psnr},0.5,,0.3,,");
        Row::parse(&line).unwrap()
    }

    fn file(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("journal-{}-{name}.csv", std::process::id()));
        let _ = fs::remove_file(&path);
        path
    }

    #[test]
    fn rows_survive_a_line_that_was_cut_off() {
        let path = file("cut");
        Journal::open(&path)
            .unwrap()
            .append(&[row("a", "30"), row("b", "31")])
            .unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 5);
        fs::write(&path, bytes).unwrap();
        Journal::open(&path)
            .unwrap()
            .append(&[row("c", "32")])
            .unwrap();
        let mut found = Found::new();
        assert_eq!(read(&path, &mut found).unwrap(), []);
        let mut pictures: Vec<_> = found.keys().map(|key| key.picture.as_str()).collect();
        pictures.sort_unstable();
        assert_eq!(pictures, ["a", "c"]);
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn twice_the_same_is_told_and_a_contradiction_named() {
        let path = file("twice");
        let mut journal = Journal::open(&path).unwrap();
        journal.append(&[row("a", "30"), row("a", "30")]).unwrap();
        let again = read(&path, &mut Found::new()).unwrap();
        assert_eq!(again, [row("a", "30").key]);
        journal.append(&[row("a", "31")]).unwrap();
        let error = read(&path, &mut Found::new()).unwrap_err().to_string();
        assert!(error.contains("line 4 contradicts"), "{error}");
        fs::write(&path, format!("{HEADER}\nnonsense\n")).unwrap();
        let error = read(&path, &mut Found::new()).unwrap_err().to_string();
        assert!(
            error.contains("line 2 is no row: found 1 fields, allowed 16"),
            "{error}"
        );
        fs::remove_file(path).unwrap();
    }
}
