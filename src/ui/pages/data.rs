//! What is loaded: modalities, classes, and what loading had to repair.

use std::path::PathBuf;

use eframe::egui::{self, RichText, Ui};

use super::{canvas, step_panel};
use crate::{
    app::{Command, LoadedData, Page, Source},
    data::{Dataset, demo::DemoSpec},
    figure::{self, palette},
    io::{FirstColumn, LabelSource, LoadSpec},
    ui::{
        context::Context,
        theme,
        widgets::{form, name, open},
    },
    words::thousands,
};

/// Drafts of how the files are to be read.
#[derive(Default)]
pub(super) struct DataPage {
    path: String,
    /// The files that the drafts below belong to.
    of: Vec<PathBuf>,
    labels_path: String,
    /// Whether labels from there are being loaded.
    labels_asked: bool,
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
                .show(ui, |ui| overview(ui, data));
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
            Source::Demo(spec) => self.demo_form(ui, context, *spec, commands),
            Source::Files(spec) => self.files_form(ui, context, data, spec, commands),
        }
        theme::title(ui, "Other data");
        open::buttons(ui, context);
        open::path_row(ui, context, &mut self.path);
        let idle = !context.state.is_training();
        if !matches!(data.source, Source::Demo(_))
            && ui.add_enabled(idle, egui::Button::new("Demo")).clicked()
        {
            commands.push(Command::Open {
                source: Source::Demo(DemoSpec::default()),
                train: false,
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
                train: false,
            });
        }
    }

    fn files_form(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        data: &LoadedData,
        spec: &LoadSpec,
        commands: &mut Vec<Command>,
    ) {
        self.demo = None;
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
        form::choice(
            ui,
            "First column",
            "Sample ids match rows by name; class labels, as in the published files, by position",
            &mut new.first_column,
            &[
                (FirstColumn::Auto, "automatic".into()),
                (FirstColumn::SampleIds, "sample ids".into()),
                (FirstColumn::ClassLabels, "class labels".into()),
            ],
        );
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
                source: Source::Files(new),
                train: false,
            });
        }
    }
}

/// Which column of the labels file holds the classes.
fn label_column(ui: &mut Ui, data: &LoadedData, spec: &mut LoadSpec) {
    let source = data.report.as_ref().and_then(|r| r.labels_from.as_ref());
    let Some(LabelSource::File {
        column, columns, ..
    }) = source
    else {
        return;
    };
    if columns.len() < 2 {
        return;
    }
    let mut chosen = column.clone();
    let choices: Vec<_> = columns.iter().map(|c| (c.clone(), c.clone())).collect();
    form::choice(
        ui,
        "Column",
        "The column of the labels file that holds the classes",
        &mut chosen,
        &choices,
    );
    if chosen != *column {
        spec.label_column = Some(chosen);
    }
}

fn entered(ui: &Ui, field: &egui::Response) -> bool {
    field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter))
}

fn overview(ui: &mut Ui, data: &LoadedData) {
    let dataset = &data.dataset;
    heading(ui, dataset);
    ui.add_space(2.0 * theme::GRID);
    modalities(ui, dataset, &data.ranges);
    if let Some(report) = &data.report
        && !report.notices.is_empty()
    {
        ui.add_space(3.0 * theme::GRID);
        theme::title(ui, "What you should know");
        for notice in &report.notices {
            ui.horizontal_wrapped(|ui| {
                ui.label(theme::weak(ui, "\u{2022}"));
                ui.label(notice.to_string());
            });
        }
    }
    ui.add_space(3.0 * theme::GRID);
    classes(ui, dataset);
}

/// What the data are called, and how many of what they hold.
fn heading(ui: &mut Ui, dataset: &Dataset) {
    let look = |text: &str| RichText::new(text).size(22.0).strong();
    let counts = format!(
        ": {} samples, {} {}",
        thousands(dataset.sample_ids.len() as u64),
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

fn modalities(ui: &mut Ui, dataset: &Dataset, ranges: &[(f32, f32)]) {
    theme::title(ui, "Modalities").on_hover_text("Kinds of measurement of the same samples");
    let room = (ui.available_width() - 260.0).max(80.0);
    egui::Grid::new("modalities")
        .num_columns(3)
        .spacing([32.0, 8.0])
        .show(ui, |ui| {
            for text in ["name", "features", "values"] {
                ui.label(theme::weak(ui, text));
            }
            ui.end_row();
            for (m, (low, high)) in dataset.modalities.iter().zip(ranges) {
                name::show(ui, &m.name, room, |text| RichText::new(text).strong());
                ui.label(thousands(m.features.len() as u64))
                    .on_hover_text(some(&m.features));
                ui.label(format!("{} to {}", short(*low), short(*high)));
                ui.end_row();
            }
        });
}

/// The first names of a list, each in so many signs at most that all can be read.
fn some(names: &[String]) -> String {
    let short = |name: &String| figure::name::cut(name, |text| text.chars().count() <= 40);
    let shown: Vec<String> = names.iter().take(12).map(short).collect();
    let shown = shown.join(", ");
    if names.len() > 12 {
        format!("{shown}, ...")
    } else {
        shown
    }
}

fn short(x: f32) -> String {
    if x != 0.0 && !(1e-2..1e5).contains(&x.abs()) {
        format!("{x:.1e}")
    } else if x.abs() >= 100.0 {
        format!("{x:.0}")
    } else {
        format!("{x:.2}")
    }
}

fn classes(ui: &mut Ui, dataset: &Dataset) {
    theme::title(ui, "Labels").on_hover_text("The known class of each sample");
    let Some(labels) = &dataset.labels else {
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "None. Everything works without them but ACC, NMI, ARI and purity; set the number \
                 of clusters before training (there, 'How many?' tries some on the data).",
            ))
            .wrap(),
        );
        return;
    };
    let counts = labels.counts();
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    // Names may take half of the width; what they leave is for the bars.
    let names = labels
        .classes
        .iter()
        .map(|c| name::width(ui, c.as_str().into()));
    let room = names.fold(0.0, f32::max).min(0.5 * ui.available_width());
    let bar_width = (ui.available_width() - room - 100.0).clamp(40.0, 260.0);
    egui::Grid::new("classes")
        .num_columns(3)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            for (i, (class, count)) in labels.classes.iter().zip(&counts).enumerate() {
                name::show(ui, class, room, |text| text.into());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(thousands(*count as u64));
                });
                let (rect, _) =
                    ui.allocate_exact_size(egui::vec2(bar_width, 12.0), egui::Sense::hover());
                let width = rect.width() * *count as f32 / most as f32;
                let bar = egui::Rect::from_min_size(rect.min, egui::vec2(width.max(2.0), 12.0));
                ui.painter()
                    .rect_filled(bar, 3.0, theme::colour(palette::category(i)));
                ui.end_row();
            }
        });
    let without = labels.unlabelled();
    if without > 0 {
        let text = format!("{} samples have no label", thousands(without as u64));
        ui.label(theme::weak(ui, text));
    }
}
