//! Files of names beside a matrix: a line for every row or column, of one or more words.

use std::path::{Path, PathBuf};

use super::header::text;
use crate::{
    format::{
        FormatError,
        lines::{Lines, damaged},
        packed::inner_name,
    },
    job::CancelToken,
};

/// Bytes of the longest line, and most columns.
const LONGEST: usize = 1 << 16;
const COLUMNS: usize = 1000;

/// Bytes that a word takes in memory besides its text.
const WORD: u64 = 40;

/// First words of lines that head a column of names, in lower case.
const HEADS: [&str; 30] = [
    "",
    "antibody",
    "barcode",
    "barcodes",
    "cell",
    "cell_barcode",
    "cell_id",
    "cellid",
    "cells",
    "chr",
    "chrom",
    "ensembl",
    "ensembl_id",
    "feature",
    "feature_id",
    "features",
    "gene",
    "gene_id",
    "gene_ids",
    "gene_name",
    "gene_symbol",
    "genes",
    "id",
    "index",
    "name",
    "peak",
    "peaks",
    "sample",
    "symbol",
    "x",
];

/// The words of a file of names, column by column.
#[derive(Debug)]
pub struct NameTable {
    /// The file.
    pub path: PathBuf,
    /// The columns, all of one length; words that a line lacks are empty.
    pub columns: Vec<Vec<String>>,
    /// What the first line calls the columns, once it is known to be no name.
    pub heads: Option<Vec<String>>,
    /// Bytes of memory that it takes.
    pub bytes: u64,
}

impl NameTable {
    /// Reads all lines; blank ones at the end do not count.
    ///
    /// # Errors
    /// If the file cannot be read, a line is blank or is no text, or more than `memory` bytes would be taken.
    pub fn read(path: &Path, memory: u64, cancel: &CancelToken) -> Result<Self, FormatError> {
        let mut lines = Lines::open(path, memory, LONGEST, cancel)?;
        let mut table = Self {
            path: path.to_owned(),
            columns: Vec::new(),
            heads: None,
            bytes: 0,
        };
        let (mut separator, mut blank) = (None, None);
        while let Some((number, line)) = lines.next_line()? {
            if line.trim_ascii().is_empty() {
                blank = blank.or(Some(number));
                continue;
            }
            if let Some(number) = blank {
                return Err(damaged(
                    path,
                    number,
                    "is blank, with names after it".into(),
                ));
            }
            let Ok(line) = str::from_utf8(line) else {
                let what = format!("'{}' is not UTF-8 text", text(line));
                return Err(damaged(path, number, what));
            };
            let separator = *separator.get_or_insert_with(|| separator_of(path, line));
            table.add(&words(line, separator), number, memory)?;
        }
        table.without_row_numbers();
        Ok(table)
    }

    fn add(&mut self, words: &[String], line: u64, memory: u64) -> Result<(), FormatError> {
        let rows = self.len();
        if words.len() > COLUMNS {
            let what = format!("holds {} names, as if it were a table", words.len());
            return Err(damaged(&self.path, line, what));
        }
        while self.columns.len() < words.len() {
            self.columns.push(vec![String::new(); rows]);
            self.bytes += WORD * rows as u64;
        }
        let letters: usize = words.iter().map(String::len).sum();
        self.bytes += letters as u64 + WORD * self.columns.len() as u64;
        if self.bytes > memory {
            return Err(FormatError::TooLarge {
                path: self.path.clone(),
                place: "the list of names".into(),
                needed: self.bytes,
                allowed: memory,
            });
        }
        for (at, column) in self.columns.iter_mut().enumerate() {
            column.push(words.get(at).cloned().unwrap_or_default());
        }
        Ok(())
    }

    /// Number of lines that are names.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// The name of the file.
    pub fn file_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Whether it names so many: a first line that heads the columns is one more.
    pub fn fits(&self, count: u32) -> bool {
        let count = count as usize;
        self.len() == count || self.has_heads() && self.len() == count + 1
    }

    /// Takes a first line that heads the columns for that, if there is a line more than `count`.
    pub fn take_heads(&mut self, count: u32) {
        if self.len() == count as usize + 1 && self.has_heads() {
            let heads = self.columns.iter_mut().map(|column| column.remove(0));
            self.heads = Some(heads.collect());
        }
    }

