//! What is chosen for a figure.

use eframe::egui::{self, Ui, vec2};

use super::{
    Seen,
    draw::{LEGEND, MARGIN, Request, legend_height},
};
use crate::{
    document::Layout,
    figure::{drawing::MM, fonts},
    ui::widgets::form,
};

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

/// What is drawn, and how.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    /// Which panel alone, counted from 0 among those that are seen; all of them where there is none.
    panel: Option<usize>,
    width: Width,
    /// In millimetres; as on the screen where none is chosen.
    height: Option<f32>,
    legend: bool,
    text: f32,
    /// The family of the words; the window's own where none is chosen.
    font: Option<String>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            panel: None,
            width: Width::default(),
            height: None,
            legend: true,
            text: 1.0,
            font: None,
        }
    }
}

impl Wanted {
    /// Drops a panel that is not seen any more.
    pub fn hold(&mut self, seen: &Seen<'_>) {
        self.panel = self.panel.filter(|&at| at < seen.shown.len());
    }

    /// The choices of the sheet.
    pub fn choices(&mut self, ui: &mut Ui, seen: &Seen<'_>) {
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
        let text = TEXT.map(|(text, name)| (text, name.to_owned()));
        let tip = "How large words and points are";
        form::choice(ui, "Words", tip, &mut self.text, &text);
        let installed = fonts::known_families().iter();
        let installed = installed.map(|name| (Some(name.clone()), name.clone()));
        let mut all = vec![(None, "as in the window".to_owned())];
        all.extend(installed);
        let tip = "Of the words. A PDF carries it along; who opens an SVG needs it, too";
        form::choice(ui, "Font", tip, &mut self.font, &all);
        form::row(
            ui,
            "Legend",
            "Groups and the colour bar beside the panels",
            |ui| ui.add(egui::Checkbox::without_text(&mut self.legend)),
        );
    }

    /// Width and height of the figure in millimetres.
    pub fn millimetres(&self, seen: &Seen<'_>) -> [f32; 2] {
        let width = self.width.millimetres();
        let on_screen = self.on_screen(seen);
        let points = width * MM / self.scale();
        let shape = on_screen.y / on_screen.x.max(1.0);
        let height = if self.legend {
            // Panels keep their shape, and so stand beside each other as on the screen, where the legend has room beside them.
            let margins = 2.0 * MARGIN;
            let panels = (points - LEGEND - margins) * shape + margins;
            let legend = legend_height(seen.colouring.groups.len());
            panels.max(legend.min(points * shape))
        } else {
            points * shape
        };
        let height = self.height.unwrap_or(height * self.scale() / MM);
        [width, height.clamp(*HEIGHT.start(), *HEIGHT.end())]
    }

    /// Points of paper for a logical point.
    fn scale(&self) -> f32 {
        self.text * self.width.scale()
    }

    fn on_screen(&self, seen: &Seen<'_>) -> egui::Vec2 {
        let rects = seen.shown.iter().map(|shown| shown.rect);
        let one = self.panel.and_then(|at| rects.clone().nth(at));
        let all = one.or_else(|| rects.reduce(|a, b| a.union(b)));
        all.map_or(vec2(4.0, 3.0), |rect| rect.size())
    }

    /// For the worker that draws it.
    pub fn request(&self, seen: &Seen<'_>) -> Request {
        let [width, height] = self.millimetres(seen).map(|mm| mm * MM);
        let scale = self.scale();
        let one = self.panel.and_then(|at| seen.shown.get(at));
        let panels = seen.shown.iter();
        Request {
            key: seen.key.clone(),
            view: seen.view.clone(),
            layout: one.map_or_else(
                || seen.view.layout.clone(),
                |shown| Layout::Panel(shown.panel.clone()),
            ),
            panels: panels
                .filter_map(|shown| shown.twin.as_ref()?.twin())
                .collect(),
            colouring: seen.colouring.clone(),
            cameras: seen.cameras,
            on_screen: self.on_screen(seen).x,
            size: vec2(width, height) / scale,
            scale,
            legend: self.legend,
            font: self.font.clone(),
        }
    }
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Kind {
    #[default]
    Svg,
    Pdf,
    Png,
}

impl Kind {
    pub const ALL: [(Self, &str); 3] = [(Self::Svg, "SVG"), (Self::Pdf, "PDF"), (Self::Png, "PNG")];

    pub fn ending(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Pdf => "pdf",
            Self::Png => "png",
        }
    }
}

/// The file that is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileType {
    pub kind: Kind,
    /// Dots per inch of pictures.
    pub dpi: u32,
}

impl Default for FileType {
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            dpi: 300,
        }
    }
}

impl FileType {
    /// The choices of the sheet.
    pub fn choices(&mut self, ui: &mut Ui) {
        let kinds = Kind::ALL.map(|(kind, text)| (kind, text.to_owned()));
        let tip = "SVG and PDF can be edited and enlarged; PNG is a picture. Beyond 20,000 points, these are a picture in all";
        form::choice(ui, "File type", tip, &mut self.kind, &kinds);
        if self.kind == Kind::Png {
            let dpi = [150, 300, 600].map(|dpi| (dpi, format!("{dpi} dots per inch")));
            form::choice(ui, "Resolution", "Dots per inch", &mut self.dpi, &dpi);
        }
    }

    /// The size of a figure of so many millimetres.
    pub fn size_in_words(self, [width, height]: [f32; 2]) -> String {
        match self.kind {
            Kind::Png => {
                let dots = |mm: f32| (mm / 25.4 * self.dpi as f32).round();
                format!("{} \u{d7} {} dots", dots(width), dots(height))
            }
            Kind::Svg | Kind::Pdf => format!("{width:.0} \u{d7} {height:.0} mm"),
        }
    }
}
