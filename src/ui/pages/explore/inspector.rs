//! Legend, colour bar and what is known of one sample.

use std::{io, sync::Arc};

use eframe::egui::{self, Ui};

use super::{
    colouring::Colouring,
    groups::NUMBERED,
    picking::{self, Picking},
    scale::{self, LOG, Span},
};
use crate::{
    analysis::uncertainty::UncertaintySummary,
    data::SampleSet,
    document::{ColourScale, Ends, MarkersOf, Panel, View},
    figure::ColorMap,
    pipeline::{AnalysisResult, GroupBy},
    ui::{
        theme,
        widgets::{
            legend::{self, Entry},
            name,
        },
    },
};

/// Height of the colour bar with what belongs to it.
const BAR: f32 = 116.0 + HISTOGRAM;
/// Height of the histogram above it.
const HISTOGRAM: f32 = 24.0;
/// Width of the menu beside its title.
const SCALE: f32 = 56.0;
/// Share of the rest that the legend has at least, if it needs it.
const LEGEND: f32 = 0.64;

/// Features listed for a sample.
const TOP_FEATURES: usize = 5;

/// The least certain values of a sample: modality, feature, standard deviation.
pub(super) struct Noisiest {
    pub sample: usize,
    pub values: io::Result<Vec<(usize, usize, f32)>>,
}

impl Noisiest {
    pub fn of(uncertainty: &UncertaintySummary, sample: usize) -> Self {
        Self {
            sample,
            values: uncertainty.top_features(sample, TOP_FEATURES),
        }
    }
}

/// Shows the inspector; gives what the user does with the legend.
pub(super) fn show(
    ui: &mut Ui,
    result: &AnalysisResult,
    colouring: &Colouring,
    view: &mut View,
    sample: Option<usize>,
    noisiest: Option<&Noisiest>,
    picking: &mut Picking,
) -> legend::Answer {
    let narrow = ui.ctx().content_rect().width() < theme::NARROW;
    let width = if narrow {
        0.78 * theme::INSPECTOR
    } else {
        theme::INSPECTOR
    };
    let frame = theme::side(ui);
    egui::Panel::right("inspector")
        .exact_size(width)
        .frame(frame)
        .show(ui, |ui| {
            let entries: Vec<Entry<'_>> = colouring
                .groups
                .iter()
                .enumerate()
                .map(|(i, g)| Entry {
                    name: &g.name,
                    colour: g.colour,
                    samples: g.samples,
                    number: (colouring.groups.len() > NUMBERED).then_some(i + 1),
                })
                .collect();
            let data = Arc::as_ptr(&result.dataset).addr();
            let part = |ui: &mut Ui, height| {
                let size = egui::vec2(ui.available_width(), height);
                let layout = egui::Layout::top_down(egui::Align::Min);
                ui.new_child(
                    egui::UiBuilder::new()
                        .max_rect(egui::Rect::from_min_size(ui.cursor().min, size))
                        .layout(layout),
                )
            };
            // The legend and the card have what they need; where that is too much, both scroll.
            let all = ui.available_height() - BAR;
            let (groups, sample_card) =
                (legend::height(ui, entries.len()), card_height(ui, result));
            let height = groups.min((all - sample_card).max(LEGEND * all));
            let mut place = part(ui, height);
            let mut hidden = view.hidden().clone();
            let answer = legend::show(&mut place, data, &entries, &mut hidden);
            if hidden != *view.hidden() {
                view.set_hidden(hidden);
            }
            ui.add_space(height + 10.0);
            bar(ui, result, colouring, view, picking);
            card(ui, result, (colouring, view), sample, noisiest);
            answer
        })
        .inner
}

