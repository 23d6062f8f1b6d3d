//! Undo and redo.

use eframe::egui::{Key, Modifiers};
use egui_kittest::{Harness, kittest::Queryable as _};
use hdumec::{
    app::{Command, Page, Source, Status, Then},
    data::{SampleSet, demo::DemoSpec},
    document::{Document, Edit, View},
    ui::HdumecApp,
};

use super::{click, settle, status, trained, wait};

pub(super) fn document(harness: &Harness<'_, HdumecApp>) -> Document {
    harness.state().state().document.clone()
}

pub(super) fn edit(harness: &mut Harness<'_, HdumecApp>, edit: Edit) {
    harness.state_mut().apply(Command::Do(edit));
    settle(harness);
}

pub(super) fn see(harness: &mut Harness<'_, HdumecApp>, change: impl FnOnce(&mut View)) {
    let mut view = document(harness).view;
    change(&mut view);
    edit(harness, Edit::View(Box::new(view)));
}

pub(super) fn undo(harness: &mut Harness<'_, HdumecApp>) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(harness);
}

pub(super) fn redo(harness: &mut Harness<'_, HdumecApp>) {
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(harness);
}

pub(super) fn train_again(harness: &mut Harness<'_, HdumecApp>, seed: u64) {
    let mut spec = document(harness).spec;
    spec.seed = seed;
    edit(harness, Edit::Settings(Box::new(spec)));
    harness.state_mut().apply(Command::Train);
    wait(harness, "the end of the training", |app| {
        status(app) == Some(Status::Finished)
    });
}

type Action = Box<dyn Fn(&mut Harness<'_, HdumecApp>)>;

#[test]
fn twenty_mixed_actions_are_undone_by_keyboard_bit_for_bit_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    let ids: SampleSet = {
        let data = harness.state().state().data.as_ref().unwrap();
        SampleSet::at(&data.dataset.samples, 3..40)
    };
    let steps = harness.state().state().history.past().len();
    let mut seen = vec![document(&harness)];
    let actions: Vec<Action> = vec![
        Box::new(|h| click(h, "Group NK")),
        Box::new(|h| {
            click(h, "Group by");
            click(h, "cluster");
        }),
        Box::new(|h| click(h, "Group Cluster 2")),
        Box::new(|h| {
            click(h, "Colour by");
            click(h, "ambiguity");
        }),
        Box::new(|h| click(h, "Bring out the least certain")),
        Box::new(|h| see(h, |view| view.percent = 12.0)),
        Box::new(move |h| see(h, |view| view.selection = Some(ids.clone()))),
        Box::new(|h| see(h, |view| view.range = (0.2, 0.9))),
        Box::new(|h| see(h, |view| view.stage = 1)),
        Box::new(|h| {
            let id = h.state().state().data.as_ref().unwrap().dataset.samples[7].clone();
            see(h, |view| view.pinned = Some(id));
        }),
        Box::new(|h| train_again(h, 5)),
        Box::new(|h| {
            let mut run = document(h).runs[1].clone();
            run.name = "another seed".into();
            edit(h, Edit::RenameRun(run));
        }),
        Box::new(|h| {
            let first = document(h).runs[0].id;
            edit(h, Edit::ShowRun(first));
        }),
        Box::new(|h| {
            click(h, "Compare");
            click(h, "WNN + Leiden");
        }),
        Box::new(|h| {
            let mut noise = document(h).noise;
            noise.strength *= 2.0;
            edit(h, Edit::Noise(Box::new(noise)));
        }),
        Box::new(|h| {
            let second = document(h).runs[1].id;
            edit(h, Edit::RemoveRun(second));
        }),
        Box::new(|h| {
            click(h, "Explore");
            click(h, "Clear");
        }),
        Box::new(|h| click(h, "Bring out the least certain")),
        Box::new(|h| {
            let mut spec = document(h).spec;
            (spec.clusters, spec.umap.neighbours) = (Some(6), 30);
            edit(h, Edit::Settings(Box::new(spec)));
        }),
        Box::new(|h| {
            let source = Source::Demo(DemoSpec {
                samples: 200,
                seed: 3,
            });
            h.state_mut().apply(Command::Anyway(Box::new(Command::Open {
                source,
                then: Then::Nothing,
            })));
            wait(h, "other data", |app| {
                app.state().data.as_ref().unwrap().dataset.samples() == 200
            });
        }),
    ];
    assert_eq!(actions.len(), 20);
    for action in &actions {
        action(&mut harness);
        assert_ne!(Some(&document(&harness)), seen.last());
        seen.push(document(&harness));
    }
    let results = harness.state().state().history.past().len() - steps;
    assert!(results >= 20, "{results}");

    // To where it began, step by step, and every document on the way is one that was there.
    let mut back = vec![document(&harness)];
    while harness.state().state().history.past().len() > steps {
        undo(&mut harness);
        back.push(document(&harness));
    }
    let first = &seen[0];
    assert_eq!(back.last(), Some(first));
    let bits = |document: &Document| serde_json::to_vec(document).unwrap();
    assert_eq!(bits(back.last().unwrap()), bits(first));
    for known in &seen {
        assert!(back.contains(known), "{known:?}");
    }
    assert_eq!(harness.state().state().page, Page::Explore);
    harness.get_by_label("Map of 300 samples, by label");

    for known in back.iter().rev().skip(1) {
        redo(&mut harness);
        assert_eq!(bits(&document(&harness)), bits(known));
    }
    assert!(harness.state().state().history.future().is_empty());
    let data = harness.state().state().data.as_ref().unwrap();
    assert_eq!(data.dataset.samples(), 200);
}
