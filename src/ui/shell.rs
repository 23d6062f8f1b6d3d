//! What every page shares: the bars above and below, the notices, the drop hint.

use eframe::egui::{self, Align, Layout, Margin, RichText, Ui};

use super::{context::Context, menu, session::SaveSheet, theme, widgets::name};
use crate::{
    app::{AppState, Checking, Command, Comparing, Devices, Page, RunState, SavedAs, Status},
    document::Edit,
    model::DeviceChoice,
    pipeline::{Warning, time_in_words},
};

/// Width of the name of a run above the pages.
const RUN: f32 = 90.0;

/// The menu, the steps, the run that is shown, and the device.
pub(crate) fn top(ui: &mut Ui, context: &mut Context<'_>, help: &mut bool, save: &mut SaveSheet) {
    let frame = egui::Frame::new()
        .fill(ui.visuals().panel_fill)
        .inner_margin(Margin::symmetric(16, 8));
    egui::Panel::top("top")
        .exact_size(theme::TOP_BAR)
        .frame(frame)
        .show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                let c = theme::colours(ui);
                ui.label(RichText::new("hdumec").size(19.0).strong().color(c.accent));
                menu::show(ui, context, save);
                ui.add_space(theme::GRID);
                for (n, page) in Page::ALL.into_iter().enumerate() {
                    step(ui, context, n + 1, page);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui
                        .button("?")
                        .on_hover_text("Keys and words (F1)")
                        .clicked()
                    {
                        *help = !*help;
                    }
                    run_choice(ui, context);
                    let (device, detail) = device_in_words(context.state);
                    let (room, c) = (ui.available_width(), theme::colours(ui));
                    name::show(ui, &device, room, |text| RichText::new(text).color(c.weak))
                        .on_hover_text(detail);
                });
            });
        });
}

fn step(ui: &mut Ui, context: &mut Context<'_>, number: usize, page: Page) {
    let c = theme::colours(ui);
    let current = context.state.page == page;
    let (open, why) = match context.state.page_is_open(page) {
        Ok(what) => (true, what),
        Err(why) => (false, why),
    };
    let mut text = RichText::new(page.to_string());
    if current {
        text = text.strong().color(c.accent);
    } else if !open {
        text = text.color(c.weak);
    }
    let button = egui::Button::new(text)
        .frame(false)
        .min_size(egui::vec2(68.0, theme::CONTROL));
    let response = ui
        .add_enabled(open, button)
        .on_hover_text(format!("{why} (Ctrl+{number})"))
        .on_disabled_hover_text(why);
    if current {
        let rect = response.rect;
        ui.painter().hline(
            rect.x_range().shrink(10.0),
            rect.bottom() + 5.0,
            egui::Stroke::new(2.0, c.accent),
        );
    }
    if response.clicked() {
        context.ask(Command::Show(page));
    }
}

/// Which run is shown, where there are several.
fn run_choice(ui: &mut Ui, context: &mut Context<'_>) {
    let document = &context.state.document;
    if document.runs.len() < 2 {
        return;
    }
    let shown = document.shown.and_then(|id| document.name_of(id));
    let shown = shown.unwrap_or("No run");
    let mut asked = None;
    let short = name::cut(ui, shown, RUN, |text| text.into());
    let menu = egui::ComboBox::from_id_salt("run")
        .selected_text(&short)
        .show_ui(ui, |ui| {
            for run in &document.runs {
                let chosen = document.shown == Some(run.id);
                if ui.selectable_label(chosen, &run.name).clicked() {
                    asked = Some(run.id);
                }
            }
        });
    let tip = "The run that is shown; the page Results has all of them side by side";
    menu.response.on_hover_text(tip);
    if let Some(id) = asked {
        context.ask(Command::Do(Edit::ShowRun(id)));
    }
}

