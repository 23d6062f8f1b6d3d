//! The record of a run, `run.json`: one type that writing it, reading it again and repeating the run share.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use ndarray::Axis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::recover;
use crate::{
    analysis::{clusters, scores::ClusterScores, uncertainty::UncertaintySummary},
    data::Labels,
    error::Error,
    io::{InputFile, Inputs, Source},
    model::DeviceInfo,
    pipeline::{AnalysisResult, AnalysisSpec, Helped, Node, PartSeconds, StageResult},
    train::{self, StopReason},
    words::{date::rfc3339, hex},
};

/// Versions of the crates that numbers depend on, as pinned in `Cargo.toml`.
const CRATES: [(&str, &str); 2] = [("burn", "0.22.1"), ("umap-rs", "0.4.5")];

/// Version of the layout of `run.json`.
const FORMAT: u32 = 1;

/// Bytes of a `run.json` at most: the largest of hdumec's are far smaller.
const LARGEST: u64 = 64 << 20;

/// Everything needed to repeat an analysis, and what it took and gave. What an earlier version did not write is not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRecord {
    /// Version of the layout.
    pub format: u32,
    /// What wrote it.
    pub tool: Tool,
    /// Versions of the crates that numbers depend on.
    pub crates: BTreeMap<String, String>,
    /// When, in UTC.
    pub written_at: String,
    /// What was analysed.
    pub data: DataRecord,
    /// The files, with their hashes.
    pub inputs: Vec<InputFile>,
    /// How to load them again.
    pub source: Option<Source>,
    /// Every parameter.
    pub parameters: Option<AnalysisSpec>,
    /// Hash of the parameters: tells whether somebody changed them.
    pub parameters_sha256: Option<String>,
    /// Number of clusters.
    pub clusters: Option<usize>,
    /// The seed.
    pub seed: u64,
    /// What it ran on.
    pub device: Option<DeviceInfo>,
    /// Other devices that trained for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Helped>,
    /// The kind of processor.
    pub processor: Option<String>,
    /// Samples in every cluster of the last stage, the smallest first.
    pub cluster_sizes: Option<Vec<usize>>,
    /// Hashes of what was found.
    pub fingerprints: BTreeMap<String, Option<String>>,
    /// Mean uncertainty of every modality.
    pub mean_uncertainty: Option<Vec<f32>>,
    /// How good the clusters are.
    pub scores: Scores,
    /// Threads that computed.
    pub threads: usize,
    /// Whether the analysis was finished.
    pub complete: bool,
    /// Why stage 2 ended.
    pub stop: Option<StopReason>,
    /// Share of the true neighbours that went into the maps, where they are approximate.
    pub umap_neighbour_recall: Recall,
    /// Epochs of all stages.
    pub epochs: usize,
    /// The last part that was taken over from an earlier run.
    pub taken_over: Option<Node>,
    /// Wall-clock time of every part.
    pub seconds: Vec<PartSeconds>,
    /// Their sum.
    pub seconds_total: f64,
}

/// A program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The data of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataRecord {
    /// Their name.
    pub name: String,
    /// Number of samples.
    pub samples: usize,
    /// Number of features of all modalities.
    pub features: usize,
    /// The modalities.
    pub modalities: Vec<ModalityRecord>,
    /// The classes, where there are labels.
    pub classes: Option<Vec<String>>,
    /// Samples without a label, where there are labels.
    pub unlabelled: Option<usize>,
}

/// A modality of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModalityRecord {
    /// Its name.
    pub name: String,
    /// Number of features.
    pub features: usize,
}

/// Of the maps of both stages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recall {
    stage1: Option<f64>,
    stage2: Option<f64>,
}

