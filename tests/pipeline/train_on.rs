//! Runs that go on with the model of an earlier one, on some of its samples.

use std::{cell::RefCell, sync::Arc};

use hdumec::{
    analysis::scores,
    data::{Chosen, Dataset},
    job::CancelToken,
    pipeline::{
        self, AnalysisResult, Checkpoint, Event, Lens, Milestone, Node, RunError, Sink, TrainOn,
        TrainOnError,
    },
    preprocess::FeatureScale,
    train::Stage,
};
use ndarray::{Array2, Axis};

use super::{robust_spec, run, small_demo, small_spec};

/// All but a cluster, counted from 0, and the most ambiguous of the others, by their ids.
fn fewer(result: &AnalysisResult, cluster: u32, ambiguous: usize) -> Arc<Dataset> {
    let stage = result.last_stage();
    let doubt = Lens::Ambiguity.values(result, stage).unwrap();
    let elected = match &result.consensus {
        Some(consensus) => consensus.labels.clone(),
        None => stage.clusters.to_vec(),
    };
    let mut order: Vec<usize> = (0..doubt.len())
        .filter(|&i| elected[i] != cluster)
        .collect();
    order.sort_by(|&a, &b| doubt[b].total_cmp(&doubt[a]));
    let left = order.split_off(ambiguous);
    let ids = left
        .iter()
        .map(|&i| result.dataset.samples.names()[i].clone());
    let whole = (*result.dataset).clone();
    Arc::new(whole.chosen(&Chosen::Only(ids.collect())).unwrap())
}

fn on(on: &TrainOn, dataset: &Arc<Dataset>) -> (AnalysisResult, Vec<Event>) {
    let events = RefCell::new(Vec::new());
    let sink = |event| events.borrow_mut().push(event);
    let from = Some(on.from.clone());
    let result = pipeline::run(dataset, &on.spec, from, &sink, &CancelToken::new()).unwrap();
    (result, events.into_inner())
}

#[test]
fn the_others_keep_their_clusters_and_learn_on() {
    let (earlier, _) = run(&small_demo(), &robust_spec());
    let dataset = fewer(&earlier, 1, 12);
    let begins = TrainOn::of(&earlier, None, &dataset).unwrap();
    // The cluster that is gone has no number any more.
    let numbers: Vec<u32> = (0..earlier.clusters as u32).filter(|&k| k != 1).collect();
    assert_eq!(begins.clusters, numbers);
    let (result, told) = on(&begins, &dataset);
    assert_eq!(result.clusters, earlier.clusters - 1);
    let places = dataset
        .samples
        .iter()
        .map(|id| earlier.dataset.samples.position(id));
    let then: Vec<u32> = places
        .map(|at| earlier.last_stage().clusters[at.unwrap()])
        .collect();
    let now: Vec<u32> = result
        .last_stage()
        .clusters
        .iter()
        .map(|&k| numbers[k as usize])
        .collect();
    let same = then.iter().zip(&now).filter(|(a, b)| a == b).count();
    assert!(same * 100 > 95 * now.len(), "{same} of {}", now.len());
    // It learned, in a part of the epochs, and has no starts of its own.
    assert_ne!(result.weights, earlier.weights);
    let epochs = |stage| result.history.iter().filter(|e| e.stage == stage).count();
    assert_eq!(
        epochs(Stage::Pretrain),
        robust_spec().train.epochs[0].div_ceil(4)
    );
    assert!(epochs(Stage::UncertaintyFinetune) > 0 && epochs(Stage::Clustering) > 0);
    assert!(result.starts.is_empty());
    assert!(
        !told
            .iter()
            .any(|e| matches!(e, Event::Start(_) | Event::Resumed(_)))
    );
    let disagreement = result.last_stage().disagreement.as_ref().unwrap();
    assert_eq!(disagreement.len(), dataset.samples());
    assert!(
        result
            .uncertainty
            .sample
            .iter()
            .all(|x| x.is_finite() && *x > 0.0)
    );
    // Values are scaled as the model knows them, not by those that are left.
    let scale = |of: &Dataset| FeatureScale::of(&of.modalities[0].values).unwrap();
    assert_ne!(scale(&dataset), scale(&earlier.dataset));
    assert_eq!(result.scales.as_ref().unwrap()[0], scale(&earlier.dataset));

    // The maps are turned like the one before: no rotation brings them closer.
    let before = earlier.last_stage().umap.as_ref().unwrap();
    let places = dataset.samples.iter();
    let places: Vec<usize> = places
        .map(|id| earlier.dataset.samples.position(id).unwrap())
        .collect();
    let before = before.select(Axis(0), &places);
    let now = result.stage1.umap.as_ref().unwrap();
    let from_centre = |map: &Array2<f32>| map - &map.mean_axis(Axis(0)).unwrap();
    let (before, now) = (from_centre(&before), from_centre(now));
    let sum = |a: usize, b: usize| (&before.column(a) * &now.column(b)).sum();
    let (along, across) = (sum(0, 0) + sum(1, 1), sum(0, 1) - sum(1, 0));
    assert!(
        along > 0.0 && across.abs() < 1e-3 * along,
        "{along}, {across}"
    );

    // The same beginning comes to the same bits, and so does a second step from its result.
    let (again, _) = on(&begins, &dataset);
    assert_eq!(again.weights, result.weights);
    assert_eq!(again.last_stage().umap, result.last_stage().umap);
    let less = fewer(&result, 0, 5);
    let second = TrainOn::of(&result, None, &less).unwrap();
    let (third, _) = on(&second, &less);
    assert_eq!(third.scales, result.scales, "still those of the first");
    assert_eq!(third.spec.from_the_start().train, robust_spec().train);
    let earlier_of = third.spec.earlier.as_ref().unwrap();
    assert_eq!(earlier_of.weights, result.weights.sha256());
    assert_eq!(earlier_of.samples, dataset.samples());
}

