//! From trained cells to what is taken away, with the mouse alone: find the cells between two named clusters, see why, colour by three
//! markers, and save a figure, the markers and the cells.

use std::{
    collections::BTreeMap,
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
    app::{Command, Page, Source, Status, Then},
    document::{Edit, Panel},
    ui::HdumecApp,
};

use super::{click, open_demo, said, settle, status, view, wait, window};

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

fn cluster_names(harness: &Harness<'_, HdumecApp>) -> BTreeMap<u32, String> {
    let document = &harness.state().state().document;
    let names = document
        .shown
        .and_then(|run| document.cluster_names_of(run));
    names.cloned().unwrap_or_default()
}

/// The journey on what was opened, of which there are so many cells; `name` is that of the data.
fn journey(harness: &mut Harness<'_, HdumecApp>, folder: &Path, name: &str) {
    // Names for all clusters, from the labels.
    click(harness, "Group by");
    click(harness, "cluster");
    click(harness, "Name clusters\u{2026}");
    said(harness, "by its markers");
    click(harness, "Use the markers");
    let by_markers = cluster_names(harness);
    assert!(!by_markers.is_empty());
    click(harness, "Use the labels");
    click(harness, "Done");
    let names = cluster_names(harness);
    assert!(names.len() >= 2, "{names:?}");

    // Those between two clusters.
    click(harness, "Select\u{2026}");
    let result = harness.state().state().result().unwrap().clone();
    let between = &result.last_stage().ambiguity.between;
    let [a, b] = between[0];
    let of_pair = between
        .iter()
        .filter(|pair| **pair == [a, b] || **pair == [b, a])
        .count();
    let named = |cluster: u32| match names.get(&cluster) {
        Some(name) => format!("cluster {name} ({})", cluster + 1),
        None => format!("cluster {}", cluster + 1),
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
        said(harness, &format!(", by {} in ", feature.to_lowercase()));
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
    // A figure is of the panel as it is, not as it begins.
    click(harness, "Volcano");
    fs::remove_file(&figure).unwrap();
    click(harness, "Save a figure");
    click_nth(harness, "Save figure", 0);
    wait_for_file(harness, &figure);
    let drawn = fs::read_to_string(&figure).unwrap();
    assert!(drawn.contains("log10 adjusted p"));
    click(harness, "Save a table");
    click(harness, "Of");
    click_nth_option(harness, &format!("the {selected} samples listed"));
    click(harness, "second cluster");
    click_nth(harness, "Save table", 0);
    let cells = folder.join(format!("{name}-samples.csv"));
    wait_for_file(harness, &cells);
    let table = fs::read_to_string(&cells).unwrap();
    let header = table.lines().next().unwrap();
    assert!(header.starts_with("sample,"), "{header}");
    assert!(
        header.contains("ambiguity") && !header.contains("second cluster"),
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
    open_demo(&mut harness, 600, true);
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
        then: Then::Train,
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

/// Groups within a group: the same data with some of their samples, and back to all.
#[test]
fn some_of_the_samples_go_on_alone_and_all_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = super::trained(folder.path(), [4, 2, 3]);
    let result = harness.state().state().result().unwrap().clone();
    let codes = &result.dataset.labels.as_ref().unwrap().codes;
    let first = codes.iter().filter(|code| **code == Some(0)).count();
    let samples = |harness: &Harness<'_, HdumecApp>| {
        let data = harness.state().state().data.as_ref();
        data.map(|data| data.dataset.samples.len())
    };
    assert_eq!(samples(&harness), Some(300));
    // A click on a row of the table of groups selects them.
    click(&mut harness, "Add a panel");
    click(&mut harness, "Table of groups");
    // A worker makes the table.
    let start = Instant::now();
    loop {
        settle(&mut harness);
        let mut links = harness.query_all_by_role(Role::Link);
        let row = links.find(|node| node.accesskit_node().label().as_deref() == Some("B memory"));
        if let Some(row) = row {
            row.click();
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no row came");
    }
    settle(&mut harness);
    assert_eq!(view(&harness).selection.map(|ids| ids.len()), Some(first));
    let run = harness.state().state().document.runs[0].clone();
    for (words, left) in [
        (format!("with these {first} alone"), first),
        (format!("without these {first}"), 300 - first),
    ] {
        click(&mut harness, "Go on with some of the samples");
        click(&mut harness, &words);
        wait(&mut harness, "the samples", |app| {
            let data = app.state().data.as_ref();
            data.is_some_and(|data| data.dataset.samples.len() == left)
        });
        settle(&mut harness);
        harness.get_by_label(&format!(
            "{left} take part; others were left out by choice."
        ));
        // The run of all samples is still there, and so is the selection.
        assert_eq!(harness.state().state().document.runs.len(), 1);
        assert_eq!(view(&harness).selection.map(|ids| ids.len()), Some(first));
        click(&mut harness, "All samples");
        wait(&mut harness, "all samples", |app| {
            let data = app.state().data.as_ref();
            data.is_some_and(|data| data.dataset.samples.len() == 300)
        });
        settle(&mut harness);
        // The run of all samples is shown again.
        let runs = harness.state().state().document.runs.clone();
        assert_eq!(runs, std::slice::from_ref(&run));
        assert_eq!(harness.state().state().document.shown, Some(run.id));
        click(&mut harness, "Explore");
        harness.get_by_label("Map of 300 samples, by label");
    }
    the_model_goes_on_without_them(&mut harness, first);
}

/// The same samples left out, and learned on with the model that there is.
fn the_model_goes_on_without_them(harness: &mut Harness<'static, HdumecApp>, first: usize) {
    let before = harness.state().state().document.shown.unwrap();
    // A cluster of many, which is still there then.
    let clusters = &harness
        .state()
        .state()
        .result()
        .unwrap()
        .last_stage()
        .clusters;
    let cluster = clusters[clusters.len() - 1];
    harness.state_mut().apply(Command::Do(Edit::NameCluster {
        run: before,
        cluster,
        name: "my own".into(),
    }));
    click(harness, "Go on with some of the samples");
    click(harness, &format!("without these {first}, with this model"));
    wait(harness, "the end", |app| {
        let state = app.state();
        state.document.shown != Some(before) && !state.is_training()
    });
    settle(harness);
    let state = harness.state().state();
    assert_eq!(state.page, Page::Explore);
    let result = state.result().unwrap();
    assert_eq!(result.dataset.samples.len(), 300 - first);
    assert_eq!(result.spec.earlier.as_ref().unwrap().samples, 300);
    let run = state.document.runs.last().unwrap();
    assert_eq!(run.name, "Run 1, trained on");
    // Clusters that are left are called as before: by their names, and by the numbers they had where others are gone.
    let names: Vec<&str> = run.cluster_names.values().map(String::as_str).collect();
    assert!(names.contains(&"my own"), "{names:?}");
    let gone = result.spec.earlier.as_ref().unwrap().clusters - result.clusters;
    let number = |name: &&&str| name.parse::<usize>().is_ok();
    assert_eq!(
        names.iter().any(|name| number(&name)),
        gone > 0,
        "{names:?}"
    );
    harness.get_by_label("Goes on with the model of a run on 300 samples");
    // Undo leads back to the run and to all samples.
    super::undo::undo(harness);
    super::undo::undo(harness);
    let state = harness.state().state();
    assert_eq!(state.document.shown, Some(before));
    assert_eq!(state.data.as_ref().unwrap().dataset.samples.len(), 300);
}
