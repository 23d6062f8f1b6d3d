//! The sheet that saves what one sees as a figure.

mod draw;
mod shapes;

use std::{path::PathBuf, sync::Arc};

use eframe::egui::{self, Ui, vec2};

use super::{
    colouring::{Colouring, Key},
    tiles::Shown,
};
use crate::{
    app::Command,
    document::{Layout, View},
    figure::{FigureError, drawing::MM},
    job::{self, EventSink, JobHandle, JobOutcome, MaybeCancelled},
    store::atomic,
    ui::{
        context::Context,
        scatter::Camera,
        theme,
        widgets::{form, open},
    },
};
use draw::Request;

/// Width of the sheet.
const WIDTH: f32 = 440.0;
/// Dots per inch of what is copied.
const COPIED: f32 = 200.0;
/// Heights in millimetres.
const HEIGHT: std::ops::RangeInclusive<f32> = 30.0..=400.0;

/// How wide a figure is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Width {
    OneColumn,
    #[default]
    TwoColumns,
    Slide,
}

impl Width {
    const ALL: [(Self, &str); 3] = [
        (Self::OneColumn, "one column, 85 mm"),
        (Self::TwoColumns, "two columns, 180 mm"),
        (Self::Slide, "slide, 254 mm"),
    ];

    fn millimetres(self) -> f32 {
        match self {
            Self::OneColumn => 85.0,
            Self::TwoColumns => 180.0,
            Self::Slide => 254.0,
        }
    }

    /// Points of paper for a logical point: words of a page are smaller than those of a slide.
    fn scale(self) -> f32 {
        match self {
            Self::OneColumn | Self::TwoColumns => 0.6,
            Self::Slide => 0.85,
        }
    }
}

/// How large words are, beside what is usual for the width.
const TEXT: [(f32, &str); 3] = [(0.8, "small"), (1.0, "usual"), (1.3, "large")];

/// What kind of file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Kind {
    #[default]
    Svg,
    Pdf,
    Png,
}

impl Kind {
    const ALL: [(Self, &str); 3] = [(Self::Svg, "SVG"), (Self::Pdf, "PDF"), (Self::Png, "PNG")];

