//! Why samples lie between two clusters, what was seen of one of them, and which features would settle it.

mod found;

use eframe::egui::{self, CollapsingHeader, Grid, Label, RichText, ScrollArea, Sense, Ui, vec2};

use super::{MakeTable, Scene, ShowPanel, instead};
use crate::{
    analysis::reasons::{Confusion, LEAST_F1, Reason, ReasonsError, Verdict},
    document::Panel,
    export::{Sheet, reasons_sheet},
    pipeline::{Lens, cluster_group, told},
    ui::{
        later::{Later, Same},
        theme,
        widgets::name,
    },
    words::thousands,
};
use found::{Depends, Found};

/// Widths between which a bar fits the room there is, the room for what stands before it, and the widest name of a feature.
const BAR: [f32; 2] = [24.0, 90.0];
const BEFORE: f32 = 170.0;
const NAME: f32 = 140.0;

/// Width below which meanings are told at the pointer alone.
const NARROW: f32 = 480.0;

/// Height of a row.
const ROW: f32 = 24.0;

/// Odds below which a value says little of a sample.
const LITTLE: f64 = 1.5;

#[derive(Default)]
pub struct Reasons {
    found: Later<Depends, Result<Found, ReasonsError>>,
}

impl ShowPanel for Reasons {
    fn kept(&self) -> Panel {
        Panel::Reasons
    }

    fn title(&self, _: &Scene<'_>) -> String {
        "Why between".into()
    }

    fn twin(&self) -> Option<Box<dyn ShowPanel>> {
        let found = self.found.twin();
        Some(Box::new(Self { found }))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<MakeTable> {
        let found = self.found.last()?;
        let given = scene.colouring.given().clone();
        found.as_ref().as_ref().ok()?;
        Some(Box::new(move || match &*found {
            Ok(found) => {
                let confusion = found.judge.confusion();
                reasons_sheet(&found.of.result.0, &given, confusion, &found.verdicts)
            }
            Err(_) => Sheet::default(),
        }))
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let depends = Depends {
            result: Same(scene.result.clone()),
            stage: scene.view.stage,
            selection: scene.view.selection.clone(),
        };
        let wanted = depends.clone();
        let make = move |kept| Found::of(kept, wanted);
        let found = self.found.get(ui.ctx(), &depends, false, make);
        let Some(found) = found.filter(|_| self.found.is_of(&depends)) else {
            ui.centered_and_justified(|ui| {
                ui.spinner().on_hover_text(
                    "Samples with known reasons are made of yours, to learn from and to check by",
                )
            });
            return;
        };
        let found: &Found = match &*found {
            Ok(found) => found,
            Err(error) => {
                instead(ui, &format!("No reasons can be told: {error}."));
                return;
            }
        };
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = ROW;
            ui.add_space(theme::GRID);
            wrapped(ui, &asked(found));
            counts(ui, scene, found);
            sample(ui, scene, found);
            settling(ui, scene, found);
            let confusion = found.judge.confusion();
            let title = format!("Checked: mean F1 {:.2}", confusion.macro_f1());
            ui.add_space(theme::GRID);
            CollapsingHeader::new(title)
                .id_salt("checked")
                .default_open(!confusion.holds())
                .show(ui, |ui| checked(ui, confusion));
        });
    }
}

fn wrapped(ui: &mut Ui, text: &str) {
    ui.add(Label::new(theme::weak(ui, text)).wrap());
}

