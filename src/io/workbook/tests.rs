//! Workbooks that are not what they should be.

use super::{
    fixture::{Rows, parts, workbook, zipped},
    *,
};
use crate::io::text::TextReader;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::{fs, io::Read as _};

const NUMBERS: Rows<'_> = &[
    &["sample", "a", "b"],
    &["s1", "1", "2.5"],
    &["s2", "?1", "!#N/A"],
    &["s3", "@43891", "'text"],
];

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn text(&self, bytes: &[u8]) -> Result<String, LoadError> {
        let path = self.0.path().join("table.xlsx");
        fs::write(&path, bytes).unwrap();
        let cancel = CancelToken::new();
        let mut reader = TextReader::open(&path, SheetWish::default(), &cancel)?;
        Ok(String::from_utf8(reader.whole(&cancel)?).unwrap())
    }

    /// The text of the first sheet with a part changed.
    fn changed(&self, part: &str, from: &str, to: &str) -> Result<String, LoadError> {
        let mut parts = parts(&[("one", NUMBERS)]);
        let changed = parts.iter_mut().find(|(name, _)| name.ends_with(part));
        let (_, content) = changed.unwrap();
        assert!(content.contains(from), "{content}");
        *content = content.replacen(from, to, 1);
        self.text(&zipped(&parts))
    }
}

#[test]
fn cells_become_a_line_a_row() {
    let place = Place::new();
    let expected = "sample\ta\tb\ns1\t1\t2.5\ns2\tTRUE\t\ns3\t2020-03-01\ttext\n";
    assert_eq!(
        place.text(&workbook(&[("one", NUMBERS)])).unwrap(),
        expected
    );
    let rows: Rows<'_> = &[&[], &["", "a \"b\"", "#c"], &[], &["", "1"]];
    let expected = "\n\"a \"\"b\"\"\"\t\"#c\"\n\n1\t\n";
    assert_eq!(place.text(&workbook(&[("one", rows)])).unwrap(), expected);
    // Rich text, the way a word is spoken, entities and letters that XML cannot hold.
    let rich = "<si><r><t>sam</t></r><r><rPr/><t xml:space=\"preserve\">p&#108;e </t></r><rPh><t>!</t></rPh></si>";
    let text = place
        .changed("sharedStrings.xml", "<si><t>sample</t></si>", rich)
        .unwrap();
    assert!(text.starts_with("sample \ta\tb\n"), "{text}");
    let text = place
        .changed("sharedStrings.xml", "<t>a<", "<t>a &amp; b_x000A_<")
        .unwrap();
    assert!(text.starts_with("sample\ta & b \tb\n"), "{text}");
    // Days from 1904 on, and cells that do not tell where they are.
    let text = place
        .changed(
            "workbook.xml",
            "<workbookPr/>",
            "<workbookPr date1904=\"1\"/>",
        )
        .unwrap();
    assert!(text.contains("s3\t2024-03-02\t"), "{text}");
    let text = place
        .changed(
            "sheet1.xml",
            "<row r=\"2\"><c r=\"A2\" t=\"s\">",
            "<row><c t=\"s\">",
        )
        .unwrap();
    assert!(text.contains("\ns1\t1\t2.5\n"), "{text}");
    // A part may be written with a prefix, another case or another slash.
    let mut others = parts(&[("one", NUMBERS)]);
    for (name, content) in &mut others {
        *name = name
            .replace("sharedStrings", "SharedStrings")
            .replace("worksheets/", "worksheets\\");
        *content = content
            .replace("<sst", "<x:sst")
            .replace("</sst", "</x:sst")
            .replace("si>", "x:si>")
            .replace("<t>", "<x:t>")
            .replace("</t>", "</x:t>");
    }
    assert!(
        place
            .text(&zipped(&others))
            .unwrap()
            .starts_with("sample\ta\tb\n")
    );
}