/// The scores after stage 1 and 2, by how many labelled samples, how far the starts agreed, and what to doubt: `null` for what is
/// undefined (without labels, with a single start) or not reached. What `scores.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scores {
    /// Samples that have a label.
    pub labelled: Option<usize>,
    /// Where starts alone vote, how far they agree.
    pub agreement_of_starts: Option<f64>,
    /// Where looks at the data judge, how far they agree.
    pub agreement_of_looks: Option<f64>,
    /// How far each kind of vote agrees with what was elected.
    pub agreement_with_the_elected: Option<BTreeMap<String, f64>>,
    /// How far halves of the votes would elect the same.
    pub agreement_of_halves: Option<f64>,
    /// The verdict on all that.
    pub verdict: Option<String>,
    /// What makes the result less than it looks.
    pub warnings: Vec<String>,
    /// After stage 1.
    pub stage1: Option<ClusterScores>,
    /// After stage 2.
    pub stage2: Option<ClusterScores>,
}

impl Scores {
    /// Those of a result.
    pub fn of(result: &AnalysisResult) -> Self {
        let consensus = result.consensus.as_ref();
        let agreement = |looks: bool| {
            let judged = consensus.filter(|c| (c.looks > 0) == looks);
            judged.and_then(|c| c.agreement)
        };
        let of_kinds = consensus.map(|consensus| {
            let kinds = consensus.kinds.iter();
            kinds
                .map(|kind| (kind.voter.to_string(), kind.agreement))
                .collect()
        });
        Self {
            labelled: result.dataset.labels.as_ref().map(Labels::labelled),
            agreement_of_starts: agreement(false),
            agreement_of_looks: agreement(true),
            agreement_with_the_elected: of_kinds,
            agreement_of_halves: consensus.and_then(|c| c.halves),
            verdict: consensus.and_then(|c| c.verdict()).map(|v| v.to_string()),
            warnings: result.warnings().iter().map(ToString::to_string).collect(),
            stage1: Some(result.stage1.scores),
            stage2: result.stage2.as_ref().map(|stage| stage.scores),
        }
    }
}

impl RunRecord {
    /// The record of a result, made of these inputs.
    pub fn of(result: &AnalysisResult, inputs: &Inputs) -> Self {
        let dataset = &result.dataset;
        let load = PartSeconds {
            part: "load".into(),
            seconds: inputs.seconds,
        };
        let seconds: Vec<PartSeconds> = std::iter::once(load)
            .chain(result.seconds.iter().cloned())
            .collect();
        let inputs = inputs.writable();
        let second = result.stage2.as_ref();
        let modalities = dataset.modalities.iter().map(|m| ModalityRecord {
            name: m.name.clone(),
            features: m.features.len(),
        });
        let crates = CRATES.iter();
        let mean = result.uncertainty.modality.mean_axis(Axis(0));
        Self {
            format: FORMAT,
            tool: Tool {
                name: env!("CARGO_PKG_NAME").into(),
                version: env!("CARGO_PKG_VERSION").into(),
            },
            crates: crates
                .map(|(name, version)| ((*name).into(), (*version).into()))
                .collect(),
            written_at: utc_now(),
            data: DataRecord {
                name: dataset.name.clone(),
                samples: dataset.samples(),
                features: dataset.features(),
                modalities: modalities.collect(),
                classes: dataset.labels.as_ref().map(|labels| labels.classes.clone()),
                unlabelled: dataset.labels.as_ref().map(Labels::unlabelled),
            },
            inputs: inputs.files,
            source: inputs.source,
            parameters: Some(result.spec.clone()),
            parameters_sha256: Some(seal(&result.spec)),
            clusters: Some(result.clusters),
            seed: result.spec.seed,
            device: Some(result.device.clone()),
            helpers: result.helpers.clone(),
            processor: Some(train::instruction_set()),
            cluster_sizes: Some(sizes(result)),
            fingerprints: BTreeMap::from([
                ("stage1".into(), Some(fingerprint(&result.stage1))),
                ("stage2".into(), second.map(fingerprint)),
                (
                    "uncertainty".into(),
                    Some(fingerprint_of(&result.uncertainty)),
                ),
            ]),
            mean_uncertainty: mean.map(|mean| mean.to_vec()),
            scores: Scores::of(result),
            threads: rayon::current_num_threads(),
            complete: result.is_complete(),
            stop: second.and_then(|stage| stage.stop),
            umap_neighbour_recall: Recall {
                stage1: result.stage1.umap_recall,
                stage2: second.and_then(|stage| stage.umap_recall),
            },
            epochs: result.history.len(),
            taken_over: result.taken_over,
            seconds_total: seconds.iter().map(|part| part.seconds).sum(),
            seconds,
        }
    }

