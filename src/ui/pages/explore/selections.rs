//! The samples that stand out, and the selections that were kept.

use std::sync::Arc;

use eframe::egui::{self, Ui};
use egui_extras::{Column, TableBuilder};

use super::{
    colouring::Colouring,
    picking::{self, Picking},
    selecting::Selecting,
};
use crate::{
    app::{Command, Then},
    data::{Axis, Chosen, SampleSet},
    document::{Combine, Document, Edit, NamedSelection, Outline, View},
    pipeline::AnalysisResult,
    ui::{
        context::Context,
        theme,
        widgets::{copy::copy_button, name},
    },
    words::thousands,
};

/// Shows how samples are picked, the selections that were kept, and the samples that stand out.
pub(super) fn show(
    ui: &mut Ui,
    context: &mut Context<'_>,
    result: &Arc<AnalysisResult>,
    colouring: &Colouring,
    view: &mut View,
    (selecting, picking): (&mut Selecting, &mut Picking),
) {
    theme::title(ui, "Selection");
    ui.horizontal(|ui| {
        theme::tight(ui);
        for how in Combine::ALL {
            let tip = match how {
                Combine::Replace => "What is picked becomes the selection",
                Combine::Add => "What is picked goes to the selection (Ctrl)",
                Combine::Subtract => "What is picked leaves the selection (Alt)",
                Combine::Intersect => "Only what is picked stays selected (Ctrl+Alt)",
            };
            let text = egui::RichText::new(how.to_string()).small();
            ui.selectable_value(&mut view.combine, how, text)
                .on_hover_text(tip);
        }
    });
    ui.horizontal(|ui| {
        theme::tight(ui);
        for outline in Outline::ALL {
            let tip = match outline {
                Outline::Lasso | Outline::Box => {
                    "What Shift and drag draws on a map, and a drag on values"
                }
                Outline::Polygon => {
                    "Shift and click sets its first corner on a map, a click on values; further clicks set the others. A click on \
                     the first one, a double click or Enter closes it, Backspace takes a corner back, Escape drops it"
                }
            };
            let text = egui::RichText::new(outline.to_string()).small();
            ui.selectable_value(&mut view.outline, outline, text)
                .on_hover_text(tip);
        }
    });
    ui.horizontal(|ui| {
        let tip = "Select samples between two clusters, by their values, or by a list of ids";
        if ui.button("Select\u{2026}").on_hover_text(tip).clicked() {
            selecting.open();
        }
        let tip = "Select what is not selected now";
        if ui.button("Invert").on_hover_text(tip).clicked() {
            let now = view.selection.clone().unwrap_or_default();
            let samples = &result.dataset.samples;
            picking.pick(ui.ctx(), samples, view, Combine::Replace, move |samples| {
                SampleSet::at(samples, 0..samples.len() as u32).sift(&now, false)
            });
        }
        if let Some(selected) = &view.selection {
            part(ui, context, selected);
        }
    });
    if view.selection.is_some() {
        ui.horizontal(|ui| {
            let tip = "Keep the selection under a name, to come back to it, to colour by it, and to compare";
            if ui.button("Keep\u{2026}").on_hover_text(tip).clicked() {
                selecting.keep.open(context.state.document.selections.len());
            }
            if ui.button("Clear").clicked() {
                picking.forget();
                view.selection = None;
            }
            copy(ui, result, colouring);
        });
    }
    let keep = selecting.keep.show(ui, result, view);
    if !keep.is_empty() {
        let keep = unlike(&context.state.document, keep);
        context.ask(Command::Do(Edit::KeepSelections(keep)));
    }
    kept(ui, context, result, view, picking);
    listed(ui, result, colouring, view);
}

/// Parts under names that no selection has. A single one may take the place of another: its name was typed.
fn unlike(document: &Document, mut parts: Vec<NamedSelection>) -> Vec<NamedSelection> {
    if parts.len() > 1 {
        let taken = |name: &str| document.selections.iter().any(|kept| kept.name == name);
        while parts.iter().any(|part| taken(&part.name)) {
            parts.iter_mut().for_each(|part| part.name.push('\''));
        }
    }
    parts
}

