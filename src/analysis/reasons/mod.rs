//! Why a sample lies between two clusters.
//!
//! For each [`Reason`], samples that are between clusters for just this reason are made of the user's own: sums of pairs, mixtures along a
//! path, thinned samples, modalities of two samples put together, a cluster cut in two (Scrublet, Wolock et al. 2019, does so for doublets
//! alone). From half of those made, a classifier (linear discriminants, Fisher 1936) learns what the [`Evidence`] looks like; the other half
//! shows how often it is right, reason by reason. So a verdict is worth on these data what the [`Confusion`] says, and nothing is assumed
//! about the technology.
//!
//! It works on values as they were measured, never on the model's embedding: the model says which clusters are in question, the data say why.

mod discriminant;
mod evidence;
mod planted;
mod scene;
mod space;
#[cfg(test)]
mod tests;

use std::{fmt, io};

use ndarray::{Array2, Axis, concatenate};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{
    components::Scaling,
    markers::{ColumnsError, Measure},
};
use crate::{
    data::{Matrix, subsample},
    job::{CancelToken, Cancelled},
};
use discriminant::Discriminant;
use planted::Planter;
use scene::{Queries, Scene};
use space::{Rows, Space};

pub use evidence::Evidence;

/// Samples that others are held against, at most, drawn at random.
const REFERENCES: usize = 8_192;

/// Samples made for each reason: once to learn from, once to check.
const PLANTED: usize = 320;

/// Samples that a cluster must have among the references for others to be made of it.
const LEAST: usize = 8;

/// The macro-averaged F1 from which verdicts may be shown.
pub const LEAST_F1: f64 = 0.7;

/// How likely a reason must be to be given as the verdict.
pub const LEAST_LIKELY: f32 = 0.6;

/// Why a sample may lie between two clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It looks like the sum of a sample of each: two cells in one droplet.
    Doublet,
    /// It lies on a path between both, with many others.
    Transition,
    /// Little was measured of it: few counts, or much noise.
    Shallow,
    /// The two clusters are halves of one group.
    OverSplit,
    /// One modality says one cluster, another the other.
    Contradiction,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Doublet,
        Self::Transition,
        Self::Shallow,
        Self::OverSplit,
        Self::Contradiction,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Doublet => "doublet",
            Self::Transition => "transition",
            Self::Shallow => "shallow",
            Self::OverSplit => "over-split",
            Self::Contradiction => "contradiction",
        }
    }

    /// What it means, as a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Doublet => {
                "It looks like the sum of a sample of each cluster, as two cells in one droplet do."
            }
            Self::Transition => "It lies on a path between both clusters, with others on it.",
            Self::Shallow => {
                "Little was measured of it: few counts, or much noise. Measured deeper, it may well be clear."
            }
            Self::OverSplit => {
                "Both clusters are halves of one group: the data show no gap between them."
            }
            Self::Contradiction => "One modality says one cluster, another says the other.",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A modality as it was measured.
#[derive(Clone, Copy, Debug)]
pub struct Measurements<'a> {
    /// Samples x features. What is missing counts as the mean of its feature.
    pub matrix: &'a Matrix,
    /// Counts are those that are log-normalised: they are added, thinned and mixed as counts.
    pub measure: Measure,
    /// How features are made comparable.
    pub scaling: Scaling,
}

/// Why there are no reasons.
#[derive(Debug, thiserror::Error)]
pub enum ReasonsError {
    /// Samples cannot be made of so few.
    #[error("reasons need two clusters of {LEAST} samples or more")]
    TooFew,
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Values held on disk cannot be read.
    #[error("the values could not be read: {0}")]
    Disk(#[from] io::Error),
    /// Features cannot be gone over.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
}

/// How often samples that were made for a reason were given that reason; none of them was learnt from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// The reasons that could be made of the data, in the order of [`Reason::ALL`].
    pub reasons: Vec<Reason>,
    /// `counts[made][given]`, in the order of `reasons`.
    pub counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// The F1 of one of the reasons, by its place: the harmonic mean of how many given are right and how many made are found.
    pub fn f1(&self, reason: usize) -> f64 {
        let right = self.counts[reason][reason];
        let made: usize = self.counts[reason].iter().sum();
        let given: usize = self.counts.iter().map(|row| row[reason]).sum();
        2.0 * right as f64 / (made + given).max(1) as f64
    }

