//! The table of markers: what a group of samples has more or less of than others.

mod found;
mod split;
mod table;
mod volcano;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{MakeTable, Scene, ShowPanel};
use crate::{
    analysis::markers::{Marker, Survivor},
    document::{MarkersOf, Panel, View},
    export::{Sheet, markers_sheet},
    pipeline::AnalysisResult,
    ui::{
        later::{Later, Same},
        pages::explore::colouring::Colouring,
        theme,
        widgets::{copy::copy_button, form},
    },
    words::thousands,
};
pub use found::modality;
use found::{Depends, Found};
use split::Split;
use table::Order;

#[derive(Default)]
pub struct Markers {
    found: Later<Depends, Found>,
    split: Split,
    typed: String,
    order: Order,
    /// Whether as a plot.
    volcano: bool,
    listed: Option<Listed>,
}

/// The rows, by their place among the markers, and what they depend on.
struct Listed {
    of: Same<Found>,
    typed: String,
    order: Order,
    split: bool,
    rows: Vec<usize>,
}

/// Height of what stands below the table.
const NOTE: f32 = 44.0;
/// Height of the table at least.
const LEAST: f32 = 80.0;

impl ShowPanel for Markers {
    fn kept(&self) -> Panel {
        Panel::Markers
    }

    fn title(&self, _: &Scene<'_>) -> String {
        "Markers".into()
    }

