//! Counts made ready, and taken back to Python.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::{hdumec, quick, text};

/// The counts of `tests/golden/prepare_golden.json` as a folder of Matrix Market files.
fn counts(folder: &Path) -> String {
    let golden = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/prepare_golden.json"
    );
    let golden: Value = serde_json::from_str(&fs::read_to_string(golden).unwrap()).unwrap();
    let rows = golden["counts"].as_array().unwrap();
    let names = golden["names"].as_array().unwrap();
    let (mut entries, mut count) = (String::new(), 0);
    for (sample, row) in rows.iter().enumerate() {
        for pair in row.as_array().unwrap() {
            let (feature, x) = (pair[0].as_u64().unwrap(), pair[1].as_u64().unwrap());
            let _ = writeln!(entries, "{} {} {x}", feature + 1, sample + 1);
            count += 1;
        }
    }
    let raw = folder.join("raw");
    fs::create_dir_all(&raw).unwrap();
    let head = "%%MatrixMarket matrix coordinate integer general";
    let matrix = format!("{head}\n{} {} {count}\n{entries}", names.len(), rows.len());
    fs::write(raw.join("matrix.mtx"), matrix).unwrap();
    let feature = |name: &Value| {
        let name = name.as_str().unwrap();
        format!("id-{name}\t{name}\tGene Expression\n")
    };
    fs::write(
        raw.join("features.tsv"),
        names.iter().map(feature).collect::<String>(),
    )
    .unwrap();
    let barcode = |at: usize| format!("cell{at}\n");
    fs::write(
        raw.join("barcodes.tsv"),
        (0..rows.len()).map(barcode).collect::<String>(),
    )
    .unwrap();
    raw.display().to_string()
}

fn json(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_str(text(&output.stdout).lines().last().unwrap()).unwrap()
}

#[test]
fn steps_cuts_and_recipes_are_said_written_and_taken_again() {
    let folder = tempfile::tempdir().unwrap();
    let raw = counts(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (file, recipe) = (path("ready.h5ad"), path("recipe.toml"));
    let steps = "rna=normalise,log1p,select_variable:100:seurat_v3,pca:10";
    let told = ["prepare", &raw, "--json", "--steps", steps];
    let found = json(&hdumec(
        &[&told[..], &["--out", &file, "--write-recipe", &recipe]].concat(),
    ));
    assert_eq!(found["samples"], 200);
    let taken = found["modalities"][0]["steps"].as_array().unwrap();
    let after: Vec<u64> = taken
        .iter()
        .map(|step| step["after"].as_u64().unwrap())
        .collect();
    assert_eq!(after[after.len() - 2..], [100, 10], "{after:?}");

    // A recipe that was written gives the same, and can be changed.
    let again = json(&hdumec(&[
        "prepare",
        &raw,
        "--json",
        "--recipe-file",
        &recipe,
    ]));
    assert_eq!(again["modalities"], found["modalities"]);
    let changed = fs::read_to_string(&recipe).unwrap();
    assert!(
        changed.contains("[rna") && changed.contains("seurat_v3"),
        "{changed}"
    );
    fs::write(
        &recipe,
        "[rna]\nsteps = ['normalise', 'log1p', 'pca:5']\n[rna.cuts]\nmin_counts = 300\n",
    )
    .unwrap();
    let cut = json(&hdumec(&[
        "prepare",
        &raw,
        "--json",
        "--recipe-file",
        &recipe,
    ]));
    let left = cut["samples"].as_u64().unwrap();
    assert!(left < 200);
    // A cut that is typed goes before that of the file.
    let typed = [
        "prepare",
        &raw,
        "--json",
        "--recipe-file",
        &recipe,
        "--min-counts",
        "400",
    ];
    assert!(json(&hdumec(&typed))["samples"].as_u64().unwrap() < left);
    assert!(
        cut["notices"]
            .to_string()
            .contains("left out by the cuts of rna"),
        "{cut}"
    );

    // What was written is read, and is not replaced unless told.
    let said = hdumec(&["inspect", &file]);
    let said = text(&said.stdout);
    assert!(
        said.contains("total_counts") && said.contains("pct_counts_mt"),
        "{said}"
    );
    let there = hdumec(&[&told[..], &["--out", &file]].concat());
    assert_eq!(there.status.code(), Some(6), "{}", text(&there.stderr));

    let scored = path("scored.h5ad");
    json(&hdumec(&[
        "prepare",
        &raw,
        "--json",
        "--doublets",
        "--out",
        &scored,
        "--x",
        "prepared",
    ]));
    assert!(text(&hdumec(&["inspect", &scored]).stdout).contains("doublet_score"));
}

#[test]
fn a_run_from_counts_is_repeated_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let raw = counts(folder.path());
    let out = folder.path().join("out").display().to_string();
    let ran = quick(&[
        &raw,
        "--clusters",
        "4",
        "--recipe",
        "robust",
        "--out",
        &out,
        "--min-counts",
        "200",
        "--doublets",
        "--steps",
        "rna=normalise,log1p,select_variable:200:pearson_residuals,pca:20",
    ]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let again = hdumec(&["rerun", &format!("{out}/run.json")]);
    let said = text(&again.stdout);
    assert!(
        said.contains("bit for bit"),
        "{said}{}",
        text(&again.stderr)
    );
    let scores = fs::read_to_string(format!("{out}/scores.json")).unwrap();
    let scores: Value = serde_json::from_str(&scores).unwrap();
    let agreement = scores["agreement_of_looks"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&agreement), "{scores}");
}

