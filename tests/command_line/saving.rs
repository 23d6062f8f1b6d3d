//! What is kept when a run does not go as it should.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{QUICK, hdumec, program, quick, text};

/// A run of the demo that goes on and on in stage 2, telling its events as JSON lines.
fn endless(out: &Path) -> Command {
    let mut command = program();
    command
        .args([
            "run",
            "--demo",
            "--demo-samples",
            "150",
            "--recipe",
            "published",
        ])
        .args(["--json", "--out"])
        .arg(out)
        .args(QUICK.map(|argument| match argument {
            "6,3,4" => "2,1,100000",
            other => other,
        }))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Waits for an event of that kind in which these words stand.
fn wait_for(child: &mut Child, words: &str) {
    let out = child.stdout.as_mut().unwrap();
    let mut lines = BufReader::with_capacity(1, out).lines();
    let found = lines.any(|line| line.unwrap().contains(words));
    assert!(found, "{words} never came");
    // Whoever does not read on holds up the run: from here on a thread does.
    let mut rest = child.stdout.take().unwrap();
    std::thread::spawn(move || std::io::copy(&mut rest, &mut std::io::sink()));
}

/// How the run ended, and what it said.
fn ended(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), text(&output.stderr))
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([name, &id]).status().unwrap();
    assert!(sent.success());
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

const EPOCH_OF_STAGE_2: &str = "\"stage\":\"clustering\"";

#[cfg(unix)]
#[test]
fn what_is_finished_is_kept_when_stage_2_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for (name, epoch, kept) in [
        (
            "-TERM",
            EPOCH_OF_STAGE_2,
            "in stage 2: what is saved is that of stage 1",
        ),
        ("-INT", "umap_stage1", "what is saved is that of stage 1"),
    ] {
        let out = folder.path().join(name.trim_start_matches('-'));
        let mut child = endless(&out).spawn().unwrap();
        wait_for(&mut child, epoch);
        signal(&child, name);
        let (code, said) = ended(child);
        assert_eq!(code, Some(130), "{said}");
        assert!(said.contains(kept), "{said}");
        let (run, scores) = (json(&out.join("run.json")), json(&out.join("scores.json")));
        assert_eq!(run["complete"], false);
        assert!(scores["stage1"]["acc"].is_number() && scores["stage2"].is_null());
        assert!(out.join("uncertainty_feature.csv").exists());
        assert!(name == "-INT" || out.join("umap.csv").exists());
    }
    assert_eq!(names(folder.path()), ["INT", "TERM"]);
}

#[cfg(unix)]
#[test]
fn what_a_rerun_finished_is_kept_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (out, again) = (folder.path().join("out"), folder.path().join("again"));
    let demo = ["--demo", "--demo-samples", "150", "--recipe", "published"];
    let ran = quick(&[&demo[..], &["--out", out.to_str().unwrap()]].concat());
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let mut run = json(&out.join("run.json"));
    run["parameters"]["train"]["epochs"][2] = 100_000.into();
    let longer = folder.path().join("longer.json");
    fs::write(&longer, run.to_string()).unwrap();
    let mut child = program()
        .args([Path::new("rerun"), &longer, Path::new("--out"), &again])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let told = BufReader::new(child.stderr.take().unwrap());
    let mut lines = told.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.to_lowercase().contains("clustering")));
    signal(&child, "-TERM");
    let said = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("what is saved is that of stage 1"), "{said}");
    assert_eq!(json(&again.join("run.json"))["complete"], false);
}

