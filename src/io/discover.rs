//! Which files belong to a data set.

use super::error::LoadError;
use crate::{data::available_memory, format::packed};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The file of one modality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModalityFile {
    /// Name of the modality: the file's name without its endings and without `modality_`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

/// What was found under the paths given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFiles {
    /// Name for the data set: the folder that holds all modalities, else the first file's name.
    pub name: String,
    /// One file per modality, in the order of the file names.
    pub modalities: Vec<ModalityFile>,
    /// A labels file given among the paths.
    pub labels_given: Option<PathBuf>,
    /// A file `labels.csv` (or `.tsv`, `.txt`, `.xlsx`, `.parquet`, packed or not) found beside the modalities.
    pub labels_found: Option<PathBuf>,
    /// A file `truth_sample.csv` found beside the modalities (simulated data).
    pub truth_sample: Option<PathBuf>,
    /// A file `truth_feature.csv` found beside the modalities (simulated data).
    pub truth_feature: Option<PathBuf>,
}

/// Finds the modalities, labels and known values under files and folders.
///
/// A folder contributes its `modality_<name>.csv`, `.tsv`, `.txt`, `.xlsx` or `.parquet`, packed or not; a file named on its own is a
/// modality whatever its name, unless it is called `labels`. The order of `paths` does not matter.
///
/// # Errors
/// If a path cannot be read, a folder has no such file, two files have the same modality name, or two labels files
/// are given.
pub fn discover(paths: &[PathBuf]) -> Result<FoundFiles, LoadError> {
    discover_beside(paths, &[])
}

/// The same where `containers`, files and folders of other programs, hold modalities too; there need be no tables then.
pub(super) fn discover_beside(
    paths: &[PathBuf],
    containers: &[PathBuf],
) -> Result<FoundFiles, LoadError> {
    if paths.is_empty() && containers.is_empty() {
        return Err(LoadError::NothingGiven);
    }
    let mut labels_given: Option<PathBuf> = None;
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let read = |source| LoadError::Read {
            path: path.clone(),
            source,
        };
        if fs::metadata(path).map_err(read)?.is_dir() {
            files.extend(in_folder(path).or_else(the_only_one)?);
            continue;
        }
        regular_file(path)?;
        if is_labels(path) {
            match &labels_given {
                Some(first) if !same_file(first, path) => {
                    return Err(LoadError::TwoLabelFiles {
                        first: first.clone(),
                        second: path.clone(),
                    });
                }
                _ => labels_given = Some(path.clone()),
            }
        } else {
            files.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    // A link of another name is another modality.
    files.retain(|f| {
        let file = fs::canonicalize(f).unwrap_or_else(|_| f.clone());
        seen.insert((file, modality_name(f)))
    });
    let mut modalities: Vec<ModalityFile> = files
        .into_iter()
        .map(|path| ModalityFile {
            name: modality_name(&path),
            path,
        })
        .collect();
    modalities.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
    for (i, a) in modalities.iter().enumerate() {
        if let Some(b) = modalities[i + 1..].iter().find(|b| a.name == b.name) {
            return Err(LoadError::SameModality {
                name: a.name.clone(),
                first: a.path.clone(),
                second: b.path.clone(),
            });
        }
    }
    let first = modalities.first().map(|m| m.name.clone());
    let Some(first) = first.or_else(|| containers.first().map(|path| modality_name(path))) else {
        return Err(match labels_given {
            Some(path) => LoadError::OnlyLabels { path },
            None => LoadError::NothingGiven,
        });
    };
    let tables = modalities.iter().map(|m| m.path.as_path());
    let all = tables.chain(containers.iter().map(PathBuf::as_path));
    let folders: BTreeSet<PathBuf> = all.map(folder_of).collect();
    let several = modalities.len() + containers.len() > 1;
    let name = match folders.first() {
        Some(folder) if folders.len() == 1 && several => folder_name(folder),
        _ => None,
    };
    // A file named on its own carries its own name, a folder of one modality the folder's.
    let name = name
        .or_else(|| {
            paths
                .iter()
                .find(|p| p.is_dir())
                .and_then(|p| folder_name(p))
        })
        .unwrap_or(first);
    Ok(FoundFiles {
        name,
        labels_given,
        labels_found: beside(&folders, "labels")?,
        truth_sample: beside(&folders, "truth_sample")?,
        truth_feature: beside(&folders, "truth_feature")?,
        modalities,
    })
}

/// Whether a folder holds tables of modalities.
pub(super) fn holds_tables(folder: &Path) -> Result<bool, LoadError> {
    match in_folder(folder) {
        Err(LoadError::NoModalityFiles { .. }) => Ok(false),
        // What is wrong with one of them is told when it is read.
        _ => Ok(true),
    }
}

/// The table of a folder that has one only, whatever it is called, beside the labels and what is no table by its name.
fn the_only_one(error: LoadError) -> Result<Vec<PathBuf>, LoadError> {
    const NO_TABLES: [&str; 5] = ["label", "labels", "readme", "license", "changelog"];
    let LoadError::NoModalityFiles { folder, tables } = &error else {
        return Err(error);
    };
    let stem = |name: &str| table_stem(name).unwrap_or(name).to_lowercase();
    let mut could = tables
        .iter()
        .filter(|name| !NO_TABLES.contains(&stem(name).as_str()));
    match (could.next(), could.next()) {
        (Some(only), None) => Ok(vec![folder.join(only)]),
        _ => Err(error),
    }
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let read = |source| LoadError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut modalities = Vec::new();
    let mut tables = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let name = file_name(&path);
        // Hidden files are leftovers of the system (`._modality_rna.csv`) or of an unfinished write.
        let Some(stem) = table_stem(&name) else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        match strip_prefix(stem) {
            Some(rest) if !rest.is_empty() => {
                // A broken link is not the same as no modality.
                regular_file(&path)?;
                modalities.push(path);
            }
            _ if path.is_file() => tables.push(name),
            _ => {}
        }
    }
    if modalities.is_empty() {
        tables.sort();
        return Err(LoadError::NoModalityFiles {
            folder: folder.to_owned(),
            tables,
        });
    }
    Ok(modalities)
}

