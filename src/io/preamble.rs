//! What stands above the header of a table: comments, a spreadsheet's `sep=;`, the sizes of a GCT file.

use super::{
    number::{is_missing, is_numeric},
    separator::split,
};

/// What was passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Preamble {
    /// Bytes and lines above the header.
    pub bytes: usize,
    pub lines: u64,
    /// Lines of comment among them.
    pub comments: usize,
    /// The separator that the first line tells.
    pub separator: Option<u8>,
}

/// Finds the header in the first block of a file.
pub(super) fn preamble(text: &[u8]) -> Preamble {
    let mut found = Preamble::default();
    let mut rest = text;
    while let Some(end) = rest.iter().position(|&b| b == b'\n') {
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        let below = &rest[end + 1..];
        let mut pass = 1;
        if line.len() == 5 && line[..4].eq_ignore_ascii_case(b"sep=") {
            found.separator = line.last().copied();
        } else if line.starts_with(b"#1.") && is_sizes(below) {
            (pass, found.separator) = (2, Some(b'\t'));
            found.comments += 1;
        } else if line.starts_with(b"#") || line.starts_with(b"%") {
            if is_header(line, below) {
                break;
            }
            found.comments += 1;
        } else if !line.trim_ascii().is_empty() {
            break;
        }
        for _ in 0..pass {
            let end = rest.iter().position(|&b| b == b'\n');
            let cut = end.map_or(rest.len(), |end| end + 1);
            found.bytes += cut;
            found.lines += u64::from(end.is_some());
            rest = &rest[cut..];
        }
    }
    found
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|&b| b == b'\n').next().unwrap_or_default()
}

/// Whether the next line holds the numbers of rows and columns, as in a GCT file.
fn is_sizes(below: &[u8]) -> bool {
    let line = first_line(below).trim_ascii();
    let whole = |cell: &[u8]| !cell.is_empty() && cell.iter().all(u8::is_ascii_digit);
    (2..=4).contains(&split(line, b'\t').count()) && split(line, b'\t').all(whole)
}

/// Whether a line that begins like a comment names the columns of the next: `#OTU ID`.
fn is_header(line: &[u8], below: &[u8]) -> bool {
    let row = first_line(below).trim_ascii_end();
    [b'\t', b',', b';', b' '].iter().any(|&separator| {
        let cells = split(row, separator).count();
        let mut values = split(row, separator).skip(1);
        cells >= 2
            && split(line, separator).count() == cells
            && values.all(|cell| is_numeric(cell) || is_missing(cell.trim_ascii()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_above_the_header() {
        let header = |text: &str| {
            let found = preamble(text.as_bytes());
            let rest = &text[found.bytes..];
            let lines = text[..found.bytes].matches('\n').count() as u64;
            assert_eq!(found.lines, lines, "{text}");
            (
                first_line(rest.as_bytes()).to_vec(),
                found.comments,
                found.separator,
            )
        };
        let is = |name: &str, comments, separator| (name.as_bytes().to_vec(), comments, separator);
        assert_eq!(header("id,a\ns,1\n"), is("id,a", 0, None));
        assert_eq!(header("sep=;\r\nid;a\ns;1\n"), is("id;a", 0, Some(b';')));
        assert_eq!(
            header("# made, by x\n%y\n\nid,a\ns,1\n"),
            is("id,a", 2, None)
        );
        let biom = "# Constructed from biom file\n#OTU ID\tS1\tS2\nO1\t1\t2\n";
        assert_eq!(header(biom), is("#OTU ID\tS1\tS2", 1, None));
        let gct = "#1.2\n2\t3\nName\tDescription\tS1\n";
        assert_eq!(header(gct), is("Name\tDescription\tS1", 1, Some(b'\t')));
        assert_eq!(header("#"), is("#", 0, None));
        assert_eq!(header("#1.2\n2\t3"), is("", 1, Some(b'\t')));
    }
}
