//! From trained cells to what is taken away, with the mouse alone: find the cells between two named clusters, see why, colour by three
//! markers, and save a figure, the markers and the cells.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use eframe::egui::accesskit::Role;
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use hdumec::{
    app::{Command, Source, Status},
    data::demo::DemoSpec,
    document::{Panel, View},
    ui::HdumecApp,
};

use super::{click, settle, status, wait, window};

fn view(harness: &Harness<'_, HdumecApp>) -> View {
    harness.state().state().document.view.clone()
}

/// Waits until something is said whose words are known.
fn said(harness: &mut Harness<'_, HdumecApp>, words: &str) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(120) {
        settle(harness);
        if harness.query_all_by_label_contains(words).next().is_some() {
            return;
        }
    }
    panic!("'{words}' was never said");
}

/// Clicks at the middle of the n-th that is called so.
fn click_nth(harness: &mut Harness<'_, HdumecApp>, label: &str, nth: usize) {
    let node = harness.query_all_by_label(label).nth(nth);
    let node = node.unwrap_or_else(|| panic!("no '{label}' number {nth}"));
    node.click();
    settle(harness);
}

fn wait_for_file(harness: &mut Harness<'_, HdumecApp>, file: &Path) {
    let start = Instant::now();
    while !file.exists() {
        settle(harness);
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{} was never written",
            file.display()
        );
    }
    settle(harness);
}

/// The journey on what was opened, of which there are so many cells; `name` is that of the data.
fn journey(harness: &mut Harness<'_, HdumecApp>, folder: &Path, name: &str) {
    // Names for all clusters, from the labels.
    click(harness, "Group by");
    click(harness, "cluster");
    click(harness, "Name clusters\u{2026}");
    click(harness, "Use the labels");
    click(harness, "Done");
    let run = harness.state().state().document.shown.expect("a run");
    let names = harness.state().state().document.cluster_names_of(run);
    assert!(names.is_some_and(|names| names.len() >= 2), "{names:?}");

    // Those between two clusters.
    click(harness, "Select\u{2026}");
    let result = harness.state().state().result().unwrap().clone();
    let between = &result.last_stage().ambiguity.between;
    let [a, b] = between[0];
    let of_pair = between
        .iter()
        .filter(|pair| **pair == [a, b] || **pair == [b, a])
        .count();
    let named = |cluster: u32| {
        let names = harness.state().state().document.cluster_names_of(run);
        match names.and_then(|names| names.get(&cluster)) {
            Some(name) => format!("cluster {name} ({})", cluster + 1),
            None => format!("cluster {}", cluster + 1),
        }
    };
    let (first, second) = (named(a), named(b));
    click(harness, "One");
    click_nth_option(harness, &first);
    click(harness, "Other");
    click_nth_option(harness, &second);
    click(harness, "Select (new)");
    let selected = view(harness).selection.expect("selected").len();
    assert_eq!(selected, of_pair.min(50));

    // Why?
    click(harness, "Why");
    said(
        harness,
        &format!("Of the {selected} samples that are selected"),
    );
    said(harness, "What would settle it");

    // Three features that tell both apart, side by side.
    let features: Vec<String> = result
        .dataset
        .modalities
        .iter()
        .flat_map(|modality| modality.measured.features.names().iter().cloned())
        .collect();
    let links = harness.query_all_by_role(Role::Link);
    let shown: Vec<String> = links
        .filter_map(|node| node.accesskit_node().label())
        .filter(|label| features.contains(label))
        .take(3)
        .collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    for (at, feature) in shown.iter().enumerate() {
        click_nth(harness, feature, 0);
        said(harness, &format!(", by {feature} in "));
        if at < 2 {
            harness.query_all_by_label("Pin").last().unwrap().click();
            settle(harness);
        }
    }
    let view_now = view(harness);
    let panels = view_now.layout.panels();
    let maps = panels.iter().filter(|panel| matches!(panel, Panel::Map(_)));
    assert_eq!(maps.count(), 4, "groups, two that were kept, and the last");

    // A figure of it all.
    click(harness, "Save a figure");
    click_nth(harness, "Save figure", 0);
    let figure = folder.join(format!("{name}-figure.svg"));
    wait_for_file(harness, &figure);
    let drawn = fs::read_to_string(&figure).unwrap();
    assert!(drawn.contains("Why between") && drawn.contains(&shown[2]));

    // The markers, and the cells with what is known of them.
    click(harness, "Markers");
    said(harness, "AUROC");
    click(harness, "Save a table");
    click(harness, "Of");
    click_nth_option(harness, "Markers");
    click_nth(harness, "Save table", 0);
    let markers = folder.join(format!("{name}-markers.csv"));
    wait_for_file(harness, &markers);
    let table = fs::read_to_string(&markers).unwrap();
    assert!(table.starts_with("feature,auroc,"), "{table:.80}");
    assert!(table.lines().count() > 10);
    click(harness, "Save a table");
    click(harness, "Of");
    click_nth_option(harness, &format!("the {selected} samples listed"));
    click(harness, "data noise");
    click_nth(harness, "Save table", 0);
    let cells = folder.join(format!("{name}-samples.csv"));
    wait_for_file(harness, &cells);
    let table = fs::read_to_string(&cells).unwrap();
    let header = table.lines().next().unwrap();
    assert!(header.starts_with("sample,"), "{header}");
    assert!(
        header.contains("ambiguity") && !header.contains("data noise,"),
        "{header}"
    );
    assert!(
        header.contains(shown[2].as_str()),
        "what the page is coloured by: {header}"
    );
    assert_eq!(table.lines().count(), selected + 1);
}

/// Chooses from a list that is open: the last that is called so.
fn click_nth_option(harness: &mut Harness<'_, HdumecApp>, label: &str) {
    let node = harness.query_all_by_label(label).last();
    node.unwrap_or_else(|| panic!("no '{label}' to choose"))
        .click();
    settle(harness);
}

#[test]
fn from_demo_cells_to_what_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [30, 4, 6]);
    harness.state_mut().apply(Command::Open {
        source: Source::Demo(DemoSpec {
            samples: 600,
            seed: 0,
        }),
        train: true,
    });
    wait(&mut harness, "the run", |app| {
        status(app) == Some(Status::Finished)
    });
    settle(&mut harness);
    journey(&mut harness, folder.path(), "demo");
}

/// Cells from raw counts, where they are at hand.
#[test]
fn from_raw_counts_to_what_is_taken_away() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/citeseq_pbmc_wnn");
    if !data.exists() {
        println!("skipped: no {}", data.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [30, 4, 6]);
    harness.state_mut().apply(Command::Open {
        source: Source::files(vec![data.join("raw_10x"), data.join("labels.csv")]),
        train: true,
    });
    wait(&mut harness, "the run", |app| {
        status(app) == Some(Status::Finished)
    });
    settle(&mut harness);
    let name = harness
        .state()
        .state()
        .result()
        .unwrap()
        .dataset
        .name
        .clone();
    journey(&mut harness, folder.path(), &name);
}
