//! What is loaded: what was decided on the way, modalities, labels, and what training will take.

use eframe::egui::{self, Label, RichText, Ui};

use super::{labels, modalities};
use crate::{
    app::{Command, LoadedData, Source},
    data::Dataset,
    io::{Answer, LoadNotice, LoadReport, LoadSpec},
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
    let mut chosen = decisions(ui, report);
    for modality in &report.modalities {
        let choice = modalities::show(ui, modality, dataset.samples());
        chosen = chosen.or(choice);
        ui.add_space(2.0 * theme::GRID);
    }
    ui.add_space(theme::GRID);
    let choice = labels::show(ui, dataset, report);
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
        source: Source::Files(spec),
        train: false,
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
        Err(message) => format!("{}: {} {}", message.title, message.text, message.hint),
    };
    ui.add(Label::new(theme::weak(ui, text)).wrap());
}

/// What was decided, left out or set aside, with what could be decided otherwise; what changes results comes first.
fn decisions(ui: &mut Ui, report: &LoadReport) -> Option<Answer> {
    if report.notices.is_empty() {
        return None;
    }
    theme::title(ui, "What was decided")
        .on_hover_text("How the files were read, and what was left out");
    let mut chosen = None;
    let (open, told): (Vec<&LoadNotice>, Vec<&LoadNotice>) = report
        .notices
        .iter()
        .partition(|notice| !report.answers(notice).is_empty());
    for notice in open.into_iter().chain(told) {
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(Label::new(notice.to_string()).wrap());
            let answers = report.answers(notice);
            if !answers.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    for answer in answers {
                        let button = ui.button(name::cut(ui, &answer.text, 240.0, |t| t.into()));
                        let tip = format!(
                            "Read the files again so; {} on the command line",
                            answer.choice.flag()
                        );
                        if button.on_hover_text(tip).clicked() {
                            chosen = Some(answer);
                        }
                    }
                });
            }
        });
    }
    ui.add_space(2.0 * theme::GRID);
    chosen
}
