//! What to look at, and the list of the most ambiguous samples.

use eframe::egui::{self, Ui};
use egui_extras::{Column, TableBuilder};

use super::{Groups, Lens, View, colouring::Colouring};
use crate::{
    app::{Command, Page},
    io::thousands,
    pipeline::AnalysisResult,
    ui::{
        context::Context,
        pages::step_panel,
        theme,
        widgets::{copy::copy_button, form, name},
    },
};

/// What a lens is called.
pub(super) fn lens_name(result: &AnalysisResult, lens: Lens) -> String {
    match lens {
        Lens::Sample => "data noise".into(),
        Lens::Modality(v) => match result.dataset.modalities.get(v) {
            Some(modality) => format!("data noise in {}", modality.name),
            None => "data noise".into(),
        },
        Lens::Ambiguity => "ambiguity".into(),
        Lens::Disagreement => "disagreement".into(),
        Lens::Truth(i) => match result.dataset.truth.sample.get(i) {
            Some(column) => format!("true {}", column.name),
            None => "truth".into(),
        },
    }
}

fn lenses(result: &AnalysisResult) -> Vec<(Lens, String)> {
    let mut lenses = vec![Lens::Sample];
    if result.dataset.modalities.len() > 1 {
        lenses.extend((0..result.dataset.modalities.len()).map(Lens::Modality));
    }
    lenses.push(Lens::Ambiguity);
    if result.stage1.disagreement.is_some() {
        lenses.push(Lens::Disagreement);
    }
    lenses.extend((0..result.dataset.truth.sample.len()).map(Lens::Truth));
    lenses
        .into_iter()
        .map(|lens| (lens, lens_name(result, lens)))
        .collect()
}

pub(super) fn show(
    ui: &mut Ui,
    context: &mut Context<'_>,
    result: &AnalysisResult,
    colouring: &Colouring,
    view: &mut View,
    pinned: &mut Option<usize>,
) {
    step_panel(
        ui,
        context,
        |ui, _| {
            ui.label(theme::heading("Explore"));
            choices(ui, result, view);
            ambiguous(ui, result, view);
            selection(ui, result, colouring, view, pinned);
        },
        |ui, context| {
            if theme::primary(ui, "Go on to results", true)
                .on_hover_text("Scores and saving")
                .clicked()
            {
                context.ask(Command::Show(Page::Results));
            }
        },
    );
}

fn choices(ui: &mut Ui, result: &AnalysisResult, view: &mut View) {
    if result.stage2.as_ref().is_some_and(|s| s.umap.is_some()) {
        form::choice(
            ui,
            "Embedding",
            "Stage 1 learns to reproduce the data; stage 2 sharpens the clusters",
            &mut view.stage,
            &[(1, "after stage 1".into()), (2, "after stage 2".into())],
        );
    }
    if result.dataset.labels.is_some() {
        let before = view.groups;
        form::choice(
            ui,
            "Left map",
            "Colours of the left map",
            &mut view.groups,
            &[
                (Groups::Label, "by label".into()),
                (Groups::Cluster, "by cluster".into()),
            ],
        );
        if before != view.groups {
            view.hidden.clear();
        }
    }
    let before = view.lens;
    form::choice(
        ui,
        "Right map",
        "Colours of the right map. Data noise: how far measurements stray from what the model expects. \
         Ambiguity: how undecided a sample is between two clusters. \
         Disagreement: how many of the starts put a sample into another cluster",
        &mut view.lens,
        &lenses(result),
    );
    if before != view.lens {
        view.range = (0.0, 1.0);
    }
}

