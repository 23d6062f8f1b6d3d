//! Panels that are added, pinned, closed and kept, and selections made on them.

use std::time::{Duration, Instant};

use eframe::egui::{Event, Key, Modifiers, accesskit::Role};
use egui_kittest::{Harness, kittest::Queryable as _};
use hdumec::{
    app::{Command, Source, Then},
    document::{Colour, ColourScale, Layout, Map, Panel},
    pipeline::{GroupBy, Lens},
    ui::HdumecApp,
};

use super::{appears, click, colour_by_noise, save, settle, trained, view, wait};

fn panels(harness: &Harness<'_, HdumecApp>) -> Vec<Panel> {
    let layout = view(harness).layout;
    layout.panels().into_iter().cloned().collect()
}

fn selected(harness: &Harness<'_, HdumecApp>) -> usize {
    view(harness).selection.map_or(0, |ids| ids.len())
}

fn add(harness: &mut Harness<'_, HdumecApp>, kind: &str) {
    click(harness, "Add a panel");
    click(harness, kind);
}

#[test]
fn panels_are_added_pinned_closed_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    assert_eq!(view(&harness).layout, Layout::maps());

    // Three markers side by side: colour, pin, colour on.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(&mut harness);
    harness.event(Event::Text("cd4".into()));
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    appears(&mut harness, "Map of 300 samples, by cd4 in protein", 1);
    harness.query_all_by_label("Pin").last().unwrap().click();
    settle(&mut harness);
    appears(&mut harness, "Map of 300 samples, by cd4 in protein", 2);
    let lens = view(&harness).lens;
    let kept = Panel::Map(Map::Pinned {
        stage: 2,
        colour: Colour::Values(lens),
        scale: ColourScale::default(),
    });
    assert_eq!(panels(&harness).last(), Some(&kept));
    click(&mut harness, "Colour by");
    click(&mut harness, "ambiguity");
    appears(&mut harness, "Map of 300 samples, by ambiguity", 1);
    appears(&mut harness, "Map of 300 samples, by cd4 in protein", 1);

    // Every kind can be added, and shows something.
    add(&mut harness, "Table of markers");
    appears(&mut harness, "Volcano", 1);
    click(&mut harness, "Volcano");
    appears(&mut harness, "Volcano of 47 features", 1);
    click(&mut harness, "Volcano");
    add(&mut harness, "Values by group");
    harness.get_by_label("Values of NK");
    add(&mut harness, "Groups against groups");
    harness.get_by_label("Table of 12 by 12 groups");
    add(&mut harness, "Features by group");
    harness.get_by_label_contains("Add features to see");
    click(&mut harness, "Add markers");
    let start = Instant::now();
    let features = |harness: &Harness<'_, HdumecApp>| {
        let dots = panels(harness).into_iter().find_map(|panel| match panel {
            Panel::Dots { features, .. } => Some(features.len()),
            _ => None,
        });
        dots.unwrap_or(0)
    };
    while features(&harness) < 12 && start.elapsed() < Duration::from_secs(60) {
        harness.step();
    }
    assert!(
        (12..=24).contains(&features(&harness)),
        "two for each class"
    );
    add(&mut harness, "Noise by group");
    let modalities = harness.state().state().data.as_ref().unwrap();
    let rows = 13 * modalities.dataset.modalities.len();
    let noise = format!("Noise of {rows} features by 12 groups");
    appears(&mut harness, &noise, 1);
    add(&mut harness, "Value against value");
    assert_eq!(panels(&harness).len(), 9);
    appears(&mut harness, "Close", 9);

    // A tab closes its panel, and one step brings it back.
    let before = view(&harness).layout;
    harness.query_all_by_label("Close").last().unwrap().click();
    settle(&mut harness);
    assert_eq!(panels(&harness).len(), 8);
    harness.state_mut().apply(Command::Undo(1));
    settle(&mut harness);
    assert_eq!(view(&harness).layout, before);

    // Nothing at all, and back.
    for _ in 0..9 {
        harness.query_all_by_label("Close").next().unwrap().click();
        settle(&mut harness);
    }
    harness.get_by_label("No panels. Maps, on the left, brings two back.");
    click(&mut harness, "Maps");
    appears(&mut harness, "Map of 300 samples, by ambiguity", 1);
    click(&mut harness, "Large");
    harness.get_by_label("Map of 300 samples, by label");
    assert!(
        harness
            .query_by_label("Map of 300 samples, by ambiguity")
            .is_none()
    );
    click(&mut harness, "By ambiguity");
    harness.get_by_label("Map of 300 samples, by ambiguity");
}