#[cfg(unix)]
#[test]
fn a_second_run_into_a_folder_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut first = endless(&out).spawn().unwrap();
    wait_for(&mut first, "\"event\":\"device\"");
    let second = quick(&[
        "--demo",
        "--demo-samples",
        "150",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(second.status.code(), Some(6));
    let said = text(&second.stderr);
    assert!(said.contains("nother hdumec is writing"), "{said}");
    assert!(
        !said.contains("Computing on"),
        "it is told before the training: {said}"
    );

    // Nothing holds a folder after a kill, and what it left is gone at the next start.
    signal(&first, "-KILL");
    first.wait().unwrap();
    assert!(
        names(folder.path())
            .iter()
            .any(|name| name.starts_with(".hdumec-"))
    );
    let third = quick(&[
        "--demo",
        "--demo-samples",
        "150",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(third.status.success(), "{}", text(&third.stderr));
    assert_eq!(names(folder.path()), ["out"]);
    assert!(!names(&out).iter().any(|name| name.starts_with('.')));
}

#[cfg(unix)]
#[test]
fn results_that_find_their_folder_taken_go_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut child = endless(&out).spawn().unwrap();
    wait_for(&mut child, EPOCH_OF_STAGE_2);
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.txt"), "mine").unwrap();
    signal(&child, "-TERM");
    let (code, said) = ended(child);
    assert_eq!(code, Some(6), "{said}");
    let beside = folder.path().join("out-2");
    assert!(said.contains(&beside.display().to_string()), "{said}");
    assert!(said.contains("holds no results of hdumec"), "{said}");
    assert!(beside.join("run.json").exists());
    assert_eq!(
        (names(folder.path()), names(&out)),
        (
            vec!["out".into(), "out-2".into()],
            vec!["thesis.txt".into()]
        )
    );
}

#[cfg(target_os = "linux")]
#[test]
fn results_whose_disk_is_gone_go_to_the_folder_for_data() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, home) = (folder.path().join("disk"), folder.path().join("home"));
    let mut child = endless(&disk.join("out"))
        .env("XDG_DATA_HOME", &home)
        .spawn()
        .unwrap();
    wait_for(&mut child, EPOCH_OF_STAGE_2);
    fs::remove_dir_all(&disk).unwrap();
    fs::write(&disk, "no folder").unwrap();
    signal(&child, "-TERM");
    let (code, said) = ended(child);
    assert_eq!(code, Some(6), "{said}");
    let saved = home.join("hdumec").join("out");
    assert!(said.contains(&saved.display().to_string()), "{said}");
    assert!(saved.join("run.json").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, out) = (path("data"), path("out"));
    hdumec(&["demo", "--samples", "150", "--out", &data]);
    let into_full = |arguments: &[&str]| {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = program().args(arguments).stdout(full).output().unwrap();
        (ran.status.code(), text(&ran.stderr))
    };
    for arguments in [
        &["inspect", &data][..],
        &["inspect", &data, "--json"],
        &["--help"],
        &["run", "--help"],
        &["--version"],
    ] {
        let (code, said) = into_full(arguments);
        assert_eq!(
            (code, said.lines().count()),
            (Some(6), 1),
            "{arguments:?}: {said}"
        );
        assert!(said.contains("standard output"), "{said}");
    }
    let run = [
        &[
            "run",
            &data,
            "--out",
            &out,
            "--recipe",
            "published",
            "--json",
        ][..],
        &QUICK,
    ]
    .concat();
    let (code, said) = into_full(&run);
    assert_eq!(code, Some(6), "{said}");
    assert!(
        Path::new(&out).join("run.json").exists(),
        "the results are written all the same"
    );

    // Who closes the pipe has seen enough.
    let mut child = program()
        .args(["inspect", &data])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let (code, said) = ended(child);
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

#[test]
fn names_do_not_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("da\u{1b}[2Jta");
    fs::create_dir(&data).unwrap();
    let rows: String = (0..12)
        .map(|i| format!("s{i},{i},{}\n", i * i % 7))
        .collect();
    fs::write(data.join("modality_rna.csv"), format!("sample,a,b\n{rows}")).unwrap();
    let classes = ["B\u{1b}]0;owned\u{7}", "T\u{9b}31m\u{202e}"];
    let rows: String = (0..12)
        .map(|i| format!("s{i},{}\n", classes[i % 2]))
        .collect();
    fs::write(data.join("labels.csv"), format!("sample,label\n{rows}")).unwrap();
    let data = data.to_str().unwrap();
    let plain = |bytes: &[u8]| {
        let text = text(bytes);
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(steers), "{text:?}");
        text
    };
    let told = hdumec(&["inspect", data]);
    assert!(plain(&told.stdout).contains("B\\u{1b}]0;owned\\u{7}"));
    let told = hdumec(&["inspect", data, "--json"]);
    let value: serde_json::Value = serde_json::from_str(&plain(&told.stdout)).unwrap();
    assert_eq!(value["report"]["classes"][1]["name"], classes[1]);
    // In errors, also those about the arguments.
    for arguments in [
        &["inspect", "no\u{1b}[2Jfile"][..],
        &["no\u{1b}[2Jfile"],
        &["run", "x", "--no\u{9b}2Jflag"],
    ] {
        let told = hdumec(arguments);
        assert!(!told.status.success());
        let said = plain(&told.stderr);
        assert!(said.contains("no\\u{") && said.contains("2J"), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn values_that_find_no_room_are_told_with_the_folder_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, cache) = (path("data"), path("cache"));
    hdumec(&["demo", "--samples", "40000", "--out", &data]);
    fs::write(&cache, "no folder").unwrap();
    let told = program()
        .args(["inspect", &data, "--memory", "128"])
        .env("XDG_CACHE_HOME", &cache)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(3));
    let said = text(&told.stderr);
    assert!(
        said.contains(&cache) && said.contains("XDG_CACHE_HOME"),
        "{said}"
    );
    assert!(!said.contains("Make room"), "{said}");
}
