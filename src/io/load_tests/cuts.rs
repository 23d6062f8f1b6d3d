//! Samples that are left out by their counts, and what is known of the others.

use super::*;
use crate::{
    data::{BadChoice, Chosen, Column},
    prepare::{Cuts, Recipe, Step},
};

/// Counts of four samples in a table, with labels by position and a column of another kind of data.
fn files(folder: &Path) -> LoadSpec {
    let rna = "sample,CD3E,MS4A1,MT-CO1\na,5,0,1\nb,0,1,9\nc,40,30,2\nd,7,9,0\n";
    fs::write(folder.join("modality_rna.csv"), rna).unwrap();
    fs::write(
        folder.join("modality_ephys.csv"),
        "sample,x,y\na,1,2.5\nb,2,1\nc,3,0\nd,4,2\n",
    )
    .unwrap();
    fs::write(folder.join("labels.csv"), "label\nT\nT\nB\nB\n").unwrap();
    LoadSpec {
        paths: vec![folder.to_owned()],
        prepare: vec!["rna".into()],
        ..LoadSpec::default()
    }
}

#[test]
fn samples_cut_off_are_gone_from_all_modalities_labels_and_columns() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = files(folder.path());
    spec.cuts = Cuts {
        max_mitochondrial: Some(0.5),
        ..Cuts::default()
    };
    let loaded = load(&spec, &CancelToken::new()).unwrap();
    let dataset = &loaded.dataset;
    assert_eq!(dataset.samples.names(), ["a", "c", "d"]);
    assert!(dataset.modalities.iter().all(|m| m.values.samples() == 3));
    let labels = dataset.labels.as_ref().unwrap();
    assert_eq!(labels.codes, [Some(1), Some(0), Some(0)]);
    let Some(Column::Number(counts)) = dataset.obs.get("rna:total_counts") else {
        panic!("{:?}", dataset.obs)
    };
    assert_eq!(*counts, [6.0, 72.0, 16.0]);
    let quality = loaded
        .report
        .modalities
        .iter()
        .find_map(|m| m.quality.clone())
        .unwrap();
    assert_eq!(quality.quality.counts, [6.0, 10.0, 72.0, 16.0]);
    assert_eq!(quality.used, [true, false, true, true]);
    let said = |notice: &LoadNotice| {
        matches!(
            notice,
            LoadNotice::SamplesCut {
                samples: 1,
                of: 4,
                ..
            }
        )
    };
    assert!(loaded.report.notices.iter().any(said));

    // What is recorded loads the same again, with the cuts in the recipe.
    let Some(Source::Files(record)) = &loaded.inputs.source else {
        panic!("files")
    };
    assert!(record.cuts.is_none() && !record.preparation["rna"].cuts.is_none());
    let again = load(record, &CancelToken::new()).unwrap();
    assert_eq!(again.dataset, loaded.dataset);
}

#[test]
fn a_recipe_is_for_a_modality_that_is_there_and_cuts_are_for_counts() {
    let folder = tempfile::tempdir().unwrap();
    let spec = files(folder.path());
    let fails = |change: &dyn Fn(&mut LoadSpec)| {
        let mut spec = spec.clone();
        change(&mut spec);
        load(&spec, &CancelToken::new()).unwrap_err()
    };
    let cuts = Cuts {
        min_counts: Some(20.0),
        ..Cuts::default()
    };
    let unknown = fails(&|spec| {
        spec.preparation
            .insert("RNA".into(), Recipe::of([Step::Log1p]));
    });
    assert!(
        matches!(unknown, LoadError::UnknownModality { .. }),
        "{unknown}"
    );
    let none = fails(&|spec| {
        let recipe = Recipe {
            cuts,
            ..Recipe::none()
        };
        spec.preparation.insert("ephys".into(), recipe);
    });
    assert!(matches!(none, LoadError::NoCounts { .. }), "{none}");
    let all = fails(&|spec| spec.cuts = cuts);
    assert!(
        matches!(all, LoadError::Choice(BadChoice::AllCut { left: 1, of: 4 })),
        "{all}"
    );
    let no_transcripts = fails(&|spec| {
        spec.prepare.clear();
        spec.doublets = true;
    });
    assert!(
        matches!(no_transcripts, LoadError::NoTranscripts { .. }),
        "{no_transcripts}"
    );
}

