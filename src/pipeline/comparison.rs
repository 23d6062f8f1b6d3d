//! What methods side by side came to.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::{
    analysis::scores::{ClusterScores, adjusted_rand_index},
    method::Method,
};

/// The clusters that a method found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodClusters {
    /// The cluster of every sample, below the number asked for.
    #[serde(with = "crate::store::bits")]
    pub labels: Arc<Vec<u32>>,
    /// How good they are. Without ASW, as every method measures distances in a space of its own.
    pub scores: ClusterScores,
    /// Wall-clock seconds, maps not counted. The runs of the paper's network share their first stage, which counts for each.
    pub seconds: f64,
}

/// What became of a method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The method.
    pub method: Method,
    /// Its clusters, or why there are none.
    pub outcome: Result<MethodClusters, String>,
}

impl Compared {
    /// Its clusters, if it found some.
    pub fn clusters(&self) -> Option<&MethodClusters> {
        self.outcome.as_ref().ok()
    }
}

/// Methods side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Number of clusters asked for.
    pub clusters: usize,
    /// Seed of all methods.
    pub seed: u64,
    /// What each came to, in the order of [`Method::ALL`].
    pub methods: Vec<Compared>,
    /// How far every two agree (adjusted Rand index; 1 is full, 0 chance), in the same order; `None` where one found nothing.
    pub agreement: Vec<Vec<Option<f64>>>,
}

impl Comparison {
    pub(super) fn new(clusters: usize, seed: u64, methods: Vec<Compared>) -> Self {
        let between = |a: &Compared, b: &Compared| {
            let (a, b) = (a.clusters()?, b.clusters()?);
            Some(adjusted_rand_index(&a.labels, &b.labels))
        };
        let row = |a: &Compared| methods.iter().map(|b| between(a, b)).collect();
        let agreement = methods.iter().map(row).collect();
        Self {
            clusters,
            seed,
            methods,
            agreement,
        }
    }

    /// How far every method agrees with hdumec; `None` where either found nothing.
    pub fn with_hdumec(&self) -> Vec<Option<f64>> {
        let at = |compared: &Compared| compared.method == Method::Hdumec;
        match self.methods.iter().position(at) {
            Some(at) => self.agreement[at].clone(),
            None => vec![None; self.methods.len()],
        }
    }

    /// How far every method agrees with the others on average; `None` where there is nothing to compare.
    pub fn with_others(&self) -> Vec<Option<f64>> {
        let mean = |(row, own): (&Vec<Option<f64>>, usize)| {
            let others = row.iter().enumerate().filter(|&(at, _)| at != own);
            let known: Vec<f64> = others.filter_map(|(_, &agreement)| agreement).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        self.agreement.iter().zip(0..).map(mean).collect()
    }
}

/// Scores that differ by less say that two methods are about as good.
const AS_GOOD: f64 = 0.01;

impl Comparison {
    /// How hdumec stands among them, in a sentence or two.
    pub fn in_words(&self) -> String {
        let ari = |compared: &Compared| compared.clusters()?.scores.ari;
        let hdumec = |compared: &&Compared| compared.method == Method::Hdumec;
        let scored = self
            .methods
            .iter()
            .filter_map(|c| Some((c.method, ari(c)?)));
        let scored: Vec<(Method, f64)> = scored.collect();
        if let Some(own) = self.methods.iter().find(hdumec).and_then(ari) {
            let better = scored.iter().filter(|(_, found)| *found > own + AS_GOOD);
            let better: Vec<String> = better
                .map(|(method, found)| format!("{method} ({found:.2})"))
                .collect();
            return match better.len() {
                0 => format!(
                    "By the labels, no other of the {} methods does better than hdumec (ARI {own:.2}).",
                    scored.len()
                ),
                _ => format!(
                    "By the labels, these do better than hdumec (ARI {own:.2}): {}.",
                    better.join(", ")
                ),
            };
        }
        if let Some((method, best)) = scored.iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
            return format!("By the labels, {method} does best (ARI {best:.2}).");
        }
        let mean = |values: Vec<Option<f64>>| {
            let known: Vec<f64> = values.into_iter().flatten().collect();
            (!known.is_empty()).then(|| 100.0 * known.iter().sum::<f64>() / known.len() as f64)
        };
        let others = self.methods.iter().zip(self.with_hdumec());
        let others = others.filter(|(compared, _)| compared.method != Method::Hdumec);
        let with_hdumec = mean(others.map(|(_, agreement)| agreement).collect());
        let Some(all) = mean(self.with_others()) else {
            return "There are no two methods to compare.".into();
        };
        let own = with_hdumec.map_or(String::new(), |own| {
            format!(" hdumec agrees with the others to {own:.0} % on average.")
        });
        format!(
            "Without labels it is not known which is right.{own} Every two methods agree to {all:.0} % on average: the more, the \
             less it matters which is chosen."
        )
    }
}
