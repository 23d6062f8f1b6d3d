//! Machines that lend a device.

use std::fs;

use eframe::egui::Event;
use egui_kittest::{Harness, kittest::Queryable as _};
use hdumec::{
    app::{Command, Page},
    model::DeviceChoice,
    ui::HdumecApp,
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
    let fill = |harness: &mut Harness<'_, HdumecApp>, address: &str| {
        for (field, text) in [
            ("Address", address),
            ("Token", "secret-word"),
            ("Name", "desk"),
        ] {
            click(harness, field);
            harness.event(Event::Text(text.into()));
            settle(harness);
        }
    };
    fill(&mut harness, "lab");
    harness.get_by_label_contains("64 hexadecimal digits");
    // What was typed goes with the sheet.
    click(&mut harness, "Close");
    click(&mut harness, "Another machine\u{2026}");
    fill(&mut harness, "remote:ws://127.0.0.1:1");
    click(&mut harness, "Add and use it");
    let desk = DeviceChoice::Remote("desk".into());
    wait(&mut harness, "the server", |app| {
        app.state().document.spec.device == desk
    });
    let kept = fs::read_to_string(folder.path().join("servers.json")).unwrap();
    assert!(kept.contains("ws://127.0.0.1:1") && kept.contains("secret-word"));
    // Nothing answers there.
    wait(&mut harness, "the answer", |app| {
        app.state().servers.answer.is_some()
    });
    harness.get_by_label_contains("it cannot be reached");
    let settings = fs::read_to_string(folder.path().join("settings.json")).unwrap();
    assert!(!settings.contains("secret-word"));
    click(&mut harness, "Forget");
    wait(&mut harness, "the change", |app| !app.state().is_busy());
    let device = &harness.state().state().document.spec.device;
    assert_eq!(*device, DeviceChoice::Auto);
    let kept = fs::read_to_string(folder.path().join("servers.json")).unwrap();
    assert!(!kept.contains("secret-word"));
}
