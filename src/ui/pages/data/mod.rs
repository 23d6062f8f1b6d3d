//! What is loaded: modalities, classes, and what loading had to repair.

mod labels;
mod modalities;
mod notes;
mod overview;
mod reading;

use eframe::egui::{self, Ui};

use super::{canvas, step_panel};
use crate::{
    app::{Command, LoadedData, Page, Source, Then},
    data::demo::DemoSpec,
    document::Edit,
    ui::{
        context::Context,
        theme,
        widgets::{form, open},
    },
    words::thousands,
};

/// Drafts of what is to be loaded.
#[derive(Default)]
pub(super) struct DataPage {
    path: String,
    reading: reading::Reading,
    demo: Option<DemoSpec>,
}

impl DataPage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(data) = &context.state.data else {
            return;
        };
        step_panel(
            ui,
            Page::Data,
            context,
            |ui, context| {
                let mut commands = Vec::new();
                self.form(ui, context, data, &mut commands);
                context.commands.append(&mut commands);
            },
            |ui, context| {
                if theme::primary(ui, "Go on to training", true)
                    .on_hover_text("Settings and live curves")
                    .clicked()
                {
                    context.commands.push(Command::Show(Page::Train));
                }
            },
        );
        canvas(ui, |ui| {
            egui::ScrollArea::vertical()
                .id_salt("data")
                .auto_shrink(false)
                .show(ui, |ui| {
                    // The bar lies over the right edge.
                    ui.set_max_width(ui.available_width() - 3.0 * theme::GRID);
                    overview::show(ui, context, data);
                });
        });
    }

    fn form(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        data: &LoadedData,
        commands: &mut Vec<Command>,
    ) {
        match &data.source {
            Source::Demo(spec) | Source::DemoPart(spec, _) => {
                self.demo_form(ui, context, *spec, commands);
            }
            Source::Files(spec) => {
                self.demo = None;
                self.reading.show(ui, context, data, spec, commands);
            }
        }
        chosen(ui, context, data, commands);
        earlier(ui, context, commands);
        theme::title(ui, "Other data");
        open::buttons(ui, context);
        open::path_row(ui, context, &mut self.path);
        let idle = !context.state.is_training();
        if matches!(data.source, Source::Files(_))
            && ui.add_enabled(idle, egui::Button::new("Demo")).clicked()
        {
            commands.push(Command::Open {
                source: Source::Demo(DemoSpec::default()),
                then: Then::Nothing,
            });
        }
        open::recent(ui, context);
    }

    fn demo_form(
        &mut self,
        ui: &mut Ui,
        context: &Context<'_>,
        now: DemoSpec,
        commands: &mut Vec<Command>,
    ) {
        ui.label(theme::heading("Demo data"));
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "Simulated immune cells. Some lie truly between two types, and the noise of every \
                 feature and cell is known.",
            ))
            .wrap(),
        );
        let draft = self.demo.get_or_insert(now);
        form::number(
            ui,
            "Samples",
            "Number of simulated cells",
            &mut draft.samples,
            100..=1_000_000,
        );
        form::number(
            ui,
            "Seed",
            "Another seed gives other cells",
            &mut draft.seed,
            0..=u64::from(u32::MAX),
        );
        let changed = *draft != now && !context.state.is_training();
        if ui
            .add_enabled(changed, egui::Button::new("Simulate"))
            .clicked()
        {
            commands.push(Command::Open {
                source: Source::Demo(*draft),
                then: Then::Nothing,
            });
        }
    }
}

/// Says that only some of the samples take part, if so, and brings all back.
fn chosen(ui: &mut Ui, context: &Context<'_>, data: &LoadedData, commands: &mut Vec<Command>) {
    if data.source.is_whole() {
        return;
    }
    theme::title(ui, "Samples");
    let count = thousands(data.dataset.samples.len() as u64);
    let text = format!("{count} take part; others were left out by choice.");
    ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
    let idle = !context.state.is_training() && context.state.loading.is_none();
    if ui
        .add_enabled(idle, egui::Button::new("All samples"))
        .on_hover_text("Load the same data with all of their samples")
        .clicked()
    {
        commands.push(Command::Open {
            source: data.source.whole(),
            then: Then::Nothing,
        });
    }
}

/// The runs there are, where none of them is shown.
fn earlier(ui: &mut Ui, context: &Context<'_>, commands: &mut Vec<Command>) {
    let document = &context.state.document;
    if document.shown.is_some() || document.runs.is_empty() || context.state.is_training() {
        return;
    }
    theme::title(ui, "Earlier runs");
    for run in &document.runs {
        let tip =
            "Show what this run found; its samples may be others than those that are loaded now";
        if ui
            .link(format!("Show {}", run.name))
            .on_hover_text(tip)
            .clicked()
        {
            commands.push(Command::Do(Edit::ShowRun(run.id)));
            commands.push(Command::Show(Page::Explore));
        }
    }
}
