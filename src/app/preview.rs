//! What steps would do, tried on some samples while the user changes them.

use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::AppState;
use crate::{
    data::{Storage, subsample},
    error::Error,
    io::LoadError,
    job::JobOutcome,
    prepare::{self, Recipe, StepTaken, Variability},
};

/// Samples that steps are tried on at most: what they would do is seen in a second.
const SAMPLES: usize = 1_000;

/// What the steps of a modality would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The modality, by its place.
    pub modality: usize,
    /// The steps.
    pub recipe: Recipe,
    /// What they did, once it is known, or why they cannot be taken.
    pub outcome: Option<Result<Arc<Previewed>, String>>,
}

/// What steps did to some samples.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// What every one of them did.
    pub taken: Vec<StepTaken>,
    /// What the choice of variable features rests on, if there was one.
    pub variability: Option<Variability>,
    /// The samples they were tried on.
    pub samples: usize,
    /// Samples that would stay.
    pub of: usize,
}

impl AppState {
    /// Tries steps on some samples of a modality, in the place of what is being tried.
    pub(super) fn preview(&mut self, modality: usize, recipe: Recipe) {
        let Some(data) = &self.data else { return };
        let (dataset, report) = (data.dataset.clone(), data.report.clone());
        let wanted = recipe.clone();
        let wake = self.waker();
        self.tasks.preview.start("preview", wake, move |_, cancel| {
            let part = &dataset.modalities[modality];
            let report = report
                .as_ref()
                .and_then(|report| report.modalities.get(modality));
            // Of those in use, the samples that the cuts keep.
            let mut rows: Vec<u32> = (0..dataset.samples() as u32).collect();
            if let Some(quality) = report.and_then(|report| report.quality.as_ref()) {
                let kept = wanted.cuts.keep(&quality.quality);
                let used = kept.iter().zip(&quality.used).filter(|(_, used)| **used);
                let used: Vec<bool> = used.map(|(kept, _)| *kept).collect();
                rows.retain(|&row| used[row as usize]);
            }
            let of = rows.len();
            if let Some(some) = subsample(of, SAMPLES, &mut ChaCha8Rng::seed_from_u64(0)) {
                rows = some.into_iter().map(|at| rows[at as usize]).collect();
            }
            let failed = |error| {
                let path = report.map_or_else(Default::default, |report| report.file.clone());
                Error::from(LoadError::of_preparation(&path, &part.name, error))
            };
            let measured = &part.measured;
            let matrix = measured.matrix.select_rows(&rows);
            let matrix = matrix.map_err(|error| failed(error.into()))?;
            let storage = Storage::Memory;
            let found = prepare::prepare(&matrix, &measured.features, &wanted, storage, cancel);
            let found = found.map_err(failed)?;
            Ok(Previewed {
                taken: found.report,
                variability: found.variability,
                samples: rows.len(),
                of,
            })
        });
        self.preview = Some(Preview {
            modality,
            recipe,
            outcome: None,
        });
    }

    /// Forgets what was tried; a worker that is still busy is told to stop, and not waited for.
    pub(super) fn forget_preview(&mut self) {
        self.preview = None;
        self.tasks.preview.forget();
    }

    pub(super) fn drain_preview(&mut self) {
        let outcome = self.tasks.preview.drain(|()| {});
        let (Some(outcome), Some(preview)) = (outcome, &mut self.preview) else {
            return;
        };
        preview.outcome = match outcome {
            JobOutcome::Finished(found) => Some(Ok(Arc::new(found))),
            JobOutcome::Cancelled => None,
            JobOutcome::Failed(error) => Some(Err(error.message().text)),
            JobOutcome::Panicked(message) => Some(Err(message)),
        };
    }
}
