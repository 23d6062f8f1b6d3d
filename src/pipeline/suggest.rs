//! How many clusters do the data hold? A sweep over K that looks at no label.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{AnalysisSpec, Estimate, RunError, starts};
use crate::{
    analysis::{consensus::Ballot, kmeans::KMeansSpec, silhouette},
    data::{Dataset, Masked, Storage, available_memory},
    job::CancelToken,
    model::{DeviceChoice, Weights},
    preprocess,
    train::{Objective, Snapshot, Stage, TrainError, TrainSpec, open_device},
};

/// Embeddings that are compared.
const STARTS: u64 = 8;

/// Samples that they are made of, drawn at random, at most.
const SAMPLES: usize = 2_000;

/// Largest number of clusters tried.
const MOST: usize = 20;

/// Samples a cluster should have on average, at least.
const LEAST_SIZE: usize = 8;

/// Agreement that speaks clearly for a number: 500 samples along a line, without any groups, reached 0.80 on the
/// numbers that cut it evenly.
const CLEAR: f64 = 0.85;

/// Agreement that says nothing: 100 to 1,000 samples of pure noise reached 0.08 at most.
const CHANCE: f64 = 0.10;

/// What speaks for a number of clusters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Number of clusters K.
    pub clusters: usize,
    /// How well clusterings of several embeddings agree: their mean adjusted Rand index. 1 is perfect, 0 chance.
    pub agreement: f64,
    /// How well the clusters are separated: the mean silhouette width over the embeddings.
    pub separation: f64,
}

/// What the agreement on a number of clusters is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Below 0.10, which data of pure noise reach as well.
    Chance,
    /// Between both, which data without a gap between groups reach as well.
    Weak,
    /// From 0.85 on.
    Clear,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Chance => "no better than chance",
            Self::Weak => "weak",
            Self::Clear => "clear",
        })
    }
}

/// Said where no number is clear.
pub const UNCLEAR: &str = "The data do not say clearly how many clusters there are.";

impl Candidate {
    /// What its agreement is worth.
    pub fn verdict(&self) -> Verdict {
        match self.agreement {
            agreement if agreement >= CLEAR => Verdict::Clear,
            agreement if agreement >= CHANCE => Verdict::Weak,
            _ => Verdict::Chance,
        }
    }
}

/// News of a sweep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SweepEvent {
    /// So many embeddings are made, of so many.
    Embedded(u64, u64),
    /// Another number of clusters was tried, of so many.
    Tried(Candidate, usize),
}

/// Numbers of clusters that are tried for so many samples.
fn tried(samples: usize) -> std::ops::RangeInclusive<usize> {
    2..=MOST.min(samples / LEAST_SIZE).max(2)
}

