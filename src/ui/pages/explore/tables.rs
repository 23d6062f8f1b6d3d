//! The sheet that saves a table: samples with columns of choice, or what a panel shows.

use std::{path::PathBuf, sync::Arc};

use eframe::egui::{self, Ui};

use super::{colouring::Colouring, panels::MakeTable};
use crate::{
    app::Command,
    document::View,
    error::Error,
    export::{SampleColumn, samples_sheet},
    job::{EventSink, JobOutcome, Task},
    pipeline::{AnalysisResult, GroupBy, Lens},
    ui::{
        context::Context,
        theme,
        widgets::{form, open},
    },
    words::thousands,
};

/// Width of the sheet, and height of the list of columns.
const WIDTH: f32 = 440.0;
const LIST: f32 = 150.0;

/// What a worker comes to.
enum Made {
    /// The file that was written.
    File(PathBuf),
    /// Text to copy.
    Text(String),
}

/// What is in the table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Which {
    /// The samples that stand out, in their order.
    #[default]
    Listed,
    /// All samples.
    All,
    /// What a panel shows, counted from 0 among those that have a table.
    Panel(usize),
}

/// The sheet, while it is open, and how tables were wanted last.
#[derive(Default)]
pub(super) struct Tables {
    open: bool,
    which: Which,
    /// Columns that are not wanted.
    without: Vec<SampleColumn>,
    file: String,
    /// The name of the file that was suggested last.
    suggested: String,
    making: Task<(), Made, Error>,
}

impl Tables {
    /// Opens the sheet.
    pub fn open(&mut self, context: &Context<'_>, name: &str) {
        self.open = true;
        if self.file.is_empty() {
            self.suggested = format!("{name}.csv");
            let file = open::beside(context.state).join(&self.suggested);
            self.file = file.display().to_string();
        }
    }

