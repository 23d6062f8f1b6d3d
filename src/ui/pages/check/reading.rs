//! What the page draws of a result, made once.

use crate::{
    analysis::calibration::Pairs,
    data::Dataset,
    pipeline::{AnalysisResult, NoiseCheck, check::Check},
};

/// Points of a plot at most.
const POINTS: usize = 2_000;

/// Everything the page draws.
pub(super) struct Reading {
    /// The check, or why it could not be made.
    pub check: Result<Check, String>,
    /// Of the noise that was injected.
    pub injected: Option<Clouds>,
    /// Of the noise that the demo was made with.
    pub truth: Option<Clouds>,
}

/// Known against predicted noise.
pub(super) struct Clouds {
    /// The features of every modality.
    pub features: Vec<Cloud>,
    /// The samples.
    pub samples: Cloud,
    /// Where too few have noise, as a sentence.
    pub few: Option<String>,
}

/// Known against predicted noise of some things.
pub(super) struct Cloud {
    /// Known and predicted.
    pub points: Vec<[f64; 2]>,
    /// What each of them is of.
    pub names: Vec<String>,
    /// Rank correlation of those with noise.
    pub correlation: Option<f64>,
    /// AUROC of the noisy among all.
    pub found: Option<f64>,
}

impl Reading {
    pub fn of(result: &AnalysisResult) -> Self {
        let check = Check::of(result);
        let (dataset, injection) = (&result.dataset, result.injection.as_ref());
        let truth = check.as_ref().ok().and_then(|check| check.truth.as_ref());
        Self {
            truth: truth.map(|check| Clouds::of(check, dataset)),
            injected: injection.map(|i| Clouds::of(&i.check, dataset)),
            check: check.map_err(|e| format!("The values held on disk cannot be read: {e}")),
        }
    }
}

impl Clouds {
    fn of(check: &NoiseCheck, dataset: &Dataset) -> Self {
        Self {
            features: (check.features.iter().zip(&dataset.modalities))
                .map(|(pairs, modality)| Cloud::of(pairs, |at| modality.title(at)))
                .collect(),
            samples: Cloud::of(&check.samples, |at| &dataset.samples.names()[at]),
            few: check.too_few(dataset),
        }
    }
}

impl Cloud {
    fn of<'a>(pairs: &Pairs, name: impl Fn(usize) -> &'a str) -> Self {
        let points = pairs.known.iter().zip(&pairs.predicted).enumerate();
        let step = pairs.known.len().div_ceil(POINTS).max(1);
        let (points, names) = points
            .step_by(step)
            .filter(|(_, (known, predicted))| known.is_finite() && predicted.is_finite())
            .map(|(at, (&known, &predicted))| {
                (
                    [f64::from(known), f64::from(predicted)],
                    name(at).to_owned(),
                )
            })
            .unzip();
        Self {
            points,
            names,
            correlation: pairs.correlation(),
            found: pairs.found(),
        }
    }
}
