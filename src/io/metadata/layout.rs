//! What separates the columns of a table of words, and where it begins.

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Tab, `;`, `,`, a blank, or a byte that is in no text if there is one column.
    pub separator: u8,
    /// Whether the header has a name less than the rows have fields.
    pub short_header: bool,
}

impl Layout {
    /// One column only.
    pub fn single() -> Self {
        Self {
            separator: 0x1f,
            short_header: false,
        }
    }
}

/// Lines looked at.
const LINES: usize = 50;

/// The comments above a table, without their marks, and the table.
pub(super) fn comments(text: &str) -> (Vec<&str>, &str) {
    let mut comments = Vec::new();
    let mut body = text;
    loop {
        let (line, rest) = body.split_once('\n').unwrap_or((body, ""));
        let line = line.trim_end_matches('\r');
        let comment = line.strip_prefix('#');
        let blank = line.trim().is_empty();
        // Excel names the separator in a line of its own.
        let of_excel = line.len() <= 6 && line.starts_with("sep=");
        // A table of comments alone has a header that begins with a mark.
        if rest.trim().is_empty() || (comment.is_none() && !blank && !of_excel) {
            return (comments, body);
        }
        comments.extend(comment);
        body = rest;
    }
}

/// Finds the separator by which most lines have as many columns as each other, and the first has as many or, without a name
/// for the ids, one less. Blanks come last: words hold them too.
pub(super) fn find(body: &str) -> Layout {
    let lines: Vec<&str> = body
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LINES)
        .collect();
    let Some((header, rows)) = lines.split_first() else {
        return Layout::single();
    };
    let fits = |separator: u8| {
        let first = columns(header, separator);
        let widths: Vec<usize> = rows.iter().map(|row| columns(row, separator)).collect();
        let agreeing = |n: usize| widths.iter().filter(|width| **width == n).count();
        let enough = |n: usize| 2 * agreeing(n) >= widths.len();
        let layout = |short_header| Layout {
            separator,
            short_header,
        };
        let trailing =
            |row: &&str| row.trim_end_matches('\r').as_bytes().last() == Some(&separator);
        let one_more = !rows.is_empty() && enough(first + 1);
        // A separator at the end of every line makes no column.
        let trailing = one_more && rows.iter().all(trailing);
        if first > 1 && (enough(first) || trailing) {
            return Some((first, layout(false)));
        }
        (one_more && !trailing).then(|| (first + 1, layout(true)))
    };
    let found = b"\t;,".iter().filter_map(|&separator| fits(separator));
    // The first of those that make most columns; what stands in the header too separates rather than what words hold.
    let in_header = |separator: u8| columns(header, separator) > 1;
    let widest = found
        .rev()
        .max_by_key(|(columns, layout)| (in_header(layout.separator), *columns));
    // Half of the lines may agree by chance in how many words they have.
    let blanks = || {
        let all = |columns: usize| {
            let rest = rows.iter().all(|row| self::columns(row, b' ') == columns);
            rest.then_some(columns)
        };
        let (_, layout) = fits(b' ')?;
        let columns = columns(header, b' ') + usize::from(layout.short_header);
        all(columns).map(|columns| (columns, layout))
    };
    widest
        .or_else(blanks)
        .map_or(Layout::single(), |(_, layout)| layout)
}

/// Fields of the longest line.
pub(super) fn most_columns(body: &str, separator: u8) -> usize {
    let widths = body.lines().map(|line| columns(line, separator));
    widths.max().unwrap_or_default()
}

/// Fields of a line; separators inside quotes separate nothing.
fn columns(line: &str, separator: u8) -> usize {
    let mut quoted = false;
    let separates = |byte: &u8| {
        quoted ^= *byte == b'"';
        *byte == separator && !quoted
    };
    line.bytes().filter(separates).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(separator: u8, short_header: bool) -> Layout {
        Layout {
            separator,
            short_header,
        }
    }

    #[test]
    fn separators_are_found() {
        let cases = [
            ("id,type\na,T\nb,B\n", layout(b',', false)),
            ("id\ttype\na\tB, naive\nb\tT\n", layout(b'\t', false)),
            ("id;type;x\na;T;1,5\nb;B;2,5\n", layout(b';', false)),
            ("\"id\" \"type\"\n\"a\" \"T cell\"\n", layout(b' ', false)),
            ("\"type\" \"x\"\n\"a\" \"T\" 1\n", layout(b' ', true)),
            ("type\tx\na\tT\t1\nb\tB\t2\n", layout(b'\t', true)),
            ("type\na,T\nb,B\n", layout(b',', true)),
            ("id,type\na,T;x\nb,B\n", layout(b',', false)),
            ("id,type\na,T,\nb,B,\n", layout(b',', false)),
            ("type\na,\nb,\n", Layout::single()),
            ("label\nT\nB\n", Layout::single()),
            ("T cells\nNK\nB cells\n", Layout::single()),
        ];
        for (text, expected) in cases {
            assert_eq!(find(text), expected, "{text}");
        }
    }

    #[test]
    fn comments_are_above_the_table() {
        let (above, body) = comments("# made by x\r\n\nsep=;\n#id;b\nid;a\n#1;2\n");
        assert_eq!((above, body), (vec![" made by x", "id;b"], "id;a\n#1;2\n"));
        assert_eq!(comments("#id\n").1, "#id\n");
    }
}
