//! The sheet on which clusters get names.

use std::{collections::BTreeMap, sync::Arc};

use eframe::egui::{self, Ui};

use super::{
    groups::{self, Group},
    marker_sets::{self, MarkerSets},
};
use crate::{
    analysis::markers::sets::{LEAST_SCORE, Proposal, propose, read_sets},
    document::{Edit, RunId, View},
    job::CancelToken,
    pipeline::{AnalysisResult, Given, GroupBy},
    ui::{
        context::Context,
        later::{Later, Same},
        theme,
        widgets::name,
    },
    words::thousands,
};

/// Longest name of a cluster, in characters.
const LONGEST: usize = 80;

/// Width of the sheet.
const WIDTH: f32 = 620.0;

/// Width of the field of a name, and of a class that is suggested, at most.
const FIELD: f32 = 160.0;
const CLASS: f32 = 96.0;

/// A class is suggested for a cluster that it makes up at least this share of.
const MOSTLY: f64 = 0.5;

/// The sheet, while it is open.
#[derive(Default)]
pub(super) struct Naming {
    open: bool,
    shown: Option<Shown>,
    /// For every cluster the sets of markers that fit it, the best first.
    proposed: Later<Depends, Vec<Vec<Proposal>>>,
    sets: MarkerSets,
}

/// What proposals depend on.
#[derive(Clone, PartialEq)]
struct Depends {
    result: Same<AnalysisResult>,
    stage: u8,
    sets: String,
}

/// The proposals, on a worker.
fn proposals(of: &Depends) -> Vec<Vec<Proposal>> {
    let result = &of.result.0;
    let stage = result.stage(of.stage);
    let sets = read_sets(&of.sets).unwrap_or_default();
    let modalities = result.dataset.modalities.iter();
    let modalities: Vec<_> = modalities
        .map(|m| (&m.measured.matrix, m.measured.features.names()))
        .collect();
    let clusters: Vec<Option<u32>> = stage.clusters.iter().copied().map(Some).collect();
    let cancel = CancelToken::new();
    let found = propose(&sets, &modalities, &clusters, result.clusters, &cancel);
    found.unwrap_or_default()
}

/// The names that are proposed by markers: where two clusters fit one set, the second gets a number, as they are two.
fn by_markers(proposed: &[Vec<Proposal>]) -> BTreeMap<u32, String> {
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    for (cluster, proposals) in (0..).zip(proposed) {
        if let Some(best) = proposals.first().filter(|best| best.score >= LEAST_SCORE) {
            let numbered = (2..).map(|number| format!("{} {number}", best.name));
            let mut all = std::iter::once(best.name.clone()).chain(numbered);
            let free = all.find(|name| !names.values().any(|given| given == name));
            names.extend(free.map(|name| (cluster, name)));
        }
    }
    names
}

/// What the sheet lists, made when it opens.
struct Shown {
    of: Arc<AnalysisResult>,
    stage: u8,
    clusters: Vec<Group>,
    /// The class that most labelled samples of a cluster have, and their share.
    suggested: Vec<Option<(String, f64)>>,
}

impl Shown {
    fn of(result: &Arc<AnalysisResult>, view: &View) -> Self {
        let stage = result.stage(view.stage);
        let of = |by: GroupBy| by.groups(result, stage, &Given::default());
        let clusters = of(GroupBy::Cluster).unwrap_or_default();
        let suggested = match of(GroupBy::Label) {
            None => vec![None; clusters.names.len()],
            Some(labels) => {
                let most = |counts: Vec<usize>| {
                    let all: usize = counts.iter().sum();
                    let (class, most) = counts.iter().enumerate().max_by_key(|(_, n)| **n)?;
                    let share = *most as f64 / all.max(1) as f64;
                    (share >= MOSTLY).then(|| (labels.names[class].clone(), share))
                };
                let counts = clusters.counts_with(&labels);
                counts.into_iter().map(most).collect()
            }
        };
        let (clusters, _) = groups::listed(clusters);
        Self {
            of: result.clone(),
            stage: view.stage,
            clusters,
            suggested,
        }
    }
}

