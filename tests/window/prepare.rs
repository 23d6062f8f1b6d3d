//! The page of the preparation.

use std::{fmt::Write as _, fs};

use egui_kittest::kittest::Queryable as _;
use hdumec::{
    app::{Command, Page, Source, Theme, Then},
    io::LoadSpec,
    prepare::{Cuts, Recipe, Step},
};

use super::{click, wait, window};

/// Counts of 60 samples and 30 genes in a 10x folder.
fn counts(folder: &std::path::Path) {
    let (mut entries, mut count) = (String::new(), 0);
    for sample in 0..60_u32 {
        for gene in 0..30_u32 {
            let x = (sample * 7 + gene * 13 + sample * gene) % 11;
            if x > 4 {
                let _ = writeln!(
                    entries,
                    "{} {} {}",
                    gene + 1,
                    sample + 1,
                    x * (1 + sample % 3)
                );
                count += 1;
            }
        }
    }
    let head = "%%MatrixMarket matrix coordinate integer general";
    fs::write(
        folder.join("matrix.mtx"),
        format!("{head}\n30 60 {count}\n{entries}"),
    )
    .unwrap();
    let feature = |at: u32| format!("id{at}\tgene{at}\tGene Expression\n");
    fs::write(
        folder.join("features.tsv"),
        (0..30).map(feature).collect::<String>(),
    )
    .unwrap();
    let barcode = |at: u32| format!("cell{at}\n");
    fs::write(
        folder.join("barcodes.tsv"),
        (0..60).map(barcode).collect::<String>(),
    )
    .unwrap();
}

#[test]
fn steps_are_tried_at_once_and_used_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).unwrap();
    counts(&raw);
    let mut harness = window(folder.path(), [2, 1, 1]);
    let spec = LoadSpec {
        paths: vec![raw],
        ..LoadSpec::default()
    };
    harness.state_mut().apply(Command::Open {
        source: Source::Files(Box::new(spec)),
        then: Then::Nothing,
    });
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    harness.state_mut().apply(Command::Show(Page::Prepare));
    harness.step();
    harness.get_by_label("Go on to training");
    harness.get_by_label_contains("Histogram: Counts");
    harness.get_by_label_contains("Plot: mean and variability");
    assert!(
        harness.state().state().preview.is_none(),
        "nothing was changed yet"
    );

    // A step left out is tried on some samples, and nothing is used yet.
    let steps = |harness: &egui_kittest::Harness<'_, hdumec::ui::HdumecApp>| {
        let report = harness
            .state()
            .state()
            .data
            .as_ref()
            .unwrap()
            .report
            .clone();
        report.unwrap().modalities[0].recipe.steps.len()
    };
    let before = steps(&harness);
    click(&mut harness, "Leave out: No constant features");
    wait(&mut harness, "the preview", |app| {
        let preview = app.state().preview.as_ref();
        preview.is_some_and(|preview| preview.outcome.as_ref().is_some_and(Result::is_ok))
    });
    assert_eq!(steps(&harness), before);
    click(&mut harness, "Use these steps");
    wait(&mut harness, "the data", |app| {
        app.state().loading.is_none()
    });
    assert_eq!(steps(&harness), before - 1);
    assert_eq!(harness.state().state().page, Page::Prepare);
    harness.step();
    harness.get_by_label("Go on to training");

    // Steps that make no sense are refused in words, where they stand.
    let recipe = Recipe::of([Step::Log1p, Step::Normalise { target: 1e4 }]);
    harness.state_mut().apply(Command::Preview {
        modality: 0,
        recipe,
    });
    wait(&mut harness, "the refusal", |app| {
        let preview = app.state().preview.as_ref();
        let outcome = preview.and_then(|preview| preview.outcome.as_ref());
        outcome.is_some_and(|outcome| {
            outcome
                .as_ref()
                .is_err_and(|why| why.contains("does not fit"))
        })
    });

    for size in [[900.0, 600.0], [720.0, 480.0], [1280.0, 800.0]] {
        harness.set_size(size.into());
        for theme in [Theme::Light, Theme::Dark] {
            harness.state_mut().apply(Command::SetTheme(theme));
            harness.step();
            harness.get_by_label_contains("Histogram: Counts");
        }
    }

    // Cuts are suggested, and taken back.
    click(&mut harness, "Suggest");
    harness.step();
    click(&mut harness, "Keep all");
    harness.step();
    harness.get_by_label("All 60 samples stay");
    let data = harness.state().state().data.clone().unwrap();
    let report = data.report.unwrap();
    assert_eq!(report.modalities[0].recipe.cuts, Cuts::default());
}
