//! Why samples lie between two clusters, told in a panel.

use egui_kittest::kittest::{NodeT as _, Queryable as _};
use hdumec::{
    document::{Layout, Panel},
    pipeline::Lens,
};

use super::{click, said, trained, view};

#[test]
fn reasons_are_counted_checked_and_selected_and_say_what_would_settle_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [30, 4, 6]);
    click(&mut harness, "Why");
    assert_eq!(view(&harness).layout, Layout::reasons());
    said(&mut harness, "Of the 30 most ambiguous samples");
    let checked = said(&mut harness, "Checked: mean F1");
    let f1: f64 = checked.rsplit(' ').next().unwrap().parse().unwrap();
    assert!((0.7..=1.0).contains(&f1), "{checked}");
    click(&mut harness, &checked);
    harness.get_by_label_contains("Samples were made of yours for each reason");
    // What each is called stands in the counts, and in the rows and columns of the table.
    for reason in [
        "doublet",
        "transition",
        "shallow",
        "over-split",
        "contradiction",
    ] {
        assert_eq!(harness.query_all_by_label(reason).count(), 2, "{reason}");
    }

    // A click selects the samples of the first reason that has any, and the panel then tells of these.
    let reasons = [
        "Transition",
        "Shallow",
        "Doublet",
        "Contradiction",
        "Unclear",
    ];
    let some = reasons.into_iter().find(|reason| {
        let link = harness.get_by_label(reason);
        !link.accesskit_node().is_disabled()
    });
    let some = some.expect("thirty samples have reasons");
    click(&mut harness, some);
    let selected = view(&harness).selection.expect("selected").len();
    assert!((1..=30).contains(&selected), "{selected}");
    said(
        &mut harness,
        &format!("Of the {selected} samples that are selected"),
    );

    // The features that would settle it are proteins: components cannot be measured.
    said(&mut harness, "What would settle it");
    let names = harness.state().state().result().unwrap().dataset.modalities[1]
        .measured
        .features
        .names()
        .to_vec();
    let feature = names
        .iter()
        .find(|name| harness.query_by_label(name).is_some());
    let feature = feature.expect("a protein").clone();
    click(&mut harness, &feature);
    let place = names.iter().position(|name| *name == feature).unwrap();
    assert_eq!(view(&harness).lens, Lens::Feature(1, place as u32));
    assert!(view(&harness).layout.panels().contains(&&Panel::Reasons));
}
