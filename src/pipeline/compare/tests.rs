use super::*;
use crate::{
    data::demo::{self, DemoSpec},
    model::DeviceChoice,
};

fn demo() -> Arc<Dataset> {
    Arc::new(demo::generate(&DemoSpec {
        samples: 240,
        seed: 1,
    }))
}

/// A small analysis, quick to run.
fn analysis() -> AnalysisSpec {
    let mut analysis = AnalysisSpec {
        device: DeviceChoice::Cpu,
        seed: 3,
        ..AnalysisSpec::of(Recipe::Published)
    };
    analysis.train.hidden = 48;
    analysis.train.epochs = [25, 12, 8];
    analysis.umap.epochs = Some(20);
    analysis
}

fn compared(spec: &CompareSpec, known: Option<&AnalysisResult>) -> (Comparison, Vec<CompareEvent>) {
    let events = RefCell::new(Vec::new());
    let tell = |event| events.borrow_mut().push(event);
    let comparison = compare(&demo(), spec, known, &tell, &CancelToken::new()).unwrap();
    (comparison, events.into_inner())
}

#[test]
fn all_methods_stand_side_by_side_in_their_order() {
    let spec = CompareSpec::all(analysis());
    let (comparison, events) = compared(&spec, None);
    let methods: Vec<Method> = comparison.methods.iter().map(|m| m.method).collect();
    assert_eq!(methods, Method::ALL);
    for compared in &comparison.methods {
        let found = compared.clusters().unwrap();
        assert_eq!(found.labels.len(), 240, "{}", compared.method);
        let scores = &found.scores;
        assert!(scores.acc > Some(0.2) && scores.asw.is_none(), "{scores:?}");
        assert!(found.seconds > 0.0, "{}", compared.method);
    }
    for (at, row) in comparison.agreement.iter().enumerate() {
        assert_eq!(row[at], Some(1.0));
        for (other, &agreement) in row.iter().enumerate() {
            assert_eq!(agreement, comparison.agreement[other][at]);
        }
    }
    assert_eq!(comparison.with_hdumec(), comparison.agreement[9]);
    let done = events.iter().filter(|e| matches!(e, CompareEvent::Done(_)));
    assert_eq!(done.count(), 10);
    let mut last = 0.0;
    for event in &events {
        if let &CompareEvent::Share(share) = event {
            assert!(share >= last - 1e-6, "{share} after {last}");
            last = share;
        }
    }
    assert!((last - 1.0).abs() < 1e-5, "{last}");
}

#[test]
fn one_run_gives_what_two_methods_would() {
    let only = |method| {
        let spec = CompareSpec {
            methods: vec![method],
            analysis: analysis(),
        };
        compared(&spec, None).0.methods[0].clone()
    };
    let (all, _) = compared(&CompareSpec::all(analysis()), None);
    for found in &all.methods {
        let (alone, found) = (only(found.method), found);
        let labels = |found: &Compared| found.clusters().unwrap().labels.clone();
        assert_eq!(labels(&alone), labels(found), "{}", found.method);
    }
}

#[test]
fn what_was_run_already_is_not_run_again() {
    let analysis = analysis();
    let result = super::super::run(&demo(), &analysis, None, &|_| {}, &CancelToken::new()).unwrap();
    let spec = CompareSpec {
        methods: vec![Method::Hdumec, Method::Components],
        analysis,
    };
    let (comparison, _) = compared(&spec, Some(&result));
    let hdumec = comparison.methods[1].clusters().unwrap();
    assert!(Arc::ptr_eq(&hdumec.labels, &result.last_stage().clusters));
    // Without maps, a run gives the same.
    let (again, _) = compared(&spec, None);
    assert_eq!(again.methods[1].clusters().unwrap().labels, hdumec.labels);
}

#[test]
fn a_method_that_cannot_be_run_says_why_and_the_others_go_on() {
    let mut analysis = analysis();
    // More clusters than spectral clustering can tell apart.
    analysis.clusters = Some(70);
    let spec = CompareSpec {
        methods: vec![Method::Components, Method::Snf],
        analysis,
    };
    let (comparison, _) = compared(&spec, None);
    assert!(comparison.methods[0].clusters().is_some());
    let why = comparison.methods[1].outcome.clone().unwrap_err();
    assert!(why.contains("spectral clustering"), "{why}");
    assert_eq!(comparison.agreement[0], [Some(1.0), None]);
    assert_eq!(comparison.with_others(), [None, None]);
}

#[test]
fn who_cancels_is_heard() {
    for methods in [vec![Method::Components], vec![Method::Published]] {
        let cancel = CancelToken::new();
        let spec = CompareSpec {
            methods,
            analysis: analysis(),
        };
        let tell = |event| {
            if matches!(event, CompareEvent::Began(_)) {
                cancel.cancel();
            }
        };
        let error = compare(&demo(), &spec, None, &tell, &cancel).unwrap_err();
        assert!(error.is_cancelled(), "{error}");
    }
}

#[test]
fn where_hdumec_stands_is_said() {
    let found = |method, labels: [u32; 6], truth: Option<[Option<u32>; 6]>| Compared {
        method,
        outcome: Ok(MethodClusters {
            scores: ClusterScores::new(truth.as_ref().map(|t| t.as_slice()), &labels, None),
            labels: Arc::new(labels.to_vec()),
            seconds: 1.0,
        }),
    };
    let truth = Some([0, 0, 0, 1, 1, 1].map(Some));
    let (right, wrong) = ([0, 0, 0, 1, 1, 1], [0, 1, 0, 1, 0, 1]);
    let said = |own: [u32; 6], other: [u32; 6], truth| {
        let failed = Compared {
            method: Method::Snf,
            outcome: Err("too many".into()),
        };
        let methods = vec![
            found(Method::Wnn, other, truth),
            failed,
            found(Method::Hdumec, own, truth),
        ];
        Comparison::new(2, 0, methods).in_words()
    };
    let best = said(right, wrong, truth);
    assert!(best.contains("no other of the 2 methods"), "{best}");
    let worse = said(wrong, right, truth);
    assert!(worse.contains("WNN + Leiden (1.00)"), "{worse}");
    let unknown = said(right, right, None);
    assert!(
        unknown.contains("agrees with the others to 100 %"),
        "{unknown}"
    );
    let without = |truth| {
        let methods = vec![
            found(Method::Components, wrong, truth),
            found(Method::Wnn, right, truth),
        ];
        Comparison::new(2, 0, methods).in_words()
    };
    let best = without(truth);
    assert!(best.contains("WNN + Leiden does best (ARI 1.00)"), "{best}");
    let unknown = without(None);
    assert!(
        unknown.contains("Every two methods agree to -"),
        "{unknown}"
    );
    let alone = Comparison::new(2, 0, vec![found(Method::Hdumec, right, None)]);
    assert!(alone.in_words().contains("no two methods"));
}