#[test]
fn selections_are_combined_kept_and_grouped_by() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    colour_by_noise(&mut harness);
    add(&mut harness, "Values by group");
    let classes = {
        let result = harness.state().state().result().unwrap();
        result.dataset.labels.as_ref().unwrap().counts()
    };
    let all: usize = classes.iter().sum();
    click(&mut harness, "Values of NK");
    let nk = selected(&harness);
    assert!(classes.contains(&nk), "{nk}");
    click(&mut harness, "Add");
    click(&mut harness, "Values of B naive");
    let both = selected(&harness);
    assert!(both > nk, "{both}");
    click(&mut harness, "Invert");
    assert_eq!(selected(&harness), all - both);
    click(&mut harness, "Invert");
    click(&mut harness, "Subtract");
    click(&mut harness, "Values of NK");
    assert_eq!(selected(&harness), both - nk);
    click(&mut harness, "Intersect");
    click(&mut harness, "Values of NK");
    assert_eq!(selected(&harness), 0, "no cell is of both classes");
    click(&mut harness, "New");

    // Kept under a name, and with it a group of its own.
    click(&mut harness, "Values of NK");
    click(&mut harness, "Keep\u{2026}");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text("my natural killers".into()));
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    let kept = harness.state().state().document.selections.clone();
    assert_eq!(
        (kept.len(), kept[0].name.as_str()),
        (1, "my natural killers")
    );
    assert_eq!(kept[0].samples.len(), nk);
    click(&mut harness, "Group by");
    click(&mut harness, "selection");
    harness.get_by_label("Group my natural killers");
    click(&mut harness, "Forget my natural killers");
    assert_eq!(view(&harness).groups, GroupBy::Cluster);
    harness.state_mut().apply(Command::Undo(1));
    settle(&mut harness);
    harness.get_by_label("Group my natural killers");

    // In parts, each by itself; one step brings all of them and takes them away.
    click(&mut harness, "Values of my natural killers");
    click(&mut harness, "Keep\u{2026}");
    let number = harness.get_by_role_and_label(Role::SpinButton, "Parts");
    number.set_value_accesskit(2.0);
    settle(&mut harness);
    click(&mut harness, "Keep");
    wait(&mut harness, "the parts", |app| {
        app.state().document.selections.len() == 3
    });
    let parts = harness.state().state().document.selections.clone();
    assert_eq!(parts[1].samples.len() + parts[2].samples.len(), nk);
    let [one, other] = [&parts[1].samples, &parts[2].samples];
    assert!(one.len() >= other.len() && !other.is_empty());
    assert!(one.sift(other, true).is_empty());
    harness.state_mut().apply(Command::Undo(1));
    settle(&mut harness);
    assert_eq!(harness.state().state().document.selections.len(), 1);

    // It goes along with what is saved, and comes back with it.
    let out = folder.path().join("out");
    save(&mut harness, &out);
    let table = std::fs::read_to_string(out.join("assignment.csv")).unwrap();
    assert!(table.lines().next().unwrap().contains(",selection,"));
    assert_eq!(table.matches(",my natural killers,").count(), nk);
    let text = std::fs::read_to_string(out.join("methods_text.md")).unwrap();
    assert!(text.starts_with("300 samples with "), "{text}");
    assert!(text.contains("| burn | 0."), "{text}");
    click(&mut harness, "Forget my natural killers");
    harness.state_mut().apply(Command::Open {
        source: Source::files(vec![out]),
        then: Then::Nothing,
    });
    wait(&mut harness, "the saved results", |app| {
        app.state().document.runs.len() == 2 && app.state().loading.is_none()
    });
    settle(&mut harness);
    assert_eq!(harness.state().state().document.selections, kept);

    // The cells between two clusters, by a sheet: no more than asked for, and each of both.
    if selected(&harness) > 0 {
        click(&mut harness, "Clear");
    }
    click(&mut harness, "Select\u{2026}");
    let result = harness.state().state().result().unwrap().clone();
    let stage = result.stage(2);
    // Which clusters are next to each other the data say; the first few are in sight on the menus.
    let near = |pair: &&[u32; 2]| pair[0] != pair[1] && pair.iter().all(|&k| k < 5);
    let pair = *stage.ambiguity.between.iter().find(near).unwrap();
    click(&mut harness, "One");
    click(&mut harness, &format!("cluster {}", pair[0] + 1));
    click(&mut harness, "Other");
    click(&mut harness, &format!("cluster {}", pair[1] + 1));
    harness.get_by_label_contains("samples whose two nearest clusters these are");
    click(&mut harness, "Select (new)");
    let ids = view(&harness).selection.unwrap();
    assert!((1..=50).contains(&ids.len()));
    for id in ids.ids() {
        let at = result.dataset.samples.position(id).unwrap();
        let between = stage.ambiguity.between[at];
        assert!(pair.iter().all(|k| between.contains(k)), "{between:?}");
    }
    assert_eq!(view(&harness).lens, Lens::Noise);
}