/// The colour bar with its two handles.
fn bar(
    ui: &mut Ui,
    result: &AnalysisResult,
    colouring: &Colouring,
    view: &mut View,
    picking: &mut Picking,
) {
    let dark = ui.visuals().dark_mode;
    let look = scale::look(result, view.lens, view.scale);
    let mut title = view.lens.name(&result.dataset);
    // Names of genes and columns are as they are written.
    let own = view.lens.is_uncertainty();
    if let Some(first) = title.get_mut(0..1).filter(|_| own) {
        first.make_ascii_uppercase();
    }
    if colouring
        .lens
        .as_ref()
        .is_some_and(|lens| lens.span.is_log())
    {
        title += LOG;
    }
    ui.horizontal(|ui| {
        let room = (ui.available_width() - SCALE).max(40.0);
        name::show(ui, &title, room, |text| egui::RichText::new(text).strong())
            .on_hover_text("Drag the handles: samples outside step back");
        if let Some(lens) = &colouring.lens {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                spread(ui, lens.span, &mut view.scale);
            });
        }
    });
    let Some(lens) = &colouring.lens else {
        ui.label(theme::weak(ui, "Not computed in this run"))
            .on_hover_text(view.lens.missing_because());
        return;
    };
    let size = egui::vec2(ui.available_width(), HISTOGRAM + 12.0);
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let (above, rect) = rect.split_top_bottom_at_y(rect.top() + HISTOGRAM);
    scale::histogram(ui.painter(), above, &lens.shape, theme::colours(ui).track);
    scale::gradient(ui.painter(), rect, look.colours, dark);
    let (low, high) = &mut view.range;
    ui.spacing_mut().slider_width = ui.available_width() - 4.0;
    let slider = ui
        .add(egui::RangeSlider::new(low, high, 0.0..=1.0).show_value(false))
        .on_hover_text("Samples outside this range step back; double-click shows all again");
    if slider.double_clicked() {
        (*low, *high) = (0.0, 1.0);
    }
    let [least, most] = look.ends;
    let shown = |share: f32| scale::on_scale(lens.span.at(share), lens.span.ends);
    let (low, high) = (shown(view.range.0), shown(view.range.1));
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(format!("{least} {low}")).small());
        if view.range != (0.0, 1.0) {
            let text = egui::RichText::new("select these").small();
            let tip = "Select the samples whose values lie between the handles";
            if ui.link(text).on_hover_text(tip).clicked() {
                let (low, high) = view.range;
                let (values, span) = (lens.values.clone(), lens.span);
                let how = picking::combine(ui, view);
                let samples = &result.dataset.samples;
                picking.pick(ui.ctx(), samples, view, how, move |samples| {
                    let all = (0..).zip(values.iter());
                    let inside =
                        all.filter(|(_, value)| (low..=high).contains(&span.share(**value)));
                    SampleSet::at(samples, inside.map(|(sample, _)| sample))
                });
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(egui::RichText::new(format!("{high} {most}")).small());
        });
    });
}

/// A menu of how values are spread over the colour bar.
fn spread(ui: &mut Ui, span: Span, scale: &mut ColourScale) {
    let menu = ui.menu_button(egui::RichText::new("Scale").small(), |ui| {
        for (ends, text) in [
            (Ends::All, "All values"),
            (Ends::Usual, "1st to 99th percentile"),
            (Ends::Tight, "5th to 95th percentile"),
        ] {
            ui.radio_value(&mut scale.ends, ends, text);
        }
        ui.separator();
        let tip = match scale.log && !span.is_log() {
            true => "Some values are below zero and have no logarithm: they are spread evenly",
            false => "Spread by logarithms: for counts, say, of which few are very high",
        };
        ui.checkbox(&mut scale.log, "Logarithmic")
            .on_hover_text(tip);
        ui.separator();
        ui.radio_value(&mut scale.colours, None, "Colours of what is shown");
        for map in ColorMap::ALL {
            let text = format!("{map}, always");
            ui.radio_value(&mut scale.colours, Some(map), text);
        }
    });
    let name = "Scale of the colours";
    menu.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    menu.response.on_hover_text(
        "Which values stand at the ends of the colours; those beyond have the colours of the ends",
    );
}

/// Lines of the sample's card and the gap below each.
const LINE: f32 = 18.0;
const GAP: f32 = 3.0;

/// How high the card of a sample is, the same for all of them.
fn card_height(ui: &Ui, result: &AnalysisResult) -> f32 {
    let dataset = &result.dataset;
    let modalities = dataset.modalities.len();
    let lines = 8
        + usize::from(dataset.labels.is_some())
        + usize::from(result.stage1.disagreement.is_some())
        + 2 * usize::from(result.stage1.contradiction.is_some())
        + if modalities > 1 { modalities } else { 0 }
        + dataset.truth.sample.len()
        + TOP_FEATURES;
    // A rule above.
    6.0 + 2.0 * ui.spacing().item_spacing.y + lines as f32 * (LINE + GAP)
}

