//! The form of every parameter of training and maps, one row or three for each row of their table.

use eframe::egui::Ui;

use crate::{
    analysis::umap::Initialisation,
    pipeline::{
        AnalysisSpec, PARAMETERS, Parameter,
        parameter::{At, Kind},
    },
    train::Stage,
    ui::widgets::form,
};

/// What the three stages are called in a row, and what their epochs do.
const STAGES: [[&str; 2]; 3] = [
    [
        "Reconstruction",
        "Epochs that learn to reproduce the data, of each start",
    ],
    [
        "Uncertainty",
        "Epochs that learn how noisy each value is, of each model",
    ],
    [
        "Clustering",
        "Epochs that sharpen the groups; may end sooner",
    ],
];

/// The epochs of the three stages.
pub(super) fn epochs(ui: &mut Ui, spec: &mut AnalysisSpec) {
    for parameter in PARAMETERS {
        if let Kind::Counts(at, [_, most]) = parameter.kind {
            for stage in Stage::ALL {
                let number = stage as usize;
                // Nothing can be learned of the uncertainty, or clustered, before there is an embedding.
                let least = usize::from(stage == Stage::Pretrain);
                let [name, about] = STAGES[number];
                form::number(ui, name, about, &mut at(spec)[number], least..=most);
            }
        }
    }
}

/// All others.
pub(super) fn all(ui: &mut Ui, spec: &mut AnalysisSpec) {
    for parameter in PARAMETERS {
        if parameter.read_by.counts(spec.train.starts > 1) {
            row(ui, parameter, spec);
        }
    }
}

fn row(ui: &mut Ui, parameter: &Parameter, spec: &mut AnalysisSpec) {
    let &Parameter { name, about, .. } = parameter;
    match parameter.kind {
        Kind::Count(at, [least, most]) => _ = form::number(ui, name, about, at(spec), least..=most),
        Kind::Number(at, [least, most]) => {
            _ = form::number(ui, name, about, at(spec), least..=most)
        }
        Kind::Single(at, [least, most]) => {
            _ = form::number(ui, name, about, at(spec), least..=most)
        }
        Kind::SomeCount(at, bounds) => some(ui, [name, about], spec, at, bounds),
        Kind::SomeNumber(at, bounds) => some(ui, [name, about], spec, at, bounds),
        Kind::Switch(at) => _ = form::row(ui, name, about, |ui| ui.checkbox(at(spec), "")),
        // They have a place of their own.
        Kind::Counts(..) => {}
        Kind::Numbers(at, [least, most]) => {
            for (number, stage) in (1..).zip(at(spec)) {
                form::number(ui, &format!("{name} {number}"), about, stage, least..=most);
            }
        }
        Kind::Start(at) => {
            let choices = [
                (Initialisation::Spectral, "spectral".into()),
                (Initialisation::Pca, "PCA".into()),
            ];
            form::choice(ui, name, about, at(spec), &choices);
        }
    }
}

/// A number that may be none, for which 0 stands.
fn some<N: eframe::egui::emath::Numeric + Default>(
    ui: &mut Ui,
    [name, about]: [&str; 2],
    spec: &mut AnalysisSpec,
    at: At<Option<N>>,
    [least, most]: [N; 2],
) {
    let value = at(spec);
    let mut shown = value.unwrap_or_default();
    if form::number(ui, name, about, &mut shown, least..=most).changed() {
        *value = (shown != N::default()).then_some(shown);
    }
}
