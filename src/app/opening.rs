//! Data and results, opened by a worker.

use std::{path::Path, sync::Arc};

use super::{
    AppState, LoadedData, NoticeKind, Page, Recent, RunState, Saved, SavedAs, Source, Until,
    state::{Opened, OpenedResults},
};
use crate::{
    data::Modality,
    error::{Error, UserMessage},
    export::{self, Reopened},
    io,
    job::CancelToken,
};

/// Opens data, or results with their data. The size of files is not asked about if that is `known`; data that are `present` already are
/// not read again for their results.
pub(super) fn open(
    wanted: &Source,
    known: bool,
    present: Option<&LoadedData>,
    cancel: &CancelToken,
) -> Result<Opened, Error> {
    if let Source::Files(spec) = wanted
        && let [path] = spec.paths.as_slice()
        && let Some(file) = export::results_at(path)?
    {
        return results(&file, known, present, cancel);
    }
    let data = load(wanted, known, cancel)?;
    Ok(Opened {
        data,
        results: None,
    })
}

fn load(wanted: &Source, known: bool, cancel: &CancelToken) -> Result<LoadedData, Error> {
    if let (Source::Files(spec), false) = (wanted, known) {
        io::check_size(&spec.paths)?;
    }
    let (dataset, report, inputs) = wanted.open(cancel)?;
    // Of files the report tells more.
    let made = dataset.modalities.iter().filter(|_| report.is_none());
    Ok(LoadedData {
        ranges: made.map(Modality::range).collect::<Result<_, _>>()?,
        dataset: Arc::new(dataset),
        report: report.map(Arc::new),
        inputs: Arc::new(inputs),
        source: wanted.clone(),
    })
}

fn results(
    file: &Path,
    known: bool,
    present: Option<&LoadedData>,
    cancel: &CancelToken,
) -> Result<Opened, Error> {
    let reopened = export::reopen(file)?;
    cancel.check()?;
    let data = match present.filter(|data| reopened.is_of(&data.dataset)) {
        Some(data) => data.clone(),
        None => load(&source_of(&reopened)?, known, cancel)?,
    };
    let folder = reopened.folder().to_owned();
    let (result, same_values) = reopened.with(data.dataset.clone())?;
    Ok(Opened {
        data,
        results: Some(OpenedResults {
            folder,
            result: Arc::new(result),
            same_values,
        }),
    })
}

/// Where the data of results are to be found.
fn source_of(reopened: &Reopened) -> Result<Source, Error> {
    let missing = |why: String| Error::Reopen {
        path: reopened.folder().to_owned(),
        why,
        hint: "Open their data first, from where they are now, then these results again.".into(),
    };
    let Some(source) = reopened.source() else {
        return Err(missing("they do not say where their data were".into()));
    };
    if let Source::Files(spec) = source
        && let Some(gone) = spec
            .paths
            .iter()
            .chain(&spec.labels)
            .find(|path| !path.exists())
    {
        return Err(missing(format!(
            "their data are no longer at '{}'",
            gone.display()
        )));
    }
    Ok(source.clone())
}

impl AppState {
    /// Takes over what was opened from `source`.
    pub(super) fn take_opened(&mut self, opened: Opened, source: Option<&Source>) {
        let Opened { data, results } = opened;
        // Results are remembered by their folder.
        let remembered = match (&results, source) {
            (Some(_), Some(Source::Files(spec))) => Some((spec.paths.clone(), None)),
            _ => match &data.source {
                Source::Files(spec) => Some((spec.paths.clone(), Some((**spec).clone()))),
                Source::Demo(_) => None,
            },
        };
        if let Some((paths, reading)) = remembered {
            self.settings.remember(Recent {
                paths,
                reading,
                name: data.dataset.name.clone(),
                samples: data.dataset.samples.len(),
            });
        }
        let same_files = match (&self.data, &data.source) {
            (Some(before), Source::Files(now)) => {
                matches!(&before.source, Source::Files(b) if b.paths == now.paths)
            }
            _ => false,
        };
        if !same_files {
            self.spec.clusters = None;
        }
        self.data = Some(data);
        self.forget_suggestion();
        self.forget_preview();
        self.forget_checking();
        self.forget_comparing();
        self.forget_resting();
        (self.run, self.before, self.saved) = (None, None, None);
        self.forget_problems();
        self.forget(Until::NextRun);
        if let Some(results) = results {
            return self.show_results(results);
        }
        // Who changed steps wants to see what they did.
        if !(same_files && self.page == Page::Prepare) {
            self.page = Page::Data;
        }
    }

    fn show_results(&mut self, results: OpenedResults) {
        let OpenedResults {
            folder,
            result,
            same_values,
        } = results;
        self.spec = result.spec.clone();
        self.saved = Some(Saved {
            directory: folder,
            saved_as: SavedAs::Folder,
            result: Arc::downgrade(&result),
        });
        self.run = Some(RunState::reopened(result));
        self.page = Page::Explore;
        if !same_values {
            let message = UserMessage::new(
                "The data have changed since",
                "Samples and features are those that these results were found in, but some values are not: what was found is shown as it was saved.",
                "Train again to see what the values of now give.",
            );
            self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
        }
    }
}
