//! Why samples of a result lie between two clusters.

use std::{collections::BTreeMap, io};

use super::{AnalysisResult, StageResult};
use crate::{
    analysis::{
        components::Scaling,
        markers::{
            Columns, Measure,
            settling::{self, Settling},
        },
        reasons::{Judge, Measurements, Reason, ReasonsError, Verdict},
    },
    data::{Dataset, Modality, are_components},
    job::CancelToken,
};

/// Share of the samples, the most ambiguous ones, that are asked about where nothing else is said; and how many they are at most.
const SHARE: usize = 10;
const MOST: usize = 2_000;

/// Features of a modality that may settle a question, and how many do.
const CANDIDATES: usize = 64;
const CHOSEN: usize = 6;

/// The modalities of a data set as they were measured.
///
/// # Errors
/// If values on disk cannot be read.
pub fn measurements(dataset: &Dataset) -> io::Result<Vec<Measurements<'_>>> {
    let each = dataset.modalities.iter();
    each.map(|modality| {
        let measured = &modality.measured;
        let measure = Measure::of(&measured.matrix)?;
        let components = are_components(measured.features.names());
        Ok(Measurements {
            matrix: &measured.matrix,
            measure,
            // Counts and components are of one unit; other features need not be.
            scaling: match measure == Measure::LogNormalised || components {
                true => Scaling::Centred,
                false => Scaling::Standardised,
            },
        })
    })
    .collect()
}

/// A judge of why samples lie between the clusters of a stage.
///
/// # Errors
/// Of too few samples, when cancelled, or if values on disk cannot be read.
pub fn judge_of(
    result: &AnalysisResult,
    stage: &StageResult,
    cancel: &CancelToken,
) -> Result<Judge, ReasonsError> {
    let measured = measurements(&result.dataset)?;
    let seed = result.spec.seed;
    Judge::learn(&measured, &stage.clusters, result.clusters, seed, cancel)
}

/// These samples with the two clusters that each lies between: without those that lie between none.
pub fn between_clusters(
    stage: &StageResult,
    samples: impl IntoIterator<Item = usize>,
) -> Vec<(u32, [u32; 2])> {
    let of = |sample: usize| Some((sample as u32, *stage.ambiguity.between.get(sample)?));
    let all = samples.into_iter().filter_map(of);
    all.filter(|(_, [a, b])| a != b).collect()
}

/// The most ambiguous tenth of the samples, 2,000 at most, the most ambiguous first.
pub fn most_ambiguous(stage: &StageResult) -> Vec<usize> {
    let value = &stage.ambiguity.value;
    let mut order: Vec<usize> = (0..value.len()).collect();
    order.sort_by(|&a, &b| value[b].total_cmp(&value[a]));
    order.truncate(value.len().div_ceil(SHARE).min(MOST));
    order
}

/// What was seen of a sample, as a sentence about each reason that the judge knows. `name` tells what a cluster is called.
pub fn told(
    result: &AnalysisResult,
    stage: &StageResult,
    judge: &Judge,
    verdict: &Verdict,
    name: &dyn Fn(u32) -> String,
) -> Vec<(Reason, String)> {
    let seen = &verdict.evidence;
    let [a, b] = verdict.between.map(name);
    let percent = |share: f32| format!("{:.0} %", 100.0 * share);
    let sentence = |reason: Reason| match reason {
        Reason::Doublet => format!(
            "Strewn in among the samples, sums of two of them are {} of its nearest.",
            percent(seen.doublets)
        ),
        Reason::Transition => format!(
            "{} of its nearest samples lie between {a} and {b} as well.",
            percent(seen.path)
        ),
        Reason::Shallow if judge.has_counts() => format!(
            "It has {:.2} times the counts that are usual in the two clusters.",
            seen.depth.exp()
        ),
        // The evidence is of squared distances.
        Reason::Shallow => format!(
            "Its values lie {:.1} times as far from the mean of all as the two clusters do: the more, the noisier.",
            (seen.depth / 2.0).exp()
        ),
        Reason::OverSplit => format!(
            "Where samples are fewest between {a} and {b}, they are {} as dense as in the sparser of both.",
            percent(seen.gap.exp().min(1.0))
        ),
        Reason::Contradiction => contradiction(result, stage, verdict, name),
    };
    let each = judge.confusion().reasons.iter();
    each.map(|&reason| (reason, sentence(reason))).collect()
}

/// What the modalities of a sample say.
fn contradiction(
    result: &AnalysisResult,
    stage: &StageResult,
    verdict: &Verdict,
    name: &dyn Fn(u32) -> String,
) -> String {
    let at = verdict.sample as usize;
    let Some(found) = &stage.contradiction else {
        return String::new();
    };
    let [own, others] = found.says[at];
    let modality = found.modality[at] as usize;
    let modality = result.dataset.modalities.get(modality);
    let modality = modality.map_or("one modality", |modality| &modality.name);
    match own == others {
        true => format!("All modalities say {}.", name(own)),
        false => format!(
            "{modality} says {}, others say {}.",
            name(own),
            name(others)
        ),
    }
}

/// The pair of clusters that most of the verdicts are about, the smaller number first, and how many.
pub fn most_frequent(verdicts: &[Verdict]) -> Option<([u32; 2], usize)> {
    let mut counts = BTreeMap::new();
    for &Verdict {
        between: [a, b], ..
    } in verdicts
    {
        *counts.entry([a.min(b), a.max(b)]).or_insert(0) += 1;
    }
    // Of equal ones the first.
    counts
        .into_iter()
        .rev()
        .max_by_key(|&(_, count): &([u32; 2], usize)| count)
}

/// The features that settle best, taken together, in which of two clusters a sample is. Components are no features that could be
/// measured: they are left out where there are others.
///
/// # Errors
/// If the features would not fit in memory, values on disk cannot be read, or when cancelled.
pub fn settling(
    result: &AnalysisResult,
    stage: &StageResult,
    pair: [u32; 2],
    cancel: &CancelToken,
) -> Result<Vec<Settling>, ReasonsError> {
    let side = |cluster: &u32| pair.iter().position(|of| of == cluster).map(|at| at as u32);
    let sides: Vec<Option<u32>> = stage.clusters.iter().map(side).collect();
    let modalities = &result.dataset.modalities;
    let own = |modality: &Modality| !are_components(modality.measured.features.names());
    let any = modalities.iter().any(own);
    let mut from = Vec::new();
    for (at, modality) in (0..).zip(modalities).filter(|(_, m)| !any || own(m)) {
        let matrix = &modality.measured.matrix;
        let columns = Columns::of(matrix, Measure::of(matrix)?)?;
        from.extend(settling::candidates(
            &columns, at, &sides, CANDIDATES, cancel,
        )?);
    }
    Ok(settling::choose(from, &sides, CHOSEN))
}
