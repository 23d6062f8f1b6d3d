//! The whole window, driven by the names that a screen reader would read out.

mod check;
mod compare;
mod explore;
mod files;
mod first_steps;
mod journey;
mod look;
mod panels;
mod prepare;
mod reasons;
mod resuming;
mod runs;
mod saving;
#[cfg(feature = "remote")]
mod servers;
mod sessions;
mod suggestion;
mod training_on;
mod undo;

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
    app::{Command, Page, Source, Status, Then},
    data::demo::DemoSpec,
    document::{Edit, View},
    pipeline::Lens,
    ui::HdumecApp,
};

/// How long is waited for something: what takes seconds here may take minutes on a machine with other work.
const PATIENCE: Duration = Duration::from_secs(300);

/// A window whose remembered settings make training quick.
fn window(folder: &Path, epochs: [usize; 3]) -> Harness<'static, HdumecApp> {
    let settings = folder.join("settings.json");
    let text = format!(
        r#"{{"theme":"light","results_beside":{:?},"store":{:?},"spec":{{"device":"cpu",
            "train":{{"epochs":{epochs:?},"hidden":32,"tolerance":0.0}},"umap":{{"epochs":30}}}}}}"#,
        folder.display().to_string(),
        folder.join("store").display().to_string()
    );
    fs::write(&settings, text).unwrap();
    let mut harness = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_max_steps(20)
        .build_eframe(move |creation| {
            HdumecApp::new(&creation.egui_ctx, Some(settings), false, Vec::new())
        });
    settle(&mut harness);
    harness
}

/// Opens so many cells of the demo, and trains on them if that is wanted.
fn open_demo(harness: &mut Harness<'_, HdumecApp>, samples: usize, train: bool) {
    let source = Source::Demo(DemoSpec { samples, seed: 0 });
    let then = if train { Then::Train } else { Then::Nothing };
    harness.state_mut().apply(Command::Open { source, then });
}

/// A window with a small demo on which training has ended.
fn trained(folder: &Path, epochs: [usize; 3]) -> Harness<'static, HdumecApp> {
    let mut harness = window(folder, epochs);
    open_demo(&mut harness, 300, true);
    wait(&mut harness, "the result", |app| {
        status(app) == Some(Status::Finished)
    });
    harness
}

/// A few frames: enough for a command to be carried out and shown.
fn settle(harness: &mut Harness<'_, HdumecApp>) {
    harness.run_steps(4);
}

/// Clicks the control of that name; texts of the same name are passed over.
fn click(harness: &mut Harness<'_, HdumecApp>, label: &str) {
    harness
        .query_all_by_label(label)
        .find(|node| node.accesskit_node().role() != Role::Label)
        .unwrap_or_else(|| panic!("no control is called {label}"))
        .click();
    settle(harness);
}

fn wait(
    harness: &mut Harness<'_, HdumecApp>,
    what: &str,
    mut done: impl FnMut(&HdumecApp) -> bool,
) {
    let start = Instant::now();
    while !done(harness.state()) {
        assert!(start.elapsed() < PATIENCE, "{what} never came");
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
    settle(harness);
}

/// Waits until something is there so many times.
fn appears(harness: &mut Harness<'_, HdumecApp>, label: &str, times: usize) {
    let start = Instant::now();
    while harness.query_all_by_label(label).count() < times {
        assert!(
            start.elapsed() < PATIENCE,
            "'{label}' never came {times} times; what is there: {:?}",
            words(harness)
        );
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
}

/// All that can be read, for whoever looks why a test failed.
fn words(harness: &Harness<'_, HdumecApp>) -> Vec<String> {
    let nodes = harness.query_all(egui_kittest::kittest::by());
    let words = nodes.filter_map(|node| {
        let node = node.accesskit_node();
        node.label().or(node.value())
    });
    words.collect()
}

/// How things are looked at.
fn view(harness: &Harness<'_, HdumecApp>) -> View {
    harness.state().state().document.view.clone()
}

/// Colours by the data noise, whichever kind of uncertainty finds errors best.
fn colour_by_noise(harness: &mut Harness<'_, HdumecApp>) {
    let mut view = view(harness);
    view.colour_by(Lens::Noise);
    let edit = Edit::View(Box::new(view));
    harness.state_mut().apply(Command::Do(edit));
    settle(harness);
}

/// What samples are coloured by.
fn lens_name(harness: &Harness<'_, HdumecApp>) -> String {
    let result = harness.state().state().result().unwrap();
    view(harness).lens.name(&result.dataset)
}

/// Waits until something is said that has these words, and gives all of it.
fn said(harness: &mut Harness<'_, HdumecApp>, words: &str) -> String {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        settle(harness);
        if let Some(node) = harness.query_all_by_label_contains(words).next() {
            let node = node.accesskit_node();
            return node.label().or(node.value()).unwrap_or_default();
        }
    }
    panic!("'{words}' was never said");
}

/// Saves the results, and waits until they are there.
fn save(harness: &mut Harness<'_, HdumecApp>, directory: &Path) {
    harness.state_mut().apply(Command::Save {
        directory: directory.to_owned(),
        replace: false,
    });
    wait(harness, "the results", |app| app.state().saving.is_none());
}

fn status(app: &HdumecApp) -> Option<Status> {
    app.state().run.as_ref().map(|run| run.status.clone())
}