/// Tries numbers of clusters: makes several short embeddings (on the CPU, as stage 1 of the robust recipe starts), clusters
/// each for every K as the starts of a run are, and measures how well these clusterings agree and are separated.
///
/// # Errors
/// When cancelled, when there are fewer than 4 samples or too little memory, or when training fails.
pub fn sweep(
    dataset: &Dataset,
    seed: u64,
    cancel: &CancelToken,
    tell: &mut dyn FnMut(SweepEvent),
) -> Result<Vec<Candidate>, RunError> {
    let prepared = preprocess::min_max(dataset)?;
    let inputs = preprocess::masked(dataset, prepared.modalities, TrainSpec::robust().masked)?;
    let inputs = starts::subsampled(&inputs, SAMPLES, seed)?.unwrap_or(inputs);
    let samples = inputs.first().map_or(0, |x| x.values.samples());
    let embeddings = embed(inputs, seed, cancel, tell)?;
    let range = tried(samples);
    let count = range.clone().count();
    let mut candidates = Vec::with_capacity(count);
    for clusters in range {
        let spec = KMeansSpec::new(clusters, seed);
        let mut ballot = Ballot::default();
        let mut widths = Vec::with_capacity(embeddings.len());
        for embedding in &embeddings {
            let points = embedding.view();
            let found = starts::cluster(points, None, &spec, cancel)?.found;
            let width = silhouette::mean(points, &found, cancel)?;
            widths.extend(width.map(|width| width.value));
            ballot.add(found);
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let candidate = Candidate {
            clusters,
            agreement: ballot.agreement().unwrap_or(0.0),
            separation: mean(&widths),
        };
        candidates.push(candidate);
        tell(SweepEvent::Tried(candidate, count));
    }
    Ok(candidates)
}

fn embed(
    inputs: Vec<Masked>,
    seed: u64,
    cancel: &CancelToken,
    tell: &mut dyn FnMut(SweepEvent),
) -> Result<Vec<Array2<f32>>, RunError> {
    let train = TrainSpec::robust();
    let samples = inputs.first().map_or(0, |x| x.values.samples());
    let widths = inputs.iter().map(|x| x.values.features()).collect();
    let network = train.check(samples, widths, 2)?;
    let alone = AnalysisSpec {
        train: TrainSpec {
            starts: 1,
            held_out: 0.0,
            ..train.clone()
        },
        ..AnalysisSpec::default()
    };
    let estimate = Estimate::of(&alone, &network, samples, Storage::Memory);
    estimate.fits(available_memory())?;
    let weights = Weights::initialise(&network, seed);
    // Of so few samples a GPU would take longer to begin than the processor takes for all.
    let maker = open_device(&DeviceChoice::Cpu, false, cancel)?;
    let mut engine = maker.make(&network, inputs, &weights)?;
    let mut embeddings = Vec::new();
    for start in 0..STARTS {
        let fresh = Weights::initialise(&network, starts::seed(seed, start));
        engine.restore(&Snapshot::from_weights(fresh))?;
        for _ in 0..train.epochs[0] {
            cancel.check()?;
            let rate = train.learning_rates[0];
            engine.step(Objective::SquaredError, rate)?;
        }
        let embedding = engine.embed()?;
        let epoch = train.epochs[0];
        TrainError::unless_sound("the embedding", &embedding, Stage::Pretrain, epoch)?;
        embeddings.push(embedding);
        tell(SweepEvent::Embedded(start + 1, STARTS));
    }
    Ok(embeddings)
}

/// The numbers of clusters on which clusterings agree better than on the numbers beside them, the best first.
pub fn peaks(candidates: &[Candidate]) -> Vec<Candidate> {
    let agreement = |at: Option<usize>| {
        let beside = at.and_then(|at| candidates.get(at));
        beside.map_or(f64::NEG_INFINITY, |c| c.agreement)
    };
    let mut peaks: Vec<Candidate> = (0..candidates.len())
        .filter(|&at| {
            let here = candidates[at].agreement;
            here > agreement(at.checked_sub(1)) && here >= agreement(Some(at + 1))
        })
        .map(|at| candidates[at])
        .collect();
    peaks.sort_by(|a, b| b.agreement.total_cmp(&a.agreement));
    peaks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::demo::{self, DemoSpec};

    #[test]
    fn peaks_stand_out_from_their_neighbours() {
        let of = |values: &[f64]| -> Vec<Candidate> {
            let each = values.iter().enumerate();
            each.map(|(at, &agreement)| Candidate {
                clusters: at + 2,
                agreement,
                separation: 0.5,
            })
            .collect()
        };
        let found = |values: &[f64]| -> Vec<usize> {
            peaks(&of(values)).iter().map(|c| c.clusters).collect()
        };
        assert_eq!(found(&[0.5, 0.9, 0.4, 0.95, 0.3]), [5, 3]);
        assert_eq!(found(&[0.9, 0.5]), [2]);
        assert!(found(&[]).is_empty());
    }

    #[test]
    fn agreement_is_judged() {
        let verdict = |agreement| {
            let candidate = Candidate {
                clusters: 4,
                agreement,
                separation: 0.9,
            };
            candidate.verdict()
        };
        assert_eq!(verdict(1.0), Verdict::Clear);
        assert_eq!(verdict(0.40), Verdict::Weak);
        assert_eq!(verdict(0.80), Verdict::Weak);
        assert_eq!(verdict(0.08), Verdict::Chance);
        assert_eq!(verdict(-0.1).to_string(), "no better than chance");
    }

    #[test]
    fn every_number_is_tried_once_and_cancel_is_heard() {
        let dataset = demo::generate(&DemoSpec {
            samples: 40,
            seed: 0,
        });
        let mut heard = 0;
        let cancel = CancelToken::new();
        let candidates = sweep(&dataset, 0, &cancel, &mut |_| heard += 1).unwrap();
        let tried: Vec<usize> = candidates.iter().map(|c| c.clusters).collect();
        assert_eq!(tried, [2, 3, 4, 5]);
        assert_eq!(heard, 8 + 4);
        assert!(candidates.iter().all(|c| c.agreement <= 1.0));
        cancel.cancel();
        assert!(sweep(&dataset, 0, &cancel, &mut |_| {}).is_err());
    }
}