/// What is called like a table `stem` in the first of these folders that has one; whether it can be read shows later.
fn beside(folders: &BTreeSet<PathBuf>, stem: &str) -> Result<Option<PathBuf>, LoadError> {
    for folder in folders {
        let read = |source| LoadError::Read {
            path: folder.clone(),
            source,
        };
        let mut fitting = Vec::new();
        for entry in fs::read_dir(folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if table_stem(&file_name(&path)).is_some_and(|s| s.eq_ignore_ascii_case(stem)) {
                fitting.push(path);
            }
        }
        if let Some(first) = fitting.into_iter().min() {
            return Ok(Some(first));
        }
    }
    Ok(None)
}

/// Refuses what is no file: nothing, a link to nothing, a folder, or a pipe or device, which may have no end.
pub(super) fn regular_file(path: &Path) -> Result<(), LoadError> {
    let path = || path.to_owned();
    let kind = fs::metadata(path()).map_err(|source| LoadError::Read {
        path: path(),
        source,
    })?;
    if kind.is_file() {
        return Ok(());
    }
    Err(LoadError::NotAFile {
        path: path(),
        what: match kind.is_dir() {
            true => "a folder",
            false => "a pipe or a device",
        },
    })
}

/// Bytes on disk from which on files are asked about before a window reads them.
const LARGE: u64 = 2 << 30;

/// Refuses files that are so large that reading them should be confirmed; a folder counts with the files in it, and what cannot be
/// looked at counts nothing.
///
/// # Errors
/// [`LoadError::Large`].
pub fn check_size(paths: &[PathBuf]) -> Result<(), LoadError> {
    let of_file = |path: &Path| fs::metadata(path).map_or(0, |known| known.len());
    let of_path = |path: &PathBuf| match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| of_file(&entry.path())).sum(),
        Err(_) => of_file(path),
    };
    let bytes: u64 = paths.iter().map(of_path).sum();
    match bytes < LARGE {
        true => Ok(()),
        false => Err(LoadError::Large {
            bytes,
            free: available_memory(),
        }),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The folder's own name, also for `.` and `..`.
fn folder_name(folder: &Path) -> Option<String> {
    let full = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    full.file_name().map(|n| n.to_string_lossy().into_owned())
}

/// Endings of tables, before that of a packing.
const TABLES: [&str; 7] = [".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet", ".pq"];

/// The name without the ending of a table, also before that of a packing, in any case; `None` for other endings.
fn table_stem(name: &str) -> Option<&str> {
    let name = packed::inner_name(name);
    TABLES
        .iter()
        .find_map(|ending| without_ending(name, ending))
}

fn without_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let cut = name.len().checked_sub(ending.len())?;
    let tail = name.get(cut..)?;
    tail.eq_ignore_ascii_case(ending).then(|| &name[..cut])
}

fn strip_prefix(stem: &str) -> Option<&str> {
    const PREFIX: &str = "modality_";
    let head = stem.get(..PREFIX.len())?;
    head.eq_ignore_ascii_case(PREFIX)
        .then(|| &stem[PREFIX.len()..])
}

fn modality_name(path: &Path) -> String {
    let name = file_name(path);
    let stem = table_stem(&name)
        .or_else(|| name.rsplit_once('.').map(|(stem, _)| stem))
        .filter(|s| !s.is_empty())
        .unwrap_or(&name);
    match strip_prefix(stem) {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => stem.to_owned(),
    }
}

fn is_labels(path: &Path) -> bool {
    let name = file_name(path);
    let stem = table_stem(&name).unwrap_or(&name);
    stem.eq_ignore_ascii_case("labels") || stem.eq_ignore_ascii_case("label")
}

fn same_file(a: &Path, b: &Path) -> bool {
    fs::canonicalize(a).ok() == fs::canonicalize(b).ok()
}

#[cfg(test)]
mod tests;