/// Keeps how far a run was after a part.
struct At(Node, RefCell<Option<Checkpoint>>);

impl Sink for At {
    fn event(&self, _: Event) {}

    fn checkpoint(&self, at: Milestone, make: &mut dyn FnMut() -> Option<Checkpoint>) {
        if at == Milestone::After(self.0) {
            self.1.replace(make());
        }
    }
}

#[test]
fn it_goes_on_where_it_was_cut_off() {
    for (spec, node) in [
        (robust_spec(), Node::Starts),
        (robust_spec(), Node::Uncertainty),
        (small_spec(), Node::Stage1),
    ] {
        let (earlier, _) = run(&small_demo(), &spec);
        let dataset = fewer(&earlier, 0, 20);
        let begins = TrainOn::of(&earlier, None, &dataset).unwrap();
        let (whole, _) = on(&begins, &dataset);
        let sink = At(node, RefCell::default());
        let cancel = CancelToken::new();
        let from = Some(begins.from.clone());
        pipeline::run(&dataset, &begins.spec, from, &sink, &cancel).unwrap();
        let cut_off = sink.1.take();
        assert!(cut_off.is_some(), "{node}");
        let told = RefCell::new(false);
        let follow = |event| *told.borrow_mut() |= matches!(event, Event::Resumed(_));
        let rest = pipeline::run(&dataset, &begins.spec, cut_off, &follow, &cancel).unwrap();
        assert!(told.into_inner(), "{node}: nothing is told");
        assert_eq!(rest.weights, whole.weights, "{node}");
        assert_eq!(rest.last_stage().umap, whole.last_stage().umap, "{node}");
        assert_eq!(rest.scales, whole.scales, "{node}");
    }
}

#[test]
fn the_published_recipe_goes_on_too() {
    let (earlier, _) = run(&small_demo(), &small_spec());
    let dataset = fewer(&earlier, u32::MAX, 40);
    let begins = TrainOn::of(&earlier, None, &dataset).unwrap();
    assert!(begins.clusters.is_empty(), "k-means numbers them anew");
    let (result, _) = on(&begins, &dataset);
    assert_eq!(result.clusters, earlier.clusters);
    let places = dataset
        .samples
        .iter()
        .map(|id| earlier.dataset.samples.position(id));
    let then: Vec<u32> = places
        .map(|at| earlier.last_stage().clusters[at.unwrap()])
        .collect();
    let alike = scores::adjusted_rand_index(&then, &result.last_stage().clusters);
    assert!(alike > 0.5, "{alike}");
}

#[test]
fn what_cannot_go_on_is_refused() {
    let whole = small_demo();
    let (earlier, _) = run(&whole, &robust_spec());
    let part = |ids: Vec<String>| {
        let part = (*whole).clone().chosen(&Chosen::Only(ids)).unwrap();
        TrainOn::of(&earlier, None, &part).map(|on| on.clusters)
    };
    let labels = &earlier.consensus.as_ref().unwrap().labels;
    let of_one = whole.samples.iter().zip(labels).filter(|(_, k)| **k == 0);
    let of_one = of_one.map(|(id, _)| id.clone()).collect();
    assert!(matches!(
        part(of_one),
        Err(TrainOnError::FewClusters { left: 1, .. })
    ));
    let mut other = (*whole).clone();
    other.modalities.pop();
    let error = TrainOn::of(&earlier, None, &other).unwrap_err();
    assert!(matches!(error, TrainOnError::OtherFeatures(_)));
    let (half, _) = run(&fewer(&earlier, 0, 0), &small_spec());
    let error = TrainOn::of(&half, None, &whole).unwrap_err();
    assert!(matches!(error, TrainOnError::NewSample(_)), "{error}");

    // Its settings alone are not enough, and what trains from the start says so.
    let dataset = fewer(&earlier, 0, 0);
    let begins = TrainOn::of(&earlier, None, &dataset).unwrap();
    let cancel = CancelToken::new();
    let error = pipeline::run(&dataset, &begins.spec, None, &|_| {}, &cancel).unwrap_err();
    assert!(matches!(error, RunError::EarlierNeeded), "{error}");
    let (result, _) = on(&begins, &dataset);
    let noise = pipeline::NoiseInjectionSpec::default();
    let error = pipeline::check_noise(&result, &noise, &|_| {}, &cancel).unwrap_err();
    assert!(error.to_string().contains("from the start"), "{error}");
    let error = pipeline::check_intervals(&result, &|_| {}, &cancel).unwrap_err();
    assert!(error.to_string().contains("from the start"), "{error}");
}
