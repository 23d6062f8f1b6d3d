//! What is kept of a data set and a seed.

use std::{collections::BTreeMap, fs, path::Path};

use hdumec::{
    analysis::calibration::Pairs,
    error::Error,
    pipeline::{AnalysisResult, Comparison, Lens, check::Check},
    store::atomic,
};
use serde::{Deserialize, Serialize};

/// How good a clustering is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Row {
    pub acc: f64,
    pub ari: f64,
    pub seconds: f64,
}

/// A run of a recipe.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub stage1: Row,
    pub stage2: Row,
    /// Clusters left, of those asked for.
    pub clusters: [usize; 2],
    pub agreement: Option<f64>,
    pub verdict: Option<String>,
    /// Agreement of what two halves of the votes elect.
    #[serde(default)]
    pub halves: Option<f64>,
    /// Rank correlation of predicted and true noise over features (of the worst modality) and over samples.
    pub features: Option<f64>,
    pub samples: Option<f64>,
    /// AUROC of the ambiguity for cells between types, and for samples in a wrong cluster.
    pub between: Option<f64>,
    pub errors: Option<f64>,
}

/// All runs on a data set with one seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub data: String,
    pub seed: u64,
    pub samples: usize,
    pub features: Vec<usize>,
    /// By the key of a method; what could not be run is not there.
    pub methods: BTreeMap<String, Row>,
    pub robust: Run,
    /// The first version of the robust recipe, if it was run.
    pub robust_0_1: Option<Run>,
}

impl Record {
    pub fn new(
        data: String,
        seed: u64,
        comparison: &Comparison,
        now: &AnalysisResult,
        before: Option<&AnalysisResult>,
    ) -> Result<Self, Error> {
        let methods = comparison.methods.iter().filter_map(|compared| {
            let found = compared.clusters()?;
            let row = Row {
                acc: found.scores.acc?,
                ari: found.scores.ari?,
                seconds: found.seconds,
            };
            Some((compared.method.key().to_owned(), row))
        });
        let modalities = now.dataset.modalities.iter();
        Ok(Self {
            data,
            seed,
            samples: now.dataset.samples(),
            features: modalities.map(|m| m.features.len()).collect(),
            methods: methods.collect(),
            robust: Run::of(now)?,
            robust_0_1: before.map(Run::of).transpose()?,
        })
    }

    pub fn write(&self, path: &Path) -> Result<(), String> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| error.to_string())?;
        let written = atomic::write(path, |out| out.write_all(&text));
        written.map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Run {
    fn of(result: &AnalysisResult) -> Result<Self, Error> {
        let last = result.last_stage();
        let check = Check::of(result)?;
        let features = check.truth.iter().flat_map(|truth| &truth.features);
        let ambiguity = check.lenses.iter().find(|c| c.lens == Lens::Ambiguity);
        let seconds = result.seconds.iter().map(|part| part.seconds).sum();
        let row = |scores: &hdumec::analysis::scores::ClusterScores| Row {
            acc: scores.acc.unwrap_or(f64::NAN),
            ari: scores.ari.unwrap_or(f64::NAN),
            seconds,
        };
        let consensus = result.consensus.as_ref();
        Ok(Self {
            stage1: row(&result.stage1.scores),
            stage2: row(&last.scores),
            clusters: [last.scores.clusters, result.clusters],
            agreement: consensus.and_then(|c| c.agreement),
            halves: consensus.and_then(|c| c.halves),
            verdict: consensus.and_then(|c| c.verdict()).map(str::to_owned),
            features: features.filter_map(Pairs::correlation).reduce(f64::min),
            samples: check.truth.as_ref().and_then(|t| t.samples.correlation()),
            between: ambiguity.and_then(|c| c.between),
            errors: ambiguity.and_then(|c| c.errors),
        })
    }
}

/// Every record in a folder, by data set and seed.
pub fn read_all(folder: &Path) -> Result<Vec<Record>, String> {
    let failed = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let mut records = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = fs::read(&path).map_err(|error| failed(&path, &error))?;
            let record = serde_json::from_slice::<Record>(&text);
            records.push(record.map_err(|error| failed(&path, &error))?);
        }
    }
    records.sort_by(|a, b| (&a.data, a.seed).cmp(&(&b.data, b.seed)));
    Ok(records)
}
