//! Where in a folder the matrices are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::format::{
    FormatError, Notice, Severity,
    matrix_market::set::{Set, in_folder},
};

/// What Cell Ranger calls folders with a matrix, the ones to be preferred first.
const FILTERED: [&str; 4] = [
    "filtered_feature_bc_matrix",
    "filtered_gene_bc_matrices",
    "filtered_gene_bc_matrices_mex",
    "filtered_peak_bc_matrix",
];
const RAW: [&str; 4] = [
    "raw_feature_bc_matrix",
    "raw_gene_bc_matrices",
    "raw_gene_bc_matrices_mex",
    "raw_peak_bc_matrix",
];

/// Where Cell Ranger puts those folders within the one of a sample.
const WITHIN: [&str; 3] = ["", "outs", "count"];

/// Most entries of a folder that are looked at.
const ENTRIES: usize = 10_000;

/// The matrices of a folder.
#[derive(Debug, Default)]
pub struct Layout {
    /// The sets, each with the label of its sample if there are several.
    pub sets: Vec<(String, Set)>,
    /// What there is to say.
    pub notices: Vec<Notice>,
    /// The folders of which one was chosen, if there were several.
    pub choices: Vec<String>,
}

impl Layout {
    /// Finds the matrices of a folder: in it, in the folders that Cell Ranger makes, or in a folder for every sample. Of
    /// several genomes, `choice` is taken.
    ///
    /// # Errors
    /// If a folder cannot be read, a matrix lacks names, or a choice is to be made.
    pub fn find(folder: &Path, choice: Option<&str>) -> Result<Option<Self>, FormatError> {
        if let Some(layout) = one_sample(folder, choice)? {
            return Ok(Some(layout));
        }
        let mut all = Self::default();
        for place in ["", "per_sample_outs", "outs/per_sample_outs"] {
            let place = inside(folder, place);
            if !place.is_dir() {
                continue;
            }
            for (name, path) in folders(&place)? {
                let Some(found) = one_sample(&path, choice)? else {
                    continue;
                };
                let several = found.sets.len() > 1;
                all.notices.extend(found.notices);
                all.choices.extend(found.choices);
                all.sets.extend(found.sets.into_iter().map(|(label, set)| {
                    let whole = if several {
                        format!("{name}_{label}")
                    } else {
                        name.clone()
                    };
                    (whole, set)
                }));
            }
        }
        Ok((!all.sets.is_empty()).then_some(all))
    }

    /// The same, where there must be one.
    ///
    /// # Errors
    /// As for [`Layout::find`], or if there is no matrix.
    pub fn of(folder: &Path, choice: Option<&str>) -> Result<Self, FormatError> {
        Self::find(folder, choice)?.ok_or_else(|| nothing(folder))
    }
}

/// The error that a folder holds no matrix.
pub fn nothing(folder: &Path) -> FormatError {
    FormatError::Unsupported {
        path: folder.to_owned(),
        what: "holds no matrix of 10x Genomics".into(),
        advice: "choose the folder with matrix.mtx, features.tsv and barcodes.tsv".into(),
    }
}

/// The matrices of a folder itself, or of what Cell Ranger made in it.
fn one_sample(folder: &Path, choice: Option<&str>) -> Result<Option<Layout>, FormatError> {
    let sets = in_folder(folder)?;
    if !sets.is_empty() {
        return Ok(Some(labelled(folder, sets)));
    }
    for place in WITHIN {
        let place = inside(folder, place);
        if place.is_dir()
            && let Some(layout) = cell_ranger(&place, choice)?
        {
            return Ok(Some(layout));
        }
    }
    Ok(None)
}

/// Sets by their prefixes; one without a prefix is called as its folder.
fn labelled(folder: &Path, sets: Vec<Set>) -> Layout {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let label = |set: Set| match set.prefix.is_empty() {
        true => (name.clone().into_owned(), set),
        false => (set.prefix.clone(), set),
    };
    Layout {
        sets: sets.into_iter().map(label).collect(),
        ..Layout::default()
    }
}

/// The filtered matrices of a folder, else the raw ones.
fn cell_ranger(folder: &Path, choice: Option<&str>) -> Result<Option<Layout>, FormatError> {
    let folders = folders(folder)?;
    let named = |end: &str| -> Vec<&(String, PathBuf)> {
        folders
            .iter()
            .filter(|(name, _)| name.ends_with(end))
            .collect()
    };
    let first = |ends: [&'static str; 4]| {
        let found = ends.into_iter().map(|end| (end, named(end)));
        found.into_iter().find(|(_, found)| !found.is_empty())
    };
    let (filtered, raw) = (first(FILTERED), first(RAW));
    let mut layout = Layout::default();
    if let (Some((taken, _)), Some((left, _))) = (&filtered, &raw) {
        layout.notices.push(Notice {
            severity: Severity::Note,
            object: folder.display().to_string(),
            text: format!("the filtered matrix '{taken}' is read, not the raw one '{left}'"),
        });
    }
    let Some((end, found)) = filtered.or(raw) else {
        return Ok(None);
    };
    let several = found.len() > 1;
    for (name, path) in found {
        let inner = matrix_folder(path, choice)?;
        let label = name[..name.len() - end.len()].trim_end_matches(['_', '-', '.']);
        layout.choices.extend(inner.choices);
        layout.sets.extend(inner.sets.into_iter().map(|(own, set)| {
            let label = if several && !label.is_empty() {
                label.to_owned()
            } else {
                own
            };
            (label, set)
        }));
    }
    Ok((!layout.sets.is_empty()).then_some(layout))
}

/// The matrices of a folder of Cell Ranger: version 2 has a folder in it for every genome.
fn matrix_folder(folder: &Path, choice: Option<&str>) -> Result<Layout, FormatError> {
    let sets = in_folder(folder)?;
    if !sets.is_empty() {
        return Ok(labelled(folder, sets));
    }
    let mut genomes = Vec::new();
    for (name, path) in folders(folder)? {
        let sets = in_folder(&path)?;
        if !sets.is_empty() {
            genomes.push((name, labelled(&path, sets)));
        }
    }
    let names: Vec<String> = genomes.iter().map(|(name, _)| name.clone()).collect();
    if genomes.len() > 1 {
        genomes.retain(|(name, _)| choice == Some(name));
        if genomes.is_empty() {
            return Err(FormatError::Choose {
                path: folder.to_owned(),
                question: "it holds a matrix for each of several genomes: which is to be read?"
                    .into(),
                choices: names,
            });
        }
    }
    let mut layout = genomes.pop().map(|(_, layout)| layout).unwrap_or_default();
    layout.choices = names;
    Ok(layout)
}

fn inside(folder: &Path, name: &str) -> PathBuf {
    match name {
        "" => folder.to_owned(),
        name => folder.join(name),
    }
}

/// The folders in a folder, in the order of their names, without hidden ones.
fn folders(folder: &Path) -> Result<Vec<(String, PathBuf)>, FormatError> {
    let failed = |source| FormatError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)?.take(ENTRIES) {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.path().is_dir() {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}
