//! Which features the model is unsure of in which group.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{
    MakeTable, Scene, ShowPanel,
    grid::{Grid, Tile},
    instead,
};
use crate::{
    analysis::group_noise::GroupNoise,
    data::Dataset,
    document::Panel,
    export::{Cell, Sheet},
    figure::Look,
    pipeline::{AnalysisResult, Lens},
    ui::{
        later::{Later, Same},
        pages::explore::scale,
        theme,
    },
};

/// Features of a modality that are shown: those whose noise differs most between groups.
const MOST: usize = 12;
/// Groups at most.
const MOST_GROUPS: usize = 200;
/// The ratio at either end of the colours.
const ENDS: f32 = 2.0;

/// A table of the noise of features in groups.
#[derive(Default)]
pub struct Noise {
    found: Later<Depends, Option<Found>>,
}

#[derive(Clone, PartialEq)]
struct Depends {
    result: Same<AnalysisResult>,
    groups: Same<Vec<Option<u32>>>,
    count: usize,
}

/// The noise of every modality.
struct Found {
    dataset: Arc<Dataset>,
    /// Names of the groups.
    groups: Vec<String>,
    modalities: Vec<GroupNoise>,
    /// Of each, all features together in every group.
    wholes: Vec<Vec<(f32, f32)>>,
    /// Rows of the table.
    rows: Vec<Row>,
}

/// A row of the table.
#[derive(Clone, Copy)]
enum Row {
    /// All features of a modality together.
    Modality(usize),
    /// A feature that the model gets.
    Feature(usize, usize),
}

impl Found {
    /// Nothing where values on disk cannot be read.
    fn of(depends: &Depends, groups: Vec<String>) -> Option<Self> {
        let uncertainty = &depends.result.0.uncertainty;
        let modalities = uncertainty
            .by_group(&depends.groups.0, depends.count)
            .ok()?;
        let rows = modalities.iter().enumerate().flat_map(|(at, noise)| {
            let features = noise.most_uneven(MOST).into_iter();
            let features = features.map(move |feature| Row::Feature(at, feature));
            std::iter::once(Row::Modality(at)).chain(features)
        });
        let wholes = modalities.iter();
        let wholes = wholes.map(|noise| (0..depends.count).map(|at| noise.whole(at)).collect());
        Some(Self {
            rows: rows.collect(),
            wholes: wholes.collect(),
            dataset: depends.result.0.dataset.clone(),
            groups,
            modalities,
        })
    }

    /// How noisy a row is in a group, and how many times as noisy as in all samples.
    fn at(&self, row: Row, group: usize) -> (f32, f32) {
        match row {
            Row::Feature(modality, feature) => {
                let noise = &self.modalities[modality];
                (noise.mean(group, feature), noise.ratio(group, feature))
            }
            Row::Modality(modality) => self.wholes[modality][group],
        }
    }
}

/// What a row is called.
fn title(dataset: &Dataset, row: Row) -> String {
    match row {
        Row::Modality(modality) => format!("all {}", dataset.modalities[modality].name),
        Row::Feature(modality, feature) => dataset.modalities[modality].title(feature).to_owned(),
    }
}

impl ShowPanel for Noise {
    fn kept(&self) -> Panel {
        Panel::Noise
    }

    fn twin(&self) -> Option<Box<dyn ShowPanel>> {
        Some(Box::new(Self {
            found: self.found.twin(),
        }))
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let groups = scene.view.groups.name(&scene.result.dataset);
        format!("Data noise by {groups}")
    }

    fn table(&self, scene: &Scene<'_>) -> Option<MakeTable> {
        let found = self.found.last()?;
        // What was found for other groups goes by another title.
        if !self.found.is_of(&depends(scene)) {
            return None;
        }
        Some(Box::new(move || match found.as_ref() {
            Some(found) => sheet(found),
            None => Sheet::default(),
        }))
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let depends = depends(scene);
        if depends.count > MOST_GROUPS {
            instead(
                ui,
                "These are more groups than a table can show: group by something else.",
            );
            return;
        }
        let groups = scene.colouring.groups.iter();
        let groups: Vec<String> = groups.map(|group| group.name.clone()).collect();
        let wanted = depends.clone();
        let make = move |_| Found::of(&wanted, groups);
        let found = self.found.get(ui.ctx(), &depends, false, make);
        // What was found for other groups has other columns.
        let Some(found) = found.filter(|_| self.found.is_of(&depends)) else {
            ui.centered_and_justified(egui::Ui::spinner);
            return;
        };
        let Some(found) = found.as_ref() else {
            instead(ui, "The values could not be read back from the disk.");
            return;
        };
        let text = "Predicted standard deviation, in multiples of that over all samples. Features whose noise differs most between groups.";
        ui.add(egui::Label::new(theme::weak(ui, text)).truncate())
            .on_hover_text(text);
        let clicked = egui::ScrollArea::both()
            .auto_shrink(false)
            .show(ui, |ui| table(ui, scene, found))
            .inner;
        let lens = clicked.and_then(|row| lens(&scene.result.dataset, row));
        if let Some(lens) = lens {
            scene.look_through(lens);
        }
    }
}

