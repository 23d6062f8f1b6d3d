//! Small workbooks for tests, part by part as Excel writes them.

use std::{
    io::{Cursor, Write as _},
    path::Path,
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::cell;

/// The cells of a row, one word each: nothing, a number, a word, or, after a sign, `'word`, `@date` (its number), `!error`,
/// `?1` (true), `=` (a formula without a value).
pub(in crate::io) type Rows<'a> = &'a [&'a [&'a str]];

/// The parts of a workbook: names and contents.
pub(in crate::io) fn parts(sheets: &[(&str, Rows<'_>)]) -> Vec<(String, String)> {
    let mut strings = Vec::new();
    let mut parts = Vec::new();
    let (mut names, mut relations) = (String::new(), String::new());
    for (at, (name, rows)) in (1..).zip(sheets) {
        names += &format!("<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"rId{at}\"/>");
        relations += &relation(
            &format!("rId{at}"),
            "worksheet",
            &format!("worksheets/sheet{at}.xml"),
        );
        parts.push((
            format!("xl/worksheets/sheet{at}.xml"),
            sheet(rows, &mut strings),
        ));
    }
    relations += &relation("rId900", "sharedStrings", "sharedStrings.xml");
    relations += &relation("rId901", "styles", "/xl/styles.xml");
    let strings: String = strings
        .iter()
        .map(|s| format!("<si><t>{s}</t></si>"))
        .collect();
    let mut add = |name: &str, content: String| parts.push((name.to_owned(), content));
    add("[Content_Types].xml", "<Types/>".into());
    add(
        "_rels/.rels",
        format!(
            "<Relationships>{}</Relationships>",
            relation("rId1", "officeDocument", "xl/workbook.xml")
        ),
    );
    add(
        "xl/workbook.xml",
        format!(
            "<?xml version=\"1.0\"?><workbook><workbookPr/><sheets>{names}</sheets></workbook>"
        ),
    );
    add(
        "xl/_rels/workbook.xml.rels",
        format!("<Relationships>{relations}</Relationships>"),
    );
    add(
        "xl/sharedStrings.xml",
        format!("<sst count=\"1\" uniqueCount=\"1\">{strings}</sst>"),
    );
    add("xl/styles.xml", "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"d\\-mmm\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>".into());
    parts
}

/// A workbook of these sheets.
pub(in crate::io) fn workbook(sheets: &[(&str, Rows<'_>)]) -> Vec<u8> {
    zipped(&parts(sheets))
}

/// An archive of these files.
pub(in crate::io) fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file(name, stored).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Writes a workbook of one sheet.
pub(in crate::io) fn write(path: &Path, rows: Rows<'_>) {
    std::fs::write(path, workbook(&[("Sheet1", rows)])).unwrap();
}

fn relation(id: &str, kind: &str, target: &str) -> String {
    let kind =
        format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}");
    format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
}

fn sheet(rows: Rows<'_>, strings: &mut Vec<String>) -> String {
    let mut text = "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>".to_owned();
    for (row, cells) in (0_u32..).zip(rows) {
        text += &format!("<row r=\"{}\">", row + 1);
        for (column, word) in (0_u32..).zip(*cells) {
            let name = cell::name(row, column);
            let (sign, rest) = word.split_at(word.len().min(1));
            text += &match sign {
                "" => continue,
                "'" => format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{rest}</t></is></c>"),
                "@" => format!("<c r=\"{name}\" s=\"1\"><v>{rest}</v></c>"),
                "!" => format!("<c r=\"{name}\" t=\"e\"><v>{rest}</v></c>"),
                "?" => format!("<c r=\"{name}\" t=\"b\"><v>{rest}</v></c>"),
                "=" => format!("<c r=\"{name}\"><f>SUM(A1)</f><v/></c>"),
                _ if word.parse::<f64>().is_ok() => format!("<c r=\"{name}\"><v>{word}</v></c>"),
                _ => {
                    strings.push((*word).to_owned());
                    format!("<c r=\"{name}\" t=\"s\"><v>{}</v></c>", strings.len() - 1)
                }
            };
        }
        text += "</row>";
    }
    text + "</sheetData></worksheet>"
}
