//! What is shown can be read, reached and used.

use std::{fs, path::Path};

use eframe::egui::{
    FontId, Key, Modifiers, Shape, accesskit::Role, epaint::text::MissingGlyphPolicy,
};
use egui_kittest::{Harness, kittest::Queryable as _};
use hdumec::{
    app::{Command, Page, Source, Status, Then},
    data::demo::DemoSpec,
    document::Edit,
    io::LoadSpec,
    ui::HdumecApp,
};

use super::{click, settle, status, wait, window};

const LONG: &str = "CD8-positive, alpha-beta memory T cell of the lower left lobe of the lung";

/// Opens a table with these classes, and labels if there are any.
fn open(harness: &mut Harness<'_, HdumecApp>, folder: &Path, classes: &[&str]) {
    let data = folder.join("data");
    fs::create_dir_all(&data).unwrap();
    let sample = |i: usize| format!("\"{LONG}, {i}\"");
    let rows: String = (0..60)
        .map(|i| format!("{},{},{}\n", sample(i), (i * 7) % 13, (i * 5) % 11))
        .collect();
    for modality in [
        "rna",
        "protein_counts_after_centred_log_ratio_transformation_and_scaling",
    ] {
        let file = data.join(format!("modality_{modality}.csv"));
        fs::write(file, format!("sample,a,b\n{rows}")).unwrap();
    }
    if !classes.is_empty() {
        let rows: String = (0..60)
            .map(|i| format!("{},\"{}\"\n", sample(i), classes[i % classes.len()]))
            .collect();
        fs::write(data.join("labels.csv"), format!("sample,label\n{rows}")).unwrap();
    }
    let source = Source::Files(Box::new(LoadSpec {
        paths: vec![data],
        ..Default::default()
    }));
    let then = Then::Nothing;
    harness.state_mut().apply(Command::Open { source, then });
    wait(harness, "the data", |app| app.state().data.is_some());
}

fn demo(harness: &mut Harness<'_, HdumecApp>, samples: usize) {
    super::open_demo(harness, samples, true);
    wait(harness, "training", |app| status(app).is_some());
}

#[test]
fn long_names_push_nothing_out_and_are_told_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    let other = LONG.replace("memory", "effector");
    let tail = format!("{LONG}, in smokers");
    open(&mut harness, folder.path(), &[LONG, &other, &tail]);
    harness.set_size([720.0, 480.0].into());
    settle(&mut harness);
    for name in [LONG, &other, &tail] {
        let rect = harness.get_by_role_and_label(Role::Label, name).rect();
        assert!(rect.right() < 560.0, "{name}: {rect:?}");
    }
    let field = harness.get_by_role_and_label(Role::TextInput, "or a path");
    assert!(field.rect().width() > 140.0, "{:?}", field.rect());
    harness.state_mut().apply(Command::Train);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    harness.state_mut().apply(Command::Show(Page::Explore));
    settle(&mut harness);
    for name in [LONG, &other, &tail] {
        let rect = harness.get_by_label(&format!("Group {name}")).rect();
        assert!(rect.right() <= 720.0, "{name}: {rect:?}");
    }
}

#[test]
fn every_script_is_drawn_where_there_is_a_font() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    let names = [
        "细胞毒性T淋巴细胞",
        "תאי הזיכרון",
        "خلايا قاتلة",
        "NK 🔬 cells",
    ];
    let installed = |name: &&str| {
        let mut signs = name.chars();
        signs.all(|c| c.is_ascii() || hdumec::figure::fonts::fallback().font_for(c).is_some())
    };
    let names: Vec<&str> = names.into_iter().filter(installed).collect();
    if names.len() < 4 {
        eprintln!("only {names:?} are tested: fonts for the others are not installed");
    }
    // Boxes are drawn until the fonts are found; from then on there must be none.
    harness
        .ctx
        .set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    open(&mut harness, folder.path(), &names);
    let ctx = harness.ctx.clone();
    wait(&mut harness, "the fonts", |_| {
        let font = FontId::proportional(14.0);
        ctx.fonts_mut(|fonts| fonts.has_glyphs(&font, "🔬"))
    });
    harness
        .ctx
        .set_missing_glyph_policy(MissingGlyphPolicy::Panic);
    settle(&mut harness);
    for name in names {
        harness.get_by_label(name);
    }
}