    /// The mean F1 of all reasons, 0 to 1.
    pub fn macro_f1(&self) -> f64 {
        let reasons = self.reasons.len();
        (0..reasons).map(|at| self.f1(at)).sum::<f64>() / reasons.max(1) as f64
    }

    /// Whether verdicts are right often enough to be shown.
    pub fn holds(&self) -> bool {
        self.macro_f1() >= LEAST_F1
    }
}

/// What can be said of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The sample's number.
    pub sample: u32,
    /// The two clusters it lies between.
    pub between: [u32; 2],
    /// What was seen of it.
    pub evidence: Evidence,
    /// How likely every reason is, in the order of [`Confusion::reasons`], as if each were as frequent; their sum is 1.
    pub likely: Vec<f32>,
    /// The likeliest, if it is likely enough.
    pub reason: Option<Reason>,
}

/// Tells reasons, once it has learnt what they look like in the data.
#[derive(Debug)]
pub struct Judge {
    scene: Scene,
    spaces: Vec<Space>,
    /// The references' numbers, rising.
    references: Vec<u32>,
    discriminant: Discriminant,
    confusion: Confusion,
}

impl Judge {
    /// Learns from modalities of the same samples, whose `clusters` are below `count`. The same seed gives the same judge, whatever the
    /// number of threads.
    ///
    /// # Errors
    /// Of too few samples, when cancelled, or if values on disk cannot be read.
    pub fn learn(
        modalities: &[Measurements<'_>],
        clusters: &[u32],
        count: usize,
        seed: u64,
        cancel: &CancelToken,
    ) -> Result<Self, ReasonsError> {
        let samples = clusters.len();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let references = subsample(samples, REFERENCES, &mut rng);
        let references = references.unwrap_or_else(|| (0..samples as u32).collect());
        let labels: Vec<u32> = references.iter().map(|&i| clusters[i as usize]).collect();
        let sizes = super::clusters::sizes(&labels, count);
        if sizes.iter().filter(|&&size| size >= LEAST).count() < 2 {
            return Err(ReasonsError::TooFew);
        }
        let mut spaces = Vec::new();
        let mut rows = Vec::new();
        for modality in modalities {
            let (space, held) = Space::fit(*modality, &references, seed, cancel)?;
            spaces.push(space);
            rows.push(held);
        }
        let mut planter = Planter::new(&rows, &labels, count);
        let doublets = planter.doublets(references.len(), &mut rng);
        let doublets = joint(&placed(&spaces, &doublets.rows, cancel)?);
        let places = placed(&spaces, &rows, cancel)?;
        let depths = rows.iter().map(Rows::depths).collect();
        let mut scene = Scene::new(places, depths, labels, count, doublets);
        scene.settle(cancel)?;
        planter.measure(&scene);
        let mut examples = [Vec::new(), Vec::new()];
        for half in &mut examples {
            for reason in Reason::ALL {
                if reason == Reason::Contradiction && spaces.len() < 2 {
                    continue;
                }
                let seen = plant(reason, &planter, &scene, &spaces, &mut rng, cancel)?;
                half.extend(seen.into_iter().map(|evidence| (reason, evidence)));
            }
        }
        let [taught, checked] = examples;
        let made = |reason: &Reason| {
            let of = |half: &[(Reason, Evidence)]| half.iter().any(|(r, _)| r == reason);
            of(&taught) && of(&checked)
        };
        let reasons: Vec<Reason> = Reason::ALL.into_iter().filter(made).collect();
        let place = |reason: Reason| reasons.iter().position(|&r| r == reason);
        let of = |(reason, evidence): &(Reason, Evidence)| Some((place(*reason)?, evidence.row()));
        let taught: Vec<_> = taught.iter().filter_map(of).collect();
        let discriminant = Discriminant::learn(&taught, reasons.len());
        let mut counts = vec![vec![0; reasons.len()]; reasons.len()];
        for (reason, row) in checked.iter().filter_map(of) {
            let likely = discriminant.likely(&row);
            counts[reason][likeliest(&likely)] += 1;
        }
        Ok(Self {
            scene,
            spaces,
            references,
            discriminant,
            confusion: Confusion { reasons, counts },
        })
    }

    /// How often it was right about samples it had not seen.
    pub fn confusion(&self) -> &Confusion {
        &self.confusion
    }

    /// Whether how much was measured of a sample is told by counts.
    pub fn has_counts(&self) -> bool {
        self.spaces.iter().any(Space::has_counts)
    }

    /// Verdicts about some samples (their numbers, and which clusters each lies between), of the same modalities as it learnt from.
    ///
    /// # Errors
    /// When cancelled, or if values on disk cannot be read.
    pub fn judge(
        &self,
        modalities: &[Measurements<'_>],
        samples: &[(u32, [u32; 2])],
        cancel: &CancelToken,
    ) -> Result<Vec<Verdict>, ReasonsError> {
        let numbers: Vec<u32> = samples.iter().map(|&(sample, _)| sample).collect();
        let pairs = self.spaces.iter().zip(modalities);
        let rows: Vec<Rows> = pairs
            .map(|(space, modality)| space.read(modality.matrix, &numbers))
            .collect::<io::Result<_>>()?;
        let own = |sample: &u32| self.references.binary_search(sample).ok();
        let queries = Queries {
            places: placed(&self.spaces, &rows, cancel)?,
            depths: rows.iter().map(Rows::depths).collect(),
            own: numbers.iter().map(|n| own(n).map(|at| at as u32)).collect(),
            between: Some(samples.iter().map(|&(_, between)| between).collect()),
        };
        let seen = self.scene.evidence(&queries, cancel)?;
        let verdict = |(&(sample, between), evidence): (&(u32, [u32; 2]), Evidence)| {
            let likely = self.discriminant.likely(&evidence.row());
            let best = likeliest(&likely);
            let sure = likely.get(best).is_some_and(|&x| x >= LEAST_LIKELY);
            Verdict {
                sample,
                between,
                evidence,
                reason: sure.then(|| self.confusion.reasons[best]),
                likely,
            }
        };
        Ok(samples.iter().zip(seen).map(verdict).collect())
    }
}

/// The place of the largest number, the first of equals.
fn likeliest(likely: &[f32]) -> usize {
    let better = |best: usize, at: usize| if likely[at] > likely[best] { at } else { best };
    (0..likely.len()).reduce(better).unwrap_or(0)
}

/// The evidence of samples made for a reason.
fn plant(
    reason: Reason,
    planter: &Planter<'_>,
    scene: &Scene,
    spaces: &[Space],
    rng: &mut ChaCha8Rng,
    cancel: &CancelToken,
) -> Result<Vec<Evidence>, ReasonsError> {
    let made = match reason {
        Reason::Doublet => planter.doublets(PLANTED, rng),
        Reason::Transition => planter.paths(PLANTED, rng),
        Reason::Shallow => planter.thinned(PLANTED, rng),
        Reason::Contradiction => planter.contradicting(PLANTED, rng),
        Reason::OverSplit => {
            let mut seen = Vec::new();
            let cuts = scene.cuts(rng, cancel)?;
            let each = PLANTED / cuts.len().max(1);
            for (labels, cluster) in cuts {
                let other = scene.clusters() as u32;
                let cut = scene.relabelled(labels);
                let near = cut.undecided([cluster, other], each);
                seen.extend(cut.evidence(&cut.own_queries(&near), cancel)?);
            }
            return Ok(seen);
        }
    };
    let places = placed(spaces, &made.rows, cancel)?;
    let depths: Vec<Vec<f32>> = made.rows.iter().map(Rows::depths).collect();
    let mut queries = Queries {
        places,
        depths,
        own: vec![None; made.between.len()],
        between: None,
    };
    if reason != Reason::Transition {
        return Ok(scene.evidence(&queries, cancel)?);
    }
    // On a path a sample has others beside it.
    let first = scene.samples() as u32;
    queries.own = (first..).map(Some).take(made.between.len()).collect();
    let with = scene.with(&queries, &made.between);
    Ok(with.evidence(&queries, cancel)?)
}

/// Where rows lie in every modality.
fn placed(
    spaces: &[Space],
    rows: &[Rows],
    cancel: &CancelToken,
) -> Result<Vec<Array2<f32>>, Cancelled> {
    let pairs = spaces.iter().zip(rows);
    pairs
        .map(|(space, rows)| space.place(rows, cancel))
        .collect()
}

/// The places in all modalities side by side.
fn joint(places: &[Array2<f32>]) -> Array2<f32> {
    let views: Vec<_> = places.iter().map(|places| places.view()).collect();
    concatenate(Axis(1), &views).unwrap_or_default()
}
