//! The rows of the table of markers.

use std::cmp::Ordering;

use eframe::egui::{self, Ui};
use egui_extras::{Column, TableBuilder};

use crate::{
    analysis::markers::{Marker, Survivor},
    pipeline::Lens,
    ui::{theme, widgets::name},
};

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Order {
    #[default]
    Strongest,
    Weakest,
    Name,
    FoldChange,
    Least,
    InGroup,
    InOthers,
    Adjusted,
    OtherHalf,
}

/// Room that names have at least.
const NAMES: f32 = 80.0;

/// A column: what it is called, what it says, what a click sorts by. Where there is no room for all, the last are left out.
struct Title {
    title: &'static str,
    tip: &'static str,
    by: Order,
    width: f32,
}

const COLUMNS: [Title; 8] = [
    Title {
        title: "feature",
        tip: "Click a row to colour the maps by it",
        by: Order::Name,
        width: 0.0,
    },
    Title {
        title: "AUROC",
        tip: "How often a sample of the group has the higher value: 1 always, 0.5 as often as not, 0 never",
        by: Order::Strongest,
        width: 70.0,
    },
    Title {
        title: "without doubt",
        tip: "Its least and largest value when the 5, 10 and 20 % most ambiguous samples are left out, and those that starts and looks at the data disagree about most: a wide range is owed to samples that may not belong to the group",
        by: Order::Least,
        width: 112.0,
    },
    Title {
        title: "log2 fold",
        tip: "Logarithm to base 2 of the ratio of both means, as in scanpy; empty where values can be negative",
        by: Order::FoldChange,
        width: 78.0,
    },
    Title {
        title: "group",
        tip: "Share of the group with a value above 0",
        by: Order::InGroup,
        width: 58.0,
    },
    Title {
        title: "others",
        tip: "Share of the others with a value above 0",
        by: Order::InOthers,
        width: 58.0,
    },
    Title {
        title: "adjusted p",
        tip: "Wilcoxon's rank-sum test, adjusted for all features of the modality (Benjamini and Hochberg)",
        by: Order::Adjusted,
        width: 92.0,
    },
    Title {
        title: "other half",
        tip: "The same on one half of every count, where the clusters were found on the other half: what is tested had no say in them",
        by: Order::OtherHalf,
        width: 86.0,
    },
];

/// The rows of features of which this was typed, sorted.
pub(super) fn rows(
    (markers, split): (&[Survivor], Option<&[Marker]>),
    names: &[String],
    typed: &str,
    order: Order,
) -> Vec<usize> {
    let wanted = typed.trim().to_lowercase();
    let fits = |row: &usize| wanted.is_empty() || names[*row].to_lowercase().contains(&wanted);
    let mut rows: Vec<usize> = (0..markers.len().min(names.len())).filter(fits).collect();
    let falling = |value: &dyn Fn(usize) -> f64, a: usize, b: usize| {
        let (a, b) = (value(a), value(b));
        // What has no value is last.
        match (a.is_nan(), b.is_nan()) {
            (false, false) => b.total_cmp(&a),
            (a, b) => a.cmp(&b),
        }
    };
    let marker = |row: usize| -> &Marker { &markers[row].marker };
    let compare = |a: &usize, b: &usize| -> Ordering {
        match order {
            Order::Strongest => falling(&|row| marker(row).auroc, *a, *b),
            Order::Weakest => falling(&|row| -marker(row).auroc, *a, *b),
            Order::FoldChange => falling(&|row| marker(row).fold_change, *a, *b),
            Order::Least => falling(&|row| markers[row].range[0], *a, *b),
            Order::InGroup => falling(&|row| marker(row).share[0], *a, *b),
            Order::InOthers => falling(&|row| marker(row).share[1], *a, *b),
            Order::Adjusted => falling(&|row| -marker(row).adjusted, *a, *b),
            Order::OtherHalf => {
                let adjusted = |row: usize| split.map_or(f64::NAN, |split| split[row].adjusted);
                falling(&|row| -adjusted(row), *a, *b)
            }
            Order::Name => names[*a].cmp(&names[*b]),
        }
    };
    rows.sort_by(compare);
    rows
}

