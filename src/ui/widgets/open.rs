//! All the ways to open data that are not a drop: dialogs, a typed path, the recent list.

use std::path::PathBuf;

use eframe::egui::{self, Align, Layout, Ui};

use super::{form, name};
use crate::{
    app::{AppState, Command, Source, Then},
    ui::{context::Context, theme},
    words::thousands,
};

/// Where things are saved unless the user says otherwise: beside the last results, or among the user's documents.
pub(crate) fn beside(state: &AppState) -> PathBuf {
    let documents = || {
        let folders = directories::UserDirs::new()?;
        let documents = folders.document_dir().unwrap_or(folders.home_dir());
        Some(documents.to_path_buf())
    };
    let beside = state.settings.results_beside.clone();
    beside.or_else(documents).unwrap_or_default()
}

/// Panels narrower than this have the label of a field above it.
const NARROW: f32 = 360.0;

/// The buttons that open the system's dialogs.
pub(crate) fn buttons(ui: &mut Ui, context: &mut Context<'_>) {
    ui.add_enabled_ui(is_idle(context), |ui| {
        ui.horizontal(|ui| {
            if ui
                .button("Open files\u{2026}")
                .on_hover_text("Choose one file per modality (Ctrl+O)")
                .clicked()
            {
                context.dialogs.open_files(ui.ctx());
            }
            if ui
                .button("Open folder\u{2026}")
                .on_hover_text("Choose a folder of modality files (Ctrl+Shift+O)")
                .clicked()
            {
                context.dialogs.open_folder(ui.ctx());
            }
        });
    });
}

fn is_idle(context: &Context<'_>) -> bool {
    let state = context.state;
    state.loading.is_none() && !context.dialogs.is_open()
}

/// A field for a typed path. In a narrow panel its label stands above it.
pub(crate) fn path_row(ui: &mut Ui, context: &mut Context<'_>, path: &mut String) {
    const LABEL: &str = "or a path";
    ui.add_enabled_ui(is_idle(context), |ui| {
        let above = (ui.available_width() < NARROW).then(|| ui.label(LABEL));
        ui.horizontal(|ui| {
            let label = above.unwrap_or_else(|| ui.label(LABEL));
            let spacing = ui.spacing();
            let around = 2.0 * spacing.button_padding.x + spacing.item_spacing.x;
            let button = name::width(ui, "Open".into()) + around;
            let width = ui.available_width() - button;
            let field = form::field(ui, path, "/data/pbmc", width)
                .labelled_by(label.id)
                .on_hover_text("A file or a folder; several are separated by ;");
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let paths = typed_paths(path);
            let open = ui.add_enabled(!paths.is_empty(), egui::Button::new("Open"));
            if (open.clicked() || entered) && !paths.is_empty() {
                context.ask(open_files(paths));
            }
        });
    });
}

/// Data that was open before.
pub(crate) fn recent(ui: &mut Ui, context: &mut Context<'_>) {
    let recent = &context.state.settings.recent;
    if recent.is_empty() {
        return;
    }
    ui.add_space(3.0 * theme::GRID);
    let mut forget = false;
    ui.horizontal(|ui| {
        ui.strong("Recent");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            forget = ui
                .button("Clear list")
                .on_hover_text("Forget these; the files stay")
                .clicked();
        });
    });
    let mut open = None;
    for entry in recent {
        let paths: Vec<String> = entry
            .paths
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        let all = paths.join("; ");
        let weak = theme::colours(ui).weak;
        ui.horizontal(|ui| {
            let count = format!("{} samples", thousands(entry.samples as u64));
            let gap = ui.spacing().item_spacing.x;
            let room = ui.available_width() - gap - name::width(ui, count.as_str().into());
            let short = name::cut(ui, &entry.name, room, |text| text.into());
            let link = ui.link(&short).on_hover_text(paths.join("\n"));
            let link = name::whole(link, &entry.name, &short, egui::Role::Link);
            if link.clicked() {
                open = Some(entry.source());
            }
            ui.label(theme::weak(ui, count));
            let room = ui.available_width();
            // A few letters of a path tell nothing; the name's tooltip has all of it.
            if room > 48.0 {
                name::show(ui, &all, room, |text| egui::RichText::new(text).color(weak));
            }
        });
    }
    if forget {
        context.ask(Command::ForgetRecent);
    }
    if let Some(source) = open {
        context.ask(Command::Open {
            source,
            then: Then::Nothing,
        });
    }
}

fn typed_paths(text: &str) -> Vec<PathBuf> {
    text.split(';')
        .filter(|part| !part.trim().is_empty())
        .map(expand)
        .collect()
}

/// A path as people type or paste it: quotes around it, `~` for the home folder.
pub(crate) fn expand(text: &str) -> PathBuf {
    let text = text.trim().trim_matches(['"', '\'']);
    match (text.strip_prefix("~/"), directories::BaseDirs::new()) {
        (Some(rest), Some(home)) => home.home_dir().join(rest),
        _ => PathBuf::from(text),
    }
}

/// A path as typed, with this ending: one of those that are `known` is replaced, any other stays in the name.
pub(crate) fn with_ending(text: &str, ending: &str, known: &[&str]) -> PathBuf {
    let path = expand(text);
    let own = path.extension().and_then(|own| own.to_str());
    match own {
        Some(own) if known.contains(&own) => path.with_extension(ending),
        _ => {
            let mut name = path.into_os_string();
            name.push(format!(".{ending}"));
            name.into()
        }
    }
}

fn open_files(paths: Vec<PathBuf>) -> Command {
    Command::Open {
        source: Source::files(paths),
        then: Then::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_paths_may_be_typed() {
        assert_eq!(
            typed_paths(" /a/rna.csv ; \"/b c/adt.csv\";"),
            [PathBuf::from("/a/rna.csv"), PathBuf::from("/b c/adt.csv")]
        );
        assert!(typed_paths("  ").is_empty());
    }

    #[test]
    fn an_ending_that_is_known_is_replaced() {
        let of = |text| with_ending(text, "svg", &["svg", "png"]);
        assert_eq!(of("/a/map.png"), PathBuf::from("/a/map.svg"));
        assert_eq!(of(" /a/map.v2 "), PathBuf::from("/a/map.v2.svg"));
        assert_eq!(of("/a/map"), PathBuf::from("/a/map.svg"));
    }
}
