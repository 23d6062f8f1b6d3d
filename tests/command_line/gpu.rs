//! Whole runs on a GPU, or on one that the processor plays, beside the same on the CPU. With `HDUMEC_TEST_GPU=1`, or
//! `HDUMEC_TEST_GPU=<words of an adapter's name>`, as `llvmpipe` is on Linux.

use std::{fs, path::Path};

use super::{hdumec, text};

/// What to run on, if anything.
fn device() -> Option<String> {
    match std::env::var("HDUMEC_TEST_GPU")
        .unwrap_or_default()
        .as_str()
    {
        "" | "0" => {
            println!("skipped: HDUMEC_TEST_GPU does not say on what");
            None
        }
        "1" => Some("gpu".into()),
        name => Some(name.into()),
    }
}

/// Stage and loss of every epoch.
fn losses(results: &Path) -> Vec<(String, f64)> {
    let table = fs::read_to_string(results.join("convergence.csv")).unwrap();
    let row = |row: &str| {
        let fields: Vec<&str> = row.split(',').collect();
        (fields[0].to_owned(), fields[2].parse().unwrap_or(f64::NAN))
    };
    table.lines().skip(1).map(row).collect()
}

/// Runs on the CPU and on the device, and holds the losses of every epoch and the scores of stage 1 to each other.
fn alike(more: &[&str]) {
    let Some(device) = device() else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = |device: &str| {
        let out = folder.path().join(device.replace(' ', "-"));
        let place = out.display().to_string();
        let mut all = vec!["run", "--demo", "--demo-samples", "300", "--hidden", "64"];
        all.extend(["--no-store", "--umap-epochs", "20", "--out", &place]);
        all.extend(["--device", device]);
        all.extend(more);
        let run = hdumec(&all);
        assert!(run.status.success(), "{}", text(&run.stderr));
        out
    };
    let (cpu, gpu) = (run("cpu"), run(&device));
    let record = fs::read_to_string(gpu.join("run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let kind = record["device"]["kind"].as_str().unwrap().to_owned();
    assert!(kind.ends_with("_gpu"), "{kind}");
    let (expected, found) = (losses(&cpu), losses(&gpu));
    assert_eq!(expected.len(), found.len());
    for (epoch, ((stage, a), (_, b))) in expected.iter().zip(&found).enumerate() {
        // Rounding goes further with every step. Of stage 2 the loss is a small difference of large numbers, and after the few epochs
        // before it many samples are between clusters.
        let relative = if stage == "clustering" { 2e-1 } else { 2e-3 };
        let off = (a - b).abs();
        assert!(
            off <= relative * a.abs() + 1e-6,
            "{stage}, {epoch}: {b}, not {a}"
        );
    }
    let score = |results: &Path| {
        let scores = fs::read_to_string(results.join("scores.json")).unwrap();
        let scores: serde_json::Value = serde_json::from_str(&scores).unwrap();
        scores["stage1"]["acc"].as_f64().unwrap()
    };
    let (a, b) = (score(&cpu), score(&gpu));
    // A few epochs leave samples between clusters.
    assert!((a - b).abs() < 0.08, "{b}, not {a}");
}

#[test]
fn the_published_recipe_on_a_gpu_is_that_on_the_cpu() {
    alike(&["--recipe", "published", "--epochs", "6,4,4"]);
}

#[test]
fn the_robust_recipe_on_a_gpu_is_that_on_the_cpu() {
    alike(&[
        "--starts",
        "3",
        "--ensemble",
        "2",
        "--graph-votes",
        "8",
        "--small-data",
        "0",
        "--epochs",
        "4,6,4",
    ]);
}

#[test]
fn mini_batches_on_a_gpu_are_those_on_the_cpu() {
    let some = ["--batch", "128", "--finetune-samples", "64"];
    alike(&[&some[..], &["--recipe", "published", "--epochs", "3,4,2"]].concat());
}
