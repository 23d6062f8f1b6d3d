//! What values a map or a panel shows: found by typing among kinds of uncertainty, columns of the samples and all features.

use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, Popup, PopupCloseBehavior, Response, Ui};

use crate::{
    document::View,
    pipeline::{AnalysisResult, Lens},
    ui::{
        later::Same,
        widgets::{form, name},
    },
    words::thousands,
};

/// Choices listed at most: whoever looks for another one types on.
const LISTED: usize = 60;

/// Features listed while nothing is typed.
const AT_FIRST: usize = 12;

const WIDTH: f32 = 300.0;

/// Opens it from anywhere on the page.
const SHORTCUT: egui::KeyboardShortcut = egui::KeyboardShortcut::new(Modifiers::COMMAND, Key::K);

#[derive(Default)]
pub(super) struct Picker {
    typed: String,
    found: Option<(Depends, Found)>,
    /// Frames since it was opened.
    open_for: usize,
}

/// What the choices depend on: the result, the stage, and what was typed.
type Depends = (Same<AnalysisResult>, u8, String);

/// What fits what was typed.
#[derive(Default)]
struct Found {
    listed: Vec<Choice>,
    /// How many more there are.
    more: usize,
}

/// Something to colour by.
struct Choice {
    lens: Lens,
    name: String,
    /// What kind of thing it is: a modality, or a word.
    kind: String,
}

impl Found {
    fn of(result: &AnalysisResult, stage: u8, typed: &str) -> Self {
        let dataset = &result.dataset;
        let wanted = typed.trim().to_lowercase();
        let stage = result.stage(stage);
        let mut found = Self::default();
        let there = Lens::all(dataset)
            .into_iter()
            .filter(|lens| lens.is_there(result, stage));
        for lens in there {
            found.add(&wanted, lens, lens.name(dataset), "uncertainty");
        }
        if Lens::Silhouette.is_there(result, stage) {
            let name = Lens::Silhouette.name(dataset);
            found.add(&wanted, Lens::Silhouette, name, "fit to the cluster");
        }
        for lens in Lens::columns(dataset) {
            found.add(&wanted, lens, lens.name(dataset), "column");
        }
        let first = found.listed.len() + AT_FIRST;
        // Those of that very name come first, then those that begin so.
        let mut ranked: [Vec<(Lens, &String, &String)>; 3] = Default::default();
        for (at, modality) in (0..).zip(&dataset.modalities) {
            for (feature, name) in (0..).zip(modality.measured.features.names()) {
                if let Some(rank) = Rank::of(&name.to_lowercase(), &wanted) {
                    let lens = Lens::Feature(at, feature);
                    ranked[rank as usize].push((lens, name, &modality.name));
                }
            }
        }
        for (lens, name, modality) in ranked.into_iter().flatten() {
            match wanted.is_empty() && found.listed.len() >= first {
                true => found.more += 1,
                false => found.add("", lens, name.clone(), modality),
            }
        }
        found
    }

    fn add(&mut self, wanted: &str, lens: Lens, name: String, kind: &str) {
        if !name.to_lowercase().contains(wanted) {
            return;
        }
        if self.listed.len() == LISTED {
            self.more += 1;
            return;
        }
        let kind = kind.to_owned();
        self.listed.push(Choice { lens, name, kind });
    }
}

/// How well a name fits what was typed.
#[derive(Clone, Copy, PartialEq)]
enum Rank {
    Is,
    Begins,
    Contains,
}

impl Rank {
    /// That of a name in small letters; nothing if it does not fit.
    fn of(name: &str, wanted: &str) -> Option<Self> {
        match name.find(wanted)? {
            0 if name.len() == wanted.len() => Some(Self::Is),
            0 => Some(Self::Begins),
            _ => Some(Self::Contains),
        }
    }
}

/// Among what to choose.
#[derive(Clone, Copy)]
pub(super) struct Among<'a> {
    pub result: &'a Arc<AnalysisResult>,
    pub stage: u8,
    /// What is chosen now.
    pub now: Option<Lens>,
}