#[test]
fn samples_that_are_not_chosen_are_left_out_and_bad_choices_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ids = |all: &[&str]| all.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    let with = |samples: Chosen| LoadSpec {
        samples,
        ..files(folder.path())
    };
    let cancel = CancelToken::new();
    let without = load(&with(Chosen::Without(ids(&["b", "unknown"]))), &cancel).unwrap();
    let only = load(&with(Chosen::Only(ids(&["d", "a", "c"]))), &cancel).unwrap();
    for loaded in [&without, &only] {
        let dataset = &loaded.dataset;
        assert_eq!(dataset.samples.names(), ["a", "c", "d"]);
        assert!(dataset.modalities.iter().all(|m| m.values.samples() == 3));
        let labels = dataset.labels.as_ref().unwrap();
        assert_eq!(labels.codes, [Some(1), Some(0), Some(0)]);
        let left_out = LoadNotice::SamplesNotChosen { samples: 1, of: 4 };
        assert!(loaded.report.notices.contains(&left_out));
        // What is recorded loads the same again.
        let Some(Source::Files(record)) = &loaded.inputs.source else {
            panic!("files")
        };
        assert_eq!(load(record, &cancel).unwrap().dataset, *dataset);
    }
    let refused = |samples| load(&with(samples), &cancel).unwrap_err();
    let few = refused(Chosen::Only(ids(&["a", "x"])));
    assert_eq!(few.to_string(), "Of 4 samples, 1 are chosen.");
    let none = refused(Chosen::Without(ids(&["x"])));
    assert!(
        none.to_string().starts_with("None of the 4 samples"),
        "{none}"
    );
    // All of them: nothing is said, and nothing is written.
    let all = load(&with(Chosen::All), &cancel).unwrap();
    let source = serde_json::to_string(&all.inputs.source).unwrap();
    assert!(!source.contains("\"samples\""), "{source}");
}

#[test]
fn samples_that_are_not_kept_leave_the_others_as_they_were_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let ids = |all: &[&str]| all.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    let cancel = CancelToken::new();
    let whole = load(&files(folder.path()), &cancel).unwrap();
    let of = |kept: Chosen, samples: Chosen| LoadSpec {
        kept,
        samples,
        ..files(folder.path())
    };
    let without = Chosen::Without(ids(&["b", "unknown"]));
    let loaded = load(&of(without.clone(), Chosen::All), &cancel).unwrap();
    assert_eq!(loaded.dataset, whole.dataset.select(&[0, 2, 3]).unwrap());
    let report = &loaded.report;
    let classes: Vec<usize> = report.classes.iter().map(|class| class.samples).collect();
    assert_eq!((report.samples, classes), (3, vec![2, 1]));
    let left_out = LoadNotice::SamplesNotKept { samples: 1, of: 4 };
    assert!(report.notices.contains(&left_out), "{:?}", report.notices);
    let Some(source) = &loaded.inputs.source else {
        panic!("no source")
    };
    assert_eq!(source.open(&cancel).unwrap().0, loaded.dataset);
    assert!(!source.is_whole() && source.whole().is_whole());
    // Prepared anew, both choices are one.
    let source = Source::Files(Box::new(of(without, Chosen::Without(ids(&["d"])))));
    let anew = source.with(source.left());
    assert!(anew.kept().is_all());
    assert_eq!(anew.open(&cancel).unwrap().0.samples.names(), ["a", "c"]);
    // Those that are not there do no harm, but something has to be left.
    let gone = load(&of(Chosen::Without(ids(&["x"])), Chosen::All), &cancel).unwrap();
    assert_eq!(gone.dataset, whole.dataset);
    let few = load(&of(Chosen::Only(ids(&["a"])), Chosen::All), &cancel).unwrap_err();
    assert_eq!(few.to_string(), "Of 4 samples, 1 are chosen.");
}
