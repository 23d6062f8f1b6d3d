//! What makes a result less than it looks, told wherever the result is told.

use std::fmt;

use super::AnalysisResult;
use crate::{analysis::clusters, train::Stage};

/// Starts that agree less than this (mean adjusted Rand index) found other clusters each time. On labelled sets, results
/// below it were little better than a guess.
const POOR_AGREEMENT: f64 = 0.4;
/// Starts that agree at least this much found the same clusters but for details.
const GOOD_AGREEMENT: f64 = 0.7;
/// With fewer samples in a cluster, on average, some are chance.
const SAMPLES_A_CLUSTER: usize = 10;

/// A reason to doubt a result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warning {
    /// Clusters emptied or shrank.
    ClustersLost {
        /// Clusters asked for.
        of: usize,
        /// Clusters without any sample.
        empty: usize,
        /// Clusters with samples, but with less than half of those they had after stage 1.
        shrunk: usize,
        /// Samples in the smallest of those that shrank.
        smallest: usize,
        /// Whether stage 2 did it: then stage 1 has more.
        in_stage_2: bool,
        /// The first epoch of stage 2 in which a cluster was empty.
        emptied: Option<usize>,
    },
    /// Every start found other clusters.
    StartsDisagree {
        /// Mean adjusted Rand index of every two.
        agreement: f64,
    },
    /// There are too few samples for so many clusters.
    FewSamples {
        /// Samples there are.
        samples: usize,
        /// Clusters asked for.
        clusters: usize,
    },
}

impl Warning {
    /// That there are few samples for so many clusters, if there are; known before anything is trained.
    pub fn few_samples(samples: usize, clusters: usize) -> Option<Self> {
        let few = samples < SAMPLES_A_CLUSTER.saturating_mul(clusters);
        few.then_some(Self::FewSamples { samples, clusters })
    }

    /// In two or three words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::ClustersLost { .. } => "clusters were lost",
            Self::StartsDisagree { .. } => "the starts disagree",
            Self::FewSamples { .. } => "few samples for so many clusters",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ClustersLost {
                of,
                empty,
                shrunk,
                smallest,
                in_stage_2,
                emptied,
            } => {
                let mut said = Vec::new();
                match empty {
                    0 => {}
                    1 => said.push(format!("one of {of} clusters is empty")),
                    _ => said.push(format!("{empty} of {of} clusters are empty")),
                }
                match shrunk {
                    0 => {}
                    1 => said.push(format!(
                        "one lost more than half of its samples ({smallest} left)"
                    )),
                    _ => said.push(format!(
                        "{shrunk} lost more than half of their samples (the smallest has {smallest} left)"
                    )),
                }
                if let (Some(epoch), true) = (emptied, said.is_empty()) {
                    said.push(format!("one was empty at epoch {epoch} of stage 2"));
                }
                let advice = match in_stage_2 {
                    true => "The clusters of stage 1 may be the better answer.",
                    false => "The data may hold fewer clusters.",
                };
                write!(f, "Clusters were lost: {}. {advice}", said.join(", and "))
            }
            Self::StartsDisagree { agreement } => write!(
                f,
                "The starts hardly agree ({agreement:.2}; 1 is full, 0 is chance): another seed would find other clusters. \
                 Try another number of clusters."
            ),
            Self::FewSamples { samples, clusters } => write!(
                f,
                "{samples} samples are few for {clusters} clusters: with fewer than {SAMPLES_A_CLUSTER} in each, on average, \
                 clusters and scores are partly chance."
            ),
        }
    }
}

/// How far starts agree, in a word.
pub fn agreement_in_words(agreement: f64) -> &'static str {
    match agreement {
        a if a < POOR_AGREEMENT => "poor",
        a if a < GOOD_AGREEMENT => "moderate",
        _ => "good",
    }
}

impl AnalysisResult {
    /// What makes it less than it looks, the gravest first.
    pub fn warnings(&self) -> Vec<Warning> {
        let agreement = self.consensus.as_ref().and_then(|c| c.agreement);
        let disagree = agreement
            .filter(|&agreement| agreement < POOR_AGREEMENT)
            .map(|agreement| Warning::StartsDisagree { agreement });
        let few = Warning::few_samples(self.dataset.samples(), self.clusters);
        self.lost().into_iter().chain(disagree).chain(few).collect()
    }

    fn lost(&self) -> Option<Warning> {
        let of = self.clusters;
        let before = clusters::sizes(&self.stage1.clusters, of);
        let now = clusters::sizes(&self.last_stage().clusters, of);
        let empty = now.iter().filter(|&&size| size == 0).count();
        let halved = |(before, now): &(&usize, &usize)| **now > 0 && 2 * **now < **before;
        let shrunk = || before.iter().zip(&now).filter(halved).map(|(_, now)| *now);
        let smallest = shrunk().min().unwrap_or(0);
        let shrunk = shrunk().count();
        let in_stage_2 = before.iter().filter(|&&size| size == 0).count() < empty;
        let emptied = self.history.iter().find_map(|epoch| {
            let lost = epoch.stage == Stage::Clustering && epoch.sizes.contains(&0);
            lost.then_some(epoch.epoch)
        });
        // What the guard went back from is not part of the result.
        let emptied = emptied.filter(|_| !self.spec.train.guard);
        (empty > 0 || shrunk > 0 || emptied.is_some()).then(|| Warning::ClustersLost {
            of,
            empty,
            shrunk,
            smallest,
            in_stage_2: in_stage_2 || shrunk > 0 || emptied.is_some(),
            emptied,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_say_what_was_lost() {
        let lost = |empty, shrunk, emptied| {
            let warning = Warning::ClustersLost {
                of: 12,
                empty,
                shrunk,
                smallest: 2,
                in_stage_2: true,
                emptied,
            };
            warning.to_string()
        };
        assert!(lost(0, 1, Some(19)).contains("one lost more than half of its samples (2 left)"));
        assert!(lost(3, 2, None).contains("3 of 12 clusters are empty, and 2 lost more"));
        assert!(lost(0, 0, Some(19)).contains("empty at epoch 19"));
    }

    #[test]
    fn agreement_has_a_verdict() {
        let words = [0.1, 0.5, 0.9].map(agreement_in_words);
        assert_eq!(words, ["poor", "moderate", "good"]);
    }
}