    /// Reads one. A run that was killed while it put its files there is finished first.
    ///
    /// # Errors
    /// If it cannot be read, is of a later version, or is not as hdumec writes it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let unusable = |what: &str| Error::Usage(format!("'{}' {what}", path.display()));
        let unreadable =
            |e: &dyn std::fmt::Display| unusable(&format!("is not a readable run.json: {e}"));
        if let Some(folder) = path.parent() {
            recover(folder)?;
        }
        // A pipe may never end, and a device never does.
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(unreadable(&"it is not a file"));
        }
        let mut text = Vec::new();
        let file = File::open(path).map_err(|e| unreadable(&e))?;
        let read = file.take(LARGEST + 1).read_to_end(&mut text);
        if read.map_err(|e| unreadable(&e))? as u64 > LARGEST {
            return Err(unreadable(&"it is too large for one"));
        }
        let any: Value = serde_json::from_slice(&text).map_err(|e| unreadable(&e))?;
        let later = any["format"].as_u64().is_some_and(|f| f > FORMAT.into());
        if later {
            return Err(unusable("was written by a later version of hdumec"));
        }
        // From the text again: its error tells line and column.
        serde_json::from_slice(&text)
            .map_err(|e| unusable(&format!("is not as hdumec writes it: {e}")))
    }

    /// The parameters, and whether they were changed since it was written; none if it holds none.
    pub fn parameters(&self) -> Option<(AnalysisSpec, bool)> {
        let spec = self.parameters.clone()?;
        let sealed = self.parameters_sha256.as_ref();
        let edited = sealed.is_some_and(|sealed| *sealed != seal(&spec));
        Some((spec, edited))
    }
}

/// Samples in every cluster of the last stage, the smallest first.
fn sizes(result: &AnalysisResult) -> Vec<usize> {
    let mut sizes = clusters::sizes(&result.last_stage().clusters, result.clusters);
    sizes.sort_unstable();
    sizes
}

/// SHA-256 of the embedding and the clusters, as little-endian numbers sample by sample.
fn fingerprint(stage: &StageResult) -> String {
    let embedding = stage.embedding.iter().map(|x| x.to_le_bytes());
    let clusters = stage.clusters.iter().map(|k| k.to_le_bytes());
    sha256(embedding.chain(clusters))
}

/// SHA-256 of the uncertainty of modalities and samples, as little-endian numbers sample by sample.
fn fingerprint_of(uncertainty: &UncertaintySummary) -> String {
    let all = uncertainty.modality.iter().chain(&uncertainty.sample);
    sha256(all.map(|x| x.to_le_bytes()))
}

/// SHA-256 of the parameters.
fn seal(spec: &AnalysisSpec) -> String {
    sha256(std::iter::once(json!(spec).to_string()))
}

fn sha256(pieces: impl Iterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    pieces.for_each(|piece| hash.update(piece));
    hex(&hash.finalize())
}

fn utc_now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    rfc3339(since.map_or(0, |d| d.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_versions_are_those_in_use() {
        let lock = include_str!("../../Cargo.lock");
        for (name, version) in CRATES {
            let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(
                lock.replace("\r\n", "\n").contains(&entry),
                "{name} {version}"
            );
        }
    }

    #[test]
    fn records_of_every_version_are_read_and_what_is_no_record_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            RunRecord::read(&path)
        };
        let earliest = read(r#"{"format": 1, "parameters": {"seed": 7}, "clusters": 3}"#).unwrap();
        let (spec, edited) = earliest.parameters().unwrap();
        assert_eq!((spec.seed, edited, earliest.clusters), (7, false, Some(3)));
        assert!(earliest.source.is_none() && earliest.fingerprints.is_empty());
        let edited = r#"{"parameters": {"seed": 7}, "parameters_sha256": "0"}"#;
        assert!(read(edited).unwrap().parameters().unwrap().1);
        for (text, why) in [
            (r#"{"format": 99}"#, "later version"),
            ("{", "not a readable run.json"),
            ("{\n\"clusters\": \"three\"}", "line 2 column"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