fn ambiguous(ui: &mut Ui, result: &AnalysisResult, view: &mut View) {
    theme::title(ui, "Least certain samples");
    ui.checkbox(&mut view.ambiguous, "Bring out the least certain")
        .on_hover_text("Show the least certain samples alone, and list them below");
    ui.add_enabled_ui(view.ambiguous, |ui| {
        form::choice(
            ui,
            "By",
            "How they are found",
            &mut view.by,
            &lenses(result)
                .into_iter()
                .filter(|(lens, _)| !matches!(lens, Lens::Truth(_)))
                .collect::<Vec<_>>(),
        );
        form::row(ui, "Share", "The least certain so many percent", |ui| {
            ui.add(
                egui::Slider::new(&mut view.percent, 0.1..=50.0)
                    .logarithmic(true)
                    .suffix(" %")
                    .max_decimals(1),
            )
        });
    });
}

/// The samples that stand out: those in a lasso, else the least certain.
fn selection(
    ui: &mut Ui,
    result: &AnalysisResult,
    colouring: &Colouring,
    view: &mut View,
    pinned: &mut Option<usize>,
) {
    let lasso = view.lasso.clone();
    let (title, samples): (_, &[usize]) = match &lasso {
        Some(samples) => ("Selected", samples),
        None if view.ambiguous => ("Least certain", &colouring.ambiguous),
        None => {
            ui.add(
                egui::Label::new(theme::weak(ui, "Shift and drag on a map selects samples."))
                    .wrap(),
            );
            return;
        }
    };
    ui.horizontal(|ui| {
        ui.strong(format!("{title}: {}", thousands(samples.len() as u64)));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let tip = "Copy the sample ids to the clipboard, one a line";
            copy_button(ui, "Copy ids", tip, || {
                let ids: Vec<&str> = samples
                    .iter()
                    .filter_map(|&i| result.dataset.sample_ids.get(i).map(String::as_str))
                    .collect();
                ids.join("\n")
            });
            if lasso.is_some() && ui.button("Clear").clicked() {
                view.lasso = None;
            }
        });
    });
    table(ui, result, samples, view, pinned);
}

fn table(
    ui: &mut Ui,
    result: &AnalysisResult,
    samples: &[usize],
    view: &View,
    pinned: &mut Option<usize>,
) {
    let stage = result.stage(view.stage);
    let value = |i: usize| match view.by {
        Lens::Sample => result.uncertainty.sample[i],
        Lens::Modality(v) if v < result.uncertainty.modality.ncols() => {
            result.uncertainty.modality[[i, v]]
        }
        Lens::Disagreement => stage.disagreement.as_ref().map_or(0.0, |d| d[i]),
        _ => stage.ambiguity.value[i],
    };
    let height = ui.available_height().clamp(160.0, 420.0);
    let measure = format!("{}; higher is less certain", lens_name(result, view.by));
    TableBuilder::new(ui)
        .sense(egui::Sense::click())
        .column(Column::remainder().clip(true))
        .column(Column::exact(60.0))
        .column(Column::exact(28.0))
        .max_scroll_height(height)
        .auto_shrink(true)
        .header(22.0, |mut header| {
            for (text, tip) in [
                ("sample", "Sample id; click a row to see it on the maps"),
                ("value", measure.as_str()),
                ("cl.", "Cluster"),
            ] {
                header.col(|ui| {
                    ui.label(theme::weak(ui, text)).on_hover_text(tip);
                });
            }
        })
        .body(|body| {
            body.rows(22.0, samples.len(), |mut row| {
                let sample = samples[row.index()];
                row.set_selected(*pinned == Some(sample));
                row.col(|ui| {
                    ui.style_mut().interaction.selectable_labels = false;
                    let room = ui.available_width();
                    name::show(ui, &result.dataset.sample_ids[sample], room, |text| {
                        text.into()
                    });
                });
                row.col(|ui| {
                    let text = format!("{:.4}", value(sample));
                    ui.add(egui::Label::new(text).selectable(false));
                });
                row.col(|ui| {
                    let text = (stage.clusters[sample] + 1).to_string();
                    ui.add(egui::Label::new(text).selectable(false));
                });
                if row.response().clicked() {
                    *pinned = Some(sample);
                }
            });
        });
}