/// Types a path into the field of a sheet.
fn type_file(harness: &mut Harness<'_, HdumecApp>, file: &std::path::Path) {
    harness
        .get_by_role_and_label(Role::TextInput, "File")
        .click();
    settle(harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text(file.display().to_string()));
    settle(harness);
}

/// Saves a figure of the type that is chosen.
fn save_figure(harness: &mut Harness<'_, HdumecApp>, file: &std::path::Path) -> Vec<u8> {
    click(harness, "Save figure");
    appears(harness, "Figure saved", 1);
    click(harness, "Dismiss");
    std::fs::read(file).unwrap()
}

/// How far down a word stands in a figure.
fn height_of(svg: &str, word: &str) -> f32 {
    let end = svg
        .find(&format!(">{word}</text>"))
        .unwrap_or_else(|| panic!("no {word}"));
    let text = &svg[svg[..end].rfind("<text").unwrap()..end];
    let y = text.split(" y=\"").nth(1).unwrap();
    y.split('"').next().unwrap().parse().unwrap()
}

#[test]
fn maps_that_stand_side_by_side_do_so_in_a_figure() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    colour_by_noise(&mut harness);
    let place = |label: &str| {
        let label = format!("Map of 300 samples, by {label}");
        harness.get_by_label(&label).rect()
    };
    assert_eq!(place("label").top(), place("data noise").top());
    click(&mut harness, "Save a figure");
    type_file(&mut harness, &folder.path().join("fig"));
    let svg = save_figure(&mut harness, &folder.path().join("fig.svg"));
    let svg = String::from_utf8(svg).unwrap();
    assert_eq!(
        height_of(&svg, "By label"),
        height_of(&svg, "By data noise")
    );
}

#[test]
fn figures_show_what_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    colour_by_noise(&mut harness);
    add(&mut harness, "Values by group");
    add(&mut harness, "Groups against groups");
    click(&mut harness, "Group NK");
    click(&mut harness, "Save a figure");
    // Nothing moves when the preview comes.
    let place = |harness: &Harness<'_, HdumecApp>| harness.get_by_label("Save figure").rect();
    let before = place(&harness);
    appears(&mut harness, "Preview of the figure", 1);
    settle(&mut harness);
    assert_eq!(before, place(&harness));
    type_file(&mut harness, &folder.path().join("fig"));
    let svg = save_figure(&mut harness, &folder.path().join("fig.svg"));
    let svg = String::from_utf8(svg).unwrap();
    // Both maps without the cells that are hidden, every word a word, and what run it is of.
    let (nk, version) = {
        let result = harness.state().state().result().unwrap();
        let labels = result.dataset.labels.as_ref().unwrap();
        let nk = labels.classes.iter().position(|name| name == "NK").unwrap();
        (labels.counts()[nk], result.key().unwrap())
    };
    let points = svg.split("id=\"points-").skip(1);
    let circles: usize = points
        .map(|cloud| {
            cloud
                .split("</g>")
                .next()
                .unwrap()
                .matches("<circle")
                .count()
        })
        .sum();
    assert_eq!(circles, 2 * (300 - nk));
    for word in [
        "By label",
        "By data noise",
        "Conventional DC",
        "data noise by label",
    ] {
        assert!(svg.contains(word), "{word}");
    }
    assert!(svg.contains(&version), "the run");
    assert!(
        !svg.contains("Close") && !svg.contains("Pin"),
        "nothing to click"
    );

    // One panel alone, as PDF and as PNG.
    click(&mut harness, "Save a figure");
    click(&mut harness, "Show");
    // The tab of the panel is called so, too.
    let entry = harness.query_all_by_label("By label").last().unwrap();
    entry.click();
    settle(&mut harness);
    click(&mut harness, "File type");
    click(&mut harness, "PDF");
    let pdf = save_figure(&mut harness, &folder.path().join("fig.pdf"));
    assert!(pdf.starts_with(b"%PDF-"));
    click(&mut harness, "Save a figure");
    click(&mut harness, "File type");
    click(&mut harness, "PNG");
    harness.get_by_label_contains("2126 \u{d7} ");
    let png = save_figure(&mut harness, &folder.path().join("fig.png"));
    assert!(png.starts_with(b"\x89PNG"));
    // What cannot be written is told.
    click(&mut harness, "Save a figure");
    type_file(&mut harness, &folder.path().join("fig.pdf").join("fig.png"));
    click(&mut harness, "Save figure");
    appears(&mut harness, "The figure was not saved", 1);
}
