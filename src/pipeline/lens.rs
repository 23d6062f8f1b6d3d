//! A number for every sample of a result: each kind of uncertainty, what simulated data know to be true, what was measured, and what else
//! is known of samples.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AnalysisResult, StageResult};
use crate::{
    analysis::{consensus::Voter, markers::Measure, silhouette},
    data::{Column, Dataset},
    job::CancelToken,
};

/// What samples are coloured and sorted by. Of the kinds of uncertainty, higher is less certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lens {
    /// How far the measurements stray from what the model expects: the sum over the modalities.
    #[default]
    Noise,
    /// The same in one modality, counted from 0.
    ModalityNoise(usize),
    /// How undecided a sample is between two clusters.
    Ambiguity,
    /// Share of the votes, of several starts and looks at the data, that put a sample elsewhere; only where there were several.
    Disagreement,
    /// The same share among one kind of votes; only where there are both starts and looks.
    DisagreementOf(Voter),
    /// How far its modalities say different things about its cluster; only where there are several.
    Contradiction,
    /// How well a sample fits its cluster rather than the next: its silhouette width by the embedding, -1 to 1. Higher is better.
    Silhouette,
    /// A column of the truth of simulated data, counted from 0.
    Truth(usize),
    /// A feature as it was measured, by its modality and its place there, counted from 0; counts are log-normalised.
    Feature(u32, u32),
    /// A column of numbers that describes the samples, counted from 0 among all columns.
    Column(u32),
}

impl Lens {
    /// The kinds of uncertainty about a sample as a whole.
    pub const KINDS: [Self; 4] = [
        Self::Noise,
        Self::Ambiguity,
        Self::Disagreement,
        Self::Contradiction,
    ];

    /// Every lens that a run on a data set may have, in the order of a menu.
    pub fn all(dataset: &Dataset) -> Vec<Self> {
        let modalities = match dataset.modalities.len() {
            // Of a single one it is the noise of all.
            1 => 0,
            several => several,
        };
        let mut lenses = vec![Self::Noise];
        lenses.extend((0..modalities).map(Self::ModalityNoise));
        lenses.extend([
            Self::Ambiguity,
            Self::Disagreement,
            Self::DisagreementOf(Voter::Starts),
            Self::DisagreementOf(Voter::Looks),
        ]);
        if dataset.modalities.len() > 1 {
            lenses.push(Self::Contradiction);
        }
        lenses.extend((0..dataset.truth.sample.len()).map(Self::Truth));
        lenses
    }

