//! A limit on memory holds for all there is, or what needs more is refused before it starts.

use std::{fmt::Write as _, fs, process::Stdio, time::Duration};

use super::{hdumec, program, text};

/// What was said, the exit code, and the most memory that was held, in MiB; nothing where the system does not tell.
fn limited(arguments: &[&str]) -> (String, Option<i32>, u64) {
    let mut command = program();
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watch = std::thread::spawn(move || {
        let mut most = 0;
        while let Ok(told) = fs::read_to_string(&status) {
            let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            // What has ended holds nothing.
            let Some(line) = line else { break };
            let kib = line
                .split_whitespace()
                .next()
                .and_then(|word| word.parse().ok());
            most = most.max(kib.unwrap_or(0_u64));
            std::thread::sleep(Duration::from_millis(2));
        }
        most / 1_024
    });
    let told = child.wait_with_output().unwrap();
    let said = text(&told.stdout) + &text(&told.stderr);
    (said, told.status.code(), watch.join().unwrap())
}

#[test]
fn a_limit_on_memory_holds_for_all_that_grows_with_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, long, out) = (path("data"), path("long.csv"), path("out"));

    // Values that find no room are kept on disk, with the same outcome.
    hdumec(&["demo", "--samples", "40000", "--out", &data]);
    let told = |memory: &[&str]| {
        let (said, code, most) = limited(&[&["inspect", &data, "--json"], memory].concat());
        assert_eq!(code, Some(0), "{said}");
        let mut found: serde_json::Value = serde_json::from_str(&said).unwrap();
        let notices = found["report"]["notices"].take().to_string();
        (
            found["report"].take(),
            notices.contains("kept_on_disk"),
            most,
        )
    };
    let (free, disk) = (told(&[]), told(&["--memory", "160"]));
    assert!(free.0 == disk.0);
    assert_eq!((free.1, disk.1), (false, true));
    assert!(disk.2 < 170, "{} MiB", disk.2);

    // Names cannot be kept on disk: that they find no room is told with what they would take.
    let mut rows = String::from("sample,a,b\n");
    (0..1_500_000).for_each(|i| _ = writeln!(rows, "cell{i},{},{}", i % 7, i % 11));
    fs::write(&long, rows).unwrap();
    let (said, code, most) = limited(&["inspect", &long, "--memory", "200"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("the names of its rows would take"), "{said}");
    assert!(
        said.contains("(--memory)") && said.contains("MiB"),
        "{said}"
    );
    assert!(most < 210, "{most} MiB");

    // So is a training that would need more, before it starts.
    let run = [
        "run",
        &data,
        "--hidden",
        "2048",
        "--out",
        &out,
        "--no-store",
    ];
    let (said, code, most) = limited(&[&run[..], &["--memory", "250"]].concat());
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("would need about") && said.contains("(--memory)"),
        "{said}"
    );
    assert!(!fs::exists(&out).unwrap() && most < 260, "{most} MiB");

    // Less than the program itself takes is no limit.
    let (said, code, _) = limited(&["inspect", &data, "--memory", "1"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("from 128"), "{said}");
}
