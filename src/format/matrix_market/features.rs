//! What a file of features says: names, ids, and to which modality they belong.

use super::names::NameTable;
use crate::{
    data::{Axis, Frame},
    format::{column::column_of, modality_name},
};

/// Columns of `features.tsv` in the order in which Cell Ranger writes them, as they are called here.
const COLUMNS: [&str; 6] = ["id", "name", "feature_type", "chromosome", "start", "end"];

/// Most feature types that a file may tell; more are no types.
const TYPES: usize = 16;

/// Features of one modality.
pub struct Group {
    /// Its name: `rna`.
    pub modality: String,
    /// Where its features stand among all, rising.
    pub positions: Vec<u32>,
    /// Their names, told apart.
    pub names: Axis,
    /// Number of names that were changed to tell them apart.
    pub renamed: usize,
    /// Ids, types and coordinates, as far as the file has them.
    pub var: Frame,
}

/// The features of a file, by modality in the order in which these come.
pub fn groups(table: &NameTable) -> Vec<Group> {
    let count = table.len();
    let mut columns = named(table);
    let mut take = |name: &str| {
        let at = columns.iter().position(|(known, _)| known == name)?;
        Some(columns.remove(at).1)
    };
    let (ids, names, types) = (take("id"), take("name"), take("feature_type"));
    let names = match (names, &ids) {
        (Some(names), Some(ids)) => filled(names, ids),
        (Some(names), None) => names,
        (None, Some(ids)) => ids.clone(),
        (None, None) => vec![String::new(); count],
    };
    let default = match names.iter().all(|name| is_peak(name)) && count > 0 {
        true => "atac",
        false => "rna",
    };
    let mut found: Vec<(String, Vec<u32>)> = Vec::new();
    for at in 0..count {
        let told = types.as_ref().map_or("", |types| types[at].as_str());
        let modality = match told {
            "" => default.to_owned(),
            told => modality_name(told),
        };
        match found.iter_mut().find(|(known, _)| *known == modality) {
            Some((_, positions)) => positions.push(at as u32),
            None => found.push((modality, vec![at as u32])),
        }
    }
    let pick = |from: &[String], positions: &[u32]| -> Vec<String> {
        positions
            .iter()
            .map(|&at| from[at as usize].clone())
            .collect()
    };
    let group = |(modality, positions): (String, Vec<u32>)| {
        let own_ids = ids.as_ref().map(|ids| pick(ids, &positions));
        let (axis, renamed) = Axis::told_apart(pick(&names, &positions), own_ids.as_deref());
        let mut var = Frame::default();
        let own_types = types.as_ref().map(|types| pick(types, &positions));
        let rest = columns
            .iter()
            .map(|(name, column)| (name.clone(), pick(column, &positions)));
        let first = [("id".into(), own_ids), ("feature_type".into(), own_types)];
        let first = first
            .into_iter()
            .filter_map(|(name, column)| Some((name, column?)));
        for (name, column) in first.chain(rest) {
            var.set(name, column_of(column));
        }
        Group {
            modality,
            positions,
            names: axis,
            renamed,
            var,
        }
    };
    found.into_iter().map(group).collect()
}

/// The columns with their names: from the first line if it heads them, else by their order.
fn named(table: &NameTable) -> Vec<(String, Vec<String>)> {
    let columns = &table.columns;
    if let [chromosome, start, end, ..] = &columns[..]
        && [start, end]
            .iter()
            .all(|column| column.iter().all(|word| is_number(word)))
    {
        // A BED file: peaks are called by their place.
        let place = |at: usize| format!("{}:{}-{}", chromosome[at], start[at], end[at]);
        let names = (0..table.len()).map(place).collect();
        let coordinates = COLUMNS[3..].iter().zip(columns);
        let coordinates = coordinates.map(|(name, column)| (name.to_string(), column.clone()));
        return [("name".into(), names)]
            .into_iter()
            .chain(coordinates)
            .collect();
    }
    let name = |at: usize| match table.heads.as_ref().and_then(|heads| heads.get(at)) {
        Some(head) if !head.is_empty() => known_as(head),
        _ if columns.len() == 1 => "name".to_owned(),
        // Names and types without ids.
        _ if columns.len() == 2 && are_types(&columns[1]) => COLUMNS[at + 1].into(),
        _ => COLUMNS
            .get(at)
            .map_or_else(|| format!("column {}", at + 1), |name| name.to_string()),
    };
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let mut name = name(at);
        let too_many = name == "feature_type" && distinct(column) > TYPES;
        if too_many || named.iter().any(|(known, _)| *known == name) {
            name = format!("column {}", at + 1);
        }
        named.push((name, column.clone()));
    }
    // Headings may name neither: then the first column does.
    if !named.iter().any(|(name, _)| name == "id" || name == "name") {
        named[0].0 = "name".into();
    }
    named
}

/// What a heading means.
fn known_as(head: &str) -> String {
    match head.to_lowercase().as_str() {
        "id" | "gene_id" | "gene_ids" | "ensembl" | "ensembl_id" | "feature_id" => "id".into(),
        "name" | "gene_name" | "gene_symbol" | "symbol" | "gene" | "feature" | "feature_name"
        | "features" | "genes" | "peak" | "peaks" | "antibody" | "x" => "name".into(),
        "feature_type" | "feature_types" | "type" => "feature_type".into(),
        "chr" | "chrom" | "chromosome" => "chromosome".into(),
        _ => head.into(),
    }
}

fn are_types(column: &[String]) -> bool {
    const KNOWN: [&str; 3] = ["rna", "protein", "atac"];
    column.iter().all(|word| {
        let modality = modality_name(word);
        KNOWN.contains(&modality.as_str()) && modality != *word
    })
}

fn distinct(column: &[String]) -> usize {
    let mut seen: Vec<&str> = Vec::new();
    for word in column {
        if !seen.contains(&word.as_str()) {
            seen.push(word);
        }
        if seen.len() > TYPES {
            break;
        }
    }
    seen.len()
}

/// Names, and ids where there is no name.
fn filled(names: Vec<String>, ids: &[String]) -> Vec<String> {
    let fill = |(name, id): (String, &String)| match name.is_empty() {
        true => id.clone(),
        false => name,
    };
    names.into_iter().zip(ids).map(fill).collect()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a name is a place on the genome: `chr1:100-200`, `chr1-100-200`.
fn is_peak(name: &str) -> bool {
    let mut parts = name.rsplitn(3, [':', '-', '_']);
    let mut number = || parts.next().is_some_and(is_number);
    number()
        && number()
        && parts
            .next()
            .is_some_and(|chromosome| !chromosome.is_empty())
}
