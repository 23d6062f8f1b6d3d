//! Folders that get all files or none, also when the process is killed.

use super::*;
use std::{
    env,
    process::{self, Command},
    sync::LazyLock,
    sync::atomic::{AtomicI64, Ordering},
};

fn spec(directory: PathBuf, replace: bool) -> ExportSpec {
    ExportSpec { directory, replace }
}

fn put(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn begin(spec: &ExportSpec) -> Result<Staging, Error> {
    reserve(spec)?.stage()
}

fn results(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    put(folder, RUN, "old");
    put(folder, "umap.csv", "old");
    put(folder, "notes.txt", "mine");
}

#[test]
fn a_new_folder_appears_complete() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("deep").join("results");
    let staging = begin(&spec(target.clone(), false)).unwrap();
    put(staging.path(), RUN, "new");
    assert!(!target.exists());
    staging.finish(&[RUN]).unwrap();
    assert_eq!(read(&target, RUN), "new");
    assert_eq!(names(&root.path().join("deep")), ["results"]);
}

#[test]
fn an_abandoned_export_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    for target in [root.path().join("new"), root.path().to_path_buf()] {
        drop(begin(&spec(target, false)).unwrap());
        assert!(names(root.path()).is_empty());
    }
}

#[test]
fn earlier_results_are_replaced_only_when_allowed_and_other_files_stay() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("results");
    results(&target);
    let refused = reserve(&spec(target.clone(), false));
    assert!(matches!(refused, Err(Error::Exists(_))));
    let staging = begin(&spec(target.clone(), true)).unwrap();
    put(staging.path(), RUN, "new");
    assert_eq!(read(&target, RUN), "old");
    staging.finish(&[RUN]).unwrap();
    assert_eq!(read(&target, RUN), "new");
    // The table of the earlier run does not survive beside the new run.json.
    assert_eq!(names(&target), ["notes.txt", RUN]);
}

#[test]
fn a_failure_at_the_last_moment_brings_everything_back() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("results");
    results(&target);
    let staging = begin(&spec(target.clone(), true)).unwrap();
    put(staging.path(), RUN, "new");
    assert!(staging.finish(&[RUN, "never written"]).is_err());
    assert_eq!(read(&target, RUN), "old");
    assert_eq!(read(&target, "umap.csv"), "old");
    assert_eq!(names(&target), ["notes.txt", RUN, "umap.csv"]);
}

#[test]
fn other_folders_are_never_replaced() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "thesis.txt", "mine");
    let refused = begin(&spec(root.path().to_path_buf(), true)).err();
    assert!(matches!(&refused, Some(Error::Foreign(_))), "{refused:?}");
    let file = root.path().join("thesis.txt");
    assert!(reserve(&spec(file, true)).is_err());
    assert!(reserve(&spec(PathBuf::new(), true)).is_err());
    assert_eq!(names(root.path()), ["thesis.txt"]);
}

/// Says to the process started by a test what to do.
const JOB: &str = "HDUMEC_TEST_EXPORT";
/// The exit code of a process that stopped half-way.
const STOPPED: i32 = 77;
/// What the killed run wrote, and what was there before it.
const AFTER: [&str; 4] = [RUN, "scores.json", "umap.csv", "umap_label.svg"];
const BEFORE: [&str; 3] = [RUN, "embedding.csv", "umap.csv"];

/// Ends a process started by a test after so many changes to the disk, as a kill would: nothing is cleaned up.
pub(in crate::export) fn step() {
    static LEFT: LazyLock<AtomicI64> = LazyLock::new(|| {
        let job = env::var(JOB).unwrap_or_default();
        let steps = job.split_once(':').and_then(|(n, _)| n.parse().ok());
        AtomicI64::new(steps.unwrap_or(i64::MAX))
    });
    if LEFT.fetch_sub(1, Ordering::Relaxed) == 0 {
        process::exit(STOPPED);
    }
}

/// Runs in a process of its own.
#[test]
#[ignore = "started by the test below"]
fn export_that_may_be_stopped() {
    let job = env::var(JOB).unwrap();
    let target = PathBuf::from(job.split_once(':').unwrap().1);
    let staging = begin(&spec(target, true)).unwrap();
    for name in AFTER {
        put(staging.path(), name, "new");
        step();
    }
    staging.finish(&AFTER).unwrap();
}

/// Exports in a process that stops after so many steps; whether it came to its end.
fn stopped_after(steps: usize, target: &Path) -> bool {
    let ended = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "export::folder::tests::export_that_may_be_stopped",
        ])
        .env(JOB, format!("{steps}:{}", target.display()))
        .output()
        .unwrap();
    match ended.status.code() {
        Some(0) => {
            let said = String::from_utf8_lossy(&ended.stdout).into_owned();
            assert!(said.contains("1 passed"), "{said}");
            true
        }
        Some(STOPPED) => false,
        code => panic!("{code:?}: {}", String::from_utf8_lossy(&ended.stderr)),
    }
}

