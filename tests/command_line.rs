//! The binary as a user runs it: outputs, exit codes, words.

mod chosen;
mod compare;
mod earlier;
mod formats;
mod gpu;
mod killed;
mod label;
mod markers;
mod memory;
mod prepare;
mod python;
mod reasons;
#[cfg(feature = "remote")]
mod remote;
mod repeated;
mod saving;
mod settings;
mod train_on;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
};

/// The program with a folder for data of its own: runs of other tests that were cut off are not gone on with.
fn program() -> Command {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let own = format!("data-{}-", std::process::id());
    if number == 0 {
        let entries = fs::read_dir(all).into_iter().flatten().flatten();
        let left = entries.filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("data-") && !name.starts_with(&own)
        });
        left.for_each(|entry| _ = fs::remove_dir_all(entry.path()));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_hdumec"));
    let folder = all.join(format!("{own}{number}"));
    command.env("XDG_DATA_HOME", folder);
    command
}

fn hdumec(arguments: &[&str]) -> Output {
    program()
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const QUICK: [&str; 10] = [
    "--device",
    "cpu",
    "--epochs",
    "6,3,4",
    "--hidden",
    "32",
    "--umap-epochs",
    "30",
    "--tolerance",
    "0",
];

fn quick(rest: &[&str]) -> Output {
    let mut arguments = vec!["run"];
    arguments.extend(rest);
    arguments.extend(QUICK);
    hdumec(&arguments)
}

#[test]
fn demo_files_run_and_every_result_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, out) = (path("data"), path("out"));
    let made = hdumec(&["demo", "--samples", "300", "--seed", "3", "--out", &data]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let refused = hdumec(&["demo", "--samples", "300", "--out", &data]);
    assert_eq!(refused.status.code(), Some(6));

    let ran = quick(&[&data, "--recipe", "published", "--out", &out]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let table = text(&ran.stdout);
    for word in ["ACC", "NMI", "ASW", "ARI", "stage 1", "stage 2"] {
        assert!(table.contains(word), "{table}");
    }
    for name in [
        "assignment.csv",
        "check.json",
        "convergence.csv",
        "convergence.png",
        "convergence.svg",
        "embedding.csv",
        "model.safetensors",
        "risk_coverage.csv",
        "run.json",
        "scores.json",
        "umap.csv",
        "umap_label.png",
        "umap_label.svg",
        "umap_uncertainty.png",
        "umap_uncertainty.svg",
        "uncertainty_feature.csv",
        "uncertainty_modality.csv",
        "uncertainty_sample.csv",
    ] {
        let file = Path::new(&out).join(name);
        assert!(fs::metadata(&file).is_ok_and(|m| m.len() > 0), "{name}");
    }
    let lines = |name: &str| {
        let file = fs::read_to_string(Path::new(&out).join(name)).unwrap();
        file.lines().count()
    };
    assert_eq!(lines("embedding.csv"), 301);
    assert_eq!(lines("convergence.csv"), 1 + 6 + 3 + 4);
    let json = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(Path::new(&out).join(name)).unwrap()).unwrap()
    };
    let scores = json("scores.json");
    for stage in ["stage1", "stage2"] {
        for key in ["acc", "nmi", "ari", "purity"] {
            let value = scores[stage][key].as_f64().unwrap();
            assert!((-0.5..=1.0).contains(&value), "{stage} {key}");
        }
        assert!(scores[stage]["clusters"].as_u64().is_some());
    }

    // Nothing is replaced without being asked, and that is said before training.
    let again = quick(&[&data, "--recipe", "published", "--out", &out]);
    assert_eq!(again.status.code(), Some(6));
    assert!(text(&again.stderr).contains("--force"));
    let forced = quick(&[
        &data,
        "--recipe",
        "published",
        "--out",
        &out,
        "--force",
        "--quiet",
    ]);
    assert!(forced.status.success(), "{}", text(&forced.stderr));
    assert_eq!(json("scores.json"), scores, "same seed, same scores");
}

#[test]
fn events_as_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let demo = ["--demo", "--demo-samples", "200", "--recipe", "published"];
    let ran = quick(&[&demo[..], &["--json", "--out", &out]].concat());
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let events: Vec<serde_json::Value> = text(&ran.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |kind: &str| events.iter().filter(|e| e["event"] == kind).count();
    assert_eq!(of("epoch"), 13);
    assert_eq!(of("device"), 1);
    assert_eq!(of("finished"), 1);
    assert!(events.last().unwrap()["scores"]["stage2"]["acc"].is_number());
}

#[test]
fn no_labels_need_a_number_of_clusters() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, out) = (path("data"), path("out"));
    hdumec(&["demo", "--samples", "150", "--out", &data]);
    let asked = quick(&[&data, "--no-labels", "--out", &out]);
    assert_eq!(asked.status.code(), Some(4));
    assert!(text(&asked.stderr).contains("--clusters"));
    let ran = quick(&[&data, "--no-labels", "--clusters", "4", "--out", &out]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let scores = fs::read_to_string(Path::new(&out).join("scores.json")).unwrap();
    let scores: serde_json::Value = serde_json::from_str(&scores).unwrap();
    assert!(scores["stage1"]["acc"].is_null());
    assert!(scores["stage1"]["asw"].is_number());
}

