//! Runs that take over what parts of earlier ones came to: only what depends on a changed setting is computed, and the bits are those of
//! a whole run.

use std::{cell::RefCell, path::Path, sync::Arc};

use hdumec::{
    data::Dataset,
    job::CancelToken,
    pipeline::{
        self, AnalysisResult, AnalysisSpec, Checkpoint, Event, Milestone, Node, RunSlot, RunStore,
        Sink,
    },
    train::Stage,
};

use super::{robust_spec, small_demo, small_spec};

/// Writes down how far the run is, and keeps what is told.
struct Kept<'a> {
    slot: &'a RunSlot,
    told: RefCell<Vec<Event>>,
}

impl Sink for Kept<'_> {
    fn event(&self, event: Event) {
        self.told.borrow_mut().push(event);
    }

    fn checkpoint(&self, at: Milestone, make: &mut dyn FnMut() -> Option<Checkpoint>) {
        self.slot.offer(at, make);
    }
}

fn stored(
    store: &RunStore,
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
) -> (AnalysisResult, Vec<Event>) {
    let slot = store.take(dataset, spec, None).unwrap().unwrap();
    let clusters = spec.clusters_for(dataset).unwrap();
    let found = slot.resume(dataset, spec, clusters, true);
    let sink = Kept {
        slot: &slot,
        told: RefCell::default(),
    };
    let result = pipeline::run(dataset, spec, found, &sink, &CancelToken::new()).unwrap();
    let told = sink.told.into_inner();
    slot.finish();
    (result, told)
}

fn assert_same(one: &AnalysisResult, other: &AnalysisResult, what: &str) {
    let stage = |result: &AnalysisResult| {
        let second = result.stage2.as_ref().unwrap();
        [&result.stage1, second].map(|stage| {
            (
                stage.embedding.clone(),
                stage.q.clone(),
                stage.clusters.clone(),
                stage.umap.clone().unwrap(),
                stage.scores,
            )
        })
    };
    assert_eq!(stage(one), stage(other), "{what}");
    assert_eq!(one.weights, other.weights, "{what}");
    assert_eq!(one.uncertainty, other.uncertainty, "{what}");
    assert_eq!(one.consensus, other.consensus, "{what}");
    assert_eq!(one.starts, other.starts, "{what}");
    assert_eq!(one.spec, other.spec, "{what}");
    let epochs = |result: &AnalysisResult| {
        let told = result.history.iter();
        told.map(|e| (e.stage, e.epoch, e.epochs, e.loss.map(f64::to_bits)))
            .collect::<Vec<_>>()
    };
    assert_eq!(epochs(one), epochs(other), "{what}");
}

/// A change, the last part that is taken over after it, and the stages that are trained.
type Case<'a> = (&'a str, fn(&mut AnalysisSpec), Option<Node>, &'a [Stage]);

