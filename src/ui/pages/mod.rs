//! The steps. A page holds selection, zoom and drafts; everything else is in the state.

mod check;
mod compare;
mod data;
mod explore;
mod prepare;
mod results;
mod train;
mod welcome;

use eframe::egui::{self, Margin, Ui};

use super::{context::Context, theme};
use crate::app::Page;

/// All pages with what they remember.
#[derive(Default)]
pub(crate) struct Pages {
    welcome: welcome::WelcomePage,
    data: data::DataPage,
    prepare: prepare::PreparePage,
    train: train::TrainPage,
    explore: explore::ExplorePage,
    check: check::CheckPage,
    compare: compare::ComparePage,
    results: results::ResultsPage,
}

impl Pages {
    /// Shows the page of the state.
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        match context.state.page {
            Page::Data if context.state.data.is_none() => self.welcome.show(ui, context),
            Page::Data => self.data.show(ui, context),
            Page::Prepare => self.prepare.show(ui, context),
            Page::Train => self.train.show(ui, context),
            Page::Explore => self.explore.show(ui, context),
            Page::Check => self.check.show(ui, context),
            Page::Compare => self.compare.show(ui, context),
            Page::Results => self.results.show(ui, context),
        }
    }
}

/// The step panel on the left: what to set, scrolling, over the one primary button. Both work on
/// `shared`.
fn step_panel<S: ?Sized>(
    ui: &mut Ui,
    page: Page,
    shared: &mut S,
    form: impl FnOnce(&mut Ui, &mut S),
    button: impl FnOnce(&mut Ui, &mut S),
) {
    let frame = theme::side(ui);
    egui::Panel::left("step")
        .exact_size(theme::STEP_PANEL)
        .frame(frame)
        .show(ui, |ui| {
            egui::Panel::bottom("step button")
                .frame(egui::Frame::new().inner_margin(Margin::symmetric(0, 8)))
                .show_separator_line(false)
                .show(ui, |ui| button(ui, shared));
            egui::ScrollArea::vertical()
                // Every page keeps its own place.
                .id_salt(page)
                .auto_shrink(false)
                .show(ui, |ui| {
                    // Room for the scroll bar.
                    ui.set_max_width(ui.available_width() - 3.0 * theme::GRID);
                    form(ui, shared);
                });
        });
}

/// The canvas in the middle.
fn canvas(ui: &mut Ui, show: impl FnOnce(&mut Ui)) {
    let fill = theme::colours(ui).canvas;
    egui::CentralPanel::default_margins()
        .frame(
            egui::Frame::new()
                .fill(fill)
                .inner_margin(Margin::symmetric(16, 12)),
        )
        .show(ui, show);
}
