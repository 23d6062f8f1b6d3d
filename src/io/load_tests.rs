//! The catalogue of what can be wrong with files, and what the user is told.

mod cases;
mod cuts;
#[cfg(unix)]
mod files;
mod ids;
mod kept;
mod labels_cases;
mod matching;
mod numbers;
mod packings;
mod published;
mod tables;
mod workbooks;

use super::*;
use crate::{
    data::{
        Axis, Dataset, MemoryLimit, Storage,
        demo::{DemoSpec, generate},
    },
    io::text::TextReader,
    job::CancelToken,
};
use ndarray::array;
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// The folder of the crate, also where its sources are built as part of another.
fn root() -> PathBuf {
    PathBuf::from(option_env!("HDUMEC_ROOT").unwrap_or(env!("CARGO_MANIFEST_DIR")))
}

/// The folder of public data sets, which is not a part of this one.
fn shared() -> PathBuf {
    let beside = || root().join("../shared");
    std::env::var_os("HDUMEC_SHARED").map_or_else(beside, PathBuf::from)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(folder.path(name), text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn spec(&self) -> LoadSpec {
        LoadSpec {
            paths: vec![self.0.path().to_owned()],
            ..LoadSpec::default()
        }
    }

    fn load(&self) -> Result<Loaded, LoadError> {
        load(&self.spec(), &CancelToken::new())
    }
}

fn one(text: &str) -> Result<Loaded, LoadError> {
    Folder::new(&[("modality_rna.csv", text)]).load()
}

/// Loads one file that must fail, and looks for these parts in the message.
#[track_caller]
fn fails(text: &str, parts: &[&str]) -> LoadError {
    let error = one(text).unwrap_err();
    let message = error.to_string();
    for part in parts.iter().chain(&["modality_rna.csv"]) {
        assert!(message.contains(part), "\"{part}\" is not in: {message}");
    }
    assert!(!error.advice().is_empty());
    error
}

fn sentences(report: &LoadReport) -> Vec<String> {
    report.notices.iter().map(ToString::to_string).collect()
}

#[test]
fn broken_tables_name_the_place() {
    fails("", &["is empty"]);
    fails("sample,CD3,CD4\n", &["no samples below"]);
    fails("sample\ns1\ns2\n", &["no feature column", "\"sample\""]);
    fails(
        "sample,CD3,CD4\ns1,1,2\ns2,1\ns3,3,4\n",
        &["line 3", "3 columns were expected", "2 found"],
    );
    fails(
        "sample,CD3,CD4\ns1,1,2\ns2,1,2,3\ns3,3,4\n",
        &["line 3", "but 4 found"],
    );
    fails(
        "sample,CD3,CD4\r\ns1,1,2\r\ns2,1,high\r\n",
        &["line 3, column 3 (feature CD4)", "\"high\" is not a number"],
    );
    fails(
        "sample,CD3\ns1,1\n\n\ns2,-Inf\n",
        &["line 5, column 2", "infinite"],
    );
    fails(
        "sample,CD3\ns1,1\ns2,1e300\n",
        &["line 3, column 2", "1e300 is too large"],
    );
    fails(
        "sample,CD3\ns1,1\n,2\n",
        &["line 3", "names the sample, is empty"],
    );
    fails(
        "sample,CD3\ns1,1\ns2,2\ns1,3\n",
        &["sample \"s1\" is on line 2 and again on line 4"],
    );
    fails(
        "sample,CD3\ns1,1\ns2,1\n",
        &["no usable feature", "1 of its features are constant"],
    );
    fails(
        "sample,CD3,CD4\ns1,1,2\ns2,\"1\n",
        &["line 3", "3 columns were expected"],
    );
}

#[test]
fn line_numbers_hold_in_long_files_and_after_quoted_line_breaks() {
    let mut text = String::from("sample,a,b\n");
    for i in 0..40_000 {
        text += &format!("s{i},{i},0.5\n");
    }
    fails(&(text.clone() + "last,x,1\n"), &["line 40,002, column 2"]);
    text += "\"two\nlines\",1,2\nlast,1,x\n";
    fails(&text, &["line 40,004, column 3"]);
    assert!(one(&text.replace(",x", ",3")).is_ok());
}

#[test]
fn repairs_are_counted() {
    let text = "sample,a,b,a,,e,c\ns1,1,NA,5,1,,2\ns2,2,4,6,1,nan,2\n\n,,,,,,\ns3,3,6,7,0,.,2\n";
    let loaded = one(text).unwrap();
    let modality = &loaded.dataset.modalities[0];
    assert_eq!(modality.features.names(), ["a", "b", "a.1", "column_5"]);
    let expected = array![
        [1.0, 5.0, 5.0, 1.0],
        [2.0, 4.0, 6.0, 1.0],
        [3.0, 6.0, 7.0, 0.0]
    ];
    assert_eq!(modality.values, expected.into());
    let said = sentences(&loaded.report).join("\n");
    for part in [
        "1 row of",
        "1 rna feature without any value was left out (such as e)",
        "1 rna feature with the same value in every sample was left out (such as c)",
        "1 of 12 rna values was missing, in 1 feature, and was replaced by the mean",
        "1 rna feature has a name used before and was numbered (such as a, now a.1)",
        "1 rna feature without a name was named",
    ] {
        assert!(said.contains(part), "\"{part}\" is not in: {said}");
    }
    let report = &loaded.report.modalities[0];
    assert_eq!(
        (
            report.facts.missing,
            report.features_in_file,
            report.features
        ),
        (4, 6, 4)
    );
    assert_eq!((report.facts.low, report.facts.high), (0.0, 7.0));
}

#[test]
fn ways_to_write_a_table() {
    let expected = one("sample,a,b\ns1,1.5,2\ns2,3,4.25\n").unwrap().dataset;
    let same = |text: &str| {
        let dataset = one(text).unwrap().dataset;
        assert_eq!(dataset.modalities, expected.modalities, "{text}");
        assert_eq!(dataset.samples.names(), expected.samples.names(), "{text}");
    };
    same("\u{feff}sample\ta\tb\r\ns1\t1.5\t2\r\ns2\t3\t4.25\r\n\r\n");
    same("sample;a;b\ns1;1,5;2\ns2;3;4,25");
    same("a,b\ns1,1.5,2\ns2,3,4.25\n");
    same("\"\",\"a\",\"b\"\n\"s1\",1.5,\"2\"\n\"s2\", 3 ,+4.25\n");
    same("sample,a,b\rs1,1.5e0,2.\rs2,3,425e-2\r");
    same("\n\nsample,a,b\ns1,1.5,2\ns2,3,4.25\n");
    same("sample a b\ns1 1.5 2\ns2 3 4.25\n");
    same("\"a\" \"b\"\n\"s1\" 1.5 2\n\"s2\" 3 4.25\n");
    same("sep=;\r\nsample;a;b\r\ns1;1,5;2\r\ns2;3;4,25\r\n");
    same("sep=\t\nsample\ta\tb\ns1\t1.5\t2\ns2\t3\t4.25\n");
    same("# made by hand, once\n%\nsample,a,b\ns1,1.5,2\ns2,3,4.25\n");
    same("#sample\ta\tb\ns1\t1.5\t2\ns2\t3\t4.25\n");
    same("# two\nsample,a,b\n\"s1\",1.5,2\ns2,3,\"4.25\"\n");
}

#[test]
fn gzip_is_read_whatever_the_name_and_hashed_as_it_is() {
    let text = "sample,a\ns1,1\ns2,2\n";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let folder = Folder::new(&[]);
    fs::write(folder.path("modality_rna.csv"), &packed).unwrap();
    let loaded = folder.load().unwrap();
    assert_eq!(
        loaded.dataset.modalities,
        one(text).unwrap().dataset.modalities
    );
    assert_eq!(loaded.inputs.files[0].bytes, packed.len() as u64);
    fs::write(folder.path("modality_rna.csv"), &packed[..packed.len() - 3]).unwrap();
    let message = folder.load().unwrap_err().to_string();
    assert!(message.contains("is cut off"), "{message}");
}

#[test]
fn cancelling_is_not_a_failure() {
    let folder = Folder::new(&[("modality_rna.csv", "sample,a\ns1,1\ns2,2\n")]);
    let cancel = CancelToken::new();
    cancel.cancel();
    let error = load(&folder.spec(), &cancel).unwrap_err();
    assert!(matches!(error, LoadError::Cancelled(_)));
}

#[test]
fn what_is_written_reads_back_the_same() {
    let mut data = generate(&DemoSpec {
        samples: 300,
        seed: 5,
    });
    let mut ids = data.samples.to_vec();
    ids[0] = "with, comma and \"quote\"".into();
    ids[1] = "two\nlines".into();
    data.samples = Axis::new(ids).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let files = crate::export::write_dataset(&data, &out).unwrap();
    assert_eq!(files.len(), 6);
    let spec = LoadSpec {
        paths: vec![out],
        ..LoadSpec::default()
    };
    let mut loaded = load(&spec, &CancelToken::new()).unwrap();
    // What the labels file says is told in full.
    let classes = std::mem::take(&mut loaded.dataset.obs);
    assert_eq!(
        classes.columns().map(|(name, _)| name).collect::<Vec<_>>(),
        ["label"]
    );
    assert_eq!(loaded.dataset, data);
    assert!(loaded.report.notices.iter().all(|n| !n.is_repair()));
    // All of them have a say in the results, so all of them are hashed.
    assert_eq!(loaded.inputs.files.len(), 6);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let mut text = String::from("sample,a,b\n");
    for i in 0..30_000 {
        let gap = if i % 7 == 0 {
            String::new()
        } else {
            format!("{}", (i * 37 % 1009) as f32 / 3.0)
        };
        text += &format!("s{i},{gap},{i}\n");
    }
    let folder = Folder::new(&[("modality_rna.csv", &text)]);
    let with = |threads| -> Dataset {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| folder.load()).unwrap().dataset
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn published_data_sets_load() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let expected = [
        ("brca_pam50", 348, vec![574, 423, 645], 5),
        ("breast_tcga", 150, vec![184, 200, 142], 3),
        ("citeseq_pbmc_wnn", 800, vec![224, 498], 8),
        ("snareseq_celllines", 1047, vec![19, 10], 4),
    ];
    for (name, samples, features, classes) in expected {
        let folder = data.join(name);
        if !folder.is_dir() {
            println!("skipped: {name} is not here");
            continue;
        }
        let spec = LoadSpec {
            paths: vec![folder],
            ..LoadSpec::default()
        };
        let loaded = load(&spec, &CancelToken::new()).unwrap();
        let widths: Vec<usize> = loaded
            .dataset
            .modalities
            .iter()
            .map(|m| m.features.len())
            .collect();
        assert_eq!(
            (loaded.dataset.samples(), widths),
            (samples, features),
            "{name}"
        );
        assert_eq!(loaded.report.classes.len(), classes, "{name}");
        assert_eq!(loaded.report.unlabelled, 0, "{name}");
        let counted: usize = loaded.report.classes.iter().map(|c| c.samples).sum();
        assert_eq!(counted, samples, "{name}");
    }
}

#[test]
fn damaged_text_never_panics() {
    use rand::{RngExt as _, SeedableRng as _};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(9);
    let text = b"sample;\"a\";b;c\r\ns1;1,5;NA;-2e3\n\"s,2\";4;.5;0\n\ns3;7;8;9";
    let spare = b"\";,\t\r\n.e-+0x\xff\xef \0";
    let (cancel, limit) = (CancelToken::new(), MemoryLimit::new(1 << 40));
    let path = Path::new("m.csv");
    let mut read = 0;
    for _ in 0..20_000 {
        let mut bytes = text.to_vec();
        for _ in 0..rng.random_range(1..6) {
            if bytes.is_empty() {
                break;
            }
            let at = rng.random_range(0..bytes.len());
            let new = spare[rng.random_range(0..spare.len())];
            match rng.random_range(0..4) {
                0 => _ = bytes.remove(at),
                1 => bytes.insert(at, new),
                2 => bytes.truncate(at.max(1)),
                _ => bytes[at] = new,
            }
        }
        let open = || TextReader::of_bytes(path, &bytes);
        let Ok(text) = open().and_then(|mut reader| reader.whole(&cancel)) else {
            continue;
        };
        if let Ok((table, _)) = table::read(path, open, &table::Wishes::default(), &limit, &cancel)
        {
            let shape = (table.ids.len(), table.features.len());
            assert_eq!(table.values.dim(), shape);
            assert_eq!(table.lines.len(), table.ids.len());
            read += 1;
        }
        let ids = ["s1", "s3"].map(str::to_owned);
        let spec = LoadSpec::default();
        for by_position in [false, true] {
            let samples = labels::Samples {
                ids: &ids,
                file: path,
                by_position,
            };
            let _ = labels::find(path, &text, &spec, samples, &mut Vec::new(), &cancel);
        }
        let _ = truth::sample(&text, &["s1".to_owned()]);
    }
    assert!(read > 500, "{read}");
}

#[test]
fn a_table_without_line_breaks_is_refused_before_its_columns_are_named() {
    let error = one(&"1,".repeat(10_000_001)).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("has 10,000,002 columns"), "{said}");
    assert!(error.advice().contains("line breaks"), "{}", error.advice());
}
