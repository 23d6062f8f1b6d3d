//! Samples that are left out by choice, or by how well they were measured, before anything is prepared.

use std::sync::Arc;

use super::{
    error::LoadError,
    known::Known,
    load::LoadSpec,
    notice::LoadNotice,
    part::{Part, Plan},
    report::SampleQuality,
    rows::RowPlan,
};
use crate::{
    data::{BadChoice, Chosen, Column, Frame},
    job::CancelToken,
    prepare::Quality,
};

/// Bins of a histogram of samples.
const BINS: usize = 60;

/// How well the samples of every modality were measured, if it holds counts; samples that are not chosen, and those that a recipe cuts off,
/// are taken out of the plan and of what is known.
pub(super) fn sift(
    parts: &[Part],
    plans: &[Plan],
    rows: &mut RowPlan,
    known: &mut Known,
    (chosen, notices): (&Chosen, &mut Vec<LoadNotice>),
    cancel: &CancelToken,
) -> Result<Vec<Option<Arc<SampleQuality>>>, LoadError> {
    let of = rows.sample_ids.len();
    let mut all = chosen.keep(&rows.sample_ids);
    let left_out = all.iter().filter(|&&kept| !kept).count();
    chosen.check(of - left_out, of)?;
    if left_out > 0 {
        notices.push(LoadNotice::SamplesNotChosen {
            samples: left_out,
            of,
        });
    }
    let mut found = Vec::with_capacity(parts.len());
    for ((part, plan), picks) in parts.iter().zip(plans).zip(&rows.picks) {
        if !plan.counts {
            if !plan.recipe.cuts.is_none() {
                return Err(part.no_counts());
            }
            found.push(None);
            continue;
        }
        let of_preparation = |error| LoadError::of_preparation(&part.path, &part.name, error);
        plan.recipe.cuts.check().map_err(of_preparation)?;
        let quality = Quality::of(&part.matrix, &part.features, cancel).map_err(of_preparation)?;
        let quality = match picks {
            Some(picks) => quality.select(picks),
            None => quality,
        };
        let kept = plan.recipe.cuts.keep(&quality);
        let left_out = kept.iter().filter(|&&kept| !kept).count();
        if left_out > 0 {
            notices.push(LoadNotice::SamplesCut {
                modality: part.name.clone(),
                samples: left_out,
                of,
            });
        }
        all.iter_mut()
            .zip(&kept)
            .for_each(|(all, kept)| *all &= kept);
        found.push(Some(quality));
    }
    let left = all.iter().filter(|&&kept| kept).count();
    if left < of {
        if left < 2 {
            return Err(BadChoice::AllCut { left, of }.into());
        }
        rows.keep(&all);
        let places = (0..of as u32).filter(|&at| all[at as usize]).map(Some);
        known.keep(&places.collect::<Vec<_>>());
    }
    let share = |quality: Quality| {
        Arc::new(SampleQuality {
            used: all.clone(),
            histograms: quality.histograms(BINS),
            suggestion: quality.suggestion(),
            quality,
        })
    };
    Ok(found.into_iter().map(|found| found.map(share)).collect())
}

/// Adds to what is known of the samples how well they were measured, and, if asked for, how likely each is a doublet; the names are scanpy's,
/// with the modality's in front where there are several. Columns that are there already stay.
pub(super) fn describe(
    obs: &mut Frame,
    of: &[(String, Option<Arc<SampleQuality>>)],
    doublets: Vec<(String, Vec<f32>)>,
) {
    let single = of.len() == 1;
    let name = |modality: &str, column: &str| match single {
        true => column.to_owned(),
        false => format!("{modality}:{column}"),
    };
    let mut add = |name: String, values: Vec<f64>| {
        if obs.get(&name).is_none() {
            obs.set(name, Column::Number(values));
        }
    };
    for (modality, quality) in of {
        let Some(quality) = quality else { continue };
        let used = |values: &[f64], factor: f64| -> Vec<f64> {
            let of = values.iter().zip(&quality.used).filter(|(_, used)| **used);
            of.map(|(value, _)| value * factor).collect()
        };
        let Quality {
            counts,
            features,
            mitochondrial,
        } = &quality.quality;
        add(name(modality, "total_counts"), used(counts, 1.0));
        add(name(modality, "n_genes_by_counts"), used(features, 1.0));
        if let Some(shares) = mitochondrial {
            add(name(modality, "pct_counts_mt"), used(shares, 100.0));
        }
    }
    for (modality, scores) in doublets {
        let scores = scores.into_iter().map(f64::from).collect();
        add(name(&modality, "doublet_score"), scores);
    }
}

/// Refuses wishes about modalities that are not there, and those about transcripts where no modality holds counts of them.
pub(super) fn check(spec: &LoadSpec, parts: &[Part], plans: &[Plan]) -> Result<(), LoadError> {
    let known = |name: &&String| parts.iter().any(|part| part.name == **name);
    let mut named = spec.preparation.keys().chain(&spec.prepare);
    if let Some(name) = named.find(|name| !known(name)) {
        let known: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        return Err(LoadError::UnknownModality {
            name: name.clone(),
            known: known.join(", "),
        });
    }
    let what = match (spec.doublets, spec.cuts.is_none()) {
        (_, false) => "Samples are cut off",
        (true, _) => "Doublets are scored",
        _ => return Ok(()),
    };
    match plans.iter().any(|plan| plan.transcripts) {
        true => Ok(()),
        false => Err(LoadError::NoTranscripts { what }),
    }
}
