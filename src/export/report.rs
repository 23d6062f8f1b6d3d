//! What goes along with the network, for programs.

use serde_json::{Value, json};

use crate::pipeline::AnalysisResult;

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
