//! What is known of the samples beside what was measured: descriptions, labels, and the truth of simulated data.

use std::path::Path;

use super::{
    discover::FoundFiles,
    error::LoadError,
    inputs::InputFile,
    labels::{self, Samples},
    load::LoadSpec,
    notice::{LoadNotice, TableNotice},
    part::Part,
    report::{LabelCandidate, LabelSource},
    rows::RowPlan,
    source::SheetWish,
    text::TextReader,
    truth,
};
use crate::{
    data::{Axis, Frame, Labels, Modality, Truth},
    job::CancelToken,
};

/// What files of other programs tell of the samples: of all modalities together first, then of each.
pub(super) fn described(all: &[(Axis, Frame)], parts: &[Part], plan: &RowPlan) -> Frame {
    let mut obs = Frame::default();
    for (samples, frame) in all {
        let place = |id: &String| samples.position(id).map(|at| at as u32);
        let places: Vec<_> = plan.sample_ids.iter().map(place).collect();
        add(&mut obs, &frame.select(&places));
    }
    add(&mut obs, &of_parts(parts, plan, |part| !part.is_table()));
    obs
}

/// The columns of tables that are no measurement. They are kept to look at; labels are never taken from them.
pub(super) fn set_aside(parts: &[Part], plan: &RowPlan) -> Frame {
    of_parts(parts, plan, Part::is_table)
}

/// What some modalities tell of the samples used.
fn of_parts(parts: &[Part], plan: &RowPlan, which: impl Fn(&Part) -> bool) -> Frame {
    let mut obs = Frame::default();
    for (part, picks) in parts.iter().zip(&plan.picks) {
        if which(part) && !part.obs.is_empty() {
            let all = || (0..plan.sample_ids.len() as u32).map(Some).collect();
            let picked = |rows: &Vec<u32>| rows.iter().copied().map(Some).collect();
            let places: Vec<Option<u32>> = picks.as_ref().map_or_else(all, picked);
            add(&mut obs, &part.obs.select(&places));
        }
    }
    obs
}

/// Adds columns whose names are not there yet.
pub(super) fn add(obs: &mut Frame, more: &Frame) {
    for (name, column) in more.columns() {
        if obs.get(name).is_none() {
            obs.set(name, column.clone());
        }
    }
}

/// Labels, and what else is known of the samples.
#[derive(Default)]
pub(super) struct Known {
    /// The classes.
    pub labels: Option<Labels>,
    /// Where they come from.
    pub labels_from: Option<LabelSource>,
    /// The columns that could hold them.
    pub label_columns: Vec<LabelCandidate>,
    /// All columns that describe the samples.
    pub obs: Frame,
}

impl Known {
    /// Keeps these samples.
    pub fn keep(&mut self, places: &[Option<u32>]) {
        self.obs = self.obs.select(places);
        if let Some(labels) = &self.labels {
            let names = places
                .iter()
                .map(|place| labels.name_of((*place)? as usize));
            self.labels = Some(Labels::from_names(names));
        }
    }
}