impl Naming {
    /// The button that opens it, where clusters are looked at.
    pub fn button(&mut self, ui: &mut Ui, view: &View) {
        if view.groups != GroupBy::Cluster {
            return;
        }
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let tip =
                    "Give clusters names, which go into the legend, the session and what is saved";
                if ui
                    .button("Name clusters\u{2026}")
                    .on_hover_text(tip)
                    .clicked()
                {
                    self.open = true;
                }
            });
        });
    }

    /// Shows the sheet, if it is open; gives what was changed on it.
    pub fn show(
        &mut self,
        ui: &Ui,
        context: &mut Context<'_>,
        run: RunId,
        result: &Arc<AnalysisResult>,
        view: &View,
        names: &BTreeMap<u32, String>,
    ) -> Option<Edit> {
        if !self.open {
            self.shown = None;
            return None;
        }
        let same = |shown: &Shown| Arc::ptr_eq(&shown.of, result) && shown.stage == view.stage;
        if !self.shown.as_ref().is_some_and(same) {
            self.shown = Some(Shown::of(result, view));
        }
        let depends = Depends {
            result: Same(result.clone()),
            stage: view.stage,
            sets: marker_sets::in_use(context).to_owned(),
        };
        let wanted = depends.clone();
        let make = move |_| proposals(&wanted);
        let proposed = self.proposed.get(ui.ctx(), &depends, false, make);
        let proposed = proposed.filter(|_| self.proposed.is_of(&depends));
        let proposed = proposed.as_deref().map_or(&[][..], Vec::as_slice);
        let shown = self.shown.as_ref()?;
        let sets = &mut self.sets;
        let (mut edit, mut done) = (None, false);
        let sheet = egui::Modal::new(egui::Id::unique("name clusters")).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 48.0));
            ui.label(theme::heading("Name clusters"));
            let text = "A cluster without a name goes by its number. Clusters of one name are one group: that is how to merge them.";
            ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
            ui.add_space(theme::GRID);
            let height = (ui.ctx().content_rect().height() - 260.0).max(120.0);
            egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
                egui::Grid::new("names")
                    .num_columns(5)
                    .spacing([2.0 * theme::GRID, theme::GRID])
                    .show(ui, |ui| {
                        for cluster in 0..shown.clusters.len() {
                            let of = proposed.get(cluster).and_then(|all| all.first());
                            if let Some(name) = row(ui, shown, cluster, names, of) {
                                let cluster = cluster as u32;
                                edit = Some(Edit::NameCluster { run, cluster, name });
                            }
                            ui.end_row();
                        }
                    });
            });
            ui.add_space(theme::GRID);
            ui.horizontal(|ui| {
                let suggested = || {
                    let all = (0..).zip(&shown.suggested);
                    all.filter_map(|(cluster, class)| Some((cluster, class.as_ref()?.0.clone())))
                };
                let any = suggested().next().is_some();
                let tip = "Every cluster gets the name of the class that most of its samples have, if that is half of them at least";
                let all = ui.add_enabled(any, egui::Button::new("Use the labels"));
                if all.on_hover_text(tip).clicked() {
                    let mut all = names.clone();
                    all.extend(suggested());
                    edit = Some(Edit::NameClusters(run, all));
                }
                let found = by_markers(proposed);
                let tip = "Every cluster gets the name of the set of markers that fits it best, if one fits; two of one set get numbers";
                let all = ui.add_enabled(!found.is_empty(), egui::Button::new("Use the markers"));
                if all.on_hover_text(tip).clicked() {
                    let mut all = names.clone();
                    all.extend(found);
                    edit = Some(Edit::NameClusters(run, all));
                }
                sets.button(ui, context);
                let clear = ui.add_enabled(!names.is_empty(), egui::Button::new("No names"));
                if clear.on_hover_text("Back to numbers").clicked() {
                    edit = Some(Edit::NameClusters(run, BTreeMap::new()));
                }
            });
            ui.add_space(theme::GRID);
            done = theme::primary(ui, "Done", true).clicked();
        });
        if (done || sheet.should_close()) && !self.sets.is_open() {
            self.open = false;
        }
        self.sets.show(ui, context);
        edit
    }
}

/// A cluster; gives its new name, if it was changed.
fn row(
    ui: &mut Ui,
    shown: &Shown,
    cluster: usize,
    names: &BTreeMap<u32, String>,
    proposed: Option<&Proposal>,
) -> Option<String> {
    let group = &shown.clusters[cluster];
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(14.0, 14.0), egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 5.5, group.colour);
        ui.label(&group.name);
    });
    ui.label(theme::weak(ui, thousands(group.samples as u64)));
    let mut text = names.get(&(cluster as u32)).cloned().unwrap_or_default();
    let field = egui::TextEdit::singleline(&mut text).hint_text("name");
    let field = ui.add_sized([FIELD, theme::CONTROL], field);
    field.widget_info(|| {
        let label = format!("Name of cluster {}", cluster + 1);
        egui::WidgetInfo::labeled(egui::Role::TextInput, true, label)
    });
    let mut named = field.changed().then_some(text);
    if let Some((class, share)) = &shown.suggested[cluster] {
        let short = name::cut(ui, class, CLASS, |text| text.into());
        let short = format!("{short} ({:.0} %)", 100.0 * share);
        let tip = format!("{:.0} % of its labelled samples are {class}", 100.0 * share);
        if ui.button(short).on_hover_text(tip).clicked() {
            named = Some(class.clone());
        }
    }
    // Without a class there is a column less.
    if let Some(Proposal { name, score, by }) = proposed.filter(|of| of.score >= LEAST_SCORE) {
        let short = name::cut(ui, name, CLASS, |text| text.into());
        let tip = format!(
            "Its markers say {name} ({score:.2} of 1): {}",
            by.join(", ")
        );
        let button = ui.button(short).on_hover_text(tip);
        let label = format!("{name} by its markers");
        button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
        if button.clicked() {
            named = Some(name.clone());
        }
    }
    named.map(|name| name.chars().take(LONGEST).collect())
}
