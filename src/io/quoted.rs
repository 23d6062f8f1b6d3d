//! Rows with cells over several lines, in quotes, one by one with the `csv` crate: rare, so this may be slow.

use super::{error::LoadError, preamble::Preamble, table::csv_builder, text::TextReader};
use crate::job::CancelToken;
use std::io::{self, Read};

/// The text of a file, of which a row takes only so much: a quote that is never closed would take all of it.
struct Stream<'a> {
    reader: &'a mut TextReader,
    cancel: &'a CancelToken,
    block: Vec<u8>,
    /// Bytes of the block that were handed out, and of the row that is being read, about.
    at: usize,
    row: usize,
    failed: Option<LoadError>,
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            self.at = 0;
            if let Err(error) = self.reader.next(&mut self.block, self.cancel) {
                self.failed = Some(error);
                return Err(io::ErrorKind::Other.into());
            }
        }
        if self.row > self.reader.longest() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = (&self.block[self.at..]).read(out)?;
        self.at += read;
        self.row += read;
        Ok(read)
    }
}

/// Calls `each` with every row below what stands `above` the header and the header, and its line, until it gives something.
pub(super) fn rows<T>(
    reader: &mut TextReader,
    separator: u8,
    above: &Preamble,
    cancel: &CancelToken,
    mut each: impl FnMut(&csv::ByteRecord, u64) -> Result<Option<T>, LoadError>,
) -> Result<Option<T>, LoadError> {
    let block = reader.first(cancel)?;
    let stream = Stream {
        reader,
        cancel,
        at: above.bytes.min(block.len()),
        block,
        row: 0,
        failed: None,
    };
    let mut csv = csv_builder(separator).from_reader(stream);
    let mut record = csv::ByteRecord::new();
    let mut header = true;
    loop {
        let begun = csv.position().line() + above.lines;
        match csv.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(_) => {
                let stream = csv.into_inner();
                let too_long = || stream.reader.too_long(begun);
                return Err(stream.failed.unwrap_or_else(too_long));
            }
        }
        csv.get_mut().row = 0;
        if std::mem::take(&mut header) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line) + above.lines;
        if let Some(found) = each(&record, line)? {
            return Ok(Some(found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_quote_that_is_never_closed_does_not_take_the_whole_file() {
        let text = [&b"id,a\n\"s\n1\",1\n\"s2,"[..], &b"1\n".repeat(200_000)].concat();
        let read = |longest: usize| {
            let reader = TextReader::of_bytes(Path::new("m.csv"), &text).unwrap();
            let mut reader = reader.with_longest(longest);
            let mut seen = Vec::new();
            let above = Preamble::default();
            let found = rows(
                &mut reader,
                b',',
                &above,
                &CancelToken::new(),
                |record, line| {
                    seen.push((record.len(), line));
                    Ok(None::<()>)
                },
            );
            (found, seen)
        };
        let (found, seen) = read(100_000);
        let said = found.unwrap_err().to_string();
        assert!(
            said.starts_with("m.csv, line 4: the line is longer"),
            "{said}"
        );
        assert_eq!(seen, [(2, 2)]);
        let (found, seen) = read(1_000_000);
        assert!(found.is_ok() && seen.len() == 2);
    }
}