fn capital(reason: Reason) -> String {
    let mut name = reason.name().to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

/// Which samples it is about.
fn asked(found: &Found) -> String {
    let count = thousands(found.verdicts.len() as u64);
    let mut text = match &found.of.selection {
        Some(_) => format!("Of the {count} samples that are selected"),
        None => format!("Of the {count} most ambiguous samples"),
    };
    if found.clear > 0 {
        let clear = thousands(found.clear as u64);
        text.push_str(&format!(" ({clear} more lie between no two clusters)"));
    }
    text.push(':');
    text
}

/// How many have each reason; a click selects them.
fn counts(ui: &mut Ui, scene: &mut Scene<'_>, found: &Found) {
    let confusion = found.judge.confusion();
    if !confusion.holds() {
        let text = format!(
            "No reasons are given: samples made for a known reason were told too badly on these data (mean F1 {:.2}, {LEAST_F1} is asked \
             for). What was seen of a sample is shown all the same.",
            confusion.macro_f1()
        );
        ui.add(Label::new(RichText::new(text).color(theme::colours(ui).problem)).wrap());
        return;
    }
    let all = found.verdicts.len().max(1);
    let room = ui.available_width();
    let (narrow, width) = (room < NARROW, (room - BEFORE).clamp(BAR[0], BAR[1]));
    let mut clicked = None;
    let reasons = confusion.reasons.iter().copied().map(Some);
    Grid::new("reasons").num_columns(4).show(ui, |ui| {
        for reason in reasons.chain([None]) {
            let of = found.verdicts.iter().filter(|v| v.reason == reason);
            let count = of.count();
            let (name, meaning) = match reason {
                Some(reason) => (capital(reason), reason.meaning()),
                None => ("Unclear".to_owned(), "No reason is likely enough."),
            };
            let tip = format!("{meaning}\nClick selects them");
            if ui
                .add_enabled(count > 0, egui::Link::new(name))
                .on_hover_text(tip)
                .clicked()
            {
                clicked = Some(reason);
            }
            ui.label(thousands(count as u64));
            bar(ui, width, count as f32 / all as f32);
            if !narrow {
                ui.add(Label::new(theme::weak(ui, meaning)).truncate());
            }
            ui.end_row();
        }
    });
    if let Some(reason) = clicked {
        let of = found.verdicts.iter().filter(|v| v.reason == reason);
        let places: Vec<u32> = of.map(|v| v.sample).collect();
        scene.select(ui, move || places);
    }
}

/// A bar filled to this share.
fn bar(ui: &mut Ui, width: f32, share: f32) {
    let c = theme::colours(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, 8.0), Sense::hover());
    ui.painter().rect_filled(rect, 2.0, c.track);
    let filled = rect.with_max_x(rect.left() + share * rect.width());
    ui.painter().rect_filled(filled, 2.0, c.accent);
}

/// What was seen of the sample that is marked, if it was asked about.
fn sample(ui: &mut Ui, scene: &Scene<'_>, found: &Found) {
    let is = |sample: usize| found.verdicts.iter().find(|v| v.sample as usize == sample);
    ui.add_space(theme::GRID);
    let Some(verdict) = scene.marked.and_then(is) else {
        if scene.on_paper {
            return;
        }
        wrapped(ui, "Point at one of them, or click it, to see why.");
        return;
    };
    let confusion = found.judge.confusion();
    let id = &scene.result.dataset.samples[verdict.sample as usize];
    let room = ui.available_width();
    name::show(ui, id, room, |text| RichText::new(text).strong());
    let stage = scene.result.stage(scene.view.stage);
    let named = |cluster: u32| cluster_name(scene, cluster);
    let sentences = told(scene.result, stage, &found.judge, verdict, &named);
    for ((reason, sentence), &likely) in sentences.iter().zip(&verdict.likely) {
        let given = verdict.reason == Some(*reason) && confusion.holds();
        let text = match confusion.holds() {
            true => format!("{} {:.0} %", capital(*reason), 100.0 * likely),
            false => capital(*reason),
        };
        let text = RichText::new(text);
        ui.horizontal_wrapped(|ui| {
            ui.label(if given {
                text.strong()
            } else {
                theme::weak(ui, text.text())
            })
            .on_hover_text("How likely this reason is, as if all were equally frequent");
            ui.label(sentence);
        });
    }
}

/// What a cluster is called in a sentence.
fn cluster_name(scene: &Scene<'_>, cluster: u32) -> String {
    cluster_group(cluster, &scene.colouring.given().cluster_names)
}

