//! Files as other programs write them (`tests/cases`; the README of each says what is right).

use super::*;

fn case(name: &str) -> LoadSpec {
    let folder = root().join("tests/cases").join(name);
    let is_table = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        path.is_file()
            && !["README", "truth.csv", "measured.csv", "missing.txt"].contains(&name.as_str())
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(is_table)
        .collect();
    paths.sort();
    LoadSpec {
        paths,
        ..LoadSpec::default()
    }
}

fn read(spec: &LoadSpec) -> Loaded {
    load(spec, &CancelToken::new()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(spec: &LoadSpec) -> LoadError {
    load(spec, &CancelToken::new()).unwrap_err()
}

fn said(loaded: &Loaded) -> String {
    sentences(&loaded.report).join("\n")
}

/// The choices of a question, the likelier first.
fn asked(spec: &LoadSpec) -> Vec<Choice> {
    match refused(spec) {
        LoadError::Ask(question) => question.answers.into_iter().map(|a| a.choice).collect(),
        other => panic!("{other}"),
    }
}

/// The same ids, features, values and labels, whatever the order of the samples.
fn same(a: &Dataset, b: &Dataset) {
    let order = |data: &Dataset| {
        let mut order: Vec<usize> = (0..data.samples()).collect();
        order.sort_by_key(|&i| data.samples[i].clone());
        order
    };
    let (of_a, of_b) = (order(a), order(b));
    let ids = |data: &Dataset, order: &[usize]| -> Vec<String> {
        order.iter().map(|&i| data.samples[i].clone()).collect()
    };
    assert_eq!(ids(a, &of_a), ids(b, &of_b));
    assert_eq!(a.modalities.len(), b.modalities.len());
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (m, n) in a.modalities.iter().zip(&b.modalities) {
        assert_eq!(m.features, n.features);
        for (&i, &j) in of_a.iter().zip(&of_b) {
            assert_eq!(
                m.values.rows(i..i + 1, &mut x),
                n.values.rows(j..j + 1, &mut y)
            );
        }
    }
    assert_eq!(a.labels.is_some(), b.labels.is_some());
    if let (Some(m), Some(n)) = (&a.labels, &b.labels) {
        for (&i, &j) in of_a.iter().zip(&of_b) {
            let name = |labels: &crate::data::Labels, i: usize| {
                labels.codes[i].map(|c| labels.classes[c as usize].clone())
            };
            assert_eq!(name(m, i), name(n, j));
        }
    }
}

#[test]
fn genes_in_rows() {
    let turned = read(&case("01-xena-genes-in-rows"));
    same(
        &turned.dataset,
        &read(&case("01-xena-genes-in-rows/right")).dataset,
    );
    assert!(turned.dataset.samples[0].starts_with("TCGA-"));
    assert!(
        said(&turned).contains("features are in rows and samples in columns"),
        "{}",
        said(&turned)
    );
    assert_eq!(turned.report.classes.len(), 4);
    for (name, samples) in [("nolabels", 60), ("one", 60), ("different_features", 55)] {
        let loaded = read(&case(&format!("01-xena-genes-in-rows/{name}")));
        // Five tumours have no methylation.
        assert_eq!(loaded.dataset.samples(), samples, "{name}");
        assert!(
            loaded
                .dataset
                .samples
                .iter()
                .all(|id| id.starts_with("TCGA-"))
        );
    }
    let right = read(&case("01-xena-genes-in-rows/right"));
    assert!(
        !said(&right).contains("features are in rows"),
        "{}",
        said(&right)
    );
    let as_told = LoadSpec {
        orientation: Orientation::SamplesInRows,
        ignore_labels: true,
        ..case("01-xena-genes-in-rows/one")
    };
    assert_eq!(read(&as_told).dataset.samples[0], "ESR1");
}

#[test]
fn two_columns_of_ids() {
    for (name, features) in [
        ("02-cbioportal-two-id-columns", 60),
        ("02-cbioportal-two-id-columns/dup", 61),
    ] {
        let loaded = read(&case(name));
        assert!(
            loaded
                .dataset
                .samples
                .iter()
                .all(|id| id.starts_with("TCGA-")),
            "{name}"
        );
        let mrna = &loaded.dataset.modalities[1];
        assert_eq!(mrna.features.len(), features, "{name}");
        assert!(
            said(&loaded).contains("set aside: Entrez_Gene_Id"),
            "{}",
            said(&loaded)
        );
    }
}

#[test]
fn thousands() {
    let plain = read(&case("06-thousands-separator/plain")).dataset;
    for (name, right) in [
        ("tsv", Decimal::Point),
        ("semi", Decimal::Point),
        ("csv", Decimal::Point),
        ("german_thousands", Decimal::Comma),
    ] {
        let mut spec = case(&format!("06-thousands-separator/{name}"));
        let choices = asked(&spec);
        assert_eq!(choices[0], Choice::Decimal(right), "{name}");
        let text = refused(&spec).to_string();
        assert!(text.contains("1,444") || text.contains("1.444"), "{text}");
        spec.choose(&choices[0]);
        same(&read(&spec).dataset, &plain);
    }
    // 1.444,25 has one reading.
    let both = read(&case("06-thousands-separator/german_both"));
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let quarter = both.dataset.modalities[0].values.rows(0..60, &mut a);
    let whole = plain.modalities[0].values.rows(0..60, &mut b);
    assert!(quarter.iter().zip(whole).all(|(x, y)| *x == y + 0.25));
    // Three files of one table.
    let hard = |name: &str| {
        let mut spec = case("06-thousands-separator/hard");
        spec.paths.retain(|path| path.ends_with(name));
        spec
    };
    let plain = read(&hard("plain.tsv")).dataset;
    for name in ["german.csv", "thousands.tsv"] {
        let mut spec = hard(name);
        let choices = asked(&spec);
        spec.choose(&choices[0]);
        same(&read(&spec).dataset, &plain);
    }
}

#[test]
fn tables_without_a_header() {
    for (name, cell) in [
        ("table_no_header", "5.5490"),
        ("table_no_header_int", "574"),
    ] {
        let error = refused(&case(&format!("09-labels-without-header/{name}")));
        assert!(
            error
                .to_string()
                .contains(&format!("\"{cell}\" is a number")),
            "{error}"
        );
        assert!(
            error.advice().contains("line of names"),
            "{}",
            error.advice()
        );
    }
    for name in ["", "/one_column"] {
        let spec = LoadSpec {
            ignore_labels: true,
            ..case(&format!("09-labels-without-header{name}"))
        };
        assert_eq!(read(&spec).dataset.samples(), 120);
    }
}

#[test]
fn r_write_table() {
    let spec = LoadSpec {
        ignore_labels: true,
        ..case("10-r-write-table")
    };
    let tab = read(&spec);
    assert_eq!(tab.dataset.samples[0], "TAAAATTGAACCGCCA_8");
    assert_eq!(tab.dataset.modalities[0].features[0], "PC_1");
    same(&tab.dataset, &read(&case("10-r-write-table/space")).dataset);
}

#[test]
fn measurements_in_the_place_of_ids() {
    for name in ["13-index-lost", "13-index-lost/two"] {
        let error = refused(&case(name));
        assert!(
            error
                .to_string()
                .contains("the ids of the samples are missing"),
            "{error}"
        );
        assert!(error.advice().contains("index=False"), "{}", error.advice());
    }
    let choices = asked(&case("13-index-lost/counts"));
    assert_eq!(choices, [Choice::FirstColumn(FirstColumn::ClassLabels)]);
}

#[test]
fn patients_are_no_classes() {
    for name in ["14-repeated-patients", "14-repeated-patients/swapped"] {
        let mut spec = case(name);
        let choices = asked(&spec);
        let text = refused(&spec).to_string();
        assert!(
            text.contains("101 is on line 2 and again on line 3"),
            "{text}"
        );
        spec.choose(&choices[0]);
        let loaded = read(&spec);
        assert_eq!(loaded.report.first_column, FirstColumn::ClassLabels);
        assert!(
            said(&loaded).contains("by their place"),
            "{}",
            said(&loaded)
        );
    }
}

#[test]
fn raw_counts_are_told() {
    let counts = said(&read(&case("17-raw-counts")));
    assert!(counts.contains("look like raw counts"), "{counts}");
    let normalised = said(&read(&case("17-raw-counts/norm")));
    assert!(!normalised.contains("look like raw counts"), "{normalised}");
}

#[test]
fn row_numbers_before_the_ids() {
    let right = read(&case("28-row-numbers-first/right"));
    let loaded = read(&case("28-row-numbers-first"));
    same(&loaded.dataset, &right.dataset);
    assert!(
        said(&loaded).contains("from column 2 (\"sample\")"),
        "{}",
        said(&loaded)
    );
    assert!(
        said(&loaded).contains("set aside: one without a name"),
        "{}",
        said(&loaded)
    );
    let mut cut = case("28-row-numbers-first/cut");
    let choices = asked(&cut);
    cut.choose(&choices[0]);
    let joined = read(&cut);
    assert!(
        said(&joined).contains("by their place"),
        "{}",
        said(&joined)
    );
}

#[test]
fn rows_of_nothing_are_no_samples() {
    let padded = read(&case("30-padded-with-NA"));
    same(
        &padded.dataset,
        &read(&case("30-padded-with-NA/left_out")).dataset,
    );
    assert_eq!(padded.dataset.samples(), 40);
    let said = said(&padded);
    assert!(
        said.contains("nothing was measured of 20 samples"),
        "{said}"
    );
    assert!(!said.contains("replaced by the mean"), "{said}");
}
