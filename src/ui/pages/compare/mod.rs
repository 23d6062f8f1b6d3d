//! The same data by other methods, side by side.

mod tables;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{canvas, step_panel};
use crate::{
    analysis::fusion,
    app::{Command, Page},
    data::Dataset,
    document::Edit,
    method::Method,
    pipeline::{AnalysisResult, Compared},
    ui::{context::Context, theme},
    words::thousands,
};

#[derive(Default)]
pub(super) struct ComparePage;

/// The methods under a heading each.
const GROUPS: [(&str, &[Method]); 3] = [
    (
        "Usual methods",
        &[
            Method::Components,
            Method::CentredComponents,
            Method::Wnn,
            Method::Snf,
        ],
    ),
    (
        "The paper's, and its parts",
        &[
            Method::Autoencoder,
            Method::UncertaintyOnly,
            Method::DecOnly,
            Method::Published,
        ],
    ),
    ("Beside this result", &[Method::Looks]),
];

impl ComparePage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(result) = context.state.result().cloned() else {
            return;
        };
        self.panel(ui, context, &result.dataset);
        let at_work = context.state.comparing.as_ref();
        let done: Option<&[Compared]> = at_work.map(|comparing| comparing.progress.done.as_slice());
        canvas(ui, |ui| {
            egui::ScrollArea::both()
                .id_salt("compare")
                .auto_shrink(false)
                .show(ui, |ui| contents(ui, &result, done));
        });
    }

    /// Which methods to run.
    fn panel(&mut self, ui: &mut Ui, context: &mut Context<'_>, dataset: &Arc<Dataset>) {
        let comparing = context.state.comparing.is_some();
        let ready = context.state.ready_for_more();
        let mut without = context.state.document.left_out.clone();
        let mut shared = (&mut *context, &mut without);
        step_panel(
            ui,
            Page::Compare,
            &mut shared,
            |ui, (_, without)| {
                ui.label(theme::heading("Compare"));
                let text = "What would other methods make of the same data, with as many clusters and the same seed? \
                            Your result stays as it is.";
                ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
                ui.add_space(theme::GRID);
                ui.add_enabled_ui(!comparing, |ui| choices(ui, without, dataset));
            },
            |ui, (context, without)| {
                let methods = Method::ALL.into_iter();
                let methods: Vec<Method> = methods
                    .filter(|&method| {
                        method != Method::Hdumec
                            && !without.contains(&method)
                            && unfit(method, dataset).is_none()
                    })
                    .collect();
                if let (Err(why), false) = (ready, comparing) {
                    ui.add(egui::Label::new(theme::weak(ui, why)).wrap());
                }
                if comparing {
                    theme::primary(ui, "Comparing\u{2026}", false);
                } else if theme::primary(
                    ui,
                    "Compare methods",
                    ready.is_ok() && !methods.is_empty(),
                )
                .on_hover_text("Cluster the data by every method that is ticked")
                .clicked()
                {
                    context.ask(Command::Compare(methods));
                }
            },
        );
        if without != context.state.document.left_out {
            context.ask(Command::Do(Edit::LeaveOut(without)));
        }
    }
}

/// Why a method cannot be run on a data set, if so.
fn unfit(method: Method, dataset: &Dataset) -> Option<String> {
    let most = fusion::SAMPLES;
    let many = most.check_count(dataset.samples()).is_err();
    (method == Method::Snf && many).then(|| {
        let most = thousands(most.most as u64);
        format!("For up to {most} samples: its memory grows with their square")
    })
}

fn choices(ui: &mut Ui, without: &mut Vec<Method>, dataset: &Dataset) {
    for (name, methods) in GROUPS {
        ui.add_space(2.0 * theme::GRID);
        ui.strong(name);
        for &method in methods {
            let unfit = unfit(method, dataset);
            let mut on = unfit.is_none() && !without.contains(&method);
            let tick = egui::Checkbox::new(&mut on, method.to_string());
            let answer = ui
                .add_enabled(unfit.is_none(), tick)
                .on_hover_text(method.about())
                .on_disabled_hover_text(unfit.unwrap_or_default());
            if answer.changed() {
                without.retain(|&other| other != method);
                if !on {
                    without.push(method);
                }
            }
        }
    }
}

fn contents(ui: &mut Ui, result: &AnalysisResult, done: Option<&[Compared]>) {
    let labelled = result.last_stage().scores.ari.is_some();
    if let Some(done) = done {
        ui.label(theme::heading("What they find"));
        tables::methods(ui, done, None, labelled);
        return;
    }
    let Some(comparison) = &result.comparison else {
        let text = "Nothing is compared yet: 'Compare methods' on the left runs the other methods on the same data.";
        ui.label(theme::weak(ui, text));
        return;
    };
    ui.label(theme::heading("What they find"));
    ui.add(egui::Label::new(comparison.in_words()).wrap());
    ui.add_space(theme::GRID);
    tables::methods(
        ui,
        &comparison.methods,
        Some(&comparison.with_hdumec()),
        labelled,
    );
    ui.add_space(4.0 * theme::GRID);
    ui.label(theme::heading("How far they agree"));
    let text = "Adjusted Rand index of every two, in percent: 100 if they found the same clusters, 0 if they agree no more \
                than by chance. No label is looked at.";
    ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
    ui.add_space(theme::GRID);
    tables::agreement(ui, comparison);
}