/// Stops an export after every step; after the next start all is old or all is new, and nothing hidden is left.
fn stop_everywhere(prepare: impl Fn(&Path), before: &[&str], others: &[&str]) {
    let mut torn = 0;
    for steps in 0.. {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("results");
        prepare(&target);
        let finished = stopped_after(steps, &target);
        let hidden = |name: &String| name.starts_with(PREFIX);
        torn += usize::from(
            names(root.path()).iter().any(hidden)
                || target.exists() && names(&target).iter().any(hidden),
        );

        match steps % 2 {
            0 => drop(reserve(&spec(target.clone(), true)).unwrap()),
            _ if target.exists() => {
                recover(&target).unwrap();
                drop(reserve(&spec(target.clone(), true)).unwrap());
            }
            // Another folder beside it cleans up as well.
            _ => drop(reserve(&spec(root.path().join("other"), true)).unwrap()),
        }
        let there = target.exists();
        let found = if there { names(&target) } else { Vec::new() };
        let is_new = there && read(&target, RUN) == "new";
        let (files, text) = if is_new {
            (&AFTER[..], "new")
        } else {
            (before, "old")
        };
        let mut expected: Vec<&str> = files.iter().chain(others).copied().collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "after {steps} steps");
        assert!(
            files.iter().all(|name| read(&target, name) == text),
            "after {steps} steps"
        );
        assert!(others.iter().all(|name| read(&target, name) == "mine"));
        assert!(names(root.path()).iter().all(|name| name == "results"));
        assert!(!finished || is_new);
        if finished {
            assert!(
                steps >= 8 && torn >= 7,
                "{steps} steps, {torn} of them torn"
            );
            return;
        }
    }
}

#[test]
fn a_kill_at_any_step_leaves_the_old_results_or_the_new() {
    let old = |target: &Path| {
        fs::create_dir(target).unwrap();
        BEFORE.iter().for_each(|name| put(target, name, "old"));
        put(target, "notes.txt", "mine");
    };
    stop_everywhere(old, &BEFORE, &["notes.txt"]);
}

#[test]
fn a_kill_at_any_step_leaves_an_empty_folder_empty_or_filled() {
    stop_everywhere(|target| fs::create_dir(target).unwrap(), &[], &[]);
}

#[test]
fn a_kill_at_any_step_leaves_a_new_folder_whole_or_not_there() {
    stop_everywhere(|_| {}, &[], &[]);
}

#[test]
fn an_exchange_that_holds_is_finished_before_results_are_read() {
    let stopped = |steps| {
        let root = tempfile::tempdir().unwrap();
        results(root.path());
        assert!(!stopped_after(steps, root.path()));
        root
    };
    // The old run.json is away and the new one not yet there.
    let root = (0..)
        .map(stopped)
        .find(|root| !root.path().join(RUN).exists());
    let root = root.unwrap();
    let target = root.path();
    assert!(matches!(fs::read(target.join(RUN)), Err(e) if e.kind() == io::ErrorKind::NotFound));
    recover(target).unwrap();
    assert_eq!(
        (read(target, RUN), read(target, "scores.json")),
        ("new".into(), "new".into())
    );
}

#[test]
fn what_is_no_file_is_never_moved_away() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("results");
    results(&target);
    let mine = target.join("embedding.csv");
    fs::create_dir(&mine).unwrap();
    put(&mine, "thesis.txt", "mine");
    let refused = reserve(&spec(target.clone(), true));
    assert!(
        matches!(&refused, Err(Error::InTheWay(path)) if *path == mine),
        "{refused:?}"
    );
    assert_eq!(read(&mine, "thesis.txt"), "mine");
    fs::rename(&mine, target.join("mine")).unwrap();

    // It may also come while the analysis runs.
    let staging = begin(&spec(target.clone(), true)).unwrap();
    put(staging.path(), RUN, "new");
    fs::create_dir(&mine).unwrap();
    put(&mine, "thesis.txt", "mine");
    let refused = staging.finish(&[RUN]);
    assert!(
        matches!(&refused, Err(Error::InTheWay(path)) if *path == mine),
        "{refused:?}"
    );
    assert_eq!(read(&mine, "thesis.txt"), "mine");
    assert_eq!(
        (read(&target, RUN), read(&target, "umap.csv")),
        ("old".into(), "old".into())
    );
    assert_eq!(
        names(&target),
        ["embedding.csv", "mine", "notes.txt", RUN, "umap.csv"]
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_result_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("results");
    results(&target);
    put(root.path(), "mine.csv", "mine");
    std::os::unix::fs::symlink(root.path().join("mine.csv"), target.join("embedding.csv")).unwrap();
    let refused = reserve(&spec(target.clone(), true));
    assert!(matches!(refused, Err(Error::InTheWay(_))));
    assert!(target.join("embedding.csv").is_symlink());
}

#[test]
fn the_run_json_of_another_program_makes_no_results() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), RUN, r#"{"pipeline": "theirs"}"#);
    let refused = reserve(&spec(root.path().to_path_buf(), true));
    assert!(matches!(refused, Err(Error::Foreign(_))));
    put(root.path(), RUN, r#"{"tool": {"name": "hdumec"}}"#);
    reserve(&spec(root.path().to_path_buf(), true)).unwrap();
}

#[test]
fn a_place_is_of_one_run() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("results");
    let new = spec(target.clone(), false);
    let first = reserve(&new).unwrap();
    assert!(matches!(reserve(&new), Err(Error::Busy(_))));
    // Also once the folder is there.
    fs::create_dir(&target).unwrap();
    assert!(matches!(reserve(&new), Err(Error::Busy(_))));
    assert_eq!(
        reserve_free(&target, 1).unwrap().directory(),
        root.path().join("results-2")
    );
    let staging = first.stage().unwrap();
    assert!(matches!(reserve(&new), Err(Error::Busy(_))));
    put(staging.path(), RUN, "new");
    staging.finish(&[RUN]).unwrap();
    assert!(matches!(reserve(&new), Err(Error::Exists(_))));
    drop(reserve(&spec(target.clone(), true)).unwrap());
    assert_eq!(
        (names(root.path()), names(&target)),
        (vec!["results".into()], vec![RUN.into()])
    );
}

#[test]
fn folders_made_for_nothing_go_again() {
    let root = tempfile::tempdir().unwrap();
    let place = reserve(&spec(root.path().join("a").join("b").join("c"), false)).unwrap();
    assert!(root.path().join("a").join("b").exists());
    drop(place);
    assert!(names(root.path()).is_empty());
}