#[test]
fn wishes_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let raw = counts(folder.path());
    let table = folder.path().join("table.csv");
    fs::write(&table, "sample,a,b\ns1,0.5,2.5\ns2,1.5,0.25\ns3,2.5,1.5\n").unwrap();
    let table = table.display().to_string();
    let wrong = folder.path().join("wrong.toml");
    fs::write(&wrong, "[rna]\nsteps = ['normalize']\n").unwrap();
    let wrong = wrong.display().to_string();
    let cases: [(&[&str], i32, &str); 8] = [
        (
            &[&raw, "--steps", "rna=normalize"],
            2,
            "there is no step 'normalize'",
        ),
        (
            &[&raw, "--steps", "normalise"],
            2,
            "write the modality, =, and steps",
        ),
        (&[&raw, "--steps", "RNA2=pca"], 3, "no modality 'RNA2'"),
        (
            &[&raw, "--steps", "rna=log1p,normalise"],
            3,
            "does not fit: the values are logs already",
        ),
        (&[&raw, "--recipe-file", &wrong], 2, "wrong.toml"),
        (
            &[&raw, "--min-counts", "100000"],
            3,
            "The cuts leave 0 of 200 samples",
        ),
        (
            &[&raw, "--max-mitochondrial", "5"],
            3,
            "max_mitochondrial must be from 0 to 1",
        ),
        (&[&table, "--doublets"], 3, "no modality is taken as such"),
    ];
    for (arguments, code, said) in cases {
        let output = hdumec(&[&["prepare"], arguments].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

/// What Python's tools make of the same counts: prints `skipped` where they are not there.
const BESIDE: &str = include_str!("beside.py");

/// Counts of other people's data sets; simulated ones are compared in the library's own tests.
#[test]
fn steps_are_those_of_python_on_real_counts() {
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::var("HDUMEC_PYTHON").unwrap_or_else(|_| "python3".into());
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let sets = [
        "citeseq_pbmc_wnn",
        "citeseq_pbmc10k",
        "patchseq_m1",
        "snareseq_celllines",
        "sccat_lines",
    ];
    let raws: Vec<PathBuf> = sets
        .iter()
        .map(|set| shared.join(set).join("raw_10x"))
        .collect();
    for raw in raws {
        if !raw.exists() {
            println!("skipped: {} is not there", raw.display());
            continue;
        }
        let output = Command::new(&program)
            .args(["-c", BESIDE, env!("CARGO_BIN_EXE_hdumec")])
            .args([&raw, &folder.path().join("beside")])
            .output();
        match output {
            Ok(output) => {
                assert!(
                    output.status.success(),
                    "{}: {}",
                    raw.display(),
                    text(&output.stderr)
                );
                println!("{}: {}", raw.display(), text(&output.stdout).trim());
            }
            Err(error) => println!("skipped: {program}: {error}"),
        }
    }
}
