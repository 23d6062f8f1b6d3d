//! Samples that are left out of data that are prepared already.

use super::{
    error::LoadError,
    inputs::Inputs,
    load::{Loaded, class_counts},
    notice::LoadNotice,
    report::LoadReport,
};
use crate::data::{BadChoice, Chosen, Dataset, Labels};

/// Data as [`Source::open`](super::Source::open) gives them: what loading had to say is there if they are of files.
pub type Opened = (Dataset, Option<LoadReport>, Inputs);

/// Those of these data that are kept, as [`Loaded::keep`] keeps them.
///
/// # Errors
/// Those of [`Loaded::keep`].
pub fn keep((dataset, report, inputs): Opened, kept: &Chosen) -> Result<Opened, LoadError> {
    let Some(report) = report else {
        let source = inputs.source.map(|source| source.keeping(kept.clone()));
        return Ok((some_of(dataset, kept)?, None, Inputs { source, ..inputs }));
    };
    let whole = Loaded {
        dataset,
        report,
        inputs,
    };
    let Loaded {
        dataset,
        report,
        inputs,
    } = whole.keep(kept)?;
    Ok((dataset, Some(report), inputs))
}

fn some_of(dataset: Dataset, kept: &Chosen) -> Result<Dataset, LoadError> {
    let of = dataset.samples();
    let dataset = dataset.chosen(kept)?;
    match dataset.samples() {
        left @ ..2 => Err(BadChoice::TooFew { left, of }.into()),
        _ => Ok(dataset),
    }
}

impl Loaded {
    /// Those of these data that are kept, with the values that they have: nothing is prepared anew. Ids that no sample has do no harm:
    /// those may have been left out otherwise.
    ///
    /// # Errors
    /// If too few are kept, or the disk is full or fails.
    pub fn keep(self, kept: &Chosen) -> Result<Self, LoadError> {
        if kept.is_all() {
            return Ok(self);
        }
        let Self {
            dataset,
            mut report,
            mut inputs,
        } = self;
        let of = dataset.samples();
        let dataset = some_of(dataset, kept)?;
        let left = dataset.samples();
        let labels = dataset.labels.as_ref();
        report.samples = left;
        report.classes = labels.map_or_else(Vec::new, class_counts);
        report.unlabelled = labels.map_or(0, Labels::unlabelled);
        let notices = &mut report.notices;
        notices.retain(|notice| !matches!(notice, LoadNotice::Unlabelled { .. }));
        if report.unlabelled > 0 {
            notices.push(LoadNotice::Unlabelled {
                samples: report.unlabelled,
                of: left,
            });
        }
        if left < of {
            notices.push(LoadNotice::SamplesNotKept {
                samples: of - left,
                of,
            });
        }
        inputs.source = inputs.source.map(|source| source.keeping(kept.clone()));
        Ok(Self {
            dataset,
            report,
            inputs,
        })
    }
}
