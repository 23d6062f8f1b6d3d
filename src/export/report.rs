//! How the results were made and how good they are, for programs and for the methods section.

use std::{
    io::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use ndarray::Axis;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Fault;
use crate::{
    analysis::{clusters, uncertainty::UncertaintySummary},
    data::Labels,
    io::Inputs,
    pipeline::{AnalysisResult, AnalysisSpec, PartSeconds, StageResult},
    train,
    words::hex,
};

/// Versions of the crates that numbers depend on, as pinned in `Cargo.toml`.
const CRATES: [(&str, &str); 2] = [("burn", "0.22.1"), ("umap-rs", "0.4.5")];

/// Version of the layout of `run.json`.
pub const FORMAT: u32 = 1;

/// The scores after stage 1 and 2, by how many labelled samples, how far the starts agreed, and what to doubt: `null` for
/// what is undefined (without labels, with a single start) or not reached.
pub fn scores_json(result: &AnalysisResult) -> Value {
    let consensus = result.consensus.as_ref();
    let agreement = |looks: bool| {
        let judged = consensus.filter(|c| (c.looks > 0) == looks);
        judged.and_then(|c| c.agreement)
    };
    json!({
        "labelled": result.dataset.labels.as_ref().map(Labels::labelled),
        "agreement_of_starts": agreement(false),
        "agreement_of_looks": agreement(true),
        "agreement_with_the_elected": consensus.map(|consensus| {
            let kinds = consensus.kinds.iter();
            let kinds = kinds.map(|kind| (kind.voter.to_string(), json!(kind.agreement)));
            kinds.collect::<serde_json::Map<String, Value>>()
        }),
        "agreement_of_halves": consensus.and_then(|c| c.halves),
        "verdict": consensus.and_then(|c| c.verdict()),
        "warnings": result.warnings().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "stage1": result.stage1.scores,
        "stage2": result.stage2.as_ref().map(|stage| stage.scores),
    })
}

/// What two runs of the same analysis should have in common: what made the numbers, and fingerprints of them.
pub fn identity_json(result: &AnalysisResult) -> Value {
    let crates: serde_json::Map<String, Value> = CRATES
        .iter()
        .map(|(name, version)| ((*name).to_owned(), json!(version)))
        .collect();
    json!({
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "crates": crates,
        "device": result.device,
        "processor": train::instruction_set(),
        "cluster_sizes": sizes(result),
        "fingerprints": {
            "stage1": fingerprint(&result.stage1),
            "stage2": result.stage2.as_ref().map(fingerprint),
            "uncertainty": fingerprint_of(&result.uncertainty),
        },
        "mean_uncertainty": result.uncertainty.modality.mean_axis(Axis(0)).map(|mean| mean.to_vec()),
    })
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

/// SHA-256 of the parameters: tells whether somebody changed them in a `run.json`.
pub fn seal(spec: &AnalysisSpec) -> String {
    sha256(std::iter::once(json!(spec).to_string()))
}

fn sha256(pieces: impl Iterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    pieces.for_each(|piece| hash.update(piece));
    hex(&hash.finalize())
}

/// Everything needed to repeat the analysis, and what it took.
pub(super) fn run_json(result: &AnalysisResult, inputs: &Inputs) -> Value {
    let dataset = &result.dataset;
    let modalities: Vec<Value> = dataset
        .modalities
        .iter()
        .map(|m| json!({ "name": m.name, "features": m.features.len() }))
        .collect();
    let load = PartSeconds {
        part: "load".into(),
        seconds: inputs.seconds,
    };
    let seconds: Vec<&PartSeconds> = std::iter::once(&load).chain(&result.seconds).collect();
    let total: f64 = seconds.iter().map(|part| part.seconds).sum();
    let identity = identity_json(result);
    let files: Vec<Value> = inputs
        .files
        .iter()
        .map(|file| {
            json!({
                "path": file.path.display().to_string(),
                "bytes": file.bytes,
                "sha256": file.sha256,
            })
        })
        .collect();
    json!({
        "format": FORMAT,
        "tool": identity["tool"],
        "crates": identity["crates"],
        "written_at": utc_now(),
        "data": {
            "name": dataset.name,
            "samples": dataset.samples(),
            "features": dataset.features(),
            "modalities": modalities,
            "classes": dataset.labels.as_ref().map(|labels| &labels.classes),
            "unlabelled": dataset.labels.as_ref().map(|labels| labels.unlabelled()),
        },
        "inputs": files,
        // A path that is not Unicode cannot be written: then there is nothing to repeat from.
        "source": serde_json::to_value(&inputs.source).unwrap_or_default(),
        "parameters": result.spec,
        "parameters_sha256": seal(&result.spec),
        "clusters": result.clusters,
        "seed": result.spec.seed,
        "device": result.device,
        "processor": identity["processor"],
        "cluster_sizes": identity["cluster_sizes"],
        "fingerprints": identity["fingerprints"],
        "mean_uncertainty": identity["mean_uncertainty"],
        "scores": scores_json(result),
        "threads": rayon::current_num_threads(),
        "complete": result.stage2.as_ref().is_some_and(|stage| stage.umap.is_some()),
        "stop": result.stage2.as_ref().and_then(|stage| stage.stop),
        "umap_neighbour_recall": {
            "stage1": result.stage1.umap_recall,
            "stage2": result.stage2.as_ref().and_then(|stage| stage.umap_recall),
        },
        "epochs": result.history.len(),
        "taken_over": result.taken_over,
        "seconds": seconds,
        "seconds_total": total,
    })
}

/// What goes along with the network: enough to use it elsewhere.
pub(super) fn model_notes(result: &AnalysisResult) -> Vec<(&'static str, String)> {
    let dataset = &result.dataset;
    let features: Vec<Value> = dataset
        .modalities
        .iter()
        .map(|m| json!({ "name": m.name, "features": m.features.names() }))
        .collect();
    vec![
        (
            "tool",
            concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).into(),
        ),
        ("clusters", result.clusters.to_string()),
        ("parameters", json!(result.spec).to_string()),
        ("modalities", json!(features).to_string()),
        (
            "uncertainty",
            match result.spec.train.models() {
                0 | 1 => "of this network".into(),
                n => format!(
                    "averaged over {n} networks, of which this is the one that stage 2 trained on"
                ),
            },
        ),
    ]
}

/// Writes JSON to be read by people as well.
pub(super) fn write(out: &mut dyn Write, value: &Value) -> Result<(), Fault> {
    writeln!(out, "{value:#}")?;
    Ok(())
}

fn utc_now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    rfc3339(since.map_or(0, |d| d.as_secs()))
}

/// Seconds since 1970 as a date and time in UTC, by the proleptic Gregorian calendar.
fn rfc3339(seconds: u64) -> String {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    // Years are counted from the 1st of March 0000, so that the leap day is the last day of a year.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right() {
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), date);
        }
    }

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
}
