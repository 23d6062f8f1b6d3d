//! Runs that are killed at any moment, and the same command again.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use super::{program, text};

/// A run of a few seconds, of several starts, a look at the data, models that learn the uncertainty, and both stages.
fn run(folder: &Path, out: &str) -> Command {
    // What parts came to is another matter: here every run is to be computed.
    run_with(folder, out, "0")
}

/// The same, where what parts came to may take so many GiB.
fn run_with(folder: &Path, out: &str, limit: &str) -> Command {
    let mut command = program();
    command
        .args([
            "run",
            "--demo",
            "--demo-samples",
            "400",
            "--device",
            "cpu",
            "--json",
        ])
        .args([
            "--starts",
            "4",
            "--graph-votes",
            "4",
            "--epochs",
            "30,25,25",
            "--hidden",
            "48",
        ])
        .args(["--tolerance", "0", "--umap-epochs", "60", "--force"])
        .args(["--store-limit", limit, "--store"])
        .arg(folder.join("store"))
        .arg("--out")
        .arg(folder.join(out));
    command
}

/// Everything that a run has written, but for times.
fn written(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        match name.as_str() {
            "run.json" => {
                let run: Value = serde_json::from_slice(&bytes).unwrap();
                let same = [
                    "fingerprints",
                    "scores",
                    "cluster_sizes",
                    "stop",
                    "epochs",
                    "complete",
                ];
                for key in same {
                    files.insert(format!("run.json {key}"), run[key].to_string().into_bytes());
                }
            }
            // Both hold seconds.
            "convergence.csv" | "results.hdumec" => {
                files.insert(name, Vec::new());
            }
            _ => {
                files.insert(name, bytes);
            }
        }
    }
    files
}

#[test]
fn what_was_killed_goes_on_to_the_same_bits() {
    let kills = std::env::var("HDUMEC_KILLS").ok();
    let kills: usize = kills.and_then(|kills| kills.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let whole = run(folder.path(), "whole").output().unwrap();
    assert!(whole.status.success(), "{}", text(&whole.stderr));
    let whole_time = begun.elapsed();
    let expected = written(&folder.path().join("whole"));
    assert_eq!(
        fs::read_dir(folder.path().join("store")).unwrap().count(),
        0,
        "nothing is left"
    );

    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(9);
    let (mut killed, mut resumed, mut finished) = (0, 0, 0);
    while killed < kills {
        let mut child = run(folder.path(), "again")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Early moments of what is left come as often as late ones of a whole run.
        let moment = whole_time.as_secs_f64() * random.random_range(0.0_f64..0.7).powi(2);
        let since = Instant::now();
        let ended = loop {
            match child.try_wait().unwrap() {
                Some(_) => break true,
                None if since.elapsed().as_secs_f64() > moment => break false,
                None => thread::sleep(Duration::from_millis(2)),
            }
        };
        if !ended {
            child.kill().unwrap();
            killed += 1;
        }
        let output = child.wait_with_output().unwrap();
        resumed += usize::from(text(&output.stdout).contains("\"resumed\""));
        if ended {
            assert!(output.status.success());
            assert_eq!(
                written(&folder.path().join("again")),
                expected,
                "after {killed} kills"
            );
            finished += 1;
        }
    }
    // What is left of the last one.
    let last = run(folder.path(), "again").output().unwrap();
    assert!(last.status.success(), "{}", text(&last.stderr));
    assert_eq!(written(&folder.path().join("again")), expected);
    assert!(resumed > kills / 4, "only {resumed} of {kills} went on");
    assert_eq!(
        fs::read_dir(folder.path().join("store")).unwrap().count(),
        0
    );
    eprintln!(
        "{kills} kills, {resumed} times gone on, {} times finished",
        finished + 1
    );
}

#[test]
fn torn_checkpoints_and_places_that_cannot_be_used_stop_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = run(folder.path(), "out")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let store = folder.path().join("store");
    let checkpoint = || {
        let entries = fs::read_dir(&store).into_iter().flatten().flatten();
        let mut runs = entries.map(|entry| entry.path());
        runs.find(|path| path.extension().is_some_and(|ending| ending == "run"))
    };
    let since = Instant::now();
    let left = loop {
        if let Some(left) = checkpoint() {
            break left;
        }
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "no checkpoint came"
        );
        thread::sleep(Duration::from_millis(2));
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let whole = fs::read(&left).unwrap();
    fs::write(&left, &whole[..whole.len() / 2]).unwrap();
    let ran = run(folder.path(), "out").output().unwrap();
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    assert!(
        !text(&ran.stdout).contains("\"resumed\""),
        "a torn one is not read"
    );

    // --fresh leaves it out, and a file in the place of the folder is told.
    fs::write(&left, &whole).unwrap();
    let fresh = run(folder.path(), "out").arg("--fresh").output().unwrap();
    assert!(fresh.status.success());
    assert!(!text(&fresh.stdout).contains("\"resumed\""));
    fs::remove_dir_all(&store).unwrap();
    fs::write(&store, "in the way").unwrap();
    let without = run(folder.path(), "out").output().unwrap();
    assert!(without.status.success());
    assert!(
        text(&without.stderr).contains("it begins anew"),
        "{}",
        text(&without.stderr)
    );
}

#[test]
fn what_an_earlier_command_computed_is_taken_over_shown_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let analyse = |out: &str, more: &[&str]| {
        let mut command = run_with(folder.path(), out, "1");
        command.args(more);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let record = fs::read(folder.path().join(out).join("run.json")).unwrap();
        let record: Value = serde_json::from_slice(&record).unwrap();
        (text(&output.stdout), record)
    };
    let (_, whole) = analyse("whole", &[]);
    assert_eq!(whole["taken_over"], Value::Null);
    let (said, maps) = analyse("maps", &["--umap-neighbours", "30"]);
    assert_eq!(maps["taken_over"], "stage2");
    assert!(!said.contains("\"epoch\""), "nothing is trained: {said}");
    assert_eq!(maps["fingerprints"], whole["fingerprints"]);
    let (_, clusters) = analyse("clusters", &["--clusters", "9"]);
    assert_eq!(clusters["taken_over"], "starts");
    let (_, fresh) = analyse("fresh", &["--clusters", "9", "--fresh"]);
    assert_eq!(fresh["taken_over"], Value::Null);
    assert_eq!(clusters["fingerprints"], fresh["fingerprints"]);
    // To repeat a run is to compute it.
    let record = folder.path().join("maps").join("run.json");
    let again = program().arg("rerun").arg(&record).output().unwrap();
    assert!(text(&again.stdout).contains("bit for bit"), "{again:?}");

    let kept = |more: &[&str]| {
        let output = program()
            .args(["kept", "--store"])
            .arg(&store)
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success());
        text(&output.stdout)
    };
    assert!(kept(&[]).contains("Nothing is kept that could be gone on with"));
    assert!(kept(&["--delete"]).starts_with("Deleted"));
    assert_eq!(fs::read_dir(&store).unwrap().count(), 0);
}
