//! Which folder may know what: the walls inside the crate.

use std::{fs, path::Path};

/// A word, and the places under `src` that may use it.
const WALLS: [(&str, &[&str]); 7] = [
    ("burn::", &["model/", "train/"]),
    ("burn_wgpu", &["model/"]),
    ("egui", &["ui/", "main.rs", "lib.rs"]),
    ("rfd::", &["ui/dialog.rs"]),
    ("thread::Builder", &["job/"]),
    ("thread::spawn", &["job/"]),
    ("println!", &["cli/", "main.rs"]),
];

#[test]
fn every_folder_keeps_to_its_own() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    visit(&source, &mut |path| {
        let name = path.strip_prefix(&source).unwrap();
        let name = name.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(path).unwrap();
        seen += 1;
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let in_test = name.contains("tests") || name.contains("parity");
        for (word, allowed) in WALLS {
            let uses = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains(word));
            assert!(
                !uses || in_test || allowed.iter().any(|place| name.starts_with(place)),
                "{name} uses {word}, which belongs to {allowed:?}"
            );
        }
        let lines = text.lines().count();
        assert!(lines <= 400, "{name} has {lines} lines: split it");
    });
    assert!(seen > 50, "only {seen} files were looked at");
}

fn visit(folder: &Path, look: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, look);
        } else if path.extension().is_some_and(|e| e == "rs") {
            look(&path);
        }
    }
}