/// Labels from, in this order: the file asked for, a file among the paths, a file beside the data, the first column.
pub(super) fn labels(
    spec: &LoadSpec,
    found: &FoundFiles,
    (first, obs): (&Path, Frame),
    plan: &RowPlan,
    notices: &mut Vec<LoadNotice>,
    files: &mut Vec<InputFile>,
    cancel: &CancelToken,
) -> Result<Known, LoadError> {
    let given = spec.labels.as_ref().or(found.labels_given.as_ref());
    let mut known = Known {
        obs: obs.clone(),
        ..Known::default()
    };
    // With a column asked for, the file beside the data is asked for too.
    let asked = given.is_some() || spec.label_column.is_some() || spec.label_ids.is_some();
    if let Some(path) = given.or(found.labels_found.as_ref()) {
        let mut said = Vec::new();
        let samples = Samples {
            ids: &plan.sample_ids,
            file: first,
            by_position: plan.classes.is_some(),
        };
        let read = open(path, spec.sheet.as_deref(), cancel, |text| {
            labels::find(path, text, spec, samples, &mut said, cancel)
        });
        match read {
            Ok((file, input, of_text)) => {
                files.push(input);
                notices.extend(of_text.into_iter().map(|notice| LoadNotice::Table {
                    file: path.clone(),
                    notice,
                }));
                notices.append(&mut said);
                known.label_columns = file.candidates;
                for (name, column) in file.obs.columns() {
                    known.obs.set(name, column.clone());
                }
                if let Some((labels, column)) = file.labels {
                    known.labels = Some(labels);
                    known.labels_from = Some(LabelSource::File {
                        path: path.clone(),
                        column,
                        columns: file.columns,
                    });
                    return Ok(known);
                }
            }
            // Labels that are there but cannot be read are not the same as none.
            Err(error) if asked || error.is_unreadable() || error.stops() => return Err(error),
            Err(error) => notices.push(LoadNotice::LabelsIgnored {
                file: path.clone(),
                reason: error.to_string(),
            }),
        }
    }
    if known.labels.is_none() && !obs.is_empty() {
        let file = labels::of_obs(first, &obs, spec, notices)?;
        known.label_columns = file.candidates;
        if let Some((labels, column)) = file.labels {
            known.labels = Some(labels);
            known.labels_from = Some(LabelSource::File {
                path: first.to_owned(),
                column,
                columns: file.columns,
            });
        }
        return Ok(known);
    }
    let Some(classes) = &plan.classes else {
        return Ok(known);
    };
    let labels = Labels::from_names(classes.iter().map(|c| Some(c.as_str())));
    labels::check_classes(first, "first column", &labels)?;
    notices.push(LoadNotice::ClassesInFirstColumn {
        classes: labels.classes.len(),
    });
    (known.labels, known.labels_from) = (Some(labels), Some(LabelSource::FirstColumn));
    Ok(known)
}

/// What there is to say, and the files that were used.
type Seen<'a> = (&'a mut Vec<LoadNotice>, &'a mut Vec<InputFile>);

/// Known values beside simulated data; what cannot be used is left out with a notice, as nothing depends on it.
pub(super) fn truth(
    found: &FoundFiles,
    plan: &RowPlan,
    modalities: &[Modality],
    mut seen: Seen<'_>,
    cancel: &CancelToken,
) -> Result<Truth, LoadError> {
    let mut truth = Truth::default();
    if let Some(path) = &found.truth_sample {
        let read = use_truth(path, cancel, &mut seen, |text| {
            truth::sample(text, &plan.sample_ids)
        })?;
        truth.sample = read.unwrap_or_default();
    }
    if let Some(path) = &found.truth_feature {
        let read = use_truth(path, cancel, &mut seen, |text| {
            truth::feature(text, modalities)
        })?;
        truth.feature = read.unwrap_or_default();
    }
    Ok(truth)
}

fn use_truth<T>(
    path: &Path,
    cancel: &CancelToken,
    (notices, files): &mut Seen<'_>,
    read: impl FnOnce(&[u8]) -> Result<T, String>,
) -> Result<Option<T>, LoadError> {
    let reason = match open(path, None, cancel, |text| Ok(read(text))) {
        Ok((Ok(truth), file, _)) => {
            notices.push(LoadNotice::TruthFound {
                file: path.to_owned(),
            });
            files.push(file);
            return Ok(Some(truth));
        }
        Ok((Err(reason), ..)) => reason,
        Err(LoadError::Cancelled(c)) => return Err(c.into()),
        Err(error) => error.to_string(),
    };
    notices.push(LoadNotice::TruthIgnored {
        file: path.to_owned(),
        reason,
    });
    Ok(None)
}

/// Reads a small file and hands its text to `parse`; what there is to say of how the text came out of it.
fn open<T>(
    path: &Path,
    sheet: Option<&str>,
    cancel: &CancelToken,
    parse: impl FnOnce(&[u8]) -> Result<T, LoadError>,
) -> Result<(T, InputFile, Vec<TableNotice>), LoadError> {
    let wish = SheetWish {
        name: sheet,
        of_numbers: false,
    };
    let mut reader = TextReader::open(path, wish, cancel)?;
    let parsed = parse(&reader.whole(cancel)?)?;
    let notices = reader.notices().to_vec();
    Ok((parsed, reader.finish(cancel)?, notices))
}
