//! What is done with values before the model gets them: steps to change, and what they do.

mod cuts;
mod plots;
mod steps;
mod words;

use std::sync::Arc;

use eframe::egui::{self, Label, Ui};

use self::{cuts::Sifting, plots::Pictures};
use super::{canvas, step_panel};
use crate::{
    app::{Command, LoadedData, Page, Previewed, Source, Then},
    document::Edit,
    io::{LoadReport, LoadSpec, ModalityReport},
    prepare::{Recipe, StepTaken},
    ui::{
        context::Context,
        theme,
        widgets::{form, name},
    },
    words::thousands,
};

/// Height of a row of plots.
const PLOTS: f32 = 200.0;

/// What is to be done with every modality, and what that does.
#[derive(Default)]
pub(super) struct PreparePage {
    /// What is shown below is of this.
    of: Option<Arc<LoadReport>>,
    /// The document's, as changed in this frame.
    drafts: Vec<Recipe>,
    modality: usize,
    sifting: Sifting,
    /// What steps did that were tried last, and on which modality.
    tried: Option<(usize, Arc<Previewed>)>,
    /// What is drawn of the features, and what it was made of.
    pictures: Option<(*const StepTaken, Pictures)>,
}

impl PreparePage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(data) = &context.state.data else {
            return;
        };
        let (Some(report), Source::Files(spec)) = (&data.report, &data.source) else {
            return;
        };
        self.begin(report);
        // As the document has them, or else as they are used.
        let steps = &context.state.document.steps;
        let draft = |m: &ModalityReport| steps.get(&m.name).unwrap_or(&m.recipe).clone();
        self.drafts = report.modalities.iter().map(draft).collect();
        let before = self.drafts.clone();
        step_panel(
            ui,
            Page::Prepare,
            &mut (&mut *self, &mut *context),
            |ui, (page, context)| page.form(ui, context, report),
            |ui, (page, context)| page.buttons(ui, context, data, report, spec),
        );
        let Some(draft) = self.drafts.get(self.modality) else {
            return;
        };
        let used = *draft == report.modalities[self.modality].recipe;
        let known = context.state.preview.as_ref();
        let known = known.filter(|p| p.modality == self.modality && p.recipe == *draft);
        // What is being dragged is tried once it is let go.
        if !used && known.is_none() && !ui.input(|input| input.pointer.any_down()) {
            context.ask(Command::Preview {
                modality: self.modality,
                recipe: draft.clone(),
            });
        }
        canvas(ui, |ui| {
            egui::ScrollArea::vertical()
                .id_salt("preparation")
                .auto_shrink(false)
                .show(ui, |ui| {
                    ui.set_max_width(ui.available_width() - 3.0 * theme::GRID);
                    self.results(ui, context, report, used);
                });
        });
        for ((draft, before), of) in self.drafts.iter().zip(before).zip(&report.modalities) {
            if *draft != before {
                context.ask(Command::Do(Edit::Steps {
                    modality: of.name.clone(),
                    recipe: (*draft != of.recipe).then(|| draft.clone()),
                }));
            }
        }
    }

    /// Forgets what is of other data.
    fn begin(&mut self, report: &Arc<LoadReport>) {
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, report)) {
            return;
        }
        let same = self
            .of
            .as_ref()
            .is_some_and(|of| of.modalities.len() == report.modalities.len());
        *self = Self {
            of: Some(report.clone()),
            modality: if same { self.modality } else { 0 },
            ..Self::default()
        };
    }

    fn form(&mut self, ui: &mut Ui, context: &Context<'_>, report: &LoadReport) {
        ui.label(theme::heading("Preparation"));
        ui.add(
            Label::new(theme::weak(
                ui,
                "What is done with the values of the files before the model gets them. Whatever is changed here is tried on some samples at once.",
            ))
            .wrap(),
        );
        if report.modalities.len() > 1 {
            let names = report.modalities.iter().enumerate();
            let choices: Vec<(usize, String)> = names.map(|(at, m)| (at, m.name.clone())).collect();
            form::choice(
                ui,
                "Modality",
                "Every modality has steps of its own",
                &mut self.modality,
                &choices,
            );
        }
        let modality = &report.modalities[self.modality];
        let idle = !context.state.is_training() && context.state.loading.is_none();
        let draft = &mut self.drafts[self.modality];
        ui.add_enabled_ui(idle, |ui| {
            if let Some(quality) = &modality.quality {
                self.sifting.form(ui, quality, &mut draft.cuts);
            }
            theme::title(ui, "Steps").on_hover_text("They run in this order");
            steps::show(ui, draft);
        });
    }

    fn buttons(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        data: &LoadedData,
        report: &LoadReport,
        spec: &LoadSpec,
    ) {
        let used: Vec<&Recipe> = report.modalities.iter().map(|m| &m.recipe).collect();
        let changed = self
            .drafts
            .iter()
            .zip(&used)
            .any(|(draft, used)| draft != *used);
        let idle = !context.state.is_training() && context.state.loading.is_none();
        if !changed {
            if theme::primary(ui, "Go on to training", true)
                .on_hover_text("Settings and live curves")
                .clicked()
            {
                context.ask(Command::Show(Page::Train));
            }
            return;
        }
        if theme::primary(ui, "Use these steps", idle)
            .on_hover_text("Takes all samples through the steps, and reads the files again for it")
            .clicked()
        {
            let mut spec = spec.clone();
            for (modality, draft) in report.modalities.iter().zip(&self.drafts) {
                if *draft != modality.recipe {
                    spec.preparation
                        .insert(modality.name.clone(), draft.clone());
                }
            }
            context.ask(Command::Open {
                source: Source::Files(Box::new(spec)),
                then: Then::Nothing,
            });
        }
        ui.add_space(theme::GRID);
        if ui
            .add_enabled(idle, egui::Button::new("Back to what is used"))
            .on_hover_text(format!("The steps that {} went through", data.dataset.name))
            .clicked()
        {
            context.ask(Command::Do(Edit::StepsAsUsed));
        }
    }

    fn results(&mut self, ui: &mut Ui, context: &Context<'_>, report: &LoadReport, used: bool) {
        let modality = &report.modalities[self.modality];
        let count = |n: usize| thousands(n as u64);
        let title = |text: &str| egui::RichText::new(text).size(22.0).strong();
        let room = ui.available_width();
        name::show(ui, &modality.name, room, title);
        if let (Some(quality), Some(draft)) =
            (&modality.quality, self.drafts.get_mut(self.modality))
        {
            theme::title(ui, "Samples").on_hover_text(
                "How well samples were measured; drag in a histogram to leave out one end",
            );
            self.sifting.plots(ui, quality, &mut draft.cuts, PLOTS);
            ui.add_space(2.0 * theme::GRID);
        }
        let tried = context.state.preview.as_ref().filter(|_| !used);
        let outcome = tried.and_then(|preview| preview.outcome.as_ref());
        if let Some(Ok(found)) = outcome {
            self.tried = Some((self.modality, found.clone()));
        }
        // What was tried last stays until the next is known, so that nothing jumps.
        let last = self
            .tried
            .clone()
            .filter(|(of, _)| *of == self.modality && !used);
        let done = format!("What was done with {} samples", count(report.samples));
        let (taken, variability, what) = match &last {
            Some((_, found)) => {
                let [samples, of] = [found.samples, found.of].map(count);
                let what = format!("Tried on {samples} of {of} samples");
                (&found.taken, found.variability.as_ref(), what)
            }
            None => (&modality.taken, modality.variability.as_deref(), done),
        };
        let trying = !used && outcome.is_none();
        let what = if trying {
            "Trying these steps on some samples\u{2026}".to_owned()
        } else {
            what
        };
        theme::title(ui, "Steps");
        if let Some(Err(reason)) = outcome {
            theme::warning(ui).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.add(Label::new(reason).wrap());
            });
            return;
        }
        ui.label(theme::weak(ui, what));
        table(ui, taken);
        ui.add_space(2.0 * theme::GRID);
        let made_of = taken.as_ptr();
        let pictures = match &mut self.pictures {
            Some((of, pictures)) if *of == made_of => pictures,
            other => &mut other.insert((made_of, Pictures::of(taken, variability))).1,
        };
        if pictures.is_empty() {
            return;
        }
        theme::title(ui, "Features");
        pictures.show(ui, PLOTS);
    }
}

/// Every step: features before and after it, and what it did.
fn table(ui: &mut Ui, taken: &[StepTaken]) {
    if taken.is_empty() {
        return;
    }
    let count = |n: usize| thousands(n as u64);
    let room = ui.available_width();
    theme::card(ui).show(ui, |ui| {
        ui.set_width(room - 4.0 * theme::GRID);
        egui::Grid::new("taken")
            .num_columns(4)
            .min_row_height(3.0 * theme::GRID)
            .max_col_width((room - 380.0).max(160.0))
            .spacing([16.0, 0.5 * theme::GRID])
            .show(ui, |ui| {
                for text in ["step", "features", "then", "what it did"] {
                    ui.label(theme::weak(ui, text));
                }
                ui.end_row();
                for taken in taken {
                    ui.label(words::title(&taken.step))
                        .on_hover_text(words::tip(&taken.step));
                    ui.label(count(taken.before));
                    ui.label(count(taken.after));
                    ui.add(Label::new(taken.report.to_string()).wrap());
                    ui.end_row();
                }
            });
    });
}