    fn ending(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Pdf => "pdf",
            Self::Png => "png",
        }
    }
}

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
pub(super) struct Figures {
    open: bool,
    /// Which panel alone, counted from 0 among those that are seen; all of them where there is none.
    panel: Option<usize>,
    width: Width,
    /// In millimetres; as on the screen where none is chosen.
    height: Option<f32>,
    kind: Kind,
    dpi: u32,
    legend: bool,
    text: f32,
    file: String,
    making: Option<JobHandle<(), Made, Failed>>,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            open: false,
            panel: None,
            width: Width::default(),
            height: None,
            kind: Kind::default(),
            dpi: 300,
            legend: true,
            text: 1.0,
            file: String::new(),
            making: None,
        }
    }
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
    pub fn open(&mut self, context: &Context<'_>, name: &str) {
        self.open = true;
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
        self.panel = self.panel.filter(|&at| at < seen.shown.len());
        let (mut save, mut copy, mut close) = (false, false, false);
        let id = egui::Id::unique("save figure");
        let sheet = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().combo_width = 0.5 * WIDTH;
            ui.label(theme::heading("Save a figure"));
            self.choices(ui, seen);
            ui.add_space(theme::GRID);
            let label = ui.label("File");
            let width = ui.available_width();
            form::field(ui, &mut self.file, "figure.svg", width).labelled_by(label.id);
            let path = self.path();
            let there = path.exists();
            let text = match (there, self.making.is_some()) {
                (_, true) => "It is being drawn \u{2026}".to_owned(),
                (true, _) => format!("{} is there and will be replaced.", path.display()),
                (false, _) => format!("{}, {}", path.display(), self.size_in_words(seen)),
            };
            ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
            ui.add_space(theme::GRID);
            let free = self.making.is_none();
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

    fn choices(&mut self, ui: &mut Ui, seen: &Seen<'_>) {
        let panels = seen.shown.iter().enumerate();
        let panels = panels.map(|(at, shown)| (Some(at), shown.title.clone()));
        let mut all = vec![(None, "all panels".to_owned())];
        all.extend(panels);
        form::choice(ui, "Show", "The page, or one panel", &mut self.panel, &all);
        let widths = Width::ALL.map(|(width, text)| (width, text.to_owned()));
        form::choice(
            ui,
            "Width",
            "Of the figure on paper",
            &mut self.width,
            &widths,
        );
        let mut own = self.height.is_some();
        let tip = "Of another shape than on the screen";
        form::row(ui, "Own height", tip, |ui| {
            ui.add(egui::Checkbox::without_text(&mut own))
        });
        if own {
            let mut height = self
                .height
                .unwrap_or_else(|| self.millimetres(seen)[1].round());
            form::number(ui, "Height", "In millimetres", &mut height, HEIGHT);
            self.height = Some(height);
        } else {
            self.height = None;
        }
        let kinds = Kind::ALL.map(|(kind, text)| (kind, text.to_owned()));
        let tip = "SVG and PDF can be edited and enlarged; PNG is a picture. Beyond 20,000 points, these are a picture in all";
        form::choice(ui, "File type", tip, &mut self.kind, &kinds);
        if self.kind == Kind::Png {
            let dpi = [150, 300, 600].map(|dpi| (dpi, format!("{dpi} dots per inch")));
            form::choice(ui, "Resolution", "Dots per inch", &mut self.dpi, &dpi);
        }
        let text = TEXT.map(|(text, name)| (text, name.to_owned()));
        let tip = "How large words and points are";
        form::choice(ui, "Words", tip, &mut self.text, &text);
        form::row(
            ui,
            "Legend",
            "Groups and the colour bar beside the panels",
            |ui| ui.add(egui::Checkbox::without_text(&mut self.legend)),
        );
    }

    /// Width and height of the figure in millimetres.
    fn millimetres(&self, seen: &Seen<'_>) -> [f32; 2] {
        let width = self.width.millimetres();
        let on_screen = self.on_screen(seen);
        let own = self.height;
        let height = own.unwrap_or(width * on_screen.y / on_screen.x.max(1.0));
        [width, height.clamp(*HEIGHT.start(), *HEIGHT.end())]
    }

    fn on_screen(&self, seen: &Seen<'_>) -> egui::Vec2 {
        let rects = seen.shown.iter().map(|shown| shown.rect);
        let one = self.panel.and_then(|at| rects.clone().nth(at));
        let all = one.or_else(|| rects.reduce(|a, b| a.union(b)));
        all.map_or(vec2(4.0, 3.0), |rect| rect.size())
    }

    fn size_in_words(&self, seen: &Seen<'_>) -> String {
        let [width, height] = self.millimetres(seen);
        match self.kind {
            Kind::Png => {
                let dots = |mm: f32| (mm / 25.4 * self.dpi as f32).round();
                format!("{} \u{d7} {} dots", dots(width), dots(height))
            }
            Kind::Svg | Kind::Pdf => format!("{width:.0} \u{d7} {height:.0} mm"),
        }
    }

    /// The file with the ending of its kind.
    fn path(&self) -> PathBuf {
        let known = Kind::ALL.map(|(kind, _)| kind.ending());
        open::with_ending(&self.file, self.kind.ending(), &known)
    }

    /// Has a worker draw it, and write it or give its pixels.
    fn make(&mut self, ui: &Ui, seen: &Seen<'_>, copy: bool) {
        let [width, height] = self.millimetres(seen).map(|mm| mm * MM);
        let scale = self.text * self.width.scale();
        let one = self.panel.and_then(|at| seen.shown.get(at));
        let request = Request {
            key: seen.key.clone(),
            view: seen.view.clone(),
            layout: one.map_or_else(
                || seen.view.layout.clone(),
                |shown| Layout::Panel(shown.panel.clone()),
            ),
            panels: seen
                .shown
                .iter()
                .filter_map(|shown| shown.twin.as_ref()?.twin())
                .collect(),
            colouring: seen.colouring.clone(),
            cameras: seen.cameras,
            on_screen: self.on_screen(seen).x,
            size: vec2(width, height) / scale,
            scale,
            legend: self.legend,
        };
        let (path, kind, dpi) = (self.path(), self.kind, self.dpi as f32);
        let repaint = ui.ctx().clone();
        let wake = move || repaint.request_repaint();
        let job = job::spawn("figure", wake, move |_: &EventSink<()>, cancel| {
            let drawing = request.draw(cancel)?;
            if copy {
                let (size, pixels) = drawing.to_pixels(COPIED)?;
                return Ok(Made::Pixels(size, pixels));
            }
            let bytes = match kind {
                Kind::Svg => drawing.to_svg().into_bytes(),
                Kind::Pdf => drawing.to_pdf()?,
                Kind::Png => drawing.to_png_at(dpi)?,
            };
            let written = atomic::write(&path, |out| out.write_all(&bytes));
            written.map_err(|source| Failed::Write {
                path: path.clone(),
                source,
            })?;
            Ok(Made::File(path))
        });
        match job {
            Ok(job) => self.making = Some(job),
            Err(error) => tracing::error!("a figure could not be drawn: {error}"),
        }
    }

    fn drain(&mut self, ui: &Ui, context: &mut Context<'_>) {
        let Some(outcome) = self.making.as_ref().and_then(JobHandle::try_outcome) else {
            return;
        };
        self.making = None;
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
