//! How a table is written: what separates its columns, and whether decimals are written with a comma.

/// The layout of a table, guessed from its first lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// `,`, tab or `;`.
    pub separator: u8,
    /// Whether `1,5` means one and a half.
    pub decimal_comma: bool,
    /// Whether the header leaves out the first column, as R's `write.table` does.
    pub unnamed_ids: bool,
}

/// Lines looked at.
const LINES: usize = 12;

/// Columns that a table may have: far more than any measurement has features, as each is a name in memory.
pub(super) const MOST_COLUMNS: usize = 10_000_000;

/// Columns of the first line that is not empty.
pub(super) fn columns(text: &[u8], separator: u8) -> usize {
    let mut lines = text.split(|&b| b == b'\n');
    let header = lines.find(|line| !line.trim_ascii().is_empty());
    header.map_or(0, |line| split(line, separator).count())
}

/// Guesses the layout; `None` if no separator splits the first line and the rows into two columns or more.
///
/// A separator fits when the rows have as many columns as the header, or one more (a header without a name for the
/// ids); among those that fit, the one that makes most columns is taken.
pub(super) fn sniff(text: &[u8]) -> Option<Layout> {
    let lines: Vec<&[u8]> = text
        .split(|&b| b == b'\n')
        .map(|l| l.strip_suffix(b"\r").unwrap_or(l))
        .filter(|l| !l.trim_ascii().is_empty())
        .take(LINES)
        .collect();
    let (header, rows) = lines.split_first()?;
    let mut best: Option<(usize, Layout)> = None;
    for separator in [b',', b'\t', b';'] {
        let width = split(header, separator).count();
        let widths: Vec<usize> = rows.iter().map(|r| split(r, separator).count()).collect();
        // A cut-off or broken row must not hide the right separator: it is reported later, with its line.
        let agreeing = |n: usize| widths.iter().filter(|w| **w == n).count() * 2 >= widths.len();
        let named = width >= 2 && agreeing(width);
        let unnamed = !named
            && !rows.is_empty()
            && agreeing(width + 1)
            && lacks_corner(header, rows, separator);
        let fits = named || unnamed;
        if width + usize::from(unnamed) < 2 {
            continue;
        }
        let layout = Layout {
            separator,
            decimal_comma: separator != b',' && decimal_comma(rows, separator),
            unnamed_ids: unnamed,
        };
        let score = width + if fits { 1 << 40 } else { 0 };
        if best.is_none_or(|(s, _)| score > s) {
            best = Some((score, layout));
        }
    }
    best.map(|(_, layout)| layout)
}

/// Whether rows with one column more than the header begin with an unnamed id column, rather than end with a
/// separator too many.
fn lacks_corner(header: &[u8], rows: &[&[u8]], separator: u8) -> bool {
    const ID_NAMES: [&str; 8] = [
        "", "sample", "samples", "cell", "barcode", "id", "index", "label",
    ];
    let first = split(header, separator)
        .next()
        .map(|f| {
            String::from_utf8_lossy(f)
                .trim()
                .trim_matches('"')
                .to_lowercase()
        })
        .unwrap_or_default();
    let trailing = rows.iter().all(|r| {
        split(r, separator)
            .last()
            .is_some_and(|f| f.trim_ascii().is_empty())
    });
    !trailing && !ID_NAMES.contains(&first.as_str())
}

fn decimal_comma(rows: &[&[u8]], separator: u8) -> bool {
    let mut commas = 0;
    for row in rows {
        for cell in split(row, separator).skip(1) {
            let cell = cell.trim_ascii();
            if cell.contains(&b'.') {
                return false;
            }
            let number = cell
                .iter()
                .all(|b| b.is_ascii_digit() || b"-+,eE".contains(b));
            if number && cell.iter().filter(|b| **b == b',').count() == 1 {
                commas += 1;
            }
        }
    }
    commas > 0
}

/// Splits a line at separators outside quotes; a line may have so many that they are not collected.
fn split(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |&b| {
        quoted ^= b == b'"';
        b == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(separator: u8, decimal_comma: bool, unnamed_ids: bool) -> Option<Layout> {
        Some(Layout {
            separator,
            decimal_comma,
            unnamed_ids,
        })
    }

    #[test]
    fn separators() {
        assert_eq!(sniff(b"id,a,b\ns,1,2\n"), layout(b',', false, false));
        assert_eq!(
            sniff(b"id\ta,x\tb\r\ns\t1\t2\r\n"),
            layout(b'\t', false, false)
        );
        assert_eq!(sniff(b"id;a;b\ns;1;2\n"), layout(b';', false, false));
        assert_eq!(sniff(b"\"i,d\";\"a,;\"\ns;1\n"), layout(b';', false, false));
        assert_eq!(sniff(b"id a b\ns 1 2\n"), None);
        assert_eq!(sniff(b"id\n1\n"), None);
    }

    #[test]
    fn decimal_commas_need_another_separator() {
        assert_eq!(
            sniff(b"id;a;b\ns;1,5;2,25\nt;0,5;3\n"),
            layout(b';', true, false)
        );
        assert_eq!(sniff(b"id\ta\ns\t1,5\n"), layout(b'\t', true, false));
        assert_eq!(sniff(b"id;a\ns;1.5\n"), layout(b';', false, false));
    }

    #[test]
    fn a_missing_corner_is_not_a_trailing_separator() {
        assert_eq!(sniff(b"CD3,CD4\ns,1,2\nt,3,4\n"), layout(b',', false, true));
        assert_eq!(sniff(b"CD3\ns,1\nt,3\n"), layout(b',', false, true));
        assert_eq!(sniff(b"sample,a\ns,1,\nt,3,\n"), layout(b',', false, false));
        assert_eq!(
            sniff(b"sample,a\ns,1,2\nt,3,4\n"),
            layout(b',', false, false)
        );
    }

    #[test]
    fn one_broken_row_does_not_change_the_separator() {
        assert_eq!(
            sniff(b"id,a,b\ns,1\nt,1,2\nu,3,4\n"),
            layout(b',', false, false)
        );
    }
}