/// A menu that goes on with some of the samples.
fn part(ui: &mut Ui, context: &mut Context<'_>, selected: &SampleSet) {
    let state = context.state;
    let Some(source) = state.data.as_ref().map(|data| data.source.clone()) else {
        return;
    };
    let idle = !state.is_training() && state.loading.is_none();
    let count = thousands(selected.len() as u64);
    let ids = || selected.ids().map(str::to_owned).collect::<Vec<_>>();
    let mut chosen = None;
    let mut train_on = false;
    ui.add_enabled_ui(idle, |ui| {
        let menu = ui.menu_button("Go on\u{2026}", |ui| {
            let tip = "Load these samples alone, prepare them anew, and train on them: to find groups within a group. Runs and selections stay, and undo goes back";
            let alone = ui.button(format!("with these {count} alone"));
            if alone.on_hover_text(tip).clicked() {
                chosen = Some(Chosen::Only(ids()));
            }
            let tip = "Load the data without these samples, prepare them anew, and train again: without doublets, say. Runs and selections stay, and undo goes back";
            let without = ui.button(format!("without these {count}"));
            if without.on_hover_text(tip).clicked() {
                chosen = Some(source.left().without(&ids()));
            }
            let tip = "Leave these samples out and learn on from the model that there is, in a part of the time: the others keep their \
                       values, their votes and the names of their clusters. Its uncertainty is that of a single model";
            let on = egui::Button::new(format!("without these {count}, with this model"));
            let can = state.can_train_on();
            let on = ui.add_enabled(can.is_ok(), on);
            let on = on.on_disabled_hover_text(can.err().unwrap_or_default());
            train_on = on.on_hover_text(tip).clicked();
        });
        let name = "Go on with some of the samples";
        menu.response
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
        menu.response.on_hover_text(name);
    });
    if train_on {
        context.ask(Command::TrainOn(ids()));
    }
    if let Some(chosen) = chosen {
        context.ask(Command::Open {
            source: source.with(chosen),
            then: Then::Nothing,
        });
    }
}

/// The selections that were kept.
fn kept(
    ui: &mut Ui,
    context: &mut Context<'_>,
    result: &AnalysisResult,
    view: &mut View,
    picking: &mut Picking,
) {
    let kept = &context.state.document.selections;
    let mut forget = None;
    for (at, NamedSelection { name, samples }) in kept.iter().enumerate() {
        ui.horizontal(|ui| {
            let colour = theme::colour(crate::figure::category(at));
            let (rect, _) = ui.allocate_exact_size(egui::vec2(12.0, 12.0), egui::Sense::hover());
            ui.painter().circle_filled(rect.center(), 5.0, colour);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let close = ui.add(egui::Button::new("\u{d7}").frame(false));
                close.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Forget {name}"))
                });
                if close.on_hover_text("Forget this selection").clicked() {
                    forget = Some(name.clone());
                }
                ui.label(theme::weak(ui, thousands(samples.len() as u64)));
                let room = ui.available_width() - 24.0;
                let short = name::cut(ui, name, room, |text| text.into());
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let now = view.selection.as_ref() == Some(samples);
                    let entry = ui.selectable_label(now, &short);
                    let entry = name::whole(entry, name, &short, egui::Role::Button);
                    let tip = "Click selects these samples; Ctrl adds them, Alt takes them away";
                    if entry.on_hover_text(tip).clicked() {
                        let (kept, how) = (samples.clone(), picking::combine(ui, view));
                        let samples = &result.dataset.samples;
                        let find = move |samples: &Axis| kept.among(samples);
                        picking.pick(ui.ctx(), samples, view, how, find);
                    }
                });
            });
        });
    }
    if let Some(name) = forget {
        context.ask(Command::Do(Edit::ForgetSelection(name)));
    }
}

/// What the samples with the highest values are called, as a title and within a sentence.
pub(super) fn most(view: &View) -> [&'static str; 2] {
    match view.lens.is_uncertainty() {
        true => ["Least certain", "least certain"],
        false => ["Highest", "highest"],
    }
}

/// The button that copies the ids of the samples that stand out.
fn copy(ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring) {
    let tip = "Copy the sample ids to the clipboard, one a line";
    copy_button(ui, "Copy ids", tip, || {
        let samples = &result.dataset.samples;
        let id = |&at: &usize| samples.get(at).map(String::as_str);
        let ids: Vec<&str> = colouring.listed.iter().filter_map(id).collect();
        ids.join("\n")
    });
}

/// The samples that stand out, those of the highest values first.
fn listed(ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring, view: &mut View) {
    let samples = colouring.listed.as_slice();
    let lasso = colouring.selected;
    let by_lens = view.ambiguous && colouring.lens.is_some();
    let [most, within] = most(view);
    let title = match (lasso, by_lens) {
        (None, true) => most.to_owned(),
        (Some(_), true) => format!("{most} of the selected"),
        (Some(_), false) => "Selected".to_owned(),
        (None, false) => {
            let how = match view.outline {
                Outline::Lasso | Outline::Box => "Shift and drag on a map selects samples.",
                Outline::Polygon => "Shift and clicks on a map are the corners around samples.",
            };
            ui.add(egui::Label::new(theme::weak(ui, how)).wrap());
            return;
        }
    };
    ui.strong(format!("{title}: {}", thousands(samples.len() as u64)));
    if lasso.is_none() {
        copy(ui, result, colouring);
    }
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
