//! The sheet that saves what one sees as a figure.

mod draw;
mod preview;
mod shapes;
mod wanted;

use std::{path::PathBuf, sync::Arc};

use eframe::egui::{self, Ui, vec2};

use super::{
    colouring::{Colouring, Key},
    tiles::Shown,
};
use crate::{
    app::Command,
    document::View,
    figure::FigureError,
    job::{self, EventSink, JobHandle, JobOutcome, MaybeCancelled, Task},
    store::atomic,
    ui::{
        context::Context,
        fonts,
        scatter::Camera,
        theme,
        widgets::{form, open},
    },
};
use preview::Preview;
use wanted::{FileType, Kind, Wanted};

/// Width of the choices.
const WIDTH: f32 = 400.0;
/// Room for the preview, and between it and the choices.
const PREVIEW: egui::Vec2 = vec2(340.0, 270.0);
const GAP: f32 = 20.0;
/// Dots per inch of what is copied.
const COPIED: f32 = 200.0;

/// What a worker comes to.
enum Made {
    /// The file that was written.
    File(PathBuf),
    /// A picture to copy: its size and its pixels.
    Pixels([usize; 2], Vec<u8>),
}

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("cancelled")]
    Cancelled(#[from] job::Cancelled),
    #[error("{0}")]
    Figure(#[from] FigureError),
    #[error("{}: {source}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl MaybeCancelled for Failed {
    fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }
}

/// The sheet, while it is open, and how figures were wanted last.
#[derive(Default)]
pub(super) struct Figures {
    open: bool,
    wanted: Wanted,
    file_type: FileType,
    file: String,
    making: Task<(), Made, Failed>,
    preview: Preview,
    /// Looks for fonts, once.
    fonts: Option<JobHandle<(), (), job::Cancelled>>,
}

/// What stands on the page.
pub(super) struct Seen<'a> {
    pub key: &'a Key,
    pub view: &'a View,
    pub colouring: &'a Arc<Colouring>,
    pub cameras: [Camera; 2],
    pub shown: Vec<Shown>,
}

impl Figures {
    /// Opens the sheet.
    pub fn open(&mut self, ui: &Ui, context: &Context<'_>, name: &str) {
        self.open = true;
        if self.fonts.is_none() {
            self.fonts = Some(fonts::find_families(ui.ctx()));
        }
        self.preview.forget();
        if self.file.is_empty() {
            let file = open::beside(context.state).join(format!("{name}-figure"));
            self.file = file.display().to_string();
        }
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the sheet, if it is open, and takes in what a worker has made.
    pub fn show(&mut self, ui: &Ui, context: &mut Context<'_>, seen: &Seen<'_>) {
        self.drain(ui, context);
        if !self.open {
            return;
        }
        if let Some(path) = context.dialogs.figure.take() {
            self.file = path.display().to_string();
        }
        self.wanted.hold(seen);
        let (mut save, mut copy, mut close) = (false, false, false);
        let id = egui::Id::unique("save figure");
        let sheet = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH + GAP + PREVIEW.x);
            ui.label(theme::heading("Save a figure"));
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(WIDTH);
                    ui.spacing_mut().combo_width = 0.5 * WIDTH;
                    self.wanted.choices(ui, seen);
                    self.file_type.choices(ui);
                });
                ui.add_space(GAP);
                ui.vertical(|ui| {
                    ui.spacing_mut().combo_width = 0.7 * PREVIEW.x;
                    self.preview.show(ui, &self.wanted, seen, PREVIEW);
                });
            });
            ui.add_space(theme::GRID);
            let label = ui.label("File");
            let width = ui.available_width();
            form::field(ui, &mut self.file, "figure.svg", width).labelled_by(label.id);
            let path = self.path();
            let there = path.exists();
            let text = match (there, self.making.is_busy()) {
                (_, true) => "It is being drawn \u{2026}".to_owned(),
                (true, _) => format!("{} is there and will be replaced.", path.display()),
                (false, _) => format!(
                    "{}, {}",
                    path.display(),
                    self.file_type.size_in_words(self.wanted.millimetres(seen))
                ),
            };
            ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
            ui.add_space(theme::GRID);
            let free = !self.making.is_busy();
            ui.horizontal(|ui| {
                if ui.button("Choose\u{2026}").clicked() {
                    context.dialogs.choose_figure(ui.ctx(), &path);
                }
                let tip = "Copy it as a picture, for a document or a message";
                let button = ui.add_enabled(free, egui::Button::new("Copy picture"));
                copy = button.on_hover_text(tip).clicked();
                close = ui.button("Close").clicked();
            });
            ui.add_space(theme::GRID);
            let named = !self.file.trim().is_empty();
            save = theme::primary(ui, "Save figure", named && free).clicked();
        });
        if save || copy {
            self.make(ui, seen, copy);
        }
        if close || sheet.should_close() {
            self.open = false;
        }
    }

    /// The file with the ending of its kind.
    fn path(&self) -> PathBuf {
        let known = Kind::ALL.map(|(kind, _)| kind.ending());
        open::with_ending(&self.file, self.file_type.kind.ending(), &known)
    }

    /// Has a worker draw it, and write it or give its pixels.
    fn make(&mut self, ui: &Ui, seen: &Seen<'_>, copy: bool) {
        let request = self.wanted.request(seen);
        let (path, FileType { kind, dpi }) = (self.path(), self.file_type);
        let repaint = ui.ctx().clone();
        let wake = move || repaint.request_repaint();
        self.making
            .start("figure", wake, move |_: &EventSink<()>, cancel| {
                let drawing = request.draw(cancel)?;
                if copy {
                    let (size, pixels) = drawing.to_pixels(COPIED)?;
                    return Ok(Made::Pixels(size, pixels));
                }
                let bytes = match kind {
                    Kind::Svg => drawing.to_svg().into_bytes(),
                    Kind::Pdf => drawing.to_pdf()?,
                    Kind::Png => drawing.to_png_at(dpi as f32)?,
                };
                let written = atomic::write(&path, |out| out.write_all(&bytes));
                written.map_err(|source| Failed::Write {
                    path: path.clone(),
                    source,
                })?;
                Ok(Made::File(path))
            });
    }

    fn drain(&mut self, ui: &Ui, context: &mut Context<'_>) {
        let Some(outcome) = self.making.drain(|()| {}) else {
            return;
        };
        let tell = |title: &str, text: String| Command::Tell {
            title: title.into(),
            text,
        };
        match outcome {
            JobOutcome::Finished(Made::File(path)) => {
                self.open = false;
                context.ask(tell("Figure saved", path.display().to_string()));
            }
            JobOutcome::Finished(Made::Pixels(size, pixels)) => {
                let image = egui::ColorImage::from_rgba_premultiplied(size, &pixels);
                ui.ctx().copy_image(image);
                context.ask(tell(
                    "Figure copied",
                    "It is in the clipboard, as a picture.".into(),
                ));
            }
            JobOutcome::Cancelled => {}
            JobOutcome::Failed(error) => {
                context.ask(tell("The figure was not saved", error.to_string()));
            }
            JobOutcome::Panicked(why) => {
                context.ask(tell("The figure was not saved", why));
            }
        }
    }
}
