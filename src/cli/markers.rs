//! `hdumec markers`: which features tell the groups of saved results from each other.

use std::fmt::Write as _;

use super::{
    args::MarkersArguments,
    run::cancel_on_interrupt,
    saved::{may_write, open},
    terminal::{line, print},
};
use crate::{
    analysis::markers::{Columns, ColumnsError, Marker, Measure, Survivor, surviving},
    error::Error,
    export::{self, GroupMarkers},
    format::FormatError,
    io::LoadError,
    job::CancelToken,
    pipeline::{AnalysisResult, GroupBy, Groups, SplitError, SplitMarkers, split_markers},
    words::thousands,
};

/// Runs the command.
pub fn markers(arguments: &MarkersArguments) -> Result<(), Error> {
    if arguments.split_counts && arguments.of != "cluster" {
        let text = "--split-counts is for clusters, which were found on the counts: leave out --of";
        return Err(Error::Usage(text.into()));
    }
    let out = arguments.out.as_ref();
    may_write(out, arguments.force)?;
    let cancel = cancel_on_interrupt();
    let result = open(&arguments.results, &arguments.paths, &cancel)?;
    let dataset = &result.dataset;
    let Groups {
        names, of: groups, ..
    } = groups(&result, &arguments.of)?;
    let known = |name: &String| dataset.modalities.iter().any(|m| m.name == *name);
    if let Some(name) = arguments.modality.as_ref().filter(|name| !known(name)) {
        let all: Vec<&str> = dataset.modalities.iter().map(|m| m.name.as_str()).collect();
        let text = format!(
            "there is no modality '{name}': choose from {}",
            all.join(", ")
        );
        return Err(Error::Usage(text));
    }
    let wanted = |name: &str| arguments.modality.as_ref().is_none_or(|of| of == name);
    let doubts = result.last_stage().doubts();
    let mut found = Vec::new();
    for modality in dataset.modalities.iter().filter(|m| wanted(&m.name)) {
        let matrix = &modality.measured.matrix;
        let measure = Measure::of(matrix)?;
        let columns = Columns::of(matrix, measure).map_err(|error| match error {
            ColumnsError::Disk(error) => Error::from(error),
            ColumnsError::Memory { needed, free } => {
                too_large(arguments, &modality.name, needed, free)
            }
        })?;
        let markers = surviving(&columns, &groups, names.len(), &doubts, &cancel)?;
        print(&format!("{}, {measure}\n", line(&modality.name)));
        let features = modality.measured.features.names();
        let split = match arguments.split_counts {
            true => split(&result, &modality.name, (&groups, names.len()), &cancel)?,
            false => None,
        };
        for (at, (name, markers)) in names.iter().zip(&markers).enumerate() {
            let split = split.as_ref().map(|split| split.markers[at].as_slice());
            print(&best(name, (markers, split), features, arguments.top));
        }
        found.push(GroupMarkers {
            modality: &modality.name,
            features,
            groups: &names,
            markers,
            split: split.map(|split| split.markers),
        });
    }
    if let Some(file) = out {
        export::write_markers(&found, file, &cancel)?;
        let rows: usize = found.iter().flat_map(|m| &m.markers).map(Vec::len).sum();
        print(&format!(
            "Wrote {} rows to {}\n",
            thousands(rows as u64),
            file.display()
        ));
    }
    Ok(())
}

/// What half of the counts of a modality tells; nothing of one that has no counts.
fn split(
    result: &AnalysisResult,
    name: &str,
    groups: (&[Option<u32>], usize),
    cancel: &CancelToken,
) -> Result<Option<SplitMarkers>, Error> {
    let dataset = &result.dataset;
    let mut all = dataset.modalities.iter();
    let modality = all.position(|modality| modality.name == name).unwrap_or(0);
    let how = (result.clusters, result.spec.seed);
    match split_markers(dataset, modality, groups, how, cancel) {
        Ok(split) => {
            print(&format!(
                "  on half of the counts the clusters come back with an adjusted Rand index of {:.2}\n",
                split.agreement
            ));
            Ok(Some(split))
        }
        Err(error @ SplitError::NoCounts(_)) => {
            print(&format!("  not split: {}\n", line(&error.to_string())));
            Ok(None)
        }
        Err(SplitError::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(SplitError::Disk(error)) => Err(error.into()),
        Err(error) => Err(Error::Usage(error.to_string())),
    }
}

/// Says what the features of a modality would take.
fn too_large(arguments: &MarkersArguments, modality: &str, needed: u64, free: u64) -> Error {
    let error = FormatError::TooLarge {
        path: arguments.results.clone(),
        place: format!("every feature of {modality} in order"),
        needed,
        allowed: free,
    };
    LoadError::from(error).into()
}

/// The groups by what the user typed.
fn groups(result: &AnalysisResult, of: &str) -> Result<Groups, Error> {
    let dataset = &result.dataset;
    let known = GroupBy::of_name(of, dataset);
    let groups = known.and_then(|by| by.groups(result, result.last_stage(), &result.given()));
    groups.ok_or_else(|| {
        let all: Vec<String> = GroupBy::all(dataset)
            .iter()
            .map(|by| format!("'{}'", by.name(dataset)))
            .collect();
        let text = match of {
            "label" => "these data have no labels".to_owned(),
            other => format!("there are no groups '{other}'"),
        };
        Error::Usage(format!("{text}: choose from {}", all.join(", ")))
    })
}

/// The features that a group has most of, a line each.
fn best(
    group: &str,
    (markers, split): (&[Survivor], Option<&[Marker]>),
    features: &[String],
    top: usize,
) -> String {
    let mut order: Vec<&Survivor> = markers
        .iter()
        .filter(|m| !m.marker.auroc.is_nan())
        .collect();
    order.sort_by(|a, b| b.marker.auroc.total_cmp(&a.marker.auroc));
    let mut text = format!("  {}\n", line(group));
    for Survivor { marker, range } in order.into_iter().take(top) {
        let name = line(&features[marker.feature as usize]);
        let fold = match marker.fold_change.is_nan() {
            true => String::new(),
            false => format!("  log2 fold {:+.2}", marker.fold_change),
        };
        let split = split.map(|split| split[marker.feature as usize].adjusted);
        let split = match split {
            None => String::new(),
            Some(p) if p.is_nan() => ", not found on half of the counts".into(),
            Some(p) => format!(", on the other half {p:.1e}"),
        };
        _ = writeln!(
            text,
            "    {name:24}  AUROC {:.3} ({:.3} to {:.3}){fold}  adjusted p {:.1e}{split}",
            marker.auroc, range[0], range[1], marker.adjusted
        );
    }
    text
}
