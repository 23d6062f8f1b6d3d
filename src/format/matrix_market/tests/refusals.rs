//! What is wrong is refused, by its line, and within the memory that is allowed.

use super::*;

#[test]
fn wrong_entries_are_named_by_their_line() {
    let ends = |matrix: String, expected: &str| {
        let error = error(&matrix);
        assert!(error.contains(expected), "'{error}' lacks '{expected}'");
    };
    let real = |rest: &str| format!("{REAL}{rest}");
    ends(real("3 2 1\n4 1 1\n"), "line 3: row 4 is outside of 1 to 3");
    ends(real("3 2 1\n0 1 1\n"), "line 3: row 0 is outside of 1 to 3");
    ends(
        real("3 2 1\n1 3 1\n"),
        "line 3: column 3 is outside of 1 to 2",
    );
    ends(real("3 2 1\n-1 3 1\n"), "line 3: '-1' is no row");
    ends(real("3 2 1\n1 1 x\n"), "line 3: 'x' is no number");
    ends(
        real("3 2 1\n1 1\n1 1"),
        "line 3: '1 1' should be a row, a column and a value",
    );
    ends(
        real("3 2 1\n1 1 1 1\n"),
        "should be a row, a column and a value",
    );
    ends(
        real("3 2 1\n1 1 1e60\n"),
        "line 3: 1e60 is larger than 32 bits hold",
    );
    ends(
        real("3 2 1\n1 1 1\n\n2 1 1\n"),
        "line 5: more than the 1 entries that line 2 announces",
    );
    ends(
        real("3 2 3\n1 1 1\n2 1 1.2345678\n"),
        "line 4: the file ends after 2 of the 3 entries that line 2 announces",
    );
    ends(
        real("3 2 4\n2 1 1\n1 1 1\n3 2 5\n1 1 2\n"),
        "line 6: a second entry for row 1, column 1, after the one of line 4",
    );
    ends(
        real("3 2 7\n"),
        "line 2: a matrix of 3 x 2 cannot have 7 entries",
    );
    ends(
        real("3 2\n1 1 1\n"),
        "line 2: '3 2' should be the numbers of rows, columns and entries",
    );
    ends(
        real("3 9999999999 0\n"),
        "9,999,999,999 rows or columns are too many",
    );
    ends(real("% only\n"), "the file ends before the sizes");
    let integer = "%%MatrixMarket matrix coordinate integer general\n3 2 1\n1 1 1.5\n";
    ends(
        integer.into(),
        "line 3: 1.5 is not whole, although the first line says integer",
    );
    let pattern = "%%MatrixMarket matrix coordinate pattern general\n3 2 1\n1 1 1\n";
    ends(
        pattern.into(),
        "line 3: '1 1 1' should be a row and a column",
    );
    let symmetric = "%%MatrixMarket matrix coordinate real symmetric\n3 2 1\n1 1 1\n";
    ends(
        symmetric.into(),
        "line 2: a matrix of 3 x 2 is not symmetric",
    );
    let complex = "%%MatrixMarket matrix coordinate complex general\n3 2 1\n1 1 1 1\n";
    ends(complex.into(), "holds no real or whole numbers");
    ends(
        "%%MatrixMarket matrix array\n3 2\n".into(),
        "line 1: '%%MatrixMarket matrix array' should be",
    );
    ends(
        format!("{REAL}{}", "%\n".repeat(1 << 20)),
        "the comments do not end",
    );
}

#[test]
fn mirrored_entries_may_not_stand_twice_either() {
    let place = Place::new(&[
        (
            "m.mtx",
            "%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n2 1 1\n1 2 3\n",
        ),
        ("genes.txt", "A\nB"),
        ("cells.txt", "s\nt"),
    ]);
    let mut plan = plan(1 << 20);
    plan.matrix = Some("features x samples".into());
    let error = place.read_with("m.mtx", &plan).unwrap_err().to_string();
    assert!(
        error.contains("line 4: a second entry for row") && error.ends_with("line 3"),
        "{error}"
    );
}

#[test]
fn memory_is_held_against_the_plan_before_it_is_taken() {
    // 200 x 100 with 20,000 entries in the order of the features: all have to be sorted.
    let mut matrix = format!("{REAL}200 100 20000\n");
    for (row, column) in (1..=200).flat_map(|row| (1..=100).map(move |column| (row, column))) {
        matrix += &format!("{row} {column} {}\n", row * 1000 + column);
    }
    let genes: Vec<String> = (0..200).map(|i| format!("g{i}")).collect();
    let cells: Vec<String> = (0..100).map(|i| format!("c{i}")).collect();
    let place = Place::new(&[
        ("m.mtx", &matrix),
        ("genes.txt", &genes.join("\n")),
        ("cells.txt", &cells.join("\n")),
    ]);
    let contents = place.read_with("m.mtx", &plan(300_000)).unwrap();
    let values = values(&contents);
    assert!((0..20_000).all(|at| values[at] == ((at % 200 + 1) * 1000 + at / 200 + 1) as f32));
    let refused = place.read_with("m.mtx", &plan(240_000));
    let Err(FormatError::TooLarge {
        place: what,
        needed,
        ..
    }) = refused
    else {
        panic!("not refused");
    };
    assert_eq!(
        (what.as_str(), needed),
        ("the matrix", 20_000 * 12 + 100 * 64)
    );
    // The same as an array, which does not tell how many of its values are zero.
    let mut array = String::from("%%MatrixMarket matrix array real general\n200 100\n");
    (0..20_000).for_each(|at| array += if at % 50 == 0 { "1\n" } else { "0\n" });
    place.write("m.mtx", array.as_bytes());
    assert_eq!(
        place.read_with("m.mtx", &plan(120_000)).unwrap().pieces[0]
            .matrix
            .facts()
            .unwrap()
            .nonzero,
        400
    );
    place.write("m.mtx", array.replace("\n0", "\n2").as_bytes());
    assert!(matches!(
        place.read_with("m.mtx", &plan(300_000)),
        Err(FormatError::TooLarge { .. })
    ));
    // A list of names of its own.
    assert!(matches!(
        place.read_with("m.mtx", &plan(2000)),
        Err(FormatError::TooLarge { .. })
    ));
}

#[test]
fn counts_that_lie_take_no_memory() {
    // 4 billion entries announced by a few packed bytes: more than the memory, or than the file can hold.
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(format!("{REAL}3 2 6\n1 1 1\n").as_bytes())
        .unwrap();
    let place = three_by_two("");
    place.write("m.mtx", &gzip.finish().unwrap());
    let error = place.read("m.mtx").unwrap_err().to_string();
    assert!(
        error.contains("the file ends after 1 of the 6 entries"),
        "{error}"
    );
    let names: String = (0..70_000).map(|at| format!("{at}x\n")).collect();
    let place = Place::new(&[
        (
            "matrix.mtx",
            &format!("{REAL}70000 70000 4000000000\n1 1 1\n"),
        ),
        ("genes.tsv", &names),
        ("barcodes.tsv", &names),
    ]);
    let error = place.read("matrix.mtx").unwrap_err().to_string();
    assert!(
        error.contains("4,000,000,000 entries are said to follow"),
        "{error}"
    );
}
