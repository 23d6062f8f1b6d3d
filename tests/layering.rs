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

/// The folders and files under `src`, from the ground up: each uses only what stands before it, so there is no circle.
const LAYERS: [&str; 23] = [
    "words",
    "limit",
    "job",
    "store",
    "data",
    "figure",
    "analysis",
    "prepare",
    "format",
    "io",
    "preprocess",
    "model",
    "train",
    "method",
    "pipeline",
    "error",
    "export",
    "document",
    "app",
    "ui",
    "bench",
    "cli",
    "main",
];

#[test]
fn arrows_between_folders_point_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let layer = |name: &str| LAYERS.iter().position(|&known| known == name);
    let mut arrows = 0;
    visit(&source, &mut |path| {
        let name = path.strip_prefix(&source).unwrap().with_extension("");
        let own = name.iter().next().unwrap().to_str().unwrap();
        if own == "lib" || name.to_string_lossy().contains("tests") {
            return;
        }
        let at = layer(own).unwrap_or_else(|| panic!("{own} has no place among the layers"));
        for used in used_by(&code_of(path)) {
            if used == own {
                continue;
            }
            let Some(below) = layer(&used) else { continue };
            assert!(
                below < at,
                "{} uses {used}, which stands above it",
                path.display()
            );
            arrows += 1;
        }
    });
    assert!(arrows > 100, "only {arrows} arrows were seen");
}

/// The code of a file without its tests and comments.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The names right behind `crate::`, also of those in braces.
fn used_by(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        let letter = |c: &char| c.is_alphanumeric() || *c == '_';
        text.trim_start().chars().take_while(letter).collect()
    };
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let (mut depth, mut expected) = (1, true);
        for (at, letter) in list.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => expected = true,
                _ if expected && !letter.is_whitespace() => {
                    names.push(word(&list[at..]));
                    expected = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

#[test]
fn what_code_uses_is_seen() {
    let code =
        "use crate::{\n    data::{A, b::C},\n    io,\n};\nuse crate::job;\ncrate::ui::draw()";
    assert_eq!(used_by(code), ["data", "io", "job", "ui"]);
}

#[test]
fn every_folder_keeps_to_its_own() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    visit(&source, &mut |path| {
        let name = path.strip_prefix(&source).unwrap();
        let name = name.to_string_lossy().replace('\\', "/");
        seen += 1;
        let code = code_of(path);
        let in_test = name.contains("tests") || name.contains("parity");
        for (word, allowed) in WALLS {
            let uses = code.lines().any(|line| line.contains(word));
            assert!(
                !uses || in_test || allowed.iter().any(|place| name.starts_with(place)),
                "{name} uses {word}, which belongs to {allowed:?}"
            );
        }
        let lines = fs::read_to_string(path).unwrap().lines().count();
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
