//! Colours, names, fonts and publication figures. Plain arrays in, SVG and PNG out: nothing here knows the pipeline.
//!
//! [`palette`], [`colormap`], [`name`] and [`fonts`] serve the window as well. [`umap_label`], [`umap_uncertainty`] and
//! [`convergence`] lay a figure out as a [`Drawing`], a few shapes and words; `svg` writes it as text and `png`
//! paints that text, on white, at 300 dots per inch. Figures are 180 mm wide with several panels and 85 mm with one, the
//! widths of two columns and one column in print.

pub mod colormap;
mod convergence;
pub mod drawing;
pub mod fonts;
mod legend;
mod look;
pub mod name;
mod number;
mod oklab;
pub mod palette;
mod pdf;
pub mod png;
mod scatter;
pub mod svg;
mod text;
mod ticks;
mod umap_label;
mod umap_uncertainty;
mod vision;

pub use colormap::{ColorMap, range};
pub use convergence::{CurvePoint, convergence};
pub use drawing::{Drawing, FigureError};
pub use look::Look;
pub use palette::{Rgb, UNLABELLED, category, match_to_classes};
pub use umap_label::{Grouping, umap_label};
pub use umap_uncertainty::{Shade, umap_uncertainty};
pub use vision::Vision;

/// What figures have in common.
mod style {
    use super::{drawing::MM, palette::Rgb};

    pub const TWO_COLUMNS: f32 = 180.0 * MM;
    pub const ONE_COLUMN: f32 = 85.0 * MM;
    pub const MARGIN: f32 = 5.0;
    pub const GAP: f32 = 16.0;

    pub const HEADING: f32 = 9.0;
    pub const BODY: f32 = 7.0;
    pub const SMALL: f32 = 6.0;

    pub const INK: Rgb = Rgb::hex(0x1F_2328);
    pub const MUTED: Rgb = Rgb::hex(0x5F_6875);
    pub const AXIS: Rgb = Rgb::hex(0x3B_424C);
    pub const GRID: Rgb = Rgb::hex(0xE4_E7EB);
    pub const HAIR: f32 = 0.5;
}

#[cfg(test)]
mod tests;
