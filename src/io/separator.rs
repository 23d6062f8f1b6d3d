//! What separates the columns of a table.

use super::number::{is_missing, is_numeric};

/// The layout of a table, guessed from its first lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// `,`, tab, `;`, or a space.
    pub separator: u8,
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
    let lines = lines(text);
    among(&lines, b",\t;")
}

/// The same for a table of numbers, in which spaces may separate; `told` is what its first line says.
pub(super) fn sniff_table(text: &[u8], told: Option<u8>) -> Option<Layout> {
    let lines = lines(text);
    if let Some(told) = told {
        return among(&lines, &[told]);
    }
    let found = sniff(text);
    if found.is_some_and(|layout| !layout.unnamed_ids) {
        return found;
    }
    let (_, rows) = lines.split_first()?;
    let number = |cell: &&[u8]| is_numeric(cell) || is_missing(cell);
    let numbers = |row: &&[u8]| split(row, b' ').skip(1).filter(number).count();
    let cells: usize = rows.iter().map(|row| split(row, b' ').count() - 1).sum();
    let most = rows.iter().map(numbers).sum::<usize>() * 2 > cells;
    let spaces = among(&lines, b" ").filter(|_| most);
    // `id a` above `s 1,5` has decimal commas rather than ids with spaces and no name.
    found
        .filter(|_| spaces.is_none_or(|s| s.unnamed_ids))
        .or(spaces)
}

/// The first lines that are not empty.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|&b| b == b'\n')
        .map(|l| l.strip_suffix(b"\r").unwrap_or(l))
        .filter(|l| !l.trim_ascii().is_empty())
        .take(LINES)
        .collect()
}

fn among(lines: &[&[u8]], separators: &[u8]) -> Option<Layout> {
    let (header, rows) = lines.split_first()?;
    let mut best: Option<(usize, Layout)> = None;
    for &separator in separators {
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

/// Splits a line at separators outside quotes; a line may have so many that they are not collected.
pub(super) fn split(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |&b| {
        quoted ^= b == b'"';
        b == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(separator: u8, unnamed_ids: bool) -> Option<Layout> {
        Some(Layout {
            separator,
            unnamed_ids,
        })
    }

    #[test]
    fn separators() {
        assert_eq!(sniff(b"id,a,b\ns,1,2\n"), layout(b',', false));
        assert_eq!(sniff(b"id\ta,x\tb\r\ns\t1\t2\r\n"), layout(b'\t', false));
        assert_eq!(sniff(b"id;a;b\ns;1;2\n"), layout(b';', false));
        assert_eq!(sniff(b"\"i,d\";\"a,;\"\ns;1\n"), layout(b';', false));
        assert_eq!(sniff(b"id a b\ns 1 2\n"), None);
        assert_eq!(sniff(b"id\n1\n"), None);
    }

    #[test]
    fn spaces_separate_numbers_only() {
        let space = |text: &[u8]| sniff_table(text, None);
        assert_eq!(space(b"id a b\ns 1 2\n"), layout(b' ', false));
        assert_eq!(
            space(b"\"a\" \"b c\"\n\"s 1\" 1 2\n\"t\" 3 NA\n"),
            layout(b' ', true)
        );
        assert_eq!(space(b"T cells\nB cells\n"), None);
        assert_eq!(space(b"cell type,a\nB cell,1\n"), layout(b',', false));
        assert_eq!(
            sniff_table(b"id,x;a\ns,y;1\n", Some(b';')),
            layout(b';', false)
        );
    }

    #[test]
    fn a_missing_corner_is_not_a_trailing_separator() {
        assert_eq!(sniff(b"CD3,CD4\ns,1,2\nt,3,4\n"), layout(b',', true));
        assert_eq!(sniff(b"CD3\ns,1\nt,3\n"), layout(b',', true));
        assert_eq!(sniff(b"sample,a\ns,1,\nt,3,\n"), layout(b',', false));
        assert_eq!(sniff(b"sample,a\ns,1,2\nt,3,4\n"), layout(b',', false));
    }

    #[test]
    fn one_broken_row_does_not_change_the_separator() {
        assert_eq!(sniff(b"id,a,b\ns,1\nt,1,2\nu,3,4\n"), layout(b',', false));
    }
}
