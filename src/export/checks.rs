//! What the uncertainty is worth, by labels, truth and injected noise.

use serde_json::{Map, Value, json};

use super::tables::Table;
use crate::pipeline::{AnalysisResult, Intervals, LEVEL, NoiseCheck, check::Check};

/// The check in numbers; nothing without labels, truth and injected noise.
pub fn check_json(result: &AnalysisResult, check: &Check) -> Option<Value> {
    if check.labelled == 0 && check.truth.is_none() && result.injection.is_none() {
        return None;
    }
    let lenses: Map<String, Value> = check
        .lenses
        .iter()
        .map(|lens| {
            let numbers = json!({
                "finds_errors_auroc": lens.errors,
                "area_under_risk_coverage": lens.curve.as_ref().map(|curve| curve.area),
                "finds_between_types_auroc": lens.between,
            });
            (lens.lens.key().to_owned(), numbers)
        })
        .collect();
    Some(json!({
        "labelled": check.labelled,
        "wrong": check.wrong,
        "lenses": lenses,
        "truth": check.truth.as_ref().map(|truth| noise_json(result, truth)),
        "injected": result.injection.as_ref().map(|injection| json!({
            "parameters": injection.spec,
            "found": noise_json(result, &injection.check),
        })),
        "intervals": result.intervals.as_ref().map(|intervals| intervals_json(result, intervals)),
    }))
}

/// What intervals of values hold, by modality.
fn intervals_json(result: &AnalysisResult, intervals: &Intervals) -> Value {
    let names = result.dataset.modalities.iter().map(|m| m.name.clone());
    let modalities: Map<String, Value> = names
        .zip(&intervals.modalities)
        .map(|(name, found)| {
            let numbers = json!({
                "covered": found.covered,
                "covered_before": found.before,
                "factor": found.factor,
            });
            (name, numbers)
        })
        .collect();
    json!({ "level": LEVEL, "samples": intervals.samples, "modalities": modalities })
}

fn noise_json(result: &AnalysisResult, check: &NoiseCheck) -> Value {
    let names = result.dataset.modalities.iter().map(|m| m.name.clone());
    let features: Map<String, Value> = names
        .zip(&check.features)
        .filter(|(_, pairs)| !pairs.known.is_empty())
        .map(|(name, pairs)| {
            let numbers = json!({ "spearman": pairs.correlation(), "noisy_auroc": pairs.found() });
            (name, numbers)
        })
        .collect();
    let samples = &check.samples;
    json!({
        "features": features,
        "samples": { "spearman": samples.correlation(), "noisy_auroc": samples.found() },
        "warning": check.too_few(&result.dataset),
    })
}

/// For every lens the share of errors among the surest samples.
pub(super) fn coverage(check: &Check) -> Option<Table<'_>> {
    let rows: Vec<(&str, [f64; 2])> = check
        .lenses
        .iter()
        .filter_map(|lens| Some((lens.lens.key(), lens.curve.as_ref()?)))
        .flat_map(|(key, curve)| curve.points.iter().map(move |&point| (key, point)))
        .collect();
    let header = ["lens", "coverage", "risk"];
    let count = rows.len();
    let table = Table::new(&header, count, move |row, line| {
        let (key, point) = rows[row];
        line.text(key);
        point.iter().for_each(|&x| line.double(Some(x)));
    });
    (count > 0).then_some(table)
}

/// Injected and predicted noise, features first.
pub(super) fn injected(result: &AnalysisResult) -> Option<Table<'_>> {
    let check = &result.injection.as_ref()?.check;
    let dataset = &result.dataset;
    let mut rows = Vec::new();
    for (modality, pairs) in dataset.modalities.iter().zip(&check.features) {
        let names = modality.features.iter().map(String::as_str);
        let pairs = pairs.known.iter().zip(&pairs.predicted);
        rows.extend(names.zip(pairs).map(|n| (modality.name.as_str(), n.0, n.1)));
    }
    let pairs = check.samples.known.iter().zip(&check.samples.predicted);
    let ids = dataset.samples.iter().map(String::as_str);
    rows.extend(ids.zip(pairs).map(|(id, pair)| ("", id, pair)));
    let header = ["of", "modality", "name", "injected", "predicted"];
    Some(Table::new(&header, rows.len(), move |row, line| {
        let (modality, name, (injected, predicted)) = rows[row];
        let of = match modality {
            "" => "sample",
            _ => "feature",
        };
        line.text(of);
        line.text(modality);
        line.text(name);
        line.number(Some(injected));
        line.number(Some(predicted));
    }))
}
