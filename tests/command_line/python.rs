//! Files for Python, and what Python makes of them.

use std::{fs, process::Command};

use super::{hdumec, quick, text};

/// What Python must find in a file, by the packages that read it; prints `skipped` where these are not there.
const READ: &str = r#"
import sys, warnings
warnings.simplefilter("ignore")
try:
    import anndata, mudata
except ImportError as error:
    print("skipped:", error)
    sys.exit()
path, samples, clusters = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = mudata.read_h5mu(path) if path.endswith("h5mu") else anndata.read_h5ad(path)
assert data.n_obs == samples, data
assert list(data.obs["hdumec"].cat.categories) == [str(k) for k in range(1, clusters + 1)]
assert data.obs["hdumec_ambiguity"].between(0, 1).all() and data.obs["hdumec_noise"].notna().all()
assert data.obsm["X_umap"].shape == (samples, 2) and data.obsm["X_hdumec"].shape[0] == samples
assert len(data.uns["hdumec_colors"]) == clusters
assert len(data.uns["label_colors"]) == len(data.obs["label"].cat.categories)
parts = data.mod.values() if hasattr(data, "mod") else [data]
for part in parts:
    assert part.n_obs == samples and part.X.shape == part.shape and part.var["hdumec_used"].all()
# What Python writes of it is read again as well.
data.write(path)
try:
    import matplotlib
    matplotlib.use("Agg")
    import scanpy
except ImportError as error:
    print("read, but not drawn:", error)
    sys.exit()
one = data if not hasattr(data, "mod") else anndata.AnnData(obs=data.obs, obsm={"X_umap": data.obsm["X_umap"]}, uns=dict(data.uns))
scanpy.pl.umap(one, color=["hdumec", "label", "hdumec_ambiguity"], show=False)
print("read and drawn")
"#;

/// Python's view of a file, if there is a Python with these packages: `HDUMEC_PYTHON`, or `python3`.
fn python(file: &str, samples: usize, clusters: usize) {
    let program = std::env::var("HDUMEC_PYTHON").unwrap_or_else(|_| "python3".into());
    let (samples, clusters) = (samples.to_string(), clusters.to_string());
    let output = Command::new(&program)
        .args(["-c", READ, file, &samples, &clusters])
        .output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{file}: {}", text(&output.stderr));
            println!("{program}: {}", text(&output.stdout).trim());
        }
        Err(error) => println!("skipped: {program}: {error}"),
    }
}

#[test]
fn a_file_for_python_is_written_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (file, out) = (path("demo.h5mu"), path("out"));
    let demo = ["--demo", "--demo-samples", "200", "--recipe", "published"];
    let with = |file: &str, more: &[&str]| {
        let arguments = [&demo[..], &["--out", &out, "--h5ad", file], more].concat();
        quick(&arguments)
    };

    // Before it trains, not after it.
    let wrong = with(&path("demo.h5ad"), &[]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
    assert!(text(&wrong.stderr).contains("end in .h5mu"));
    assert!(!text(&wrong.stderr).contains("Stage 1"));

    let ran = with(&file, &[]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    assert!(text(&ran.stdout).contains(&format!("For Python: {file}")));
    let read = hdumec(&["inspect", &file]);
    let said = text(&read.stdout);
    assert!(
        read.status.success() && said.contains("200"),
        "{said}{}",
        text(&read.stderr)
    );
    let before = fs::read(&file).unwrap();
    python(&file, 200, 12);

    // What is there is replaced only if told.
    fs::write(&file, &before).unwrap();
    let there = with(&file, &[]);
    assert_eq!(there.status.code(), Some(6), "{}", text(&there.stderr));
    assert_eq!(fs::read(&file).unwrap(), before);

    // One modality, from the table that it was read from.
    let data = path("data");
    assert!(
        hdumec(&["demo", "--samples", "200", "--out", &data])
            .status
            .success()
    );
    for other in ["atac", "protein"] {
        fs::remove_file(format!("{data}/modality_{other}.csv")).unwrap();
    }
    let (file, out) = (path("rna.h5ad"), path("rna"));
    let ran = quick(&[
        &data,
        "--recipe",
        "published",
        "--out",
        &out,
        "--h5ad",
        &file,
    ]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    python(&file, 200, 12);
}