    /// Names the file after what is in the table, unless the user named it.
    fn suggest(&mut self, name: &str, of: &str) {
        let now = format!("{name}-{}.csv", simple(of));
        let file = PathBuf::from(&self.file);
        let own = file.file_name().and_then(|name| name.to_str());
        if own == Some(&self.suggested) {
            self.file = file.with_file_name(&now).display().to_string();
            self.suggested = now;
        }
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the sheet, if it is open, and takes in what a worker has made. `panels` are those that have a table.
    pub fn show(
        &mut self,
        ui: &Ui,
        context: &mut Context<'_>,
        result: &Arc<AnalysisResult>,
        colouring: &Colouring,
        view: &View,
        mut panels: Vec<(String, MakeTable)>,
    ) {
        self.drain(ui, context);
        if !self.open {
            return;
        }
        if let Some(path) = context.dialogs.table.take() {
            self.file = path.display().to_string();
        }
        let listed = colouring.listed.len();
        let mut all = vec![];
        if listed > 0 {
            let text = format!("the {} samples listed", thousands(listed as u64));
            all.push((Which::Listed, text));
        }
        let samples = thousands(result.dataset.samples.len() as u64);
        all.push((Which::All, format!("all {samples} samples")));
        let titles = panels.iter().enumerate();
        all.extend(titles.map(|(at, (title, _))| (Which::Panel(at), title.clone())));
        if !all.iter().any(|(which, _)| *which == self.which) {
            self.which = all[0].0;
        }
        let of = match self.which {
            Which::Listed | Which::All => "samples",
            Which::Panel(at) => &panels[at].0,
        };
        self.suggest(&result.dataset.name, of);
        let (mut save, mut copy, mut close) = (false, false, false);
        let path = open::with_ending(&self.file, "csv", &["csv"]);
        let free = !self.making.is_busy();
        let id = egui::Id::unique("save table");
        let sheet = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().combo_width = 0.5 * WIDTH;
            ui.label(theme::heading("Save a table"));
            let tip = "Samples, or what a panel shows";
            form::choice(ui, "Of", tip, &mut self.which, &all);
            if !matches!(self.which, Which::Panel(_)) {
                self.columns(ui, result, colouring, view);
            }
            ui.add_space(theme::GRID);
            let label = ui.label("File");
            let width = ui.available_width();
            form::field(ui, &mut self.file, "table.csv", width).labelled_by(label.id);
            let text = match (path.exists(), free) {
                (_, false) => "It is being written \u{2026}".to_owned(),
                (true, _) => format!("{} is there and will be replaced.", path.display()),
                (false, _) => path.display().to_string(),
            };
            ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
            ui.add_space(theme::GRID);
            ui.horizontal(|ui| {
                if ui.button("Choose\u{2026}").clicked() {
                    context.dialogs.choose_table(ui.ctx(), &path);
                }
                let button = ui.add_enabled(free, egui::Button::new("Copy table"));
                let tip = "Copy it to the clipboard, for a spreadsheet";
                copy = button.on_hover_text(tip).clicked();
                close = ui.button("Close").clicked();
            });
            ui.add_space(theme::GRID);
            let named = !self.file.trim().is_empty();
            save = theme::primary(ui, "Save table", named && free).clicked();
        });
        if save || copy {
            let make: MakeTable = match self.which {
                Which::Panel(at) => panels.swap_remove(at).1,
                which => self.samples(which, result, colouring, view),
            };
            self.make(ui, make, path, copy);
        }
        if close || sheet.should_close() {
            self.open = false;
        }
    }

    /// Which columns samples have.
    fn columns(
        &mut self,
        ui: &mut Ui,
        result: &AnalysisResult,
        colouring: &Colouring,
        view: &View,
    ) {
        ui.label("Columns");
        egui::ScrollArea::vertical()
            .max_height(LIST)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for column in columns(result, colouring, view) {
                    let mut wanted = !self.without.contains(&column);
                    if ui.checkbox(&mut wanted, column.name(result)).changed() {
                        match wanted {
                            true => self.without.retain(|other| *other != column),
                            false => self.without.push(column),
                        }
                    }
                }
            });
    }

    fn samples(
        &self,
        which: Which,
        result: &Arc<AnalysisResult>,
        colouring: &Colouring,
        view: &View,
    ) -> MakeTable {
        let mut columns = columns(result, colouring, view);
        columns.retain(|column| !self.without.contains(column));
        let places: Vec<usize> = match which {
            Which::Listed => colouring.listed.to_vec(),
            _ => (0..result.dataset.samples.len()).collect(),
        };
        let (result, given, stage) = (result.clone(), colouring.given().clone(), view.stage);
        Box::new(move || samples_sheet(&result, stage, &given, &places, &columns))
    }

    /// Has a worker make it, and write it or give its text.
    fn make(&mut self, ui: &Ui, make: MakeTable, path: PathBuf, copy: bool) {
        let repaint = ui.ctx().clone();
        let wake = move || repaint.request_repaint();
        self.making
            .start("table", wake, move |_: &EventSink<()>, cancel| {
                let sheet = make();
                if copy {
                    return Ok(Made::Text(sheet.to_text()));
                }
                sheet.write(&path, cancel)?;
                Ok(Made::File(path))
            });
    }

    fn drain(&mut self, ui: &Ui, context: &mut Context<'_>) {
        let Some(outcome) = self.making.drain(|()| {}) else {
            return;
        };
        let (title, text) = match outcome {
            JobOutcome::Finished(Made::File(path)) => {
                self.open = false;
                ("Table saved", path.display().to_string())
            }
            JobOutcome::Finished(Made::Text(text)) => {
                ui.ctx().copy_text(text);
                let text = "It is in the clipboard, with tabs between the columns.";
                ("Table copied", text.to_owned())
            }
            JobOutcome::Cancelled => return,
            JobOutcome::Failed(error) => ("The table was not saved", error.to_string()),
            JobOutcome::Panicked(why) => ("The table was not saved", why),
        };
        context.ask(Command::Tell {
            title: title.into(),
            text,
        });
    }
}

/// Words as they go into the name of a file: in small letters, with dashes between.
fn simple(words: &str) -> String {
    let lower = words.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// The columns that samples can have: what the page is coloured by first, where it is a feature.
fn columns(result: &AnalysisResult, colouring: &Colouring, view: &View) -> Vec<SampleColumn> {
    let mut all = SampleColumn::all(result, view.stage, colouring.given());
    let shown = SampleColumn::Value(view.lens);
    if matches!(view.lens, Lens::Feature(..)) && !all.contains(&shown) {
        all.insert(0, shown);
    }
    // Groups by columns of the user's come with the groups.
    let is_group =
        |column: &SampleColumn| matches!(column, SampleColumn::Group(GroupBy::Column(_)));
    all.sort_by_key(is_group);
    all
}
