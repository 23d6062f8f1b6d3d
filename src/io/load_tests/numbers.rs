//! How numbers of a table may be written, and what is asked about them.

use super::{
    tables::{asked, said, values, with},
    *,
};

#[test]
fn numbers_have_one_reading_or_a_question() {
    let read = |text: &str| values(&one(text).unwrap());
    assert_eq!(
        read("id\ta\tb\ns\t1,046\t2.5\nt\t12\t1,000,000\n"),
        [1046.0, 2.5, 12.0, 1e6]
    );
    assert_eq!(
        read("id\ta\tb\ns\t1.046\t2,5\nt\t12\t1.000.000\n"),
        [1046.0, 2.5, 12.0, 1e6]
    );
    assert_eq!(
        read("id,a,b\ns,\"1,046.5\",2\nt,7,\"3\"\n"),
        [1046.5, 2.0, 7.0, 3.0]
    );
    assert_eq!(read("id,a\ns,\"1,5\"\nt,\"0,25\"\n"), [1.5, 0.25]);
    assert_eq!(read("id a\ns 1,5\nt 0,25\n"), [1.5, 0.25]);
    let point = Choice::Decimal(Decimal::Point);
    let comma = Choice::Decimal(Decimal::Comma);
    let open = "id\ta\ns\t1,046\nt\t574\n";
    assert_eq!(asked(open), [point.clone(), comma.clone()]);
    assert_eq!(
        asked("id;a\ns;1,046\nt;2,718\n"),
        [comma.clone(), point.clone()]
    );
    assert_eq!(
        asked("id;a\ns;1.046\nt;574\n"),
        [comma.clone(), point.clone()]
    );
    let told = |choice: &Choice| values(&with(open, |spec| spec.choose(choice)).unwrap());
    assert_eq!(told(&point), [1046.0, 574.0]);
    assert_eq!(told(&comma), [1.046, 574.0]);
    fails(
        "id;a\ns;1,5\nt;2.5\n",
        &[
            "mixes decimal points and decimal commas",
            "line 2 has 1,5",
            "line 3 has 2.5",
        ],
    );
}

#[test]
fn marks_far_below_are_seen() {
    let filler = |from: usize| -> String {
        (from..from + 9_000)
            .map(|i| format!("s{i}\t{}\t5\n", i % 900))
            .collect()
    };
    let long = |last: &str| format!("sample\ta\tb\n{}{last}", filler(0));
    // Nothing above shows a comma.
    let loaded = one(&long("x\t1,046\t7.5\n")).unwrap();
    assert_eq!(values(&loaded)[18_000..], [1046.0, 7.5]);
    assert!(
        said(&loaded).contains("1,046 was read as 1046"),
        "{}",
        said(&loaded)
    );
    assert_eq!(asked(&long("x\t1,046\t7\n")).len(), 2);
    assert_eq!(
        values(&one(&long("x\t1,5\t7\n")).unwrap())[18_000..],
        [1.5, 7.0]
    );
    // The proof of what is above.
    let text = format!("sample\ta\tb\ny\t1,046\t8\n{}x\t7.5\t7\n", filler(0));
    assert_eq!(values(&one(&text).unwrap())[..2], [1046.0, 8.0]);
    let mixed = format!("sample\ta\tb\ny\t1,5\t8\n{}x\t7.5\t7\n", filler(0));
    fails(&mixed, &["mixes", "line 2 has 1,5", "line 9,003 has 7.5"]);
}

#[test]
fn odd_numbers_are_refused_by_name() {
    for (cell, what) in [
        ("1'046", "an apostrophe between thousands"),
        ("1 046", "a space between thousands"),
        ("1\u{a0}046", "a space between thousands"),
        ("12%", "a percent sign"),
        ("5-", "a minus sign behind it"),
    ] {
        fails(
            &format!("sample,CD3,CD4\ns1,1,2\ns2,3,{cell}\n"),
            &["line 3, column 3 (feature CD4)", what],
        );
        fails(
            &format!("sample,CD3,CD4\ns1,1,{cell}\ns2,3,{cell}\n"),
            &["line 2", what],
        );
    }
    let missing = one("sample,a,b\ns1,[Not Available],1\ns2,2,<LOD\ns3,3,-\ns4,#N/A,4\n").unwrap();
    assert_eq!(missing.report.modalities[0].facts.missing, 4);
}

#[test]
fn numbers_may_be_names_of_features() {
    let masses = one("sample,100.05,101.07\ns1,1,2\ns2,3,5\n").unwrap();
    assert_eq!(
        masses.dataset.modalities[0].features.names(),
        ["100.05", "101.07"]
    );
    assert!(
        said(&masses).contains("taken for the names"),
        "{}",
        said(&masses)
    );
    assert!(!said(&one("sample,1,2\ns1,1,2\ns2,3,5\n").unwrap()).contains("taken for the names"));
    fails(
        "s0,0.5,1.25\ns1,1.5,2\ns2,2.5,3\n",
        &["line 1", "\"0.5\" is a number"],
    );
}
