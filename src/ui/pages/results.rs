//! Scores, and saving.

mod runs;
mod saving;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use self::runs::Runs;
use super::{canvas, step_panel};
use crate::{
    analysis::scores::ClusterScores,
    app::{Command, Page},
    data::Dataset,
    export,
    pipeline::AnalysisResult,
    ui::{
        context::Context,
        theme,
        widgets::{copy::copy_button, open},
    },
    words::thousands,
};

#[derive(Default)]
pub(super) struct ResultsPage {
    /// The folder as edited, for a data set.
    draft: Option<(Arc<Dataset>, String)>,
    reading: Option<Reading>,
    runs: Runs,
}

/// What the page says of a result, made once.
struct Reading {
    of: Arc<AnalysisResult>,
    warnings: Vec<String>,
    /// What the scores by labels are of.
    labels: Option<String>,
    /// Files and what is in them.
    contents: Vec<(String, String)>,
}

impl Reading {
    fn of(result: &Arc<AnalysisResult>) -> Self {
        Self {
            of: result.clone(),
            warnings: result.warnings().iter().map(ToString::to_string).collect(),
            labels: result.about_labels(),
            contents: export::contents(result),
        }
    }
}

impl ResultsPage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(result) = context.state.result().cloned() else {
            return;
        };
        let dataset = &result.dataset;
        if !matches!(&self.draft, Some((of, _)) if Arc::ptr_eq(of, dataset)) {
            self.draft = Some((dataset.clone(), saving::default_folder(context, &result)));
        }
        let Some((_, folder)) = &mut self.draft else {
            return;
        };
        if let Some(path) = context.dialogs.results.take() {
            *folder = path
                .join(format!("hdumec-{}", dataset.name))
                .display()
                .to_string();
        }
        let (mut choose, mut python) = (false, None);
        let free = context.state.saving.is_none();
        step_panel(
            ui,
            Page::Results,
            folder,
            |ui, folder| {
                ui.label(theme::heading("Save"));
                ui.add(
                    egui::Label::new(theme::weak(
                        ui,
                        "Tables, scores, figures and the trained model, into a folder of its own.",
                    ))
                    .wrap(),
                );
                ui.add_space(theme::GRID);
                let label = ui.label("Folder");
                ui.add(
                    egui::TextEdit::multiline(folder)
                        .desired_rows(2)
                        .desired_width(f32::INFINITY)
                        .return_key(None),
                )
                .labelled_by(label.id)
                .on_hover_text("Earlier results there are never replaced without asking");
                choose = ui.button("Choose\u{2026}").clicked();
                ui.add_space(2.0 * theme::GRID);
                python = saving::for_python(ui, free, dataset, folder);
                ui.add_space(2.0 * theme::GRID);
                if let Some(inputs) = context.state.result_inputs() {
                    let tip = "A paragraph for a methods section, with every parameter and the versions of the software";
                    copy_button(ui, "Copy methods text", tip, || {
                        export::methods_text(&result, inputs)
                    });
                }
            },
            |ui, folder| {
                let folder = folder.trim();
                let idle = free && !folder.is_empty();
                if theme::primary(ui, "Save results", idle)
                    .on_hover_text("Write all result files into the folder")
                    .clicked()
                {
                    context.commands.push(Command::Save {
                        directory: open::expand(folder),
                        replace: false,
                    });
                }
            },
        );
        context.commands.extend(python);
        if choose {
            context.dialogs.choose_results(ui.ctx());
        }
        if !matches!(&self.reading, Some(reading) if Arc::ptr_eq(&reading.of, &result)) {
            self.reading = Some(Reading::of(&result));
        }
        let Some(reading) = &self.reading else { return };
        canvas(ui, |ui| {
            egui::ScrollArea::vertical()
                .id_salt("results")
                .auto_shrink(false)
                .show(ui, |ui| {
                    if let Some(saved) = context.state.saved() {
                        saving::saved_card(ui, saved);
                    }
                    self.runs.show(ui, context, &result);
                    warnings(ui, &reading.warnings);
                    let at_work = context.state.is_training();
                    scores(ui, &result, reading.labels.as_deref(), at_work);
                    about(ui, &result);
                    repeat(ui, context);
                    files(ui, &reading.contents);
                });
        });
    }
}

