//! Words on standard error, a line at a time.

use std::fmt;
use std::io::{Write, stderr};

/// Says a line, formatted as by `format!`.
macro_rules! say {
    ($($words:tt)*) => { $crate::say::line(format_args!($($words)*)) };
}
pub(crate) use say;

/// A log that is full or closed ends nothing.
pub fn line(words: fmt::Arguments<'_>) {
    let _ = write_line(&mut stderr().lock(), words);
}

/// In one write: `eprintln!` makes one for every piece, and lines of programs that share a log mix.
fn write_line(out: &mut impl Write, words: fmt::Arguments<'_>) -> std::io::Result<()> {
    out.write_all(format!("{words}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every write by itself.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_one_write() {
        let mut writes = Writes::default();
        let (kind, number) = ("rejected", 7);
        write_line(&mut writes, format_args!("queue: {kind}: {number}")).unwrap();
        assert_eq!(writes.0, [b"queue: rejected: 7\n".to_vec()]);
    }
}
