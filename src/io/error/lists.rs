//! Lists of names in messages.

use std::path::PathBuf;

pub(super) fn listed(intro: &str, names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("{intro}{}.", names.join(", "))
}

pub(super) fn examples(files: &[(PathBuf, Vec<String>)]) -> String {
    let one =
        |(path, ids): &(PathBuf, Vec<String>)| format!("{} has {}", path.display(), ids.join(", "));
    files.iter().map(one).collect::<Vec<_>>().join("; ")
}