/// Which features would settle it.
fn settling(ui: &mut Ui, scene: &mut Scene<'_>, found: &Found) {
    let Some((pair, count)) = found.pair else {
        return;
    };
    let [a, b] = pair.map(|cluster| cluster_name(scene, cluster));
    ui.add_space(theme::GRID);
    ui.label(RichText::new("What would settle it").strong());
    let about = format!(
        "Most lie between {a} and {b} ({}). These features tell both apart, each by what those before do not:",
        thousands(count as u64)
    );
    wrapped(ui, &about);
    if found.settling.is_empty() {
        wrapped(ui, "No feature tells them apart.");
        return;
    }
    let marked = scene.marked.filter(|&sample| {
        let mut own = found.verdicts.iter();
        own.any(|verdict| is_of(verdict, sample, pair))
    });
    let mut clicked = None;
    Grid::new("settling").num_columns(4).striped(true).show(ui, |ui| {
        let titles = [
            ("feature", "Click colours by it"),
            ("bits", "What it tells beyond those before; one bit settles it"),
            (
                "right",
                "Share of the samples of both clusters that it and those before put into the right one, by the other half of the samples",
            ),
            ("this sample", "What the value of the sample that is marked says, and how many times as likely it is there"),
        ];
        for (title, tip) in titles.iter().take(if marked.is_some() { 4 } else { 3 }) {
            ui.label(theme::weak(ui, *title)).on_hover_text(*tip);
        }
        ui.end_row();
        for of in found.settling.iter() {
            let (modality, feature) = (of.candidate.modality, of.candidate.feature);
            let measured = &scene.result.dataset.modalities[modality as usize];
            let title = &measured.measured.features[feature as usize];
            let shown = name::cut(ui, title, NAME, |text| text.into());
            let link = ui.link(&shown).on_hover_text(format!("{title} ({})", measured.name));
            if name::whole(link, title, &shown, egui::Role::Link).clicked() {
                clicked = Some(Lens::Feature(modality, feature));
            }
            ui.label(format!("{:.2}", of.more));
            ui.label(format!("{:.0} %", 100.0 * of.right));
            if let Some(sample) = marked {
                ui.label(says(of.odds(sample), &a, &b));
            }
            ui.end_row();
        }
    });
    if let Some(lens) = clicked {
        scene.look_through(lens);
    }
}

fn is_of(verdict: &Verdict, sample: usize, [a, b]: [u32; 2]) -> bool {
    let [one, other] = verdict.between;
    verdict.sample as usize == sample && [a, b] == [one.min(other), one.max(other)]
}

/// What odds of the first against the second say.
fn says(odds: Option<f64>, a: &str, b: &str) -> String {
    match odds {
        None => "nothing".into(),
        Some(odds) if odds >= LITTLE => format!("{a} ({odds:.1} times)"),
        Some(odds) if 1.0 / odds >= LITTLE => format!("{b} ({:.1} times)", 1.0 / odds),
        Some(_) => "little".into(),
    }
}

/// How often samples made for a known reason were given it.
fn checked(ui: &mut Ui, confusion: &Confusion) {
    wrapped(
        ui,
        "Samples were made of yours for each reason: sums of two, mixtures along paths, thinned ones, clusters cut in two, modalities \
         exchanged. From one half it was learnt what each looks like; rows are the reasons of the other half, columns what they were \
         given. F1 is 1 where all are right.",
    );
    Grid::new("confusion").striped(true).show(ui, |ui| {
        ui.label("");
        for reason in &confusion.reasons {
            ui.label(theme::weak(ui, reason.name()));
        }
        ui.label(theme::weak(ui, "F1"));
        ui.end_row();
        for (at, (reason, row)) in confusion.reasons.iter().zip(&confusion.counts).enumerate() {
            ui.label(theme::weak(ui, reason.name()));
            for (other, count) in row.iter().enumerate() {
                let text = RichText::new(thousands(*count as u64));
                ui.label(if other == at { text.strong() } else { text });
            }
            ui.label(format!("{:.2}", confusion.f1(at)));
            ui.end_row();
        }
    });
}
