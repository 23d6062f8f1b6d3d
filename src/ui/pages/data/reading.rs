//! How the files are read, and what can be changed of it.

use std::path::PathBuf;

use eframe::egui::{self, Ui};

use crate::{
    app::{Command, LoadedData, Source, Then},
    io::{
        Decimal, FirstColumn, Join, LabelSource, LoadNotice, LoadSpec, ModalityReport, Orientation,
    },
    ui::{
        context::Context,
        theme,
        widgets::{form, name, open},
    },
};

/// Drafts of how the files are to be read.
#[derive(Default)]
pub(super) struct Reading {
    /// The files that the drafts below belong to.
    of: Vec<PathBuf>,
    labels_path: String,
    /// Whether labels from there are being loaded.
    labels_asked: bool,
}

impl Reading {
    /// The form; whatever is changed loads the files again.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        data: &LoadedData,
        spec: &LoadSpec,
        commands: &mut Vec<Command>,
    ) {
        if self.of != spec.paths {
            self.of = spec.paths.clone();
            self.labels_path.clear();
        }
        if self.labels_asked && context.state.loading.is_none() {
            // What was refused is not in use; what was not has its name above the field.
            self.labels_asked = false;
            self.labels_path.clear();
        }
        ui.label(theme::heading("Data"));
        for path in &spec.paths {
            let room = ui.available_width();
            name::show(ui, &path.display().to_string(), room, |text| text.into());
        }
        let mut new = spec.clone();
        theme::title(ui, "Reading");
        let report = data.report.as_deref();
        if report.is_some_and(|report| report.modalities.iter().any(ModalityReport::is_table)) {
            tables(ui, &mut new);
        }
        join(ui, &mut new);
        let counts = |notice: &LoadNotice| {
            matches!(
                notice,
                LoadNotice::Prepared { .. } | LoadNotice::CountsAsTheyAre { .. }
            )
        };
        if report.is_some_and(|report| report.notices.iter().any(counts)) {
            ui.checkbox(&mut new.as_they_are, "Take counts as they are")
                .on_hover_text("Without it counts are normalised, and RNA and peaks reduced to principal components");
        }
        theme::title(ui, "Labels");
        ui.checkbox(&mut new.ignore_labels, "Use no labels")
            .on_hover_text(
                "Hide the labels from the analysis: only ACC, NMI, ARI and purity need them",
            );
        if let Some(path) = context.dialogs.labels.take() {
            new.labels = Some(path);
            (new.label_column, new.ignore_labels) = (None, false);
        }
        if let Some(path) = &new.labels {
            let file = path.file_name().unwrap_or(path.as_os_str());
            let room = ui.available_width();
            name::show(ui, &file.to_string_lossy(), room, |text| text.into())
                .on_hover_text(path.display().to_string());
        }
        if ui
            .button("Choose labels file\u{2026}")
            .on_hover_text("A table with a sample column and a column of classes")
            .clicked()
        {
            context.dialogs.open_labels(ui.ctx());
        }
        let path = form::row(ui, "or its path", "Press Enter to load it", |ui| {
            let width = ui.available_width();
            form::field(ui, &mut self.labels_path, "", width)
        });
        if entered(ui, &path) && !self.labels_path.trim().is_empty() {
            new.labels = Some(open::expand(&self.labels_path));
            self.labels_asked = true;
            (new.label_column, new.ignore_labels) = (None, false);
        }
        label_column(ui, data, &mut new);
        if new != *spec && context.state.loading.is_none() {
            commands.push(Command::Open {
                source: Source::Files(Box::new(new)),
                then: Then::Nothing,
            });
        }
    }
}

/// How tables of text are read.
fn tables(ui: &mut Ui, spec: &mut LoadSpec) {
    form::choice(
        ui,
        "First column",
        "Sample ids match rows by name; class labels, as in the published files, by position",
        &mut spec.first_column,
        &[
            (FirstColumn::Auto, "automatic".into()),
            (FirstColumn::SampleIds, "sample ids".into()),
            (FirstColumn::ClassLabels, "class labels".into()),
        ],
    );
    form::choice(
        ui,
        "Rows",
        "Whether a row of the tables is a sample, or a feature such as a gene",
        &mut spec.orientation,
        &[
            (Orientation::Auto, "automatic".into()),
            (Orientation::SamplesInRows, "samples".into()),
            (Orientation::FeaturesInRows, "features".into()),
        ],
    );
    form::choice(
        ui,
        "Decimal mark",
        "1.5 or 1,5; the other mark then separates thousands",
        &mut spec.decimal,
        &[
            (Decimal::Auto, "automatic".into()),
            (Decimal::Point, "point".into()),
            (Decimal::Comma, "comma".into()),
        ],
    );
}

/// How ids of several files are compared.
fn join(ui: &mut Ui, spec: &mut LoadSpec) {
    form::choice(
        ui,
        "Same sample",
        "When ids of two files are the same: as they are, or without what files of other programs add or change",
        &mut spec.join,
        &[
            (Join::Exact, "same id".into()),
            (Join::Case, "but for case".into()),
            (Join::Suffix, "but for -1, .1".into()),
            (Join::Prefix, "but for a prefix".into()),
            (Join::Punctuation, "but for dots, dashes".into()),
            (Join::Zeros, "but for leading zeros".into()),
            (Join::TcgaSample, "same TCGA sample".into()),
        ],
    );
}

/// Which column of the labels file holds the classes.
fn label_column(ui: &mut Ui, data: &LoadedData, spec: &mut LoadSpec) {
    let Some(report) = &data.report else { return };
    let mut choices = Vec::new();
    let now = match &report.labels_from {
        Some(LabelSource::File {
            column, columns, ..
        }) if columns.len() > 1 => {
            choices.extend(columns.iter().map(|c| (Some(c.clone()), c.clone())));
            Some(column.clone())
        }
        None if !report.label_columns.is_empty() && !spec.ignore_labels => {
            let could = report.label_columns.iter().map(|c| c.column.clone());
            choices.push((None, "none".to_owned()));
            choices.extend(could.map(|c| (Some(c.clone()), c)));
            None
        }
        _ => return,
    };
    let mut chosen = now.clone();
    let tip = "The column that holds the classes";
    form::choice(ui, "Column", tip, &mut chosen, &choices);
    if chosen != now {
        spec.label_column = chosen;
    }
}

fn entered(ui: &Ui, field: &egui::Response) -> bool {
    field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter))
}
