//! The markers of groups, as a table.

use std::{iter, path::Path};

use super::{Cell, Sheet, tables::Table};
use crate::{
    analysis::markers::{Marker, Survivor},
    error::Error,
    job::CancelToken,
};

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
    /// The same on counts that had no say in the groups, if they were split.
    pub split: Option<Vec<Vec<Marker>>>,
}

/// What the numbers of a marker are called.
const MARKER_NUMBERS: [&str; 11] = [
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

/// What those are called that counts tell which had no say in the groups.
const SPLIT_NUMBERS: [&str; 3] = ["split_auroc", "split_p", "split_adjusted_p"];

fn split_numbers(marker: &Marker) -> [Option<f64>; 3] {
    let all = [marker.auroc, marker.p, marker.adjusted];
    all.map(|x| (!x.is_nan()).then_some(x))
}

/// The numbers of a marker, in their order; nothing where there is no value.
fn marker_numbers(found: &Survivor) -> [Option<f64>; 11] {
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

/// These rows of the markers of one group, as a table; with what counts tell that had no say in the groups, if they were split.
pub fn markers_sheet(
    markers: &[Survivor],
    split: Option<&[Marker]>,
    names: &[String],
    rows: &[usize],
) -> Sheet {
    let header = iter::once("feature").chain(MARKER_NUMBERS);
    let header = header.chain(split.iter().flat_map(|_| SPLIT_NUMBERS));
    let row = |&row: &usize| {
        let numbers = marker_numbers(&markers[row]).into_iter();
        let split = split.iter().flat_map(|split| split_numbers(&split[row]));
        let numbers = numbers.chain(split);
        let numbers = numbers.map(|x| Cell::Number(x.unwrap_or(f64::NAN)));
        let name = iter::once(Cell::from(names[row].as_str()));
        name.chain(numbers).collect()
    };
    Sheet {
        header: header.map(String::from).collect(),
        rows: rows.iter().map(row).collect(),
    }
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
    let split = all.iter().any(|of| of.split.is_some());
    for of in all {
        for (number, (group, markers)) in of.groups.iter().zip(&of.markers).enumerate() {
            let mut order: Vec<&Survivor> = markers.iter().collect();
            order.sort_by(|a, b| b.marker.z.total_cmp(&a.marker.z));
            rows.extend(
                (1..)
                    .zip(order)
                    .map(|(rank, found)| (of, number, group, rank, found)),
            );
        }
    }
    let header = ["group", "modality", "feature"].into_iter();
    let mut header: Vec<&str> = header.chain(MARKER_NUMBERS).chain(["rank"]).collect();
    header.extend(split.then_some(SPLIT_NUMBERS).iter().flatten());
    // There may be millions of rows: they are not held as cells.
    let table = Table::new(&header, rows.len(), |row, line| {
        let (of, number, group, rank, found) = rows[row];
        line.text(group);
        line.text(of.modality);
        line.text(&of.features[found.marker.feature as usize]);
        let numbers = marker_numbers(found);
        numbers.into_iter().for_each(|x| line.double(x));
        line.integer(rank);
        if split {
            let of_group = of.split.as_ref().map(|split| &split[number]);
            let marker = of_group.map(|markers| &markers[found.marker.feature as usize]);
            let numbers = marker.map_or([None; 3], split_numbers);
            numbers.into_iter().for_each(|x| line.double(x));
        }
    });
    table.save(file, cancel)
}
