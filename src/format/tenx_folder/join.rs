//! Several samples, each a matrix of its own, as one matrix a modality.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use crate::{
    data::{Axis, Category, Column, Frame, Matrix, Sparse, SparseBuffer},
    format::{
        FormatError, Notice, Piece, Severity,
        column::column_of,
        matrix_market::{Group, Part},
    },
    job::CancelToken,
    words::thousands,
};

/// The column that tells of every barcode which sample it belongs to.
pub const SAMPLE: &str = "sample";

/// Bytes that an entry of a matrix takes, and a row while rows are put together.
const ENTRY: u64 = 8;
const ROW: u64 = 64;

/// One modality of one sample.
struct Share {
    label: usize,
    samples: Axis,
    obs: Frame,
    group: Group,
    matrix: Sparse,
}

/// Brings samples together, a piece for every modality that any of them has; a single one stays as it is.
///
/// Features are matched by their ids where all samples have unique ones, else by their names; only those that all samples have are
/// kept, if these are at least half of the shortest list. It takes up to `memory` bytes besides the parts.
///
/// # Errors
/// If samples have too few features of a modality in common, memory does not suffice, or the work was cancelled.
pub fn join(
    path: &Path,
    parts: Vec<(String, Part)>,
    memory: u64,
    cancel: &CancelToken,
) -> Result<(Vec<Piece>, Vec<Notice>), FormatError> {
    let labels: Vec<String> = parts.iter().map(|(label, _)| label.clone()).collect();
    let mut notices = Vec::new();
    let mut modalities: Vec<(String, Vec<Share>)> = Vec::new();
    for (label, (_, part)) in parts.into_iter().enumerate() {
        if labels.len() == 1 {
            return Ok(part.into_pieces());
        }
        notices.extend(part.notices);
        for (group, matrix) in part.groups {
            let name = group.modality.clone();
            let share = Share {
                label,
                samples: part.samples.clone(),
                obs: part.obs.clone(),
                group,
                matrix,
            };
            match modalities.iter_mut().find(|(known, _)| *known == name) {
                Some((_, shares)) => shares.push(share),
                None => modalities.push((name, vec![share])),
            }
        }
    }
    let mut pieces = Vec::new();
    for (modality, shares) in modalities {
        let joined = Joined::of(path, &modality, &labels, &shares)?;
        notices.extend(joined.notice);
        let (samples, obs) = samples(&labels, &shares);
        pieces.push(Piece {
            modality,
            source: String::new(),
            samples,
            obs,
            features: joined.features,
            var: joined.var,
            matrix: Matrix::Sparse(stack(path, shares, &joined.places, memory, cancel)?),
        });
    }
    Ok((pieces, notices))
}

/// The features that samples have in common.
struct Joined {
    features: Axis,
    var: Frame,
    /// Of every sample, where each of its features goes; `u32::MAX` if nowhere.
    places: Vec<Vec<u32>>,
    notice: Option<Notice>,
}

impl Joined {
    fn of(
        path: &Path,
        modality: &str,
        labels: &[String],
        shares: &[Share],
    ) -> Result<Self, FormatError> {
        let ids: Option<Vec<Vec<String>>> = shares.iter().map(|share| ids(&share.group)).collect();
        let by = if ids.is_some() { "id" } else { "name" };
        let names = || {
            shares
                .iter()
                .map(|share| share.group.names.names().to_vec())
                .collect()
        };
        let keys: Vec<Vec<String>> = ids.unwrap_or_else(names);
        let first = &shares[0].group;
        let whole = |keys: &Vec<String>| (0..keys.len() as u32).collect();
        if keys.iter().all(|own| *own == keys[0]) {
            return Ok(Self {
                features: first.names.clone(),
                var: first.var.clone(),
                places: keys.iter().map(whole).collect(),
                notice: None,
            });
        }
        let sets: Vec<HashSet<&str>> = keys
            .iter()
            .map(|keys| keys.iter().map(String::as_str).collect())
            .collect();
        let in_all = |key: &str| sets.iter().all(|set| set.contains(key));
        let kept: Vec<u32> = (0..keys[0].len() as u32)
            .filter(|&at| in_all(&keys[0][at as usize]))
            .collect();
        let counts = shares
            .iter()
            .zip(&keys)
            .map(|(share, keys)| format!("{} in '{}'", thousands(keys.len()), labels[share.label]));
        let counts = counts.take(5).collect::<Vec<_>>().join(", ");
        // Lists that hardly overlap are of different things: genes and antibodies, or two organisms.
        let least = keys.iter().map(Vec::len).min().unwrap_or_default();
        if 2 * kept.len() < least {
            return Err(FormatError::Unsupported {
                path: path.to_owned(),
                what: format!(
                    "holds samples that have only {} features of {modality} in common by {by} ({counts})",
                    thousands(kept.len())
                ),
                advice: "open the matrices one by one".into(),
            });
        }
        let to: HashMap<&str, u32> = (0..)
            .zip(&kept)
            .map(|(to, &at)| (keys[0][at as usize].as_str(), to))
            .collect();
        let place = |key: &String| to.get(key.as_str()).copied().unwrap_or(u32::MAX);
        let places = keys
            .iter()
            .map(|keys| keys.iter().map(place).collect())
            .collect();
        let some: Vec<Option<u32>> = kept.iter().copied().map(Some).collect();
        Ok(Self {
            features: first.names.select(&kept),
            var: first.var.select(&some),
            places,
            notice: Some(Notice {
                severity: Severity::Warning,
                object: modality.to_owned(),
                text: format!(
                    "the samples name different features ({counts}): the {} that all have are kept, matched by {by}",
                    thousands(kept.len())
                ),
            }),
        })
    }
}

