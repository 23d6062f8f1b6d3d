//! A device of another machine: lent by one process, computed on by another.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{hdumec, program, text};

/// A server at work, on the processor.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn begin(folder: &Path) -> Self {
        let mut process = program()
            .args(["serve", "--device", "cpu", "--websocket", "127.0.0.1:0"])
            .arg("--key-file")
            .arg(folder.join("key"))
            .arg("--token-file")
            .arg(folder.join("token"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let mut lines = said.lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains("servers add")).unwrap();
        let mut words = line.split_whitespace();
        let address = words.find(|word| word.starts_with("ws://")).unwrap();
        let address = address.to_owned();
        // What it prints later has somewhere to go.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// The program with a list of servers of its own.
fn client(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = program();
    command.env("XDG_CONFIG_HOME", folder.join("config"));
    command.args(arguments);
    command
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_on_a_device_that_is_lent_is_one_on_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::begin(folder.path());
    let token = fs::read_to_string(folder.path().join("token")).unwrap();
    let token = token.trim();
    let said = |command: &mut Command| {
        let output = command.output().unwrap();
        let both = text(&output.stdout) + &text(&output.stderr);
        assert!(!both.contains(token), "{both}");
        (output.status.code(), both)
    };
    // Nobody knows it yet.
    let run = |out: &str, device: &str| {
        let place = folder.path().join(out);
        let place = place.to_str().unwrap();
        let mut all = vec!["run", "--demo", "--demo-samples", "300", "--out", place];
        all.extend([
            "--recipe",
            "published",
            "--epochs",
            "6,4,4",
            "--hidden",
            "32",
        ]);
        all.extend([
            "--umap-epochs",
            "20",
            "--no-store",
            "--quiet",
            "--device",
            device,
        ]);
        client(folder.path(), &all)
    };
    let (code, words) = said(&mut run("none", "remote:lab"));
    assert_eq!(code, Some(5), "{words}");
    assert!(words.contains("hdumec servers"), "{words}");

    let token_file = folder.path().join("token");
    let token_file = token_file.to_str().unwrap();
    let add = ["servers", "add", &server.address, "--name", "lab"];
    let mut add: Vec<&str> = add.to_vec();
    add.extend(["--token-file", token_file]);
    let (code, words) = said(&mut client(folder.path(), &add));
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("answers in"), "{words}");
    let (code, words) = said(&mut client(folder.path(), &["servers"]));
    assert!(code == Some(0) && words.contains("lab  ws://"), "{words}");

    for device in ["remote:lab", "cpu"] {
        let (code, words) = said(&mut run(device.trim_start_matches("remote:"), device));
        assert_eq!(code, Some(0), "{words}");
    }
    let scores = |of: &str| {
        let scores = fs::read_to_string(folder.path().join(of).join("scores.json")).unwrap();
        let scores: serde_json::Value = serde_json::from_str(&scores).unwrap();
        scores["stage1"]["acc"].as_f64().unwrap()
    };
    assert!((scores("lab") - scores("cpu")).abs() < 0.05);
    let record = fs::read_to_string(folder.path().join("lab").join("run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["device"]["kind"], "remote");
    for entry in fs::read_dir(folder.path().join("lab")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let found = bytes
            .windows(token.len())
            .any(|part| part == token.as_bytes());
        assert!(!found, "the token is nobody else's");
    }

    let (code, _) = said(&mut client(folder.path(), &["servers", "remove", "lab"]));
    assert_eq!(code, Some(0));
    let (_, words) = said(&mut client(folder.path(), &["servers"]));
    assert!(words.contains("No server is known"), "{words}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_goes_on_here_when_its_server_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::begin(folder.path());
    let token_file = folder.path().join("token");
    let mut add = client(folder.path(), &["servers", "add", &server.address]);
    add.arg("--name")
        .arg("lab")
        .arg("--token-file")
        .arg(token_file);
    assert!(add.output().unwrap().status.success());
    let out = folder.path().join("out");
    let place = out.to_str().unwrap();
    let all = [
        "run",
        "--demo",
        "--demo-samples",
        "300",
        "--out",
        place,
        "--json",
    ];
    let mut run = client(folder.path(), &all);
    run.args([
        "--recipe",
        "published",
        "--epochs",
        "40,4,4",
        "--hidden",
        "32",
    ]);
    run.args([
        "--umap-epochs",
        "20",
        "--no-store",
        "--device",
        "remote:lab",
    ]);
    let mut run = run
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(run.stdout.take().unwrap()).lines();
    let epoch = |line: &String| line.contains("\"epoch\":5");
    let fifth = events.by_ref().map(Result::unwrap).find(epoch);
    assert!(fifth.is_some());
    server.process.kill().unwrap();
    let rest: Vec<String> = events.map(Result::unwrap).collect();
    let output = run.wait_with_output().unwrap();
    let words = text(&output.stderr);
    assert!(output.status.success(), "{words}");
    assert!(!words.contains("WARN"), "{words}");
    let told = |line: &String| line.contains("Going on with the CPU");
    assert!(rest.iter().any(told), "{rest:?}");
    let table = fs::read_to_string(out.join("convergence.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 48, "{table}");
}

#[test]
fn an_address_that_is_none_is_told() {
    for (address, said) in [
        ("lab", "64 hexadecimal digits"),
        ("ws://gpu:1#x", "no number of a device"),
    ] {
        let output = hdumec(&["servers", "add", address]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(said));
    }
}

/// Starts and models that several devices have trained come to what one of these devices comes to.
#[cfg(target_os = "linux")]
#[test]
fn several_devices_come_to_what_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let servers = ["one", "two"].map(|name| {
        let own = folder.path().join(name);
        fs::create_dir(&own).unwrap();
        let server = Server::begin(&own);
        let mut add = client(folder.path(), &["servers", "add", &server.address]);
        add.arg("--name").arg(name);
        add.arg("--token-file").arg(own.join("token"));
        assert!(add.output().unwrap().status.success());
        server
    });
    let command = |out: &str, also: &[&str]| {
        let place = folder.path().join(out);
        let mut all = vec!["run", "--demo", "--demo-samples", "300", "--no-store"];
        all.extend(["--hidden", "32", "--starts", "5", "--ensemble", "3"]);
        all.extend(["--graph-votes", "8", "--small-data", "0"]);
        all.extend(["--epochs", "30,30,4", "--umap-epochs", "20"]);
        all.extend(["--device", "remote:one", "--out", place.to_str().unwrap()]);
        all.extend(also.iter().flat_map(|device| ["--also", device]));
        (client(folder.path(), &all), place)
    };
    let run = |out: &str, also: &[&str]| {
        let (mut command, place) = command(out, also);
        let output = command.output().unwrap();
        let words = text(&output.stderr);
        assert!(output.status.success(), "{words}");
        (place, words)
    };
    let (alone, _) = run("alone", &[]);
    let (together, words) = run("together", &["remote:two", "remote:nobody"]);
    assert!(words.contains("Training on remote:two"), "{words}");
    assert!(words.contains("'remote:nobody' does not train"), "{words}");
    for file in ["embedding.csv", "assignment.csv", "uncertainty_feature.csv"] {
        let read = |folder: &Path| fs::read(folder.join(file)).unwrap();
        assert!(read(&alone) == read(&together), "{file}");
    }
    let record = fs::read_to_string(together.join("run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let helped = &record["helpers"][0];
    assert_eq!(helped["device"]["name"], "two");
    let pieces = |of: &str| helped[of].as_array().unwrap().len();
    assert!(pieces("starts") + pieces("models") > 0, "{helped}");
    // Every epoch of every start and model is there, in its order.
    let epochs = |folder: &Path| {
        let table = fs::read_to_string(folder.join("convergence.csv")).unwrap();
        let rows = table.lines().skip(1);
        let row = |row: &str| {
            row.split(',')
                .take(3)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        rows.map(row).collect::<Vec<_>>()
    };
    assert_eq!(epochs(&alone), epochs(&together));

    // A helper that goes while it trains costs nothing but time.
    let (mut command, left) = command("left", &["remote:two"]);
    let mut run = command
        .arg("--json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(run.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let ready = |line: &String| line.contains("\"helper\"") && line.contains("\"device\"");
    assert!(events.by_ref().any(|line| ready(&line)));
    let [one, two] = servers;
    drop(two);
    let rest: Vec<String> = events.collect();
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        rest.iter().any(|line| line.contains("\"fails\"")),
        "{rest:?}"
    );
    let read = |folder: &Path| fs::read(folder.join("embedding.csv")).unwrap();
    assert!(read(&alone) == read(&left));
    drop(one);
}