/// What is known of a sample.
fn card(
    ui: &mut Ui,
    result: &AnalysisResult,
    (colouring, view): (&Colouring, &mut View),
    sample: Option<usize>,
    noisiest: Option<&Noisiest>,
) {
    ui.separator();
    let Some(i) = sample.filter(|&i| i < result.dataset.samples.len()) else {
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "Point at a sample to see it here; click to keep it.",
            ))
            .wrap(),
        );
        return;
    };
    let stage = result.stage(view.stage);
    egui::ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GAP;
            let room = ui.available_width();
            let id = &result.dataset.samples[i];
            ui.allocate_ui(egui::vec2(room, LINE), |ui| {
                name::show(ui, id, room, |text| egui::RichText::new(text).strong());
            });
            if let Some(labels) = &result.dataset.labels {
                line(ui, "label", labels.name_of(i).unwrap_or("none"));
            }
            line(ui, "cluster", &colouring.cluster_name(stage.clusters[i]));
            let between = stage.ambiguity.between[i];
            let [first, second] = between.map(|k| colouring.cluster_name(k));
            line(ui, "ambiguity", &format!("{:.3}", stage.ambiguity.value[i]));
            line(ui, "between clusters", &format!("{first} and {second}"));
            if between[0] != between[1] {
                let tip = "Markers of one of the two clusters against the other: what would settle where the sample belongs";
                let link = ui.link("What tells them apart").on_hover_text(tip);
                if link.clicked() {
                    compare(result, colouring, view, between);
                }
                let tip = "Whether it may be two cells in one droplet, on a path between both, measured too little, and so on";
                let link = ui.link("Why it lies between").on_hover_text(tip);
                if link.clicked() && !view.layout.panels().contains(&&Panel::Reasons) {
                    view.layout.add(Panel::Reasons);
                }
            }
            if let Some(disagreement) = &stage.disagreement {
                let value = format!("{:.0} %", 100.0 * disagreement[i]);
                line(ui, "disagreement", &value);
            }
            if let Some(found) = &stage.contradiction {
                line(ui, "contradiction", &format!("{:.3}", found.value[i]));
                let modality = &result.dataset.modalities[found.modality[i] as usize].name;
                let [own, others] = found.says[i].map(|cluster| cluster + 1);
                let said = match own == others {
                    true => format!("{own}, others too"),
                    false => format!("{own}, others {others}"),
                };
                line(ui, &format!("cluster by {modality}"), &said);
            }
            let noise = &result.uncertainty;
            line(ui, "data noise", &format!("{:.3}", noise.sample[i]));
            if result.dataset.modalities.len() > 1 {
                for (v, modality) in result.dataset.modalities.iter().enumerate() {
                    line(
                        ui,
                        &modality.name,
                        &format!("{:.3}", noise.modality[[i, v]]),
                    );
                }
            }
            for column in &result.dataset.truth.sample {
                let value = match column.values.get(i) {
                    Some(value) if value.is_finite() => format!("{value:.3}"),
                    _ => "not known".into(),
                };
                line(ui, &format!("true {}", column.name), &value);
            }
            line(ui, "noisiest features", "");
            // Those of the sample before are not those of this one.
            let noisiest = noisiest.filter(|noisiest| noisiest.sample == i);
            let noisiest = match noisiest.map(|noisiest| &noisiest.values) {
                Some(Ok(values)) => values,
                other => {
                    let text = match other {
                        Some(_) => "They could not be read back from the disk.",
                        None => "being read from the disk",
                    };
                    ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
                    return;
                }
            };
            for &(v, f, sigma) in noisiest {
                let modality = &result.dataset.modalities[v];
                line(ui, modality.title(f), &format!("{sigma:.3}"));
            }
        });
}

/// Shows the markers of a cluster against another.
fn compare(result: &AnalysisResult, colouring: &Colouring, view: &mut View, clusters: [u32; 2]) {
    let stage = result.stage(view.stage);
    // Clusters of one name are one group.
    let groups = GroupBy::Cluster.groups(result, stage, colouring.given());
    let group = |cluster: u32| {
        let sample = stage.clusters.iter().position(|&own| own == cluster)?;
        groups.as_ref()?.of.get(sample).copied().flatten()
    };
    let [Some(one), Some(other)] = clusters.map(group) else {
        return;
    };
    view.groups = GroupBy::Cluster;
    view.merge_rare(0.0);
    view.markers.of = MarkersOf::Group(one);
    view.markers.against = (one != other).then_some(other);
    if !view.layout.panels().contains(&&Panel::Markers) {
        view.layout.add(Panel::Markers);
    }
}

/// What something is called, and its value at the right edge. The shorter of both stays whole if it can.
fn line(ui: &mut Ui, title: &str, value: &str) {
    let weak = theme::colours(ui).weak;
    let size = egui::vec2(ui.available_width(), LINE);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        let room = size.x - ui.spacing().item_spacing.x;
        let needs = [title, value].map(|text| name::width(ui, text.into()));
        let titles = room - needs[1].min((room - needs[0]).max(0.5 * room));
        name::show(ui, title, titles, |text| {
            egui::RichText::new(text).color(weak)
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let room = ui.available_width();
            name::show(ui, value, room, |text| text.into());
        });
    });
}
