//! What to look at, and the list of the most ambiguous samples.

use eframe::egui::{self, Ui};

use std::sync::Arc;

use super::{
    colouring::Colouring,
    figures::Figures,
    naming::Naming,
    panels::KINDS,
    picker::Picker,
    picking::Picking,
    selecting::Selecting,
    selections::{self, most},
    tables::Tables,
    verdict::Verdict,
};
use crate::{
    app::{Command, Page, Source},
    document::{Layout, MOST_RARE, Panel, View},
    figure::name,
    pipeline::{AnalysisResult, GroupBy, Lens},
    ui::{context::Context, pages::step_panel, theme, widgets::form},
};

/// Of more groups, rare ones can be shown as one.
const MANY: usize = 12;
/// Width of the slider beside its title and its number.
const RARE_SLIDER: f32 = 64.0;
/// Signs of the name of a map in the menu, at most.
const MAP_NAME: usize = 28;

/// What opens from the panel.
pub(super) struct Tools<'a> {
    pub picker: &'a mut Picker,
    pub naming: &'a mut Naming,
    pub figures: &'a mut Figures,
    pub tables: &'a mut Tables,
    pub verdict: &'a mut Verdict,
    pub selecting: &'a mut Selecting,
    pub picking: &'a mut Picking,
}

pub(super) fn show(
    ui: &mut Ui,
    context: &mut Context<'_>,
    result: &Arc<AnalysisResult>,
    colouring: &Colouring,
    view: &mut View,
    tools: Tools<'_>,
) {
    let Tools {
        picker,
        naming,
        figures,
        tables,
        verdict,
        selecting,
        picking,
    } = tools;
    let at_work = context.state.is_training();
    step_panel(
        ui,
        Page::Explore,
        context,
        |ui, context| {
            ui.label(theme::heading("Explore"));
            Verdict::show(ui, context, result);
            layouts(ui, view);
            ui.horizontal(|ui| {
                add(ui, result, view);
                let tip = "Save what you see as SVG, PDF or PNG, or copy it";
                let button = ui.button("Figure\u{2026}").on_hover_text(tip);
                named(&button, "Save a figure");
                if button.clicked() {
                    figures.open(ui, context, &result.dataset.name);
                }
                let tip = "Save samples with columns of choice, or the table of a panel, as CSV, or copy it";
                let button = ui.button("Table\u{2026}").on_hover_text(tip);
                named(&button, "Save a table");
                if button.clicked() {
                    tables.open(context, &result.dataset.name);
                }
            });
            choices(ui, (result, colouring), view, at_work);
            add_labels(ui, context, result);
            picker.show(ui, result, view);
            verdict.better_lens(ui, result, view);
            naming.button(ui, view);
            if view.lens.is_uncertainty() {
                let tip = "The colours of groups turn grey where samples are uncertain by what the page is coloured by";
                ui.checkbox(&mut view.fade, "Fade what is uncertain")
                    .on_hover_text(tip);
            }
            ambiguous(ui, colouring, view);
            selections::show(ui, context, result, colouring, view, (selecting, picking));
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

/// What a button is called by screen readers.
fn named(button: &egui::Response, name: &str) {
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
}

/// How panels stand.
fn layouts(ui: &mut Ui, view: &mut View) {
    ui.horizontal(|ui| {
        theme::tight(ui);
        for (layout, text, tip) in [
            (Layout::maps(), "Maps", "Both maps side by side"),
            (
                Layout::large(),
                "Large",
                "Both maps on tabs, as large as can be",
            ),
            (
                Layout::markers(),
                "Markers",
                "Which features tell a group, or what is selected, from others; maps below",
            ),
            (
                Layout::reasons(),
                "Why",
                "Why samples lie between two clusters, and what would settle it; maps beside it",
            ),
        ] {
            let chosen = view.layout == layout;
            if ui
                .selectable_label(chosen, text)
                .on_hover_text(tip)
                .clicked()
            {
                view.layout = layout;
            }
        }
    });
}

/// What can be added.
fn add(ui: &mut Ui, result: &AnalysisResult, view: &mut View) {
    let menu = ui.menu_button("Add\u{2026}", |ui| {
        for kind in &KINDS {
            let new = (kind.new)(result, view);
            entry(ui, (kind.name, kind.tip), new, kind.several, view);
        }
        let maps = result.dataset.obs.maps();
        if !maps.is_empty() {
            ui.separator();
        }
        for (map, axes) in maps {
            let name = name::cut(&map, |text| text.chars().count() <= MAP_NAME);
            let tip = "The samples where their columns place them, in the colours of the groups that are chosen";
            let axes = axes.map(|at| Lens::Column(at as u32));
            let new = Panel::Gate { axes };
            entry(ui, (&format!("Map {name}"), tip), new, false, view);
        }
    });
    named(&menu.response, "Add a panel");
    let tip = "More ways to look at the groups and the values that are chosen below";
    menu.response.on_hover_text(tip);
}

/// An entry of the menu, for a panel that may be there already.
fn entry(ui: &mut Ui, (name, tip): (&str, &str), new: Panel, several: bool, view: &mut View) {
    let there = !several && view.layout.panels().contains(&&new);
    let entry = ui.add_enabled(!there, egui::Button::new(name));
    let entry = entry.on_hover_text(tip);
    if entry
        .on_disabled_hover_text("It is there already")
        .clicked()
    {
        view.layout.add(new);
        ui.close();
    }
}

fn choices(
    ui: &mut Ui,
    (result, colouring): (&AnalysisResult, &Colouring),
    view: &mut View,
    at_work: bool,
) {
    if result.is_complete() {
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
    let mut all = GroupBy::all(&result.dataset);
    if !colouring.given().selections.is_empty() {
        all.push(GroupBy::Selection);
    }
    if all.len() > 1 {
        let before = view.groups;
        let named = |&by: &GroupBy| (by, by.name(&result.dataset));
        let all: Vec<(GroupBy, String)> = all.iter().map(named).collect();
        form::choice(
            ui,
            "Group by",
            "What the legend, the map of groups, markers and violins go by: labels, clusters, or a column of groups that describes the samples",
            &mut view.groups,
            &all,
        );
        if view.groups != before {
            // A number means another group there.
            (view.markers.of, view.markers.against) = Default::default();
        }
    }
    if colouring.groups.len() > MANY || view.rare > 0.0 {
        let mut percent = view.rare;
        let tip = "Groups of fewer samples than this share of all are shown as one; 0 shows all";
        form::row(ui, "Rare below", tip, |ui| {
            ui.spacing_mut().slider_width = RARE_SLIDER;
            let slider = egui::Slider::new(&mut percent, 0.0..=MOST_RARE);
            ui.add(slider.suffix(" %").max_decimals(1))
        });
        view.merge_rare(percent);
    }
}

/// A way to the labels where there are none.
fn add_labels(ui: &mut Ui, context: &mut Context<'_>, result: &AnalysisResult) {
    let data = context.state.data.as_ref();
    let files = data.is_some_and(|data| matches!(data.source, Source::Files(_)));
    if !files || result.dataset.labels.is_some() {
        return;
    }
    let tip = "Choose a table with known classes, or with other columns that describe the samples; what was found stays";
    if ui.link("Add labels\u{2026}").on_hover_text(tip).clicked() {
        context.ask(Command::Show(Page::Data));
    }
}

fn ambiguous(ui: &mut Ui, colouring: &Colouring, view: &mut View) {
    let [title, most] = most(view);
    theme::title(ui, &format!("{title} samples"));
    let computed = colouring.lens.is_some();
    let tip = match colouring.selected {
        None => {
            format!("Show the samples that are {most} alone, and list them below")
        }
        Some(_) => {
            format!("Of the samples selected, show those that are {most} alone")
        }
    };
    ui.add_enabled_ui(computed, |ui| {
        ui.checkbox(&mut view.ambiguous, format!("Bring out the {most}"))
            .on_hover_text(tip)
            .on_disabled_hover_text(
                "What the maps are to be coloured by was not computed in this run",
            );
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