#[test]
fn every_kind_of_failure_has_its_code_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let out = path("out");
    assert_eq!(hdumec(&["run"]).status.code(), Some(2));
    assert_eq!(
        hdumec(&["run", "--epochs", "1,2", "x.csv", "--out", &out])
            .status
            .code(),
        Some(2)
    );
    let nowhere = hdumec(&["run", &path("nowhere"), "--out", &out]);
    assert_eq!(nowhere.status.code(), Some(3));
    assert!(text(&nowhere.stderr).contains("nowhere"));
    fs::write(path("bad.csv"), "sample,a,b\nx,1,2\ny,3,four\n").unwrap();
    let bad = hdumec(&["inspect", &path("bad.csv")]);
    assert_eq!(bad.status.code(), Some(3));
    let words = text(&bad.stderr);
    assert!(
        words.contains("line 3") && words.contains("four"),
        "{words}"
    );
    let gpu = hdumec(&[
        "run",
        "--demo",
        "--device",
        "no such adapter",
        "--out",
        &path("gpu"),
    ]);
    assert_eq!(gpu.status.code(), Some(5), "{}", text(&gpu.stderr));
    assert!(!Path::new(&path("gpu")).exists());
    let heads = quick(&["--demo", "--heads", "7", "--out", &path("heads")]);
    assert_eq!(heads.status.code(), Some(4));
    let window = hdumec(&[]);
    assert_eq!(window.status.code(), Some(8));
    assert!(text(&window.stderr).contains("hdumec run"));
}

#[test]
fn a_run_says_what_it_takes_and_the_driver_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let ran = program()
        .args(["run", "--demo", "--demo-samples", "60", "--out", &out])
        .args(["--recipe", "published", "--epochs", "2,1,1"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("XDG_RUNTIME_DIR")
        .output()
        .unwrap();
    let said = text(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    let first = said.lines().next().unwrap();
    assert!(first.contains("(a rough estimate)"), "{said}");
    assert!(first.contains(" MiB on this processor"), "{said}");
    // Where there is hardware, its driver is asked, and may say what it likes.
    let hardware = [
        "/sys/class/drm/card0",
        "/dev/dri",
        "/dev/dxg",
        "/dev/nvidiactl",
    ];
    if cfg!(target_os = "linux") && !hardware.iter().any(|path| Path::new(path).exists()) {
        assert!(!said.contains("XDG_RUNTIME_DIR"), "{said}");
    }
}

#[test]
fn bench_tells_what_every_part_costs() {
    let output = hdumec(&["bench", "--samples", "150,300", "--repeats", "1", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    // What a graphics driver writes is no part of it.
    assert!(!text(&output.stderr).contains("XDG_RUNTIME_DIR"));
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines[0]["machine"]["operations"].as_f64().unwrap() > 1e8);
    for part in ["load text files", "stage 1 step, likelihood", "ASW"] {
        for samples in [150, 300] {
            let of = |l: &&serde_json::Value| l["part"] == part && l["samples"] == samples;
            let found = lines.iter().find(of).unwrap();
            assert!(found["seconds"].as_f64().unwrap() > 0.0);
        }
    }
    let refused = hdumec(&["bench", "--samples", "7"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn inspect_tells_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    hdumec(&["demo", "--samples", "1500", "--out", &data]);
    let told = hdumec(&["inspect", &data]);
    let words = text(&told.stdout);
    assert!(words.contains("1,500 samples"), "{words}");
    assert!(
        words.contains("protein") && words.contains("47 features"),
        "{words}"
    );
    let json = hdumec(&["inspect", &data, "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(value["report"]["samples"], 1500);
    assert_eq!(value["inputs"].as_array().unwrap().len(), 6);
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    use std::time::{Duration, Instant};
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut child = program()
        .args(["run", "--demo", "--device", "cpu", "--out"])
        .arg(&out)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let asked = Instant::now();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(10));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_uncertainty_is_checked_with_injected_noise() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let ran = quick(&[
        "--demo",
        "--demo-samples",
        "120",
        "--starts",
        "2",
        "--check",
        "--out",
        &out.display().to_string(),
    ]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let said = text(&ran.stdout);
    for words in ["finds errors", "injected noise", "noise of the demo"] {
        assert!(said.contains(words), "{said}");
    }
    let noise = fs::read_to_string(out.join("injected_noise.csv")).unwrap();
    assert_eq!(noise.lines().count(), 1 + 127 + 120);
    let check = fs::read(out.join("check.json")).unwrap();
    let check: serde_json::Value = serde_json::from_slice(&check).unwrap();
    assert!(check["injected"]["found"]["samples"]["spearman"].is_number());
}
