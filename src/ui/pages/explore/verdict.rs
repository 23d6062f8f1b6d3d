//! What the numbers of a run mean: whether its clusters can be relied on, and which uncertainty tells of errors.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use crate::{
    app::{Command, RunState},
    document::{LensBy, View},
    pipeline::{
        AnalysisResult, Lens,
        check::{BETTER, finds_errors},
    },
    ui::{
        context::Context,
        later::{Later, Same},
        theme,
    },
    words::thousands,
};

/// What is worked out about a result, once.
#[derive(Default)]
pub(super) struct Verdict {
    /// How well each kind of uncertainty finds the samples in a wrong cluster (AUROC), the best first; only with labels.
    errors: Later<Same<AnalysisResult>, Vec<(Lens, f64)>>,
}

impl Verdict {
    /// Whether the clusters can be relied on, in a few words; why at the pointer.
    pub fn show(ui: &mut Ui, context: &mut Context<'_>, result: &AnalysisResult) {
        if result.spec.is_quick_look() {
            quick_look(ui, context);
        }
        if let Some(earlier) = &result.spec.earlier {
            let of = thousands(earlier.samples as u64);
            let text = format!("Goes on with the model of a run on {of} samples");
            let votes = match result.consensus {
                Some(_) => "Its votes are those of that run, for the samples that are left. ",
                None => "",
            };
            let tip = format!(
                "{votes}Its uncertainty is that of one model. Training anew elects and learns everything on these samples alone"
            );
            ui.add(egui::Label::new(theme::weak(ui, text)).wrap())
                .on_hover_text(tip);
        }
        let own = |run: &&RunState| {
            let of = run.result.as_deref();
            of.is_some_and(|of| std::ptr::eq(of, result))
        };
        let run = context.state.run.as_ref().filter(own);
        let warnings = run.map(|run| run.warnings.as_slice());
        for warning in warnings.unwrap_or_default() {
            let mut title = warning.title().to_owned();
            if let Some(first) = title.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let text = egui::RichText::new(title).color(theme::colours(ui).problem);
            ui.add(egui::Label::new(text).wrap())
                .on_hover_text(warning.to_string());
        }
        let Some(consensus) = &result.consensus else {
            return;
        };
        if let (Some(verdict), Some(agreement)) = (consensus.verdict(), consensus.agreement) {
            let judges = consensus.judges();
            let text = format!("Agreement of {judges}: {verdict} ({agreement:.2})");
            let again = consensus.halves_in_words().unwrap_or_default();
            let tip =
                format!("Mean adjusted Rand index of every two; 1 is full, 0 is chance. {again}");
            ui.add(egui::Label::new(theme::weak(ui, text)).wrap())
                .on_hover_text(tip);
        }
    }

    /// Which kind of uncertainty finds more of the samples in a wrong cluster than the one that is shown, and a way to it.
    pub fn better_lens(&mut self, ui: &mut Ui, result: &Arc<AnalysisResult>, view: &mut View) {
        if result.dataset.labels.is_none() || !Lens::KINDS.contains(&view.lens) {
            return;
        }
        let of = result.clone();
        let make = move |_| {
            let found = finds_errors(&of).inspect_err(|error| tracing::warn!("{error}"));
            found.unwrap_or_default()
        };
        let key = Same(result.clone());
        let Some(found) = self.errors.get(ui.ctx(), &key, false, make) else {
            return;
        };
        let own = found.iter().find(|(lens, _)| *lens == view.lens);
        let (Some(&(_, own)), Some(&(lens, best))) = (own, found.first()) else {
            return;
        };
        if best < own + BETTER {
            if lens == view.lens && view.lens_by == LensBy::Run(lens) {
                let text = format!("Finds errors best here ({best:.2})");
                let tip = "By the labels, it finds more of the samples in a wrong cluster than the other kinds of uncertainty (AUROC; 1 is \
                           all, 0.5 is chance). So maps are coloured by it until another is chosen";
                ui.add(egui::Label::new(theme::weak(ui, text)).wrap())
                    .on_hover_text(tip);
            }
            return;
        }
        let [name, now] = [lens, view.lens].map(|lens| lens.name(&result.dataset));
        let text = format!("By {name}: finds errors better here");
        let tip = format!(
            "By the labels, {name} finds the samples in a wrong cluster with an AUROC of {best:.2}, {now} with {own:.2}; 1 is all, 0.5 \
             is chance. Click colours by it"
        );
        if ui.link(text).on_hover_text(tip).clicked() {
            view.colour_by(lens);
        }
    }
}

/// Says that it is one, and runs the whole.
fn quick_look(ui: &mut Ui, context: &mut Context<'_>) {
    let state = context.state;
    if state.is_training() {
        let text = "A quick look; the whole training will replace it";
        let tip =
            "How far it is stands below, where it can be cancelled: what is shown here stays then";
        ui.add(egui::Label::new(text).wrap()).on_hover_text(tip);
        return;
    }
    ui.horizontal(|ui| {
        ui.label("A quick look")
            .on_hover_text("Fewer starts and looks at the data voted, and the uncertainty is rougher");
        let idle = state.ready_to_train().is_ok();
        let tip = "Train with all settings; what is shown here stays until that is done, and on the list of runs";
        let refine = ui.add_enabled(idle, egui::Button::new("Refine"));
        if refine.on_hover_text(tip).clicked() {
            context.ask(Command::Refine);
        }
    });
}