/// The ids of features, if every one has its own.
fn ids(group: &Group) -> Option<Vec<String>> {
    let column = group.var.get("id")?;
    let ids: Vec<String> = (0..column.len())
        .map(|at| column.text(at))
        .collect::<Option<_>>()?;
    let distinct: HashSet<&String> = ids.iter().collect();
    (distinct.len() == ids.len()).then_some(ids)
}

/// Ids of all samples' barcodes, `GSM1_PDAC1:AAAC-1`, and what is said of them.
fn samples(labels: &[String], shares: &[Share]) -> (Axis, Frame) {
    let (mut names, mut codes) = (Vec::new(), Vec::new());
    let mut columns: Vec<&str> = Vec::new();
    for share in shares {
        let label = &labels[share.label];
        names.extend(
            share
                .samples
                .names()
                .iter()
                .map(|name| format!("{label}:{name}")),
        );
        codes.resize(names.len(), Some(share.label as u32));
        let own = share.obs.columns().map(|(name, _)| name);
        let new: Vec<&str> = own.filter(|name| !columns.contains(name)).collect();
        columns.extend(new);
    }
    let mut obs = Frame::default();
    for name in columns {
        let mut words = Vec::with_capacity(names.len());
        for share in shares {
            let column = share.obs.get(name);
            let word = |at| {
                column
                    .and_then(|column| column.text(at))
                    .unwrap_or_default()
            };
            words.extend((0..share.samples.len()).map(word));
        }
        obs.set(name, column_of(words));
    }
    let sample = Category {
        codes,
        names: labels.to_vec(),
        colours: None,
    };
    obs.set(SAMPLE, Column::Category(sample));
    (Axis::told_apart(names, None).0, obs)
}

/// All rows one below the other, with features where they go.
fn stack(
    path: &Path,
    shares: Vec<Share>,
    places: &[Vec<u32>],
    memory: u64,
    cancel: &CancelToken,
) -> Result<Sparse, FormatError> {
    let rows: usize = shares.iter().map(|share| share.matrix.samples()).sum();
    let entries: usize = shares.iter().map(|share| share.matrix.count()).sum();
    let needed = ENTRY * entries as u64 + ROW * rows as u64;
    if needed > memory {
        return Err(FormatError::TooLarge {
            path: path.to_owned(),
            place: "all samples together".into(),
            needed,
            allowed: memory,
        });
    }
    let mut starts = Vec::with_capacity(rows + 1);
    starts.push(0);
    let (mut indices, mut values) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
    let mut buffer = SparseBuffer::default();
    for (share, places) in shares.into_iter().zip(places) {
        let rows = share.matrix.rows(0..share.matrix.samples(), &mut buffer);
        for (row, (features, numbers)) in rows.iter().enumerate() {
            if row % 1024 == 0 {
                cancel.check()?;
            }
            for (&feature, &value) in features.iter().zip(numbers) {
                let to = places[feature as usize];
                if to != u32::MAX {
                    indices.push(to);
                    values.push(value);
                }
            }
            starts.push(indices.len());
        }
    }
    let features = places.iter().flatten().filter(|&&to| to != u32::MAX).max();
    let features = features.map_or(0, |&last| last as usize + 1);
    Sparse::new(features, starts, indices, values).map_err(|error| FormatError::Damaged {
        path: path.to_owned(),
        place: "all samples together".into(),
        what: error.to_string(),
    })
}
