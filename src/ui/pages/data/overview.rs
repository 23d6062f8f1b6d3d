//! What is loaded: what was decided on the way, modalities, labels, and what training will take.

use std::path::Path;

use eframe::egui::{self, Label, RichText, Ui};

use super::{labels, modalities, notes};
use crate::{
    app::{Command, LoadedData, Source, Then},
    data::Dataset,
    io::{About, Answer, LoadNotice, LoadSpec},
    ui::{context::Context, theme, widgets::name},
    words::thousands,
};

/// Shows it.
pub(super) fn show(ui: &mut Ui, context: &mut Context<'_>, data: &LoadedData) {
    let dataset = &data.dataset;
    heading(ui, dataset);
    training(ui, context);
    ui.add_space(2.0 * theme::GRID);
    let (report, spec) = match (&data.report, &data.source) {
        (Some(report), Source::Files(spec)) => (report, spec),
        _ => {
            modalities::made(ui, dataset, &data.ranges);
            ui.add_space(3.0 * theme::GRID);
            labels::classes(ui, dataset);
            return;
        }
    };
    let about = |is: &dyn Fn(About<'_>) -> bool| -> Vec<&LoadNotice> {
        report.notices.iter().filter(|n| is(n.about())).collect()
    };
    // A file of no modality of its own, such as that of the labels, is told of beside what concerns all.
    let own = |path: &Path| report.modalities.iter().any(|m| m.file == path);
    let all = about(&|about| match about {
        About::All => true,
        About::File(path) => !own(path),
        About::Modality(_) | About::Labels => false,
    });
    let mut chosen = None;
    if !all.is_empty() {
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            chosen = notes::show(ui, report, &all);
        });
        ui.add_space(2.0 * theme::GRID);
    }
    for modality in &report.modalities {
        let notes = about(&|about| match about {
            About::Modality(name) => name == modality.name,
            About::File(path) => path == modality.file,
            About::Labels | About::All => false,
        });
        let choice = modalities::show(ui, report, modality, &notes);
        chosen = chosen.or(choice);
        ui.add_space(2.0 * theme::GRID);
    }
    ui.add_space(theme::GRID);
    let notes = about(&|about| about == About::Labels);
    let choice = labels::show(ui, dataset, report, &notes);
    if let Some(answer) = chosen.or(choice)
        && context.state.loading.is_none()
    {
        context.ask(read_again(spec, &answer));
    }
}

/// The files read anew with another decision.
fn read_again(spec: &LoadSpec, answer: &Answer) -> Command {
    let mut spec = spec.clone();
    spec.choose(&answer.choice);
    Command::Open {
        source: Source::Files(Box::new(spec)),
        then: Then::Nothing,
    }
}

/// What the data are called, and how many of what they hold.
fn heading(ui: &mut Ui, dataset: &Dataset) {
    let look = |text: &str| RichText::new(text).size(22.0).strong();
    let counts = format!(
        ": {} samples, {} {}",
        thousands(dataset.samples() as u64),
        dataset.modalities.len(),
        if dataset.modalities.len() == 1 {
            "modality"
        } else {
            "modalities"
        },
    );
    let room = ui.available_width() - name::width(ui, look(&counts));
    let short = name::cut(ui, &dataset.name, room, look);
    let all = format!("{}{counts}", dataset.name);
    let shown = format!("{short}{counts}");
    let label = ui.label(look(&shown));
    name::whole(label, &all, &shown, egui::Role::Label);
}

/// What training takes, before it is begun.
fn training(ui: &mut Ui, context: &Context<'_>) {
    let text = match context.state.ready_to_train() {
        Ok((_, estimate)) => format!("Training takes {estimate}."),
        Err(message) => format!("{} {}", message.text, message.hint),
    };
    ui.add(Label::new(theme::weak(ui, text)).wrap());
}