impl Picker {
    /// Shows the row with what is chosen for the page; what can be chosen opens below it.
    pub fn show(&mut self, ui: &mut Ui, result: &Arc<AnalysisResult>, view: &mut View) {
        let shown = view.lens.name(&result.dataset);
        let tip = "Colours of the map of values, by anything: uncertainty, columns of the samples, genes, proteins (Ctrl+K). \
                   Data noise: how far measurements stray from what the model expects. \
                   Ambiguity: how undecided a sample is between two clusters. \
                   Disagreement: how many of the votes put a sample into another cluster";
        let width = ui.spacing().combo_width;
        let button = form::row(ui, "Colour by", tip, |ui| menu_button(ui, &shown, width));
        if ui.input_mut(|input| input.consume_shortcut(&SHORTCUT)) {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&button));
        }
        let among = Among {
            result,
            stage: view.stage,
            now: Some(view.lens),
        };
        if let Some(lens) = self.choose(&button, among) {
            view.colour_by(lens);
        }
    }

    /// A button with what is chosen, of this width, after a word; gives what was chosen anew.
    pub fn button(
        &mut self,
        ui: &mut Ui,
        word: &str,
        among: Among<'_>,
        width: f32,
    ) -> Option<Lens> {
        let dataset = &among.result.dataset;
        let shown = among
            .now
            .map_or_else(String::new, |lens| lens.name(dataset));
        let button = ui.horizontal(|ui| {
            let label = ui.label(word);
            menu_button(ui, &shown, width).labelled_by(label.id)
        });
        self.choose(&button.inner, among)
    }

    /// What is chosen on the menu below a button; it opens with a click on that.
    pub fn choose(&mut self, button: &Response, among: Among<'_>) -> Option<Lens> {
        let opened = Popup::menu(button)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .width(WIDTH)
            .show(|ui| self.choices(ui, among));
        if opened.is_none() && std::mem::take(&mut self.open_for) > 0 {
            self.typed.clear();
        }
        opened.and_then(|opened| opened.inner)
    }

    fn choices(&mut self, ui: &mut Ui, among: Among<'_>) -> Option<Lens> {
        let Among { result, stage, now } = among;
        ui.set_min_width(WIDTH);
        let field = form::field(
            ui,
            &mut self.typed,
            "Type the name of a gene, protein ..",
            WIDTH,
        );
        // The click that opens it is one elsewhere for the field, which takes the focus away again.
        if self.open_for < 2 {
            field.request_focus();
        }
        self.open_for += 1;
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let key = (Same(result.clone()), stage, self.typed.clone());
        if self.found.as_ref().is_none_or(|(of, _)| *of != key) {
            let found = Found::of(result, stage, &self.typed);
            self.found = Some((key, found));
        }
        let (_, found) = self.found.as_ref()?;
        let mut chosen = found.listed.first().filter(|_| entered).map(|c| c.lens);
        egui::ScrollArea::vertical()
            .max_height(320.0)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for choice in &found.listed {
                    let (response, _) = egui::Sides::new().show(
                        ui,
                        |ui| {
                            let short =
                                name::cut(ui, &choice.name, 0.64 * WIDTH, |text| text.into());
                            let entry = ui.selectable_label(Some(choice.lens) == now, &short);
                            name::whole(entry, &choice.name, &short, egui::Role::Button)
                        },
                        |ui| ui.weak(&choice.kind),
                    );
                    if response.clicked() {
                        chosen = Some(choice.lens);
                    }
                }
                if found.listed.is_empty() {
                    ui.weak("Nothing of that name");
                }
                if found.more > 0 {
                    let more = thousands(found.more as u64);
                    ui.weak(format!("and {more} more: type to find them"));
                }
            });
        if chosen.is_some() {
            ui.close();
        }
        chosen
    }
}

/// A button that looks as a menu of choices does.
fn menu_button(ui: &mut Ui, shown: &str, width: f32) -> Response {
    let room = width - 2.0 * ui.spacing().button_padding.x - 26.0;
    let short = name::cut(ui, shown, room, |text| text.into());
    let button = egui::Button::new(short)
        .right_text("")
        .min_size(egui::vec2(width, 0.0));
    let button = ui.add(button);
    let middle = button.rect.right_center() - egui::vec2(18.0, 0.0);
    let corner = |x: f32, y: f32| middle + egui::vec2(x, y);
    ui.painter().add(egui::Shape::convex_polygon(
        vec![corner(-5.5, -3.0), corner(5.5, -3.0), corner(0.0, 3.5)],
        ui.visuals().text_color(),
        egui::Stroke::NONE,
    ));
    button
}