/// What the maps can be coloured by for a row; of mixtures there is nothing that was measured.
fn lens(dataset: &Dataset, row: Row) -> Option<Lens> {
    match row {
        Row::Modality(_) if dataset.modalities.len() == 1 => Some(Lens::Noise),
        Row::Modality(modality) => Some(Lens::ModalityNoise(modality)),
        Row::Feature(modality, feature) => {
            let columns = dataset.modalities[modality].measured.columns.as_ref();
            let column = columns.and_then(|columns| columns.get(feature));
            column.map(|&column| Lens::Feature(modality as u32, column))
        }
    }
}

/// Shows the table; gives the row that was clicked.
fn table(ui: &mut Ui, scene: &Scene<'_>, found: &Found) -> Option<Row> {
    let dataset: &Arc<Dataset> = &scene.result.dataset;
    let (c, dark) = (theme::colours(ui), ui.visuals().dark_mode);
    let groups = &scene.colouring.groups;
    let shown: Vec<usize> = (0..groups.len())
        .filter(|&group| groups[group].samples > 0)
        .collect();
    let columns = shown.iter().map(|&at| (groups[at].name.clone(), at + 1));
    let grid = Grid {
        rows: found.rows.iter().map(|&row| title(dataset, row)).collect(),
        columns: columns.collect(),
    };
    let tile = |[row, column]: [usize; 2]| {
        let (_, ratio) = found.at(found.rows[row], shown[column]);
        if !ratio.is_finite() {
            return Tile {
                fill: c.track,
                ink: c.weak,
                text: String::new(),
            };
        }
        // As much above as below on either side of the middle.
        let share = 0.5 + 0.5 * (ratio.ln() / ENDS.ln()).clamp(-1.0, 1.0);
        let fill = theme::colour(scale::colour(Look::NOISE.colours, share, dark));
        Tile {
            fill,
            ink: theme::ink_on(fill),
            text: format!("{ratio:.1}"),
        }
    };
    let tip = |[row, column]: [usize; 2]| {
        let row = found.rows[row];
        let (own, ratio) = found.at(row, shown[column]);
        let more = match lens(dataset, row) {
            Some(_) => "\nClick colours the maps",
            None => "",
        };
        format!(
            "{} in {}\nStandard deviation {}, {ratio:.2} times that over all samples{more}",
            title(dataset, row),
            groups[shown[column]].name,
            scale::in_short(own),
        )
    };
    let summary = format!(
        "Noise of {} features by {} groups",
        grid.rows.len(),
        shown.len()
    );
    let clicked = grid.show(ui, &summary, tile, tip);
    clicked.map(|[row, _]| found.rows[row])
}

fn depends(scene: &Scene<'_>) -> Depends {
    Depends {
        result: Same(scene.result.clone()),
        groups: Same(scene.colouring.group_of.clone()),
        count: scene.colouring.groups.len(),
    }
}

/// All features, each in every group.
fn sheet(found: &Found) -> Sheet {
    let mut rows = Vec::new();
    let modalities = found.dataset.modalities.iter();
    for (modality, noise) in modalities.zip(&found.modalities) {
        for feature in 0..noise.features() {
            for (at, group) in found.groups.iter().enumerate() {
                let words = [&modality.name, &modality.features[feature], group];
                let words = words.into_iter().map(|word| Cell::from(word.as_str()));
                let numbers = [noise.mean(at, feature), noise.ratio(at, feature)];
                rows.push(words.chain(numbers.map(Cell::from)).collect());
            }
        }
    }
    let header = [
        "modality",
        "feature",
        "group",
        "standard_deviation",
        "times_overall",
    ];
    Sheet {
        header: header.map(String::from).into(),
        rows,
    }
}
