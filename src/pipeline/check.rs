//! Whether the uncertainty of a result means what it says, by what is known besides: labels, or the demo's truth.

use std::io;

use super::{AnalysisResult, Lens, NoiseCheck};
use crate::{
    analysis::{
        calibration::{Pairs, RiskCoverage, risk_coverage},
        rank, scores,
    },
    data::{TruthColumn, demo},
};

/// What a lens is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct LensCheck {
    /// The lens.
    pub lens: Lens,
    /// How well it finds the samples in a wrong cluster (AUROC); with labels.
    pub errors: Option<f64>,
    /// The errors left when the doubtful are left out; with labels.
    pub curve: Option<RiskCoverage>,
    /// How well it finds cells between two types (AUROC); of the demo.
    pub between: Option<f64>,
}

/// What is known of a result's uncertainty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// Samples with a label, and how many of them are in a cluster of another class; none if all labels are alike.
    pub labelled: usize,
    /// See `labelled`.
    pub wrong: usize,
    /// The errors left by a doubt that knows them all: no lens can be below.
    pub best: Option<RiskCoverage>,
    /// Every lens there is.
    pub lenses: Vec<LensCheck>,
    /// Against the demo's true noise.
    pub truth: Option<NoiseCheck>,
}

impl Check {
    /// Checks a result against its labels (by the best one-to-one matching of clusters to classes) and its truth.
    ///
    /// # Errors
    /// If values held on disk cannot be read.
    pub fn of(result: &AnalysisResult) -> io::Result<Self> {
        let stage = result.last_stage();
        let labels = result.dataset.labels.as_ref();
        let codes = labels
            .filter(|l| l.tell_apart())
            .map(|l| l.codes.as_slice());
        let known = codes.unwrap_or_default().iter().enumerate();
        let (rows, classes): (Vec<usize>, Vec<u32>) =
            known.filter_map(|(i, &code)| Some((i, code?))).unzip();
        let found: Vec<u32> = rows.iter().map(|&i| stage.clusters[i]).collect();
        let wrong: Vec<bool> = scores::correct(&classes, &found)
            .into_iter()
            .map(|correct| !correct)
            .collect();
        let boundary = column(&result.dataset.truth.sample, demo::BOUNDARY)
            .map(|values| values.iter().map(|&share| share > 0.0).collect::<Vec<_>>());
        let lenses = Lens::KINDS.into_iter().filter_map(|lens| {
            let values = lens.values(result, stage)?;
            let doubt: Vec<f32> = rows.iter().map(|&i| values[i]).collect();
            let between = boundary.as_deref();
            Some(LensCheck {
                lens,
                errors: rank::auroc(&wide(&doubt), &wrong),
                curve: risk_coverage(&doubt, &wrong),
                between: between.and_then(|between| rank::auroc(&wide(&values), between)),
            })
        });
        let perfect: Vec<f32> = wrong.iter().map(|&w| f32::from(u8::from(w))).collect();
        Ok(Self {
            labelled: rows.len(),
            wrong: wrong.iter().filter(|&&wrong| wrong).count(),
            best: risk_coverage(&perfect, &wrong),
            lenses: lenses.collect(),
            truth: truth(result)?,
        })
    }
}

/// A kind of uncertainty finds errors better than another where it does by at least this much (AUROC).
pub const BETTER: f64 = 0.05;

/// How well each kind of uncertainty finds the samples in a wrong cluster (AUROC), the best first; nothing without labels.
///
/// # Errors
/// If values held on disk cannot be read.
pub fn finds_errors(result: &AnalysisResult) -> io::Result<Vec<(Lens, f64)>> {
    let lenses = match result.dataset.labels {
        Some(_) => Check::of(result)?.lenses,
        None => Vec::new(),
    };
    let known = lenses
        .into_iter()
        .filter_map(|of| Some((of.lens, of.errors?)));
    let mut known: Vec<(Lens, f64)> = known.collect();
    known.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(known)
}

/// The kind of uncertainty to look at first: the usual one, unless it is known that another finds errors better.
pub fn lens_to_show(result: &AnalysisResult) -> Lens {
    let usual = Lens::default();
    let found = finds_errors(result).inspect_err(|error| tracing::warn!("{error}"));
    let found = found.unwrap_or_default();
    let of_usual = found.iter().find(|(lens, _)| *lens == usual);
    match (found.first(), of_usual) {
        (Some(&(best, finds)), Some(&(_, usually))) if finds >= usually + BETTER => best,
        _ => usual,
    }
}

/// The predicted noise of features and samples against the demo's.
fn truth(result: &AnalysisResult) -> io::Result<Option<NoiseCheck>> {
    let truth = &result.dataset.truth;
    let Some(samples) = column(&truth.sample, demo::CELL_NOISE) else {
        return Ok(None);
    };
    let of_modality = |(columns, sigma): (&Vec<TruthColumn>, &crate::data::Values)| {
        let Some(known) = column(columns, demo::SCALED_NOISE) else {
            return Ok(Pairs::default());
        };
        let predicted = sigma.means()?;
        Ok(Pairs {
            known: known.to_vec(),
            predicted: predicted.into_iter().map(|x| x as f32).collect(),
        })
    };
    let modalities = truth.feature.iter().zip(&result.uncertainty.feature);
    Ok(Some(NoiseCheck {
        features: modalities.map(of_modality).collect::<io::Result<_>>()?,
        samples: Pairs {
            known: samples.to_vec(),
            predicted: result.uncertainty.sample.to_vec(),
        },
    }))
}

fn column<'a>(columns: &'a [TruthColumn], name: &str) -> Option<&'a [f32]> {
    let found = columns.iter().find(|column| column.name == name)?;
    Some(&found.values)
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}