fn check(first: &AnalysisSpec, cases: &[Case<'_>]) {
    let dataset = small_demo();
    let folder = tempfile::tempdir().unwrap();
    let store = RunStore::at(folder.path());
    let (whole, _) = stored(&store, &dataset, first);
    assert_eq!(whole.taken_over, None);
    for &(what, change, from, trained) in cases {
        let mut spec = first.clone();
        change(&mut spec);
        let (again, told) = stored(&store, &dataset, &spec);
        assert_eq!(again.taken_over, from, "{what}");
        let stages: Vec<Stage> = Stage::ALL
            .into_iter()
            .filter(|stage| {
                let of = |event: &Event| matches!(event, Event::Epoch(e) if e.stage == *stage);
                told.iter().any(of)
            })
            .collect();
        assert_eq!(stages, trained, "{what}");
        let (fresh, _) = stored(&RunStore::at(&folder.path().join(what)), &dataset, &spec);
        assert_same(&again, &fresh, what);
    }
}

const ALL: &[Stage] = &Stage::ALL;
const LATER: &[Stage] = &[Stage::UncertaintyFinetune, Stage::Clustering];
const LAST: &[Stage] = &[Stage::Clustering];

#[test]
fn only_what_depends_on_a_change_is_computed_again() {
    check(
        &robust_spec(),
        &[
            ("the same", |_| {}, Some(Node::Stage2), &[]),
            ("umap", |s| s.umap.neighbours = 7, Some(Node::Stage2), &[]),
            (
                "stage 2",
                |s| s.train.learning_rates[2] *= 3.0,
                Some(Node::Stage1),
                LAST,
            ),
            (
                "stage 2 and umap",
                |s| {
                    s.train.learning_rates[2] *= 2.0;
                    s.umap.min_dist = 0.4;
                },
                Some(Node::Stage1),
                LAST,
            ),
            (
                "alpha",
                |s| s.train.alpha = 2.0,
                Some(Node::Uncertainty),
                LAST,
            ),
            (
                "uncertainty",
                |s| s.train.epochs[1] += 1,
                Some(Node::Votes),
                LATER,
            ),
            (
                "votes",
                |s| s.train.graph_votes = 3,
                Some(Node::Starts),
                LATER,
            ),
            (
                "clusters",
                |s| s.clusters = Some(5),
                Some(Node::Starts),
                LATER,
            ),
            ("seed", |s| s.seed = 77, None, ALL),
        ],
    );
}

#[test]
fn the_published_recipe_takes_over_what_knows_no_clusters() {
    check(
        &small_spec(),
        &[
            ("umap", |s| s.umap.neighbours = 7, Some(Node::Stage2), &[]),
            (
                "clusters",
                |s| s.clusters = Some(5),
                Some(Node::Uncertainty),
                LAST,
            ),
            (
                "uncertainty",
                |s| s.train.learning_rates[1] *= 2.0,
                Some(Node::Starts),
                LATER,
            ),
            ("width", |s| s.train.hidden += 8, None, ALL),
        ],
    );
}

#[test]
fn what_parts_came_to_stays_within_its_limit_and_what_is_torn_is_left_out() {
    let (dataset, spec) = (small_demo(), robust_spec());
    let folder = tempfile::tempdir().unwrap();
    let parts = |folder: &Path| -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        let files = entries.map(|entry| entry.path());
        files
            .filter(|file| file.extension().is_some_and(|end| end == "part"))
            .collect()
    };
    let bytes = |files: &[std::path::PathBuf]| -> u64 {
        let each = files
            .iter()
            .map(|file| std::fs::metadata(file).unwrap().len());
        each.sum()
    };
    let (whole, _) = stored(&RunStore::at(folder.path()), &dataset, &spec);
    let all = parts(folder.path());
    assert_eq!(all.len(), 5);

    // Half of every file, and then a byte of each that is another: nothing of them is used.
    for damage in [0, 1] {
        for file in &all {
            let mut content = std::fs::read(file).unwrap_or_default();
            match damage {
                0 => content.truncate(content.len() / 2),
                _ => {
                    let middle = content.len() / 2;
                    content[middle] ^= 1;
                }
            }
            std::fs::write(file, content).unwrap();
        }
        let (again, _) = stored(&RunStore::at(folder.path()), &dataset, &spec);
        assert_eq!(again.taken_over, None);
        assert_same(&again, &whole, "after damage");
    }

    let limit = bytes(&all) * 6 / 10;
    let gibibytes = limit as f64 / f64::from(1 << 30);
    let few = tempfile::tempdir().unwrap();
    let store = RunStore::at(few.path()).with_limit(Some(gibibytes));
    stored(&store, &dataset, &spec);
    let kept = parts(few.path());
    assert!(!kept.is_empty() && bytes(&kept) <= limit, "{kept:?}");
    let none = tempfile::tempdir().unwrap();
    let store = RunStore::at(none.path()).with_limit(Some(0.0));
    stored(&store, &dataset, &spec);
    let (again, _) = stored(&store, &dataset, &spec);
    assert!(parts(none.path()).is_empty() && again.taken_over.is_none());
}