    /// Key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Noise => "data_noise",
            Self::ModalityNoise(_) => "data_noise_of_modality",
            Self::Ambiguity => "ambiguity",
            Self::Disagreement => "disagreement",
            Self::DisagreementOf(Voter::Starts) => "disagreement_of_starts",
            Self::DisagreementOf(Voter::Looks) => "disagreement_of_looks",
            Self::Contradiction => "contradiction",
            Self::Silhouette => "silhouette",
            Self::Truth(_) => "truth",
            Self::Feature(..) => "feature",
            Self::Column(_) => "column",
        }
    }

    /// Whether it tells how certain samples are, so that higher is less certain.
    pub fn is_uncertainty(self) -> bool {
        !matches!(self, Self::Silhouette | Self::Feature(..) | Self::Column(_))
    }

    /// Whether its values are read from all that was measured, or worked out, which takes a while.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Silhouette | Self::Feature(..))
    }

    /// Every column of numbers that describes the samples.
    pub fn columns(dataset: &Dataset) -> Vec<Self> {
        let columns = (0..).zip(dataset.obs.columns());
        let of = |(at, (_, column)): (u32, (&str, &Column))| match column {
            Column::Number(_) | Column::Integer(_) => Some(Self::Column(at)),
            _ => None,
        };
        columns.filter_map(of).collect()
    }

    /// The same where columns that describe samples have other places; nothing where its own is gone.
    pub fn renumbered(self, column: &dyn Fn(u32) -> Option<u32>) -> Option<Self> {
        match self {
            Self::Column(at) => column(at).map(Self::Column),
            lens => Some(lens),
        }
    }

    /// Whether a data set has what it speaks of.
    pub fn fits(self, dataset: &Dataset) -> bool {
        match self {
            Self::Feature(modality, feature) => {
                let modality = dataset.modalities.get(modality as usize);
                modality.is_some_and(|m| (feature as usize) < m.measured.features.len())
            }
            Self::Column(_) => Self::columns(dataset).contains(&self),
            Self::Silhouette => true,
            lens => Self::all(dataset).contains(&lens),
        }
    }

    /// What it is called in a data set: modalities and columns by their names.
    pub fn name(self, dataset: &Dataset) -> String {
        let named = match self {
            Self::Noise
            | Self::Ambiguity
            | Self::Disagreement
            | Self::DisagreementOf(_)
            | Self::Contradiction
            | Self::Silhouette => None,
            Self::ModalityNoise(at) => {
                let modality = dataset.modalities.get(at);
                modality.map(|m| format!("data noise in {}", m.name))
            }
            Self::Truth(at) => {
                let column = dataset.truth.sample.get(at);
                column.map(|column| format!("true {}", column.name))
            }
            Self::Feature(at, feature) => {
                let modality = dataset.modalities.get(at as usize);
                modality.and_then(|m| {
                    let name = m.measured.features.get(feature as usize)?;
                    Some(match dataset.modalities.len() {
                        1 => name.clone(),
                        _ => format!("{name} in {}", m.name),
                    })
                })
            }
            Self::Column(at) => {
                let column = dataset.obs.columns().nth(at as usize);
                column.map(|(name, _)| name.to_owned())
            }
        };
        named.unwrap_or_else(|| self.to_string())
    }

    /// Its values for all samples after a stage; `None` if it was not computed in this run, or cannot be read back from the disk. NaN
    /// where a value is missing.
    pub fn values(self, result: &AnalysisResult, stage: &StageResult) -> Option<Vec<f32>> {
        let dataset = &result.dataset;
        match self {
            Self::Noise => Some(result.uncertainty.sample.to_vec()),
            Self::ModalityNoise(at) => {
                let modality = &result.uncertainty.modality;
                (at < modality.ncols()).then(|| modality.column(at).to_vec())
            }
            Self::Ambiguity => Some(stage.ambiguity.value.to_vec()),
            Self::Disagreement => Some(stage.disagreement.as_ref()?.to_vec()),
            Self::DisagreementOf(voter) => {
                let mut kinds = stage.disagreement_of.iter();
                Some(kinds.find(|(of, _)| *of == voter)?.1.to_vec())
            }
            Self::Contradiction => Some(stage.contradiction.as_ref()?.value.to_vec()),
            Self::Silhouette => {
                let cancel = CancelToken::new();
                let found = silhouette::samples(stage.embedding.view(), &stage.clusters, &cancel);
                let widths = found.ok()??.into_iter();
                Some(widths.map(|width| width as f32).collect())
            }
            Self::Truth(at) => Some(dataset.truth.sample.get(at)?.values.to_vec()),
            Self::Feature(at, feature) => {
                let measured = &dataset.modalities.get(at as usize)?.measured;
                if feature as usize >= measured.features.len() {
                    return None;
                }
                let measure = Measure::of(&measured.matrix);
                let read = measure.and_then(|m| m.values(&measured.matrix, feature as usize));
                read.inspect_err(|error| tracing::error!("{error}")).ok()
            }
            Self::Column(at) => match dataset.obs.columns().nth(at as usize)?.1 {
                Column::Number(values) => Some(values.iter().map(|&x| x as f32).collect()),
                Column::Integer(values) => {
                    let value = |x: &Option<i64>| x.map_or(f32::NAN, |x| x as f32);
                    Some(values.iter().map(value).collect())
                }
                _ => None,
            },
        }
    }

    /// Whether this run has it.
    pub fn is_there(self, result: &AnalysisResult, stage: &StageResult) -> bool {
        match self {
            Self::Noise | Self::Ambiguity => true,
            Self::ModalityNoise(at) => at < result.uncertainty.modality.ncols(),
            Self::Disagreement => stage.disagreement.is_some(),
            Self::DisagreementOf(voter) => {
                let mut kinds = stage.disagreement_of.iter();
                kinds.any(|(of, _)| *of == voter)
            }
            Self::Contradiction => stage.contradiction.is_some(),
            Self::Silhouette => stage.clusters.len() <= silhouette::EXACT_SAMPLES,
            Self::Truth(_) | Self::Feature(..) | Self::Column(_) => self.fits(&result.dataset),
        }
    }

    /// Why a run may lack it, for whoever looks for it.
    pub fn missing_because(self) -> &'static str {
        match self {
            Self::DisagreementOf(_) => {
                "It tells starts and looks at the data apart, and this run did not have both. The robust recipe has."
            }
            Self::Disagreement => {
                "It is the disagreement of several starts, and this run had a single one. The robust recipe has several."
            }
            Self::Contradiction => {
                "It tells whether modalities contradict each other, and these data have only one."
            }
            Self::Silhouette => {
                "It takes the distances of all pairs of samples: of more than 32,768, or of a single cluster, it is not worked out."
            }
            Self::Noise | Self::ModalityNoise(_) | Self::Ambiguity => "Train again to get it.",
            Self::Truth(_) => "Only simulated data know it.",
            Self::Feature(..) | Self::Column(_) => "It could not be read back from the disk.",
        }
    }
}

impl fmt::Display for Lens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noise => f.write_str("data noise"),
            Self::ModalityNoise(at) => write!(f, "data noise in modality {}", at + 1),
            Self::Ambiguity => f.write_str("ambiguity"),
            Self::Disagreement => f.write_str("disagreement"),
            Self::DisagreementOf(voter) => write!(f, "disagreement of the {voter}"),
            Self::Contradiction => f.write_str("contradiction"),
            Self::Silhouette => f.write_str("silhouette"),
            Self::Truth(at) => write!(f, "true column {}", at + 1),
            Self::Feature(_, at) => write!(f, "feature {}", at + 1),
            Self::Column(at) => write!(f, "column {}", at + 1),
        }
    }
}