const COLUMNS: [(&str, &str); 5] = [
    (
        "ACC",
        "Share of samples in the cluster that matches their class best",
    ),
    (
        "NMI",
        "Normalised mutual information of clusters and classes",
    ),
    (
        "ASW",
        "Mean silhouette width: how well clusters are separated; needs no labels",
    ),
    (
        "ARI",
        "Adjusted Rand index: agreement of pairs, corrected for chance",
    ),
    (
        "Purity",
        "Share of samples whose class is the commonest of their cluster",
    ),
];

/// What the agreement of those that vote means.
pub(super) const AGREEMENT: &str = "How far the clusters depend on chance and on how the data are looked at, told without labels: the \
     mean adjusted Rand index of every two that vote. 100 % if all found the same clusters, 0 % if they agree no more than \
     random ones. Looks see other halves of the features, other scalings and other weights of the modalities; on labelled data \
     where they agreed to less than 40 %, the clusters were seldom the classes. The maps by disagreement show which samples \
     they disagree on";

fn values(scores: &ClusterScores) -> [Option<f64>; 5] {
    [
        scores.acc,
        scores.nmi,
        scores.asw,
        scores.ari,
        scores.purity,
    ]
}

/// What makes the result less than it looks, before its scores.
fn warnings(ui: &mut Ui, warnings: &[String]) {
    if warnings.is_empty() {
        return;
    }
    theme::warning(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        for warning in warnings {
            ui.add(egui::Label::new(warning).wrap());
        }
    });
    ui.add_space(3.0 * theme::GRID);
}

fn scores(ui: &mut Ui, result: &AnalysisResult, labels: Option<&str>, at_work: bool) {
    ui.label(theme::heading("Scores"));
    egui::Grid::new("scores")
        .num_columns(7)
        .spacing([28.0, 8.0])
        .show(ui, |ui| {
            ui.label("");
            for (name, tip) in COLUMNS {
                ui.label(theme::weak(ui, name)).on_hover_text(tip);
            }
            ui.label(theme::weak(ui, "Clusters"))
                .on_hover_text("Clusters that hold at least one sample");
            ui.end_row();
            let stages = [
                ("After stage 1", Some(&result.stage1)),
                ("After stage 2", result.stage2.as_ref()),
            ];
            for (name, stage) in stages {
                let Some(stage) = stage else { continue };
                ui.strong(name);
                for ((column, _), value) in COLUMNS.iter().zip(values(&stage.scores)) {
                    let mut text = value.map_or("\u{2013}".into(), |v| format!("{v:.4}"));
                    match stage.scores.asw_error {
                        Some(error) if *column == "ASW" => {
                            text += &format!(" \u{b1} {error:.4}");
                            ui.monospace(text).on_hover_text(
                                "Estimated from some samples: 95 % confidence interval",
                            )
                        }
                        _ => ui.monospace(text),
                    };
                }
                ui.monospace(format!("{} of {}", stage.scores.clusters, result.clusters));
                ui.end_row();
            }
        });
    if let Some(labels) = labels {
        ui.label(labels);
    }
    if let Some(consensus) = &result.consensus
        && let (Some(agreement), Some(verdict)) = (consensus.agreement, consensus.verdict())
    {
        let text = format!(
            "The {} agree to {:.0} %: {verdict}.",
            consensus.judges(),
            100.0 * agreement,
        );
        ui.label(text).on_hover_text(AGREEMENT);
        if let Some(kinds) = consensus.kinds_in_words() {
            ui.label(theme::weak(ui, kinds)).on_hover_text(
                "Adjusted Rand index with the elected clusters, on average. Where they differ, the maps by the disagreement of the \
                 starts and of the looks show on which samples",
            );
        }
        if let Some(halves) = consensus.halves_in_words() {
            ui.label(theme::weak(ui, halves)).on_hover_text(
                "The votes are parted at random into two halves, a few times, and each half elects clusters of its own: how far these \
                 agree (adjusted Rand index) is how far a run with another seed would agree with this one",
            );
        }
    }
    if let Some(stop) = result.stage2.as_ref().and_then(|s| s.stop) {
        ui.label(theme::weak(ui, format!("Stage 2: {stop}.")));
    }
    if result.stage2.is_none() {
        ui.label(match at_work {
            true => "Stage 2 is at work: what is saved now is that of stage 1.",
            false => "Stage 2 was not finished: what is saved is that of stage 1.",
        });
    }
    if result.dataset.labels.is_none() {
        ui.label(theme::weak(ui, "Without labels only ASW can be computed."));
    }
    ui.add_space(4.0 * theme::GRID);
}