#[test]
fn the_large_button_has_a_key_and_a_sheet_keeps_it_from_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    let press = |harness: &mut Harness<'_, HdumecApp>| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        settle(harness);
    };
    open(&mut harness, folder.path(), &["a", "b"]);
    harness.key_press(Key::F1);
    settle(&mut harness);
    press(&mut harness);
    assert_eq!(harness.state().state().page, Page::Data);
    harness.key_press(Key::F1);
    settle(&mut harness);
    press(&mut harness);
    assert_eq!(harness.state().state().page, Page::Train);
    press(&mut harness);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    press(&mut harness);
    assert_eq!(harness.state().state().page, Page::Results);
    press(&mut harness);
    wait(&mut harness, "saving", |app| app.state().saved().is_some());
}

#[test]
fn the_keyboard_is_seen_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    // Lines two points wide around a box of this size.
    let rings = |harness: &Harness<'_, HdumecApp>, around: eframe::egui::Rect| {
        let shapes = harness.output().shapes.iter();
        let ring = |shape: &Shape| match shape {
            Shape::Rect(rect) => {
                rect.stroke.width == 2.0
                    && rect.rect.expand(1.0).contains_rect(around)
                    && around.expand(3.0).contains_rect(rect.rect)
            }
            _ => false,
        };
        shapes.filter(|clipped| ring(&clipped.shape)).count()
    };
    let button = harness.get_by_label("Try the demo").rect();
    assert_eq!(rings(&harness, button), 0);
    harness.get_by_label("Try the demo").focus();
    settle(&mut harness);
    assert_eq!(rings(&harness, button), 1);
    harness.key_press(Key::Tab);
    settle(&mut harness);
    assert_eq!(rings(&harness, button), 0);
}

#[test]
fn controls_of_one_kind_have_one_height() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    demo(&mut harness, 200);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    for page in Page::ALL {
        harness.state_mut().apply(Command::Show(page));
        settle(&mut harness);
        if page == Page::Explore {
            click(&mut harness, "Bring out the least certain");
        }
        for role in [
            Role::Button,
            Role::ComboBox,
            Role::TextInput,
            Role::SpinButton,
        ] {
            for node in harness.query_all_by_role(role) {
                let height = node.rect().height().round();
                // The large button, and the field for a folder of two lines.
                let known = [28.0, 36.0].contains(&height) || page == Page::Results;
                assert!(known, "{page}, {node:?}: {height}");
            }
        }
    }
}

#[test]
fn a_copy_says_that_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    demo(&mut harness, 200);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    click(&mut harness, "Bring out the least certain");
    let before = harness.get_by_label("Copy ids").rect();
    harness.get_by_label("Copy ids").click();
    harness.run_steps(2);
    let after = harness.get_by_label("Copied").rect();
    assert_eq!(before, after, "nothing moves");
    harness.run_steps(20);
    harness.get_by_label("Copy ids");
    assert!(harness.query_by_label("Copied").is_none());
}

#[test]
fn a_notice_goes_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [100_000, 1, 1]);
    let none = |app: &HdumecApp| app.state().notices.is_empty();
    // A file that is not there, until another is opened.
    let missing = Source::files(vec![folder.path().join("missing.csv")]);
    harness.state_mut().apply(Command::Open {
        source: missing,
        then: Then::Nothing,
    });
    wait(&mut harness, "the problem", |app| !none(app));
    open(&mut harness, folder.path(), &[]);
    settle(&mut harness);
    assert!(none(harness.state()));

    // No number of clusters, until one is set; the card offers help with it.
    harness.state_mut().apply(Command::Train);
    settle(&mut harness);
    harness.state_mut().apply(Command::Show(Page::Data));
    settle(&mut harness);
    click(&mut harness, "How many?");
    assert!(harness.state().state().suggestion.is_some());
    harness.state_mut().apply(Command::ForgetSuggestion);
    harness.state_mut().apply(Command::Train);
    settle(&mut harness);
    assert!(!none(harness.state()));
    let mut spec = harness.state().state().document.spec.clone();
    spec.clusters = Some(3);
    harness
        .state_mut()
        .apply(Command::Do(Edit::Settings(Box::new(spec))));
    settle(&mut harness);
    assert!(none(harness.state()));

    // A training in the way, until it has ended.
    harness.state_mut().apply(Command::Train);
    let other = Source::Demo(DemoSpec::default());
    harness.state_mut().apply(Command::Open {
        source: other,
        then: Then::Nothing,
    });
    settle(&mut harness);
    harness.get_by_label("Opening other data ends it.");
    harness.state_mut().apply(Command::Cancel);
    wait(&mut harness, "the cancel", |app| !app.state().is_training());
    assert!(none(harness.state()));
}
