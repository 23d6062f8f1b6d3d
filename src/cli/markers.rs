//! `hdumec markers`: which features tell the groups of saved results from each other.

use std::fmt::Write as _;

use super::{
    args::MarkersArguments,
    run::cancel_on_interrupt,
    saved::{may_write, open},
    terminal::{line, print},
};
use crate::{
    analysis::markers::{Columns, ColumnsError, Measure, Survivor, surviving},
    error::Error,
    export::{self, GroupMarkers},
    format::FormatError,
    io::LoadError,
    pipeline::{AnalysisResult, GroupBy, Groups},
    words::thousands,
};

/// Runs the command.
pub fn markers(arguments: &MarkersArguments) -> Result<(), Error> {
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
    let doubt = &result.last_stage().ambiguity.value;
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
        let markers = surviving(&columns, &groups, names.len(), doubt, &cancel)?;
        print(&format!("{}, {measure}\n", line(&modality.name)));
        let features = modality.measured.features.names();
        for (name, markers) in names.iter().zip(&markers) {
            print(&best(name, markers, features, arguments.top));
        }
        found.push(GroupMarkers {
            modality: &modality.name,
            features,
            groups: &names,
            markers,
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
fn best(group: &str, markers: &[Survivor], features: &[String], top: usize) -> String {
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
        _ = writeln!(
            text,
            "    {name:24}  AUROC {:.3} ({:.3} to {:.3}){fold}  adjusted p {:.1e}",
            marker.auroc, range[0], range[1], marker.adjusted
        );
    }
    text
}
