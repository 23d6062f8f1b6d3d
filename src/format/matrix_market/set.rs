//! Which files belong together: a matrix and its two files of names.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::format::{FormatError, packed::inner_name};

/// Ends of names of files that name the features, and those that name the samples.
const FEATURES: [&str; 9] = [
    "features",
    "genes",
    "peaks",
    "proteins",
    "gene_names",
    "feature_names",
    "var_names",
    "gene",
    "var",
];
const SAMPLES: [&str; 9] = [
    "barcodes",
    "cells",
    "samples",
    "cell_names",
    "cell_ids",
    "obs_names",
    "barcode",
    "cell",
    "obs",
];

/// Most files of a folder that are looked at.
const ENTRIES: usize = 100_000;

/// A matrix and its two files of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// What the names of its files begin with; empty if nothing.
    pub prefix: String,
    /// The matrix.
    pub matrix: PathBuf,
    /// The names of the features.
    pub features: PathBuf,
    /// The names of the samples.
    pub samples: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Matrix,
    Features,
    Samples,
}

/// What a file of this name is in a set, and what stands before that.
fn role(name: &str) -> Option<(String, Role)> {
    // In lower case of ASCII alone, places stay where they are.
    let lower = inner_name(name).to_ascii_lowercase();
    let (stem, ending) = lower.rsplit_once('.')?;
    let cut = |length: usize| {
        let prefix = &name[..length];
        prefix.trim_end_matches(['_', '.', '-', ' ']).to_owned()
    };
    let ends_with = |word: &str| {
        let before = stem.strip_suffix(word)?;
        let apart = !before.ends_with(char::is_alphanumeric);
        apart.then_some(before.len())
    };
    match ending {
        "mtx" | "mm" => {
            let at = ends_with("matrix").unwrap_or(stem.len());
            Some((cut(at), Role::Matrix))
        }
        "tsv" | "csv" | "txt" | "bed" => {
            let find = |words: &[&str]| words.iter().find_map(|word| ends_with(word));
            let features = find(&FEATURES).map(|at| (cut(at), Role::Features));
            features.or_else(|| find(&SAMPLES).map(|at| (cut(at), Role::Samples)))
        }
        _ => None,
    }
}

/// The sets of a folder, in the order of their names; none if it holds no matrix.
///
/// # Errors
/// If the folder cannot be read, a matrix lacks names, or it is unclear which belong to it.
pub fn in_folder(folder: &Path) -> Result<Vec<Set>, FormatError> {
    find(folder, None)
}

/// The set of a matrix.
///
/// # Errors
/// As for [`in_folder`].
pub fn of_matrix(path: &Path) -> Result<Set, FormatError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let sets = find(folder, Some(path))?;
    sets.into_iter()
        .next()
        .ok_or_else(|| missing(path, "features"))
}

fn find(folder: &Path, only: Option<&Path>) -> Result<Vec<Set>, FormatError> {
    let failed = |source| FormatError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)?.take(ENTRIES) {
        names.push(entry.map_err(failed)?.file_name());
    }
    names.sort();
    let (mut matrices, mut features, mut samples) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for name in names {
        let name_text = name.to_string_lossy();
        let Some((prefix, role)) = role(&name_text).filter(|_| !name_text.starts_with('.')) else {
            continue;
        };
        let path = folder.join(&name);
        let list: &mut Vec<PathBuf> = match role {
            Role::Matrix => {
                matrices.push((prefix, path));
                continue;
            }
            Role::Features => features.entry(prefix).or_default(),
            Role::Samples => samples.entry(prefix).or_default(),
        };
        list.push(path);
    }
    if let Some(only) = only {
        matrices.retain(|(_, path)| path.file_name() == only.file_name());
        // A matrix of any name is one if it is asked for.
        if matrices.is_empty() {
            let stem = only.file_stem().unwrap_or_default().to_string_lossy();
            matrices.push((stem.into_owned(), only.to_owned()));
        }
    } else if let Some(pair) = matrices.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(several(&pair[0].1, &pair[1].1));
    }
    let alone = matrices.len() == 1;
    let set = |(prefix, matrix): (String, PathBuf)| {
        Ok(Set {
            features: names_of(&matrix, &prefix, &features, alone, "features")?,
            samples: names_of(&matrix, &prefix, &samples, alone, "samples")?,
            prefix,
            matrix,
        })
    };
    matrices.into_iter().map(set).collect()
}

/// The file of names of a matrix: the one of its prefix, else of the longest that its prefix begins with; for the only matrix of
/// a folder, the only one there is.
fn names_of(
    matrix: &Path,
    prefix: &str,
    lists: &BTreeMap<String, Vec<PathBuf>>,
    alone: bool,
    what: &str,
) -> Result<PathBuf, FormatError> {
    let shared = lists
        .iter()
        .filter(|(key, _)| prefix.starts_with(key.as_str()));
    // Features may be shared by several matrices, samples are not.
    let shared = shared.filter(|_| alone || what == "features");
    let found = lists
        .get(prefix)
        .or(shared.max_by_key(|(key, _)| key.len()).map(|pair| pair.1));
    let all: Vec<&PathBuf> = lists.values().flatten().collect();
    match (found.map(Vec::as_slice), &all[..]) {
        (Some([one]), _) => Ok(one.clone()),
        (None, &[one]) if alone => Ok(one.clone()),
        (Some([first, second, ..]), _) => Err(several(first, second)),
        _ => Err(missing(matrix, what)),
    }
}

fn several(first: &Path, second: &Path) -> FormatError {
    let name = second.file_name().unwrap_or_default().to_string_lossy();
    FormatError::Unsupported {
        path: first.to_owned(),
        what: format!("and '{name}' are for the same thing, and it is unclear which to take"),
        advice: "move the one that does not belong there to another folder".into(),
    }
}

fn missing(matrix: &Path, what: &str) -> FormatError {
    let example = match what {
        "features" => "'features.tsv' or 'genes.tsv'",
        _ => "'barcodes.tsv'",
    };
    FormatError::Unsupported {
        path: matrix.to_owned(),
        what: format!("has no file beside it that names the {what}"),
        advice: format!("put {example} into its folder, with the same prefix as the matrix"),
    }
}

impl Set {
    /// Its files.
    pub fn files(&self) -> Vec<PathBuf> {
        [&self.matrix, &self.features, &self.samples]
            .map(PathBuf::clone)
            .into()
    }
}
