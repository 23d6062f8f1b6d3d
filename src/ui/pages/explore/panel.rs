//! What to look at, and the list of the most ambiguous samples.

use eframe::egui::{self, Ui};
use egui_extras::{Column, TableBuilder};

use std::sync::Arc;

use super::{colouring::Colouring, naming::Naming, picker::Picker};
use crate::{
    app::{Command, Page},
    document::{Groups, View},
    pipeline::AnalysisResult,
    ui::{
        context::Context,
        pages::step_panel,
        theme,
        widgets::{copy::copy_button, form, name},
    },
    words::thousands,
};

/// What opens from the panel.
pub(super) struct Tools<'a> {
    pub picker: &'a mut Picker,
    pub naming: &'a mut Naming,
}

pub(super) fn show(
    ui: &mut Ui,
    context: &mut Context<'_>,
    result: &Arc<AnalysisResult>,
    colouring: &Colouring,
    view: &mut View,
    tools: Tools<'_>,
) {
    let Tools { picker, naming } = tools;
    let at_work = context.state.is_training();
    step_panel(
        ui,
        Page::Explore,
        context,
        |ui, _| {
            ui.label(theme::heading("Explore"));
            ui.horizontal(|ui| {
                for (shown, text, tip) in [
                    (
                        false,
                        "Maps",
                        "Two maps, coloured by groups and by anything else",
                    ),
                    (
                        true,
                        "Markers",
                        "Which features tell a group, or what is selected, from others",
                    ),
                ] {
                    ui.selectable_value(&mut view.markers.shown, shown, text)
                        .on_hover_text(tip);
                }
            });
            choices(ui, result, view, at_work);
            picker.show(ui, result, view);
            naming.button(ui, view);
            ambiguous(ui, colouring, view);
            selection(ui, result, colouring, view);
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

fn choices(ui: &mut Ui, result: &AnalysisResult, view: &mut View, at_work: bool) {
    if result.stage2.as_ref().is_some_and(|s| s.umap.is_some()) {
        form::choice(
            ui,
            "Embedding",
            "Stage 1 learns to reproduce the data; stage 2 sharpens the clusters",
            &mut view.stage,
            &[(1, "after stage 1".into()), (2, "after stage 2".into())],
        );
    } else {
        let text = match at_work {
            true => "The maps are of stage 1; those of stage 2 follow.",
            false => "The maps are of stage 1: those of stage 2 were not finished.",
        };
        ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
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
        if view.groups != before {
            // A number means another group there.
            (view.markers.of, view.markers.against) = Default::default();
        }
    }
}

/// What the samples with the highest values are called, as a title and within a sentence.
fn most(view: &View) -> [&'static str; 2] {
    match view.lens.is_uncertainty() {
        true => ["Least certain", "least certain"],
        false => ["Highest", "highest"],
    }
}

fn ambiguous(ui: &mut Ui, colouring: &Colouring, view: &mut View) {
    let [title, most] = most(view);
    theme::title(ui, &format!("{title} samples"));
    let computed = colouring.lens.is_some();
    let tip = match colouring.selected {
        None => {
            format!("Show the samples that are {most} by the right map alone, and list them below")
        }
        Some(_) => {
            format!("Of the samples selected, show those that are {most} by the right map alone")
        }
    };
    ui.add_enabled_ui(computed, |ui| {
        ui.checkbox(&mut view.ambiguous, format!("Bring out the {most}"))
            .on_hover_text(tip)
            .on_disabled_hover_text("What the right map shows was not computed in this run");
    });
    ui.add_enabled_ui(computed && view.ambiguous, |ui| {
        let tip = match colouring.selected {
            None => "How many of the samples, in percent",
            Some(_) => "How many of the selected samples, in percent",
        };
        form::row(ui, "Share", tip, |ui| {
            ui.add(
                egui::Slider::new(&mut view.percent, 0.1..=50.0)
                    .logarithmic(true)
                    .suffix(" %")
                    .max_decimals(1),
            )
        });
    });
}

/// The samples that stand out, the least certain by the right map first.
fn selection(ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring, view: &mut View) {
    let samples = colouring.listed.as_slice();
    let lasso = colouring.selected;
    let by_lens = view.ambiguous && colouring.lens.is_some();
    let [most, within] = most(view);
    let title = match (lasso, by_lens) {
        (None, true) => most.to_owned(),
        (Some(_), true) => format!("{most} of the selected"),
        (Some(_), false) => "Selected".to_owned(),
        (None, false) => {
            ui.add(
                egui::Label::new(theme::weak(ui, "Shift and drag on a map selects samples."))
                    .wrap(),
            );
            return;
        }
    };
    ui.strong(format!("{title}: {}", thousands(samples.len() as u64)));
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let tip = "Copy the sample ids to the clipboard, one a line";
            copy_button(ui, "Copy ids", tip, || {
                let ids: Vec<&str> = samples
                    .iter()
                    .filter_map(|&i| result.dataset.samples.get(i).map(String::as_str))
                    .collect();
                ids.join("\n")
            });
            if lasso.is_some() && ui.button("Clear").clicked() {
                view.selection = None;
            }
        });
    });
    let name = view.lens.name(&result.dataset);
    let order = match (colouring.lens.is_some(), lasso, by_lens) {
        (false, ..) => format!("By sample: {name} was not computed in this run"),
        (true, Some(of), true) => format!("Of {} selected, by {name}", thousands(of as u64)),
        (true, ..) => format!("By {name}, the {within} first"),
    };
    ui.add(egui::Label::new(theme::weak(ui, order)).wrap());
    table(ui, result, colouring, view);
}

fn table(ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring, view: &mut View) {
    let samples = colouring.listed.as_slice();
    let values = colouring.lens.as_ref().map(|lens| lens.values.clone());
    let stage = result.stage(view.stage);
    let mut clicked = None;
    let pinned = view.pinned.clone();
    let height = ui.available_height().clamp(160.0, 420.0);
    let name = view.lens.name(&result.dataset);
    let measure = match view.lens.is_uncertainty() {
        true => format!("Value of {name}; higher is less certain"),
        false => format!("Value of {name}"),
    };
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
                let id = &result.dataset.samples[sample];
                row.set_selected(pinned.as_ref() == Some(id));
                row.col(|ui| {
                    ui.style_mut().interaction.selectable_labels = false;
                    let room = ui.available_width();
                    name::show(ui, id, room, |text| text.into());
                });
                row.col(|ui| {
                    let value = values.as_ref().and_then(|values| values.get(sample));
                    let value = value.filter(|value| !value.is_nan());
                    let text = value.map_or("\u{2013}".into(), |value| format!("{value:.4}"));
                    ui.add(egui::Label::new(text).selectable(false));
                });
                row.col(|ui| {
                    let text = (stage.clusters[sample] + 1).to_string();
                    ui.add(egui::Label::new(text).selectable(false));
                });
                if row.response().clicked() {
                    clicked = Some(id.clone());
                }
            });
        });
    if clicked.is_some() {
        view.pinned = clicked;
    }
}