/// The device in use, or the one that would be.
fn device_in_words(state: &AppState) -> (String, String) {
    if let Some(run) = &state.run
        && run.is_active()
    {
        return match &run.device {
            Some(device) if run.helpers.is_empty() => {
                (device.to_string(), "The device in use".into())
            }
            Some(device) => {
                let others = run.helpers.iter().map(|(_, device)| device.to_string());
                let others = others.collect::<Vec<_>>().join(", ");
                let count = run.helpers.len();
                (
                    format!("{device}, and {count} more"),
                    format!("These train, too: {others}"),
                )
            }
            None => ("preparing the device".into(), String::new()),
        };
    }
    let cpu = crate::model::DeviceInfo::cpu().to_string();
    let (name, detail) = match (&state.devices, &state.document.spec.device) {
        (_, DeviceChoice::Cpu) => (cpu, "Chosen in the settings of the training".to_string()),
        (_, DeviceChoice::Named(name)) => (name.clone(), "Chosen in the settings".into()),
        (_, DeviceChoice::Remote(name)) => (name.clone(), "Lent by another machine".into()),
        (Devices::Probing, _) => (
            "looking for a GPU".into(),
            "Asking the graphics driver".into(),
        ),
        (Devices::Known(adapters), choice) => match adapters.iter().find(|a| a.info.is_gpu()) {
            Some(gpu) => (gpu.info.to_string(), "Found on this machine".into()),
            None if *choice == DeviceChoice::Gpu => (
                "no GPU found".into(),
                "A GPU is asked for, but this machine has none".into(),
            ),
            None => (
                cpu,
                "No hardware GPU was found: the processor computes".into(),
            ),
        },
        (Devices::Failed(why), _) => (cpu, format!("The graphics driver failed: {why}")),
    };
    (name, detail)
}

/// Progress, pause and cancel.
pub(crate) fn bottom(ui: &mut Ui, context: &mut Context<'_>) {
    let frame = egui::Frame::new()
        .fill(ui.visuals().panel_fill)
        .inner_margin(Margin::symmetric(16, 6));
    egui::Panel::bottom("bottom")
        .exact_size(theme::BOTTOM_BAR)
        .frame(frame)
        .show(ui, |ui| {
            ui.horizontal_centered(|ui| bottom_line(ui, context));
        });
}

fn bottom_line(ui: &mut Ui, context: &mut Context<'_>) {
    let state = context.state;
    if state.loading.is_some() {
        ui.spinner();
        ui.label("Loading");
        cancel_button(ui, context, true);
        return;
    }
    if let Some(saving) = &state.saving {
        ui.spinner();
        ui.label(match saving.saved_as {
            SavedAs::Elsewhere => "Saving elsewhere than in",
            SavedAs::Folder => "Saving to",
            SavedAs::ForPython => "Writing",
        });
        let folder = saving.directory.display().to_string();
        // Beside it a training may tell how far it is.
        let share = if state.is_training() { 0.3 } else { 1.0 };
        let room = share * ui.available_width();
        name::show(ui, &folder, room, |text| text.into());
        if !state.is_training() {
            return;
        }
    }
    let Some(run) = &state.run else {
        let text = match &state.data {
            Some(data) => format!(
                "{} samples loaded",
                crate::words::thousands(data.dataset.samples.len() as u64)
            ),
            None => "Ready".into(),
        };
        ui.label(theme::weak(ui, text));
        return;
    };
    if let Some(checking) = &state.checking {
        checking_line(ui, context, checking);
        return;
    }
    if let Some(comparing) = &state.comparing {
        comparing_line(ui, context, comparing);
        return;
    }
    if !run.is_active() {
        let text = match run.status {
            Status::Finished => return done(ui, run),
            Status::Cancelled if run.result.is_some() => "Cancelled; what was finished is kept",
            Status::Cancelled => "Cancelled",
            Status::Failed | Status::Running | Status::Paused | Status::Stopping => {
                "Stopped by a problem"
            }
        };
        ui.label(theme::weak(ui, text));
        return;
    }
    let progress = &run.progress;
    theme::progress(ui, progress.share());
    let what = match run.status {
        Status::Stopping => "Stopping".to_string(),
        _ => progress.in_words(),
    };
    ui.label(what);
    if run.status == Status::Paused {
        ui.label(theme::weak(ui, "paused"));
    } else if let Some(left) = progress.time_left() {
        ui.label(theme::weak(ui, format!("{} left", time_in_words(left))));
    }
    let stopping = run.status == Status::Stopping;
    let paused = run.status == Status::Paused;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if ui
            .add_enabled(!stopping, egui::Button::new("Cancel"))
            .on_hover_text("Stop; what is finished is kept (Ctrl+.)")
            .clicked()
        {
            context.ask(Command::Cancel);
        }
        let (text, command) = if paused {
            ("Resume", Command::Resume)
        } else {
            ("Pause", Command::Pause)
        };
        if ui
            .add_enabled(!stopping, egui::Button::new(text))
            .on_hover_text("Hold the training, and let it go on")
            .clicked()
        {
            context.ask(command);
        }
    });
}

