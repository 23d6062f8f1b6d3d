//! Samples that are left out of data that are prepared already.

use super::{
    error::LoadError,
    load::{Loaded, class_counts},
    notice::LoadNotice,
};
use crate::data::{BadChoice, Chosen, Labels};

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
        let dataset = dataset.chosen(kept)?;
        let left = dataset.samples();
        if left < 2 {
            return Err(BadChoice::TooFew { left, of }.into());
        }
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
