//! What makes a result less than it looks, told wherever the result is told.

use std::fmt;

use super::AnalysisResult;
use crate::{
    analysis::{clusters, consensus::Consensus},
    train::Stage,
};

/// Starts, or looks at the data, that agree less than this (mean adjusted Rand index) found other clusters each time. On labelled
/// sets, clusters of starts below it were little better than a guess, and those of looks had an adjusted Rand index of 0.52 at most.
const POOR_AGREEMENT: f64 = 0.4;
/// Starts that agree at least this much found the same clusters but for details.
const GOOD_STARTS: f64 = 0.7;
/// Looks see halves of the features, so they differ where clusters are sound. On labelled sets where they agreed this much, the
/// adjusted Rand index was 0.75 or more.
const GOOD_LOOKS: f64 = 0.5;
/// Halves of the votes that elect clusters as like as this do so with another seed, too, but for a few samples; and those less like than
/// the second find others.
const SAME_AGAIN: f64 = 0.95;
const OTHERS: f64 = 0.8;
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
    /// Every start, or every look at the data, found other clusters.
    Disagreement {
        /// Mean adjusted Rand index of every two.
        agreement: f64,
        /// Clusters asked for.
        clusters: usize,
        /// Whether it is that of looks at the data.
        looks: bool,
        /// Whether half of them elect what the other half elects, so that another seed finds the same.
        again: bool,
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
            Self::Disagreement { looks: true, .. } => "no clear clusters",
            Self::Disagreement { looks: false, .. } => "the starts disagree",
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
            Self::Disagreement {
                agreement,
                clusters,
                looks: true,
                again,
            } => write!(
                f,
                "The data do not hold {clusters} clear clusters: looks at them hardly agree ({agreement:.2}; 1 is full, 0 is \
                 chance), and another {} may find others. Try another number of clusters.",
                if again { "method" } else { "seed or method" }
            ),
            Self::Disagreement {
                agreement,
                looks: false,
                ..
            } => write!(
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

impl Consensus {
    /// Who agreed so far: `16 starts` or `96 looks at the data`.
    pub fn judges(&self) -> String {
        match self.looks {
            0 => format!("{} starts", self.clusterings),
            looks => format!("{looks} looks at the data"),
        }
    }

    /// Which kind of vote stands behind the elected clusters, as a sentence; nothing where there is one kind.
    pub fn kinds_in_words(&self) -> Option<String> {
        let [starts, looks] = self.kinds.as_slice() else {
            return None;
        };
        Some(format!(
            "The {} agree with these clusters to {:.0} %, the {} to {:.0} %.",
            starts.voter,
            100.0 * starts.agreement,
            looks.voter,
            100.0 * looks.agreement
        ))
    }

    /// Whether another seed would find the same clusters, as a sentence, if that is known.
    pub fn halves_in_words(&self) -> Option<String> {
        let halves = self.halves?;
        let percent = 100.0 * halves;
        Some(match halves {
            h if h >= SAME_AGAIN => format!(
                "Halves of the votes elect the same clusters ({percent:.0} %): another seed does so, too, but for a few samples."
            ),
            h if h >= OTHERS => format!(
                "Halves of the votes elect clusters that agree to {percent:.0} %: another seed moves some samples."
            ),
            _ => format!(
                "Halves of the votes elect clusters that agree to {percent:.0} % only: another seed finds others."
            ),
        })
    }

    /// How far they agreed, in a word, if that is known.
    pub fn verdict(&self) -> Option<&'static str> {
        let good = match self.looks {
            0 => GOOD_STARTS,
            _ => GOOD_LOOKS,
        };
        Some(match self.agreement? {
            a if a < POOR_AGREEMENT => "poor",
            a if a < good => "moderate",
            _ => "good",
        })
    }
}

impl AnalysisResult {
    /// What makes it less than it looks, the gravest first.
    pub fn warnings(&self) -> Vec<Warning> {
        let consensus = self.consensus.as_ref();
        let poor = consensus.filter(|consensus| consensus.verdict() == Some("poor"));
        let disagree = poor.and_then(|consensus| {
            Some(Warning::Disagreement {
                agreement: consensus.agreement?,
                clusters: self.clusters,
                looks: consensus.looks > 0,
                again: consensus.halves.is_some_and(|halves| halves >= OTHERS),
            })
        });
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
        let words = |looks| {
            [None, Some(0.1), Some(0.45), Some(0.6), Some(0.9)].map(|agreement| {
                let consensus = Consensus {
                    looks,
                    agreement,
                    ..Consensus::default()
                };
                consensus.verdict().unwrap_or("-")
            })
        };
        assert_eq!(words(0), ["-", "poor", "moderate", "moderate", "good"]);
        assert_eq!(words(96), ["-", "poor", "moderate", "good", "good"]);
    }

    #[test]
    fn whether_another_seed_finds_the_same_is_said() {
        let said = |halves| {
            let consensus = Consensus {
                halves,
                ..Consensus::default()
            };
            consensus.halves_in_words().unwrap_or_default()
        };
        assert_eq!(said(None), "");
        assert!(said(Some(0.97)).contains("the same clusters (97 %)"));
        assert!(said(Some(0.9)).ends_with("another seed moves some samples."));
        assert!(said(Some(0.2)).ends_with("20 % only: another seed finds others."));
        let warned = |again| {
            let warning = Warning::Disagreement {
                agreement: 0.3,
                clusters: 4,
                looks: true,
                again,
            };
            warning.to_string()
        };
        assert!(warned(false).contains("another seed or method may"));
        assert!(warned(true).contains("another method may"));
    }
}