/// How far the check of the uncertainty is.
fn checking_line(ui: &mut Ui, context: &mut Context<'_>, checking: &Checking) {
    theme::progress(ui, checking.progress.share());
    if checking.stopping {
        ui.label("Stopping");
    } else {
        ui.label(format!("Check, {}", checking.progress.in_words()));
        if let Some(left) = checking.progress.time_left() {
            ui.label(theme::weak(ui, format!("{} left", time_in_words(left))));
        }
    }
    cancel_button(ui, context, !checking.stopping);
}

/// How far the comparison with other methods is.
fn comparing_line(ui: &mut Ui, context: &mut Context<'_>, comparing: &Comparing) {
    let progress = &comparing.progress;
    theme::progress(ui, progress.share);
    if comparing.stopping {
        ui.label("Stopping");
    } else {
        let method = progress.method.map(|method| format!(", {method}"));
        ui.label(format!("Compare{}", method.unwrap_or_default()));
        if let Some(left) = progress.time_left() {
            ui.label(theme::weak(ui, format!("{} left", time_in_words(left))));
        }
    }
    cancel_button(ui, context, !comparing.stopping);
}

/// How a finished run ended; not as a success where its result is to be doubted.
fn done(ui: &mut Ui, run: &RunState) {
    let warnings = &run.warnings;
    if warnings.is_empty() {
        let text = match run.stop() {
            Some(stop) => format!("Done: {stop}"),
            None => "Done".into(),
        };
        ui.label(theme::weak(ui, text));
        return;
    }
    let titles: Vec<&str> = warnings.iter().map(Warning::title).collect();
    let text = format!("Done, but {}", titles.join("; "));
    let whole: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    ui.label(RichText::new(text).color(theme::colours(ui).problem))
        .on_hover_text(whole.join("\n"));
}

fn cancel_button(ui: &mut Ui, context: &mut Context<'_>, enabled: bool) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if ui
            .add_enabled(enabled, egui::Button::new("Cancel"))
            .clicked()
        {
            context.ask(Command::Cancel);
        }
    });
}

/// Shows where files would land while they hang over the window.
pub(crate) fn drop_hint(ui: &mut Ui) {
    let hovering = ui.ctx().input(|input| !input.raw.hovered_files.is_empty());
    if !hovering {
        return;
    }
    let rect = ui.ctx().content_rect();
    let c = theme::colours(ui);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        egui::Id::unique("drop hint"),
    ));
    painter.rect_filled(rect, 0.0, c.canvas.gamma_multiply(0.8));
    let font = egui::FontId::proportional(24.0);
    let text = "Drop files or a folder to open them".to_string();
    let text = painter.layout(text, font, c.text, rect.width() - 80.0);
    let card =
        egui::Rect::from_center_size(rect.center(), text.size()).expand2([28.0, 20.0].into());
    let edge = egui::Stroke::new(2.0, c.accent);
    painter.rect(card, 8.0, c.card, edge, egui::StrokeKind::Inside);
    painter.galley(rect.center() - 0.5 * text.size(), text, c.text);
}
