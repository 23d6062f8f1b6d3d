//! What reading had to say, each with the buttons that decide it otherwise.

use eframe::egui::{Label, Ui};

use crate::{
    io::{Answer, LoadNotice, LoadReport},
    ui::{theme, widgets::name},
};

/// Width of a button's text at most.
const BUTTON: f32 = 220.0;

/// Shows them one below the other; what can be decided comes first.
pub(super) fn show(ui: &mut Ui, report: &LoadReport, notices: &[&LoadNotice]) -> Option<Answer> {
    let mut chosen = None;
    let answered = notices
        .iter()
        .map(|notice| (notice, report.answers(notice)));
    let (open, told): (Vec<_>, Vec<_>) = answered.partition(|(_, answers)| !answers.is_empty());
    for (notice, answers) in open.into_iter().chain(told) {
        ui.add(Label::new(notice.in_place()).wrap());
        if answers.is_empty() {
            continue;
        }
        ui.horizontal_wrapped(|ui| {
            for answer in answers {
                let text = name::cut(ui, &answer.text, BUTTON, |text| text.into());
                let flag = answer.choice.flag();
                let tip = format!(
                    "{}: reads the files again ({flag} on the command line)",
                    answer.text
                );
                if ui.button(text).on_hover_text(tip).clicked() {
                    chosen = Some(answer);
                }
            }
        });
        ui.add_space(theme::GRID);
    }
    chosen
}
