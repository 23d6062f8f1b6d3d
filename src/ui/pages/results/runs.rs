//! The runs side by side.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use crate::{
    app::{AppState, Command},
    document::{Edit, NamedRun, RunId},
    pipeline::{AnalysisResult, agreement},
    ui::{
        context::Context,
        later::{AT_ONCE, Later},
        theme,
        widgets::name,
    },
};

/// Width of a run's name, and of what is otherwise in it.
const NAME: f32 = 150.0;
const SETTINGS: f32 = 260.0;

/// Every run beside the one shown.
#[derive(Default)]
pub(super) struct Runs {
    beside: Later<Key, Vec<Beside>>,
    /// The name that is being edited.
    renamed: Option<(RunId, String)>,
}

/// A run beside the one shown: how far their clusters agree, and which settings differ.
struct Beside {
    of: Identity,
    agreement: Option<f64>,
    otherwise: String,
}

/// Where the clusters of both stages stand: the same for what a check or a comparison has added to.
type Identity = (usize, Option<usize>);

fn identity(result: &AnalysisResult) -> Identity {
    let second = result.stage2.as_ref();
    (
        Arc::as_ptr(&result.stage1.clusters).addr(),
        second.map(|second| Arc::as_ptr(&second.clusters).addr()),
    )
}

/// The run shown, and all of them.
#[derive(Clone)]
struct Key(Arc<AnalysisResult>, Vec<Arc<AnalysisResult>>);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let identities = |key: &Self| -> Vec<Identity> {
            let all = key.1.iter().chain([&key.0]);
            all.map(|result| identity(result)).collect()
        };
        identities(self) == identities(other)
    }
}

/// A run that is listed, with its results.
struct Listed<'a> {
    run: &'a NamedRun,
    result: &'a Arc<AnalysisResult>,
}

impl Runs {
    /// Shows the runs, if there are several.
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &Arc<AnalysisResult>) {
        let state = context.state;
        let listed = listed(state);
        if listed.len() < 2 {
            return;
        }
        let results: Vec<_> = listed.iter().map(|listed| listed.result.clone()).collect();
        let at_once = results.len() * shown.dataset.samples() <= AT_ONCE;
        let key = Key(shown.clone(), results);
        let of = key.clone();
        let make = move |_| {
            let beside = |other: &Arc<AnalysisResult>| Beside {
                of: identity(other),
                agreement: agreement(&of.0, other),
                otherwise: other.differences_from(&of.0).join("; "),
            };
            of.1.iter().map(beside).collect()
        };
        let all = self.beside.get(ui.ctx(), &key, at_once, make);
        ui.label(theme::heading("Runs"));
        let mut asked = None;
        egui::ScrollArea::horizontal()
            .id_salt("runs")
            .show(ui, |ui| {
                egui::Grid::new("runs")
                    .num_columns(9)
                    .spacing([20.0, 6.0])
                    .show(ui, |ui| {
                        header(ui);
                        for listed in &listed {
                            let of = identity(listed.result);
                            let mut all = all.iter().flat_map(|all| all.iter());
                            let beside = all.find(|beside| beside.of == of);
                            let edit = self.row(ui, state, listed, beside);
                            asked = asked.take().or(edit);
                            ui.end_row();
                        }
                    });
            });
        ui.add_space(4.0 * theme::GRID);
        if let Some(edit) = asked {
            context.ask(Command::Do(edit));
        }
    }

    fn row(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        Listed { run, result }: &Listed<'_>,
        beside: Option<&Beside>,
    ) -> Option<Edit> {
        let is_shown = state.document.shown == Some(run.id);
        let mut edit = None;
        let radio = ui.radio(is_shown, "").on_hover_text("Show this run");
        let role = egui::Role::RadioButton;
        radio.widget_info(|| egui::WidgetInfo::labeled(role, true, format!("Show {}", run.name)));
        if radio.clicked() {
            edit = Some(Edit::ShowRun(run.id));
        }
        edit = edit.or(self.name(ui, run));
        let stage = result.last_stage();
        let number = |value: Option<f64>| value.map_or("\u{2013}".into(), |v| format!("{v:.3}"));
        ui.monospace(result.clusters.to_string());
        for value in [stage.scores.acc, stage.scores.ari, stage.scores.asw] {
            ui.monospace(number(value));
        }
        let text = match beside.map(|beside| beside.agreement) {
            _ if is_shown => "\u{2013}".into(),
            Some(Some(ari)) => format!("{:.0} %", 100.0 * ari),
            Some(None) => "no sample in both".into(),
            None => "\u{2026}".into(),
        };
        ui.label(text);
        let otherwise = beside.map_or("", |beside| &beside.otherwise);
        let weak = theme::colours(ui).weak;
        name::show(ui, otherwise, SETTINGS, |text| {
            egui::RichText::new(text).color(weak)
        });
        ui.horizontal(|ui| {
            let remove = ui.button("Remove");
            let remove = remove.on_hover_text("Take it off the list (Ctrl+Z brings it back)");
            remove.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Remove {}", run.name))
            });
            if remove.clicked() {
                edit = Some(Edit::RemoveRun(run.id));
            }
            if !state.is_saved(run.id) {
                ui.label(theme::weak(ui, "not saved"));
            }
        });
        edit
    }

    /// The name, to be edited in its place.
    fn name(&mut self, ui: &mut Ui, run: &NamedRun) -> Option<Edit> {
        let mut text = match &self.renamed {
            Some((id, text)) if *id == run.id => text.clone(),
            _ => run.name.clone(),
        };
        let field = egui::TextEdit::singleline(&mut text);
        let field = ui
            .add_sized([NAME, theme::CONTROL], field)
            .on_hover_text("Click to give it another name");
        field.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, format!("Name of {}", run.name))
        });
        if field.changed() {
            self.renamed = Some((run.id, text));
        }
        if !field.lost_focus() {
            return None;
        }
        let (id, name) = self.renamed.take_if(|(id, _)| *id == run.id)?;
        Some(Edit::RenameRun(NamedRun::new(id, name)))
    }
}

fn listed(state: &AppState) -> Vec<Listed<'_>> {
    let runs = state.document.runs.iter();
    runs.filter_map(|run| {
        let result = state.result_of(run.id)?;
        Some(Listed { run, result })
    })
    .collect()
}

fn header(ui: &mut Ui) {
    for (text, tip) in [
        ("", ""),
        ("run", "Click a name to change it"),
        ("K", "Number of clusters"),
        (
            "ACC",
            "Share of samples in the cluster that matches their class best",
        ),
        ("ARI", "Agreement with the labels, corrected for chance"),
        (
            "ASW",
            "How well the clusters are separated; needs no labels",
        ),
        (
            "agreement",
            "How far its clusters are those of the run shown: adjusted Rand index over the samples that both have, 100 % if all are the same",
        ),
        ("otherwise than in the run shown", "Parameters that differ"),
        ("", ""),
    ] {
        let label = ui.label(theme::weak(ui, text));
        if !tip.is_empty() {
            label.on_hover_text(tip);
        }
    }
    ui.end_row();
}
