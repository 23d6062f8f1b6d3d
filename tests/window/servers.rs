//! Machines that lend a device.

use std::fs;

use egui_kittest::kittest::Queryable as _;
use hdumec::{
    app::{Command, Page},
    model::DeviceChoice,
};

use super::{click, open_demo, settle, wait, window};

#[test]
fn another_machine_is_known_from_then_on_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 2, 3]);
    open_demo(&mut harness, 60, false);
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    harness.state_mut().apply(Command::Show(Page::Train));
    settle(&mut harness);
    click(&mut harness, "Another machine\u{2026}");
    harness.get_by_label("Compute on another machine");
    for (field, text) in [
        ("Address", "lab"),
        ("Token", "secret-word"),
        ("Name", "desk"),
    ] {
        click(&mut harness, field);
        harness.get_by_label(field).type_text(text);
        settle(&mut harness);
    }
    harness.get_by_label_contains("64 hexadecimal digits");
    harness
        .get_by_label("Address")
        .type_text("ws://127.0.0.1:1");
    settle(&mut harness);
    // What was typed first is still there.
    assert!(
        harness
            .query_by_label_contains("64 hexadecimal digits")
            .is_some()
    );
    click(&mut harness, "Close");
    click(&mut harness, "Another machine\u{2026}");
    for (field, text) in [
        ("Address", "remote:ws://127.0.0.1:1"),
        ("Token", "secret-word"),
        ("Name", "desk"),
    ] {
        click(&mut harness, field);
        harness.get_by_label(field).type_text(text);
        settle(&mut harness);
    }
    click(&mut harness, "Add and use it");
    let device = |harness: &egui_kittest::Harness<'_, hdumec::ui::HdumecApp>| {
        harness.state().state().document.spec.device.clone()
    };
    assert_eq!(device(&harness), DeviceChoice::Remote("desk".into()));
    let kept = fs::read_to_string(folder.path().join("servers.json")).unwrap();
    assert!(kept.contains("ws://127.0.0.1:1") && kept.contains("secret-word"));
    // Nothing answers there.
    wait(&mut harness, "the answer", |app| {
        app.state().servers.answer.is_some()
    });
    harness.get_by_label_contains("It cannot be reached");
    let settings = fs::read_to_string(folder.path().join("settings.json")).unwrap();
    assert!(!settings.contains("secret-word"));
    click(&mut harness, "Forget");
    assert_eq!(device(&harness), DeviceChoice::Auto);
    let kept = fs::read_to_string(folder.path().join("servers.json")).unwrap();
    assert!(!kept.contains("secret-word"));
}
