//! A number for every sample of a result: each kind of uncertainty, and what simulated data know to be true.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AnalysisResult, StageResult};
use crate::{analysis::consensus::Voter, data::Dataset};

/// What samples are coloured, sorted and checked by; higher is less certain.
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
    /// A column of the truth of simulated data, counted from 0.
    Truth(usize),
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
            Self::Truth(_) => "truth",
        }
    }

    /// What it is called in a data set: modalities and columns by their names.
    pub fn name(self, dataset: &Dataset) -> String {
        let named = match self {
            Self::Noise
            | Self::Ambiguity
            | Self::Disagreement
            | Self::DisagreementOf(_)
            | Self::Contradiction => None,
            Self::ModalityNoise(at) => {
                let modality = dataset.modalities.get(at);
                modality.map(|m| format!("data noise in {}", m.name))
            }
            Self::Truth(at) => {
                let column = dataset.truth.sample.get(at);
                column.map(|column| format!("true {}", column.name))
            }
        };
        named.unwrap_or_else(|| self.to_string())
    }

    /// Its value for a sample after a stage; `None` if it was not computed in this run. NaN where the truth is not known.
    pub fn value(self, result: &AnalysisResult, stage: &StageResult, sample: usize) -> Option<f32> {
        match self {
            Self::Noise => result.uncertainty.sample.get(sample).copied(),
            Self::ModalityNoise(at) => result.uncertainty.modality.get([sample, at]).copied(),
            Self::Ambiguity => stage.ambiguity.value.get(sample).copied(),
            Self::Disagreement => stage.disagreement.as_ref()?.get(sample).copied(),
            Self::DisagreementOf(voter) => {
                let mut kinds = stage.disagreement_of.iter();
                kinds.find(|(of, _)| *of == voter)?.1.get(sample).copied()
            }
            Self::Contradiction => stage.contradiction.as_ref()?.value.get(sample).copied(),
            Self::Truth(at) => {
                let column = result.dataset.truth.sample.get(at)?;
                column.values.get(sample).copied()
            }
        }
    }

    /// Its values for all samples; `None` if it was not computed in this run.
    pub fn values(self, result: &AnalysisResult, stage: &StageResult) -> Option<Vec<f32>> {
        let samples = 0..result.dataset.samples();
        samples.map(|i| self.value(result, stage, i)).collect()
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
            Self::Noise | Self::ModalityNoise(_) | Self::Ambiguity => "Train again to get it.",
            Self::Truth(_) => "Only simulated data know it.",
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
            Self::Truth(at) => write!(f, "true column {}", at + 1),
        }
    }
}