    fn twin(&self) -> Option<Box<dyn ShowPanel>> {
        Some(Box::new(Self {
            found: self.found.twin(),
            split: self.split.twin(),
            typed: self.typed.clone(),
            order: self.order,
            volcano: self.volcano,
            listed: None,
        }))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<MakeTable> {
        let found = self.found.last()?;
        let split = self.split.last();
        let (dataset, rows) = (
            scene.result.dataset.clone(),
            self.listed.as_ref()?.rows.clone(),
        );
        Some(Box::new(move || {
            let modality = dataset.modalities.get(found.of.modality);
            match (&found.markers, modality) {
                (Ok(markers), Some(modality)) => {
                    let split = split.as_ref().and_then(|split| split.of(&found));
                    markers_sheet(markers, split, modality.measured.features.names(), &rows)
                }
                _ => Sheet::default(),
            }
        }))
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let (result, colouring) = (scene.result, scene.colouring);
        ui.add_space(theme::GRID);
        choices(ui, result, colouring, scene.view);
        let view: &View = scene.view;
        let depends = Depends::new(result, view, &colouring.group_of);
        let wanted = depends.clone();
        let make = move |kept: Option<Arc<Found>>| Found::of(kept.as_deref(), wanted);
        let found = self.found.get(ui.ctx(), &depends, false, make);
        let found = match found {
            Some(found) if found.of == depends => found,
            _ => {
                ui.centered_and_justified(egui::Ui::spinner);
                return;
            }
        };
        let markers = match &found.markers {
            Ok(markers) => markers,
            Err(error) => {
                ui.add(egui::Label::new(format!("There are no markers: {error}")).wrap());
                return;
            }
        };
        if found.sizes.contains(&0) {
            ui.label(theme::weak(
                ui,
                "There are no samples on one of the two sides.",
            ));
            return;
        }
        let Some(modality) = result.dataset.modalities.get(found.of.modality) else {
            return;
        };
        let names = modality.measured.features.names();
        let split = self.split.get(ui, &found, scene);
        let split = split.as_ref().and_then(|split| split.of(&found));
        self.list(&found, (markers, split), names);
        let Some(listed) = &self.listed else { return };
        ui.horizontal(|ui| {
            let width = (0.5 * ui.available_width() - 24.0).clamp(60.0, 180.0);
            form::field(ui, &mut self.typed, "Find a feature", width);
            let tip = "Copy these rows to the clipboard, for a spreadsheet";
            copy_button(ui, "Copy table", tip, || {
                markers_sheet(markers, split, names, &listed.rows).to_text()
            });
            let tip = "How large the difference is against how unlikely it is by chance";
            ui.checkbox(&mut self.volcano, "Volcano").on_hover_text(tip);
            self.split.choice(ui, &found, scene);
            let values = found.measure;
            let [of, others] = found.sizes.map(|n| thousands(n as u64));
            let said = format!("{of} against {others} samples, {values}");
            ui.add(egui::Label::new(theme::weak(ui, said)).truncate());
        });
        let mut order = self.order;
        // The header stands above it.
        let height = (ui.available_height() - NOTE - theme::CONTROL).max(LEAST);
        let shown = table::Shown {
            modality: found.of.modality as u32,
            markers,
            split,
            names,
            rows: &listed.rows,
        };
        let clicked = match self.volcano {
            true => volcano::show(ui, &shown, scene.view.lens, height),
            false => table::show(ui, &shown, (&mut order, scene.view.lens), height),
        };
        self.order = order;
        let note = self.split.in_words(&found, scene);
        ui.add(egui::Label::new(theme::weak(ui, note)).wrap());
        if let Some(lens) = clicked {
            scene.look_through(lens);
        }
    }
}

impl Markers {
    /// Sorts and filters, if anything is otherwise than before.
    fn list(
        &mut self,
        found: &Arc<Found>,
        (markers, split): (&[Survivor], Option<&[Marker]>),
        names: &[String],
    ) {
        let of = Same(found.clone());
        let same = |listed: &Listed| {
            listed.of == of
                && (listed.order, listed.split) == (self.order, split.is_some())
                && listed.typed == self.typed
        };
        if self.listed.as_ref().is_some_and(same) {
            return;
        }
        let rows = table::rows((markers, split), names, &self.typed, self.order);
        self.listed = Some(Listed {
            of,
            typed: self.typed.clone(),
            order: self.order,
            split: split.is_some(),
            rows,
        });
    }
}

/// Whose markers, against whom, and of which modality.
fn choices(ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring, view: &mut View) {
    let groups = colouring.groups.iter();
    let groups: Vec<(u32, &str)> = (0..).zip(groups.map(|group| group.name.as_str())).collect();
    let mut of: Vec<(MarkersOf, String)> = Vec::new();
    if let Some(selection) = &view.selection {
        let count = thousands(selection.len() as u64);
        of.push((MarkersOf::Selection, format!("the {count} selected")));
    } else if view.markers.of == MarkersOf::Selection {
        view.markers.of = MarkersOf::Group(0);
    }
    let named = |&(at, name): &(u32, &str)| (MarkersOf::Group(at), name.to_owned());
    of.extend(groups.iter().map(named));
    // Other groups have other numbers.
    let count = groups.len() as u32;
    if matches!(view.markers.of, MarkersOf::Group(at) if at >= count) {
        view.markers.of = MarkersOf::Group(0);
    }
    view.markers.against = view.markers.against.filter(|&at| at < count);
    let mut against = vec![(None, "all others".to_owned())];
    let own = view.markers.of;
    let others = groups.iter().filter(|(at, _)| own != MarkersOf::Group(*at));
    against.extend(others.map(|(at, name)| (Some(*at), (*name).to_owned())));
    if let (MarkersOf::Group(at), Some(other)) = (own, view.markers.against)
        && at == other
    {
        view.markers.against = None;
    }
    let modalities = (0..).zip(&result.dataset.modalities);
    let modalities: Vec<(usize, String)> = modalities
        .map(|(at, modality)| (at, modality.name.clone()))
        .collect();
    let chosen = found::modality(result, view);
    let mut modality = chosen;
    let narrow = form::is_narrow(ui);
    let mut of_modality = |ui: &mut Ui| {
        if modalities.len() > 1 {
            form::menu(ui, "in", &mut modality, &modalities);
        }
    };
    ui.horizontal(|ui| {
        form::menu(ui, "Markers of", &mut view.markers.of, &of);
        form::menu(ui, "against", &mut view.markers.against, &against);
        if !narrow {
            of_modality(ui);
        }
    });
    if narrow {
        of_modality(ui);
    }
    if modality != chosen {
        view.markers.modality = Some(modality);
    }
}