/// The rows that are shown.
pub(super) struct Shown<'a> {
    /// The modality, counted from 0.
    pub modality: u32,
    pub markers: &'a [Survivor],
    /// What counts tell that had no say in the groups, if they were split.
    pub split: Option<&'a [Marker]>,
    pub names: &'a [String],
    /// Places among the markers.
    pub rows: &'a [usize],
}

/// Shows the rows; a click on a title sorts them, one on a row gives what it is of.
pub(super) fn show(
    ui: &mut Ui,
    shown: &Shown<'_>,
    (order, colours): (&mut Order, Lens),
    height: f32,
) -> Option<Lens> {
    let Shown {
        modality,
        markers,
        split,
        names,
        rows,
    } = *shown;
    let gap = ui.spacing().item_spacing.x;
    let mut room = ui.available_width() - NAMES - 2.0 * gap;
    let mut fits = |column: &&Title| {
        room -= column.width + gap;
        room >= 0.0
    };
    let count = COLUMNS.len() - usize::from(split.is_none());
    let columns = COLUMNS[..count].iter();
    let columns: Vec<&Title> = columns.take_while(|column| fits(column)).collect();
    let mut clicked = None;
    let mut builder = TableBuilder::new(ui)
        .striped(true)
        .sense(egui::Sense::click())
        .column(Column::remainder().at_least(NAMES).clip(true));
    for column in columns.iter().skip(1) {
        builder = builder.column(Column::exact(column.width));
    }
    builder
        .min_scrolled_height(height)
        .max_scroll_height(height)
        .auto_shrink(false)
        .header(24.0, |mut header| {
            for &&Title { title, tip, by, .. } in &columns {
                header.col(|ui| {
                    let sorted = match (*order, by) {
                        (Order::Weakest, Order::Strongest) => Some("\u{2191}"),
                        (now, by) if now == by => Some("\u{2193}"),
                        _ => None,
                    };
                    let text = match sorted {
                        Some(arrow) => egui::RichText::new(format!("{title} {arrow}")).strong(),
                        None => theme::weak(ui, title),
                    };
                    let button = ui.add(egui::Button::new(text).frame(false));
                    if button.on_hover_text(tip).clicked() {
                        *order = match (*order, by) {
                            (Order::Strongest, Order::Strongest) => Order::Weakest,
                            _ => by,
                        };
                    }
                });
            }
        })
        .body(|body| {
            body.rows(22.0, rows.len(), |mut row| {
                let at = rows[row.index()];
                let Survivor { marker, range } = markers[at];
                let lens = Lens::Feature(modality, marker.feature);
                row.set_selected(colours == lens);
                row.col(|ui| {
                    ui.style_mut().interaction.selectable_labels = false;
                    let room = ui.available_width();
                    name::show(ui, &names[at], room, |text| text.into());
                });
                let percent = |share: f64| format!("{:.0} %", 100.0 * share);
                for column in columns.iter().skip(1) {
                    let text = match column.by {
                        Order::Strongest | Order::Weakest => format!("{:.3}", marker.auroc),
                        Order::Least => format!("{:.3} \u{2013} {:.3}", range[0], range[1]),
                        Order::FoldChange if marker.fold_change.is_nan() => String::new(),
                        Order::FoldChange => format!("{:+.2}", marker.fold_change),
                        Order::InGroup => percent(marker.share[0]),
                        Order::InOthers => percent(marker.share[1]),
                        Order::Adjusted => in_short(marker.adjusted),
                        Order::OtherHalf => {
                            let split = split.map(|split| in_short(split[at].adjusted));
                            split.unwrap_or_default()
                        }
                        Order::Name => names[at].clone(),
                    };
                    row.col(|ui| _ = ui.add(egui::Label::new(text).selectable(false)));
                }
                if row.response().clicked() {
                    clicked = Some(lens);
                }
            });
        });
    clicked
}

/// A p-value in a few digits.
fn in_short(p: f64) -> String {
    match p {
        p if p.is_nan() => "\u{2013}".into(),
        p if p >= 1e-3 => format!("{p:.3}"),
        p if p > 0.0 => format!("{p:.0e}"),
        _ => "< 1e-300".into(),
    }
}
