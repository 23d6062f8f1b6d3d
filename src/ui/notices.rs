//! Cards with messages, and the buttons on them.

use eframe::egui::{self, Align2, Margin, RichText, Ui};

use super::{context::Context, theme, widgets::copy::copy_button};
use crate::app::{Command, Notice, NoticeKind};

/// Cards over the lower right corner; nothing under them is blocked.
pub(crate) fn show(ui: &mut Ui, context: &mut Context<'_>) {
    let state = context.state;
    if state.notices.is_empty() {
        return;
    }
    egui::Area::new(egui::Id::unique("notices"))
        .anchor(
            Align2::RIGHT_BOTTOM,
            [-16.0, -theme::BOTTOM_BAR - 3.0 * theme::GRID],
        )
        .order(egui::Order::Foreground)
        .show(ui.ctx(), |ui| {
            let shown = state.notices.len().saturating_sub(3);
            for notice in &state.notices[shown..] {
                notice_card(ui, context, notice);
            }
        });
}

fn notice_card(ui: &mut Ui, context: &mut Context<'_>, notice: &Notice) {
    let c = theme::colours(ui);
    let edge = match notice.kind {
        NoticeKind::Info | NoticeKind::Question => c.accent,
        NoticeKind::Problem => c.problem,
    };
    egui::Frame::popup(ui.style())
        .stroke(egui::Stroke::new(1.0, edge))
        .inner_margin(Margin::same(14))
        .show(ui, |ui| {
            let window = ui.ctx().content_rect();
            ui.set_width(380_f32.min(window.width() - 80.0));
            // However long a message is, its buttons stay within reach.
            egui::ScrollArea::vertical()
                .id_salt(notice.id)
                .max_height(0.5 * window.height())
                .show(ui, |ui| message(ui, notice));
            // Several answers stand below each other, each as wide as the card.
            let (several, one) = match notice.answers.as_slice() {
                [one] => (&[][..], Some(one)),
                several => (several, None),
            };
            let mut asked = None;
            for (text, command) in several {
                let width = ui.available_width();
                let button = egui::Button::new(text).min_size(egui::vec2(width, theme::CONTROL));
                if ui.add(button.wrap()).clicked() {
                    asked = Some(command);
                }
            }
            ui.horizontal(|ui| {
                if let Some((text, command)) = one
                    && ui.button(text).clicked()
                {
                    asked = Some(command);
                }
                if let Some(command) = asked {
                    context.ask(command.clone());
                    context.ask(Command::Dismiss(notice.id));
                }
                if ui.button("Dismiss").clicked() {
                    context.ask(Command::Dismiss(notice.id));
                }
                let tip = "Copy this message to the clipboard";
                copy_button(ui, "Copy", tip, || {
                    let m = &notice.message;
                    let lines = [&m.title, &m.text, &m.hint, &m.details];
                    let said: Vec<&str> = lines.into_iter().map(String::as_str).collect();
                    said.join("\n").trim_end().to_string()
                });
            });
        });
}

fn message(ui: &mut Ui, notice: &Notice) {
    let message = &notice.message;
    ui.add(egui::Label::new(RichText::new(&message.title).strong()).wrap());
    ui.add(egui::Label::new(&message.text).wrap());
    if !message.hint.is_empty() {
        ui.add(egui::Label::new(theme::weak(ui, &message.hint)).wrap());
    }
    if !message.details.is_empty() {
        egui::CollapsingHeader::new("Details")
            .id_salt(notice.id)
            .show(ui, |ui| {
                ui.add(egui::Label::new(theme::weak(ui, &message.details)).wrap());
            });
    }
}
