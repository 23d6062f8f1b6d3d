//! The markers of groups, as a table.

use std::path::Path;

use super::tables::Table;
use crate::{analysis::markers::Survivor, error::Error, job::CancelToken, store::atomic};

/// The markers of all groups in one modality.
#[derive(Debug)]
pub struct GroupMarkers<'a> {
    /// Its name.
    pub modality: &'a str,
    /// The names of its features.
    pub features: &'a [String],
    /// The names of the groups.
    pub groups: &'a [String],
    /// Of every group, a marker for each feature.
    pub markers: Vec<Vec<Survivor>>,
}

/// What the numbers of a marker are called.
pub const MARKER_NUMBERS: [&str; 11] = [
    "auroc",
    "auroc_least",
    "auroc_most",
    "log2_fold_change",
    "mean",
    "mean_others",
    "share",
    "share_others",
    "z",
    "p",
    "adjusted_p",
];

/// The numbers of a marker, in their order; nothing where there is no value.
pub fn marker_numbers(found: &Survivor) -> [Option<f64>; 11] {
    let Survivor { marker: m, range } = found;
    let [least, most] = *range;
    let ([mean, mean_others], [share, share_others]) = (m.mean, m.share);
    let all = [
        m.auroc,
        least,
        most,
        m.fold_change,
        mean,
        mean_others,
        share,
        share_others,
        m.z,
        m.p,
        m.adjusted,
    ];
    all.map(|x| (!x.is_nan()).then_some(x))
}

/// Writes a row for every group, modality and feature; within a group the features that it has most of come first.
///
/// # Errors
/// [`Error::Write`]; [`Error::Cancelled`].
pub fn write_markers(
    all: &[GroupMarkers<'_>],
    file: &Path,
    cancel: &CancelToken,
) -> Result<(), Error> {
    let mut rows = Vec::new();
    for of in all {
        for (group, markers) in of.groups.iter().zip(&of.markers) {
            let mut order: Vec<&Survivor> = markers.iter().collect();
            order.sort_by(|a, b| b.marker.z.total_cmp(&a.marker.z));
            rows.extend(
                (1..)
                    .zip(order)
                    .map(|(rank, found)| (of, group, rank, found)),
            );
        }
    }
    let header = ["group", "modality", "feature"].into_iter();
    let header: Vec<&str> = header.chain(MARKER_NUMBERS).chain(["rank"]).collect();
    let table = Table::new(&header, rows.len(), |row, line| {
        let (of, group, rank, found) = rows[row];
        line.text(group);
        line.text(of.modality);
        line.text(&of.features[found.marker.feature as usize]);
        let numbers = marker_numbers(found);
        numbers.into_iter().for_each(|x| line.double(x));
        line.integer(rank);
    });
    let mut text = Vec::new();
    let written = table.write(&mut text, cancel);
    written.map_err(|fault| fault.of(file))?;
    atomic::write(file, |out| out.write_all(&text)).map_err(|source| Error::Write {
        path: file.to_owned(),
        source,
    })
}