/// What a part of `run.json` is called.
fn part_in_words(key: &str) -> &str {
    match key {
        "device" => "preparing the device",
        "prepare" => "preparing the data",
        "pretrain" => "reconstruction",
        "uncertainty_finetune" => "learning uncertainty",
        "graph_votes" => "clustering neighbour graphs",
        "consensus" => "counting the votes",
        "trial" => "trying how long to learn uncertainty",
        "uncertainty" => "measuring uncertainty",
        "scores" => "scores of stage 1",
        "contradiction" => "holding modalities against each other",
        "clustering" => "clustering, with its scores",
        "kmeans" => "starting clusters",
        "umap_stage1" => "map after stage 1",
        "umap_stage2" => "map after stage 2",
        other => other,
    }
}

/// The recipe, and whether its parameters are those of the paper.
fn recipe(result: &AnalysisResult) -> String {
    let name = result.spec.recipe;
    let changes = result.spec.changes();
    if changes.is_empty() {
        name.to_string()
    } else {
        format!("{name}, but for: {}", changes.join("; "))
    }
}

fn about(ui: &mut Ui, result: &AnalysisResult) {
    ui.label(theme::heading("This run"));
    let seconds: f64 = result.seconds.iter().map(|p| p.seconds).sum();
    let time = match result.taken_over {
        None => format!("{seconds:.1} s"),
        Some(node) => {
            format!("{seconds:.1} s, with what everything up to {node} took in an earlier run")
        }
    };
    let rows = [
        (
            "Data",
            format!(
                "{}, {} samples",
                result.dataset.name,
                thousands(result.dataset.samples.len() as u64)
            ),
        ),
        ("Recipe", recipe(result)),
        ("Seed", result.spec.seed.to_string()),
        ("Device", result.device.to_string()),
        ("Time", time),
    ];
    egui::Grid::new("about")
        .num_columns(2)
        .min_row_height(18.0)
        .spacing([28.0, 6.0])
        .show(ui, |ui| {
            for (name, value) in rows {
                ui.label(theme::weak(ui, name));
                ui.label(value);
                ui.end_row();
            }
            // What took no time worth telling is in run.json.
            for part in result.seconds.iter().filter(|p| p.seconds >= 0.05) {
                ui.label("");
                let text = format!("{:.1} s  {}", part.seconds, part_in_words(&part.part));
                ui.label(theme::weak(ui, text));
                ui.end_row();
            }
        });
    ui.add_space(theme::GRID);
}

/// The button that computes it once more.
fn repeat(ui: &mut Ui, context: &mut Context<'_>) {
    let ready = context.state.ready_for_more();
    let button = ui.add_enabled(ready.is_ok(), egui::Button::new("Compute it again"));
    let tip = "Trains once more with the same settings, and says whether it comes out the same";
    if button
        .on_hover_text(tip)
        .on_disabled_hover_text(ready.err().unwrap_or_default())
        .clicked()
    {
        context.ask(Command::Repeat);
    }
    ui.add_space(4.0 * theme::GRID);
}

fn files(ui: &mut Ui, contents: &[(String, String)]) {
    ui.label(theme::heading("What is saved"));
    egui::Grid::new("files")
        .num_columns(2)
        .min_row_height(18.0)
        .spacing([28.0, 6.0])
        .show(ui, |ui| {
            for (names, what) in contents {
                ui.monospace(names.replace(", ", "\n"));
                ui.label(theme::weak(ui, what));
                ui.end_row();
            }
        });
}
