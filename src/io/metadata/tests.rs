use super::*;

fn read(text: &[u8]) -> (Sheet, Vec<LoadNotice>) {
    let mut notices = Vec::new();
    let path = Path::new("m.csv");
    let sheet = Sheet::read(path, text, false, &mut notices, &CancelToken::new());
    (sheet.unwrap(), notices)
}

fn words(table: &Table, column: usize) -> Vec<Option<&str>> {
    let rows = 0..table.lines.len();
    rows.map(|row| table.word(column, row)).collect()
}

#[test]
fn one_table_in_many_ways_to_write_it() {
    let ways: [&[u8]; 8] = [
        b"id,type,n\na,\"T, na\xC3\xAFve\",1\nb,NA,2\n",
        b"id\ttype\tn\r\na\tT, na\xC3\xAFve\t1\r\n\r\nb\t\t2\r\n",
        b"id;type;n;\na;T, na\xC3\xAFve;1;\nb;null;2;\n",
        b"\"id\" \"type\" \"n\"\n\"a\" \"T, na\xC3\xAFve\" 1\n\"b\" NA 2\n",
        b"# a comment\nid,type,n\na,\"T, na\xC3\xAFve\",1\nb,[Not Available],2\n",
        b"id,type,n\n#q2:types,categorical,numeric\na,\"T, na\xC3\xAFve\",1\nb,,2\n",
        b"sep=;\nid;type;n\na;T, na\xC3\xAFve;1\nb;;2\n",
        b"id,type,n\na,\"T, na\xEFve\",1\nb,--,2\n",
    ];
    for (at, text) in ways.into_iter().enumerate() {
        let (sheet, notices) = read(text);
        assert_eq!(sheet.rows(), 2, "{at}");
        let table = sheet.with_header();
        assert_eq!(table.names[..3], ["id", "type", "n"], "{at}");
        assert_eq!(words(&table, 0), [Some("a"), Some("b")], "{at}");
        assert_eq!(words(&table, 1), [Some("T, na\u{ef}ve"), None], "{at}");
        let latin = matches!(
            notices.as_slice(),
            [LoadNotice::ReadAsLatin1 { line: 2, .. }]
        );
        assert_eq!(latin, at == 7, "{notices:?}");
    }
}

#[test]
fn a_header_of_r_leaves_out_the_first_column() {
    let (sheet, _) = read(b"\"x\"\t\"type\"\n\"a\"\t1\t\"T\"\n\"b\"\t2\t\"B\"\n");
    assert!(sheet.short_header);
    let table = sheet.with_header();
    assert_eq!(table.names, ["column_1", "x", "type"]);
    assert_eq!(words(&table, 2), [Some("T"), Some("B")]);
    assert_eq!(table.lines, [2, 3]);
    assert_eq!(
        (table.position("TYPE"), table.position("2")),
        (Some(2), Some(1))
    );
    assert_eq!((table.position("4"), table.position("0")), (None, None));
}

#[test]
fn without_a_header_the_first_record_is_a_row() {
    let (table, commented) = read(b"#cell,type\na,T\nb,B\nc,T\n").0.without_header();
    assert!(commented);
    assert_eq!(table.names, ["cell", "type"]);
    assert_eq!(words(&table, 1), [Some("T"), Some("B"), Some("T")]);
    assert_eq!(table.lines, [2, 3, 4]);
    let (table, commented) = read(b"a,NA\nb,B\n").0.without_header();
    assert_eq!(
        (commented, words(&table, 1)),
        (false, vec![None, Some("B")])
    );
    assert_eq!(table.names, ["column_1", "column_2"]);
}

#[test]
fn every_column_has_a_name_of_its_own() {
    let header = ["x", "", "x", "column_2", "x.1", "x"].map(str::to_owned);
    let names = names(&header);
    let distinct: std::collections::HashSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), 6, "{names:?}");
    assert_eq!((names[0].as_str(), names[3].as_str()), ("x", "column_2"));
    let (sheet, _) = read(b"id,n,n\na,1,x\nb,2.5,y\n");
    let frame = sheet.with_header().frame(Some(0));
    let kinds: Vec<_> = frame.columns().map(|(name, c)| (name, c.kind())).collect();
    assert_eq!(kinds, [("n", "number"), ("n.1", "text")]);
}

#[test]
fn what_is_no_table_is_refused() {
    let fails = |text: &str| {
        let path = Path::new("m.csv");
        let sheet = Sheet::read(
            path,
            text.as_bytes(),
            false,
            &mut Vec::new(),
            &CancelToken::new(),
        );
        sheet.unwrap_err().to_string()
    };
    let said = fails("# x\nid,a\nb,1\nc\nd,2\n");
    assert!(said.contains("line 4: 2 columns were expected"), "{said}");
    for wide in [
        ",".repeat(30_000),
        format!("a,b\nc,d\n{}", ",".repeat(30_000)),
    ] {
        let said = fails(&wide);
        assert!(said.contains("has 30,001 columns"), "{said}");
    }
}