#[test]
fn what_a_workbook_claims_is_not_believed() {
    let place = Place::new();
    // Every workbook of these tests claims to use all of the sheet. One that does, in its last cell:
    let cell = "</row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let text = place
        .changed(
            "sheet1.xml",
            "</row></sheetData>",
            &format!("{cell}</sheetData>"),
        )
        .unwrap();
    assert_eq!(text.lines().count(), 1 << 20);
    assert!(text.lines().next().unwrap().len() > 16_000);
    // Memory for any number of strings is not set aside.
    let claim = "uniqueCount=\"18446744073709551615\"";
    let text = place
        .changed("sharedStrings.xml", "uniqueCount=\"1\"", claim)
        .unwrap();
    assert!(text.starts_with("sample\ta\tb\n"));
    let fails = |part: &str, from: &str, to: &str, expected: &str| {
        let error = place.changed(part, from, to).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains(expected) && said.contains("table.xlsx"),
            "{said}"
        );
        assert!(!error.advice().is_empty());
    };
    fails("sheet1.xml", "r=\"B2\"", "r=\"A2\"", "not in their order");
    fails("sheet1.xml", "r=\"B2\"", "r=\"B1\"", "not in their order");
    fails("sheet1.xml", "r=\"B2\"", "r=\"XFE2\"", "not in their order");
    fails(
        "sheet1.xml",
        "<row r=\"3\"",
        "<row r=\"2\"",
        "not in their order",
    );
    fails(
        "sheet1.xml",
        "<row r=\"3\"",
        "<row r=\"1048577\"",
        "not in their order",
    );
    fails(
        "sheet1.xml",
        "<v>0</v>",
        "<v>99999999999999999999</v>",
        "cell A1 refers to a text",
    );
    fails(
        "sheet1.xml",
        "<v>1</v>",
        "<v>&bomb;</v>",
        "text that cannot be read",
    );
    // A row that begins again within itself.
    fails(
        "sheet1.xml",
        "</row><row r=\"2\"",
        "<row r=\"1\"",
        "not in their order",
    );
    fails("sheet1.xml", "</row>", "", "xl/worksheets/sheet1.xml");
    fails(
        "workbook.xml.rels",
        "worksheets/sheet1.xml",
        "worksheets/none.xml",
        "this part of the workbook is missing",
    );
    fails("workbook.xml", "<sheet ", "<chart ", "is empty");
}

#[test]
fn more_than_the_memory_is_refused() {
    let place = Place::new();
    let path = place.0.path().join("table.xlsx");
    let wide = "</row><row r=\"9\"><c r=\"XFD9\"><v>1</v></c></row></sheetData>";
    let rows: String = (10..400)
        .map(|row| format!("<row><c r=\"XFD{row}\"><v>1</v></c></row>"))
        .collect();
    let mut parts = parts(&[("one", NUMBERS)]);
    parts[0].1 = parts[0].1.replace(
        "</row></sheetData>",
        &wide.replace("</sheetData>", &format!("{rows}</sheetData>")),
    );
    fs::write(&path, zipped(&parts)).unwrap();
    let read = |memory: u64| {
        let package = Package::new(&path, Archive::open(&path).unwrap(), memory);
        let made = super::read(&path, package, SheetWish::default(), &CancelToken::new())?;
        let mut text = Vec::new();
        made.text.take(u64::MAX).read_to_end(&mut text).unwrap();
        Ok::<_, LoadError>(text.len())
    };
    // All rows would be as long as the longest.
    let error = read(1 << 20).unwrap_err();
    assert!(
        error.to_string().contains("the sheet \"one\" would take"),
        "{error}"
    );
    assert!(read(64 << 20).unwrap() > 390 * 16_000);
    // A part that unpacks to more.
    let error = read(1000).unwrap_err();
    assert!(
        error.to_string().contains("what it unpacks to would take"),
        "{error}"
    );
}

#[test]
fn what_is_cut_off_or_damaged_is_an_error() {
    let place = Place::new();
    let whole = workbook(&[("one", NUMBERS)]);
    for end in (12..whole.len()).step_by(97) {
        let said = place.text(&whole[..end]).unwrap_err().to_string();
        assert!(said.contains("cut off"), "{said}");
    }
    let sheet = whole
        .windows(11)
        .position(|window| window == b"<v>2.5</v><")
        .unwrap();
    let mut damaged = whole.clone();
    damaged[sheet + 3] = b'9';
    let said = place.text(&damaged).unwrap_err().to_string();
    assert!(said.contains("is damaged"), "{said}");
}

#[test]
fn no_damage_makes_it_panic() {
    let place = Place::new();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let whole = parts(&[("one", NUMBERS), ("two", NUMBERS)]);
    let spare = b"<>/\"=&;:!-?0189AZrstvc \xff\0";
    let (mut read, mut asked) = (0, 0);
    for _ in 0..3_000 {
        let mut parts = whole.clone();
        let at = rng.random_range(0..parts.len());
        let mut bytes = std::mem::take(&mut parts[at].1).into_bytes();
        for _ in 0..rng.random_range(1..4) {
            let place = rng.random_range(0..bytes.len());
            let new = spare[rng.random_range(0..spare.len())];
            match rng.random_range(0..4) {
                0 => _ = bytes.remove(place),
                1 => bytes.insert(place, new),
                2 => bytes[place] = new,
                _ => {
                    let end = bytes.len().min(place + 12);
                    let copy = bytes[place..end].to_vec();
                    bytes.splice(place..place, copy);
                }
            }
        }
        parts[at].1 = String::from_utf8_lossy(&bytes).into_owned();
        match place.text(&zipped(&parts)) {
            Ok(_) => read += 1,
            Err(LoadError::Ask(_)) => asked += 1,
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    assert!(read > 50 && asked > 500, "{read}, {asked}");
}