    /// The line of a name, from 1.
    pub fn line(&self, at: usize) -> u64 {
        at as u64 + 1 + u64::from(self.heads.is_some())
    }

    fn has_heads(&self) -> bool {
        let first = self.columns.first().and_then(|column| column.first());
        first.is_some_and(|first| HEADS.contains(&first.to_lowercase().as_str()))
    }

    /// Leaves out a first column that only counts the lines, as R writes it.
    fn without_row_numbers(&mut self) {
        let counts = |column: &[String]| {
            let from = usize::from(
                column
                    .first()
                    .is_some_and(|word| word.parse::<u64>().is_err()),
            );
            let mut numbers = column[from..].iter().enumerate();
            column.len() > from + 1 && numbers.all(|(at, word)| word.parse() == Ok(at + 1))
        };
        if self.columns.len() > 1 && counts(&self.columns[0]) {
            self.columns.remove(0);
        }
    }
}

/// Tabs if there are any, commas in files that are called so; else a line is one name.
fn separator_of(path: &Path, line: &str) -> Option<char> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let commas = inner_name(&name).to_lowercase().ends_with(".csv");
    match line.contains('\t') {
        true => Some('\t'),
        false => (commas && line.contains(',')).then_some(','),
    }
}

/// The words of a line, without quotes around them; a separator within quotes separates nothing.
fn words(line: &str, separator: Option<char>) -> Vec<String> {
    let mut quoted = false;
    let split = |letter: char| {
        quoted ^= letter == '"';
        !quoted && Some(letter) == separator
    };
    let plain = |word: &str| {
        let word = word.trim();
        let inner = word
            .strip_prefix('"')
            .and_then(|word| word.strip_suffix('"'));
        inner.map_or_else(|| word.to_owned(), |inner| inner.replace("\"\"", "\""))
    };
    line.split(split).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn table(name: &str, content: &str) -> Result<NameTable, FormatError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        NameTable::read(&path, 10_000, &CancelToken::new())
    }

    #[test]
    fn words_are_split_as_the_file_has_them() {
        let tabs = table("genes.tsv", "ENSG1\tHLA-A, B\r\nENSG2\n\n").unwrap();
        assert_eq!(tabs.columns, [["ENSG1", "ENSG2"], ["HLA-A, B", ""]]);
        let commas = table("genes.csv", "\"\",\"x\"\n\"1\",\"A,B\"\n\"2\",\"C\"\n").unwrap();
        assert_eq!(commas.columns, [["x", "A,B", "C"]], "R numbers its lines");
        let one = table("genes.txt", "A,B\nC D\n").unwrap();
        assert_eq!(one.columns, [["A,B", "C D"]]);
    }

    #[test]
    fn a_first_line_is_a_heading_only_if_it_reads_like_one() {
        let mut headed = table("genes.tsv", "gene_id\tgene_name\nE1\tA\nE2\tB\n").unwrap();
        assert!(headed.fits(2) && headed.fits(3) && !headed.fits(1));
        headed.take_heads(2);
        assert_eq!(headed.columns[1], ["A", "B"]);
        assert_eq!(headed.line(1), 3);
        let names = table("genes.tsv", "CD4\nCD8A\nMS4A1\n").unwrap();
        assert!(names.fits(3) && !names.fits(2), "CD4 is a gene");
    }

    #[test]
    fn what_is_no_list_of_names_is_refused() {
        let error = |content: &str| table("genes.tsv", content).unwrap_err().to_string();
        assert!(error("A\n\nB\n").ends_with("line 2: is blank, with names after it"));
        assert!(error(&"A\n".repeat(1000)).contains("the list of names would take"));
        assert!(error(&("\t".repeat(1500) + "A\n")).contains("1501 names"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("genes.tsv");
        fs::write(&path, b"A\nB\xFF\n").unwrap();
        let error = NameTable::read(&path, 1000, &CancelToken::new()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("line 2: 'B\u{FFFD}' is not UTF-8 text")
        );
    }
}
