//! The same data through other methods, side by side.

use std::{
    cell::RefCell,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    AnalysisResult, AnalysisSpec, Compared, Comparison, Event, MethodClusters, Progress, Recipe,
    RunError, run,
};
use crate::{
    analysis::scores::ClusterScores,
    data::{Dataset, Values},
    job::{CancelToken, MaybeCancelled as _},
    method::{self, Method, UsualError},
};

/// What to compare.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareSpec {
    /// The methods; their order does not matter.
    pub methods: Vec<Method>,
    /// The analysis that [`Method::Hdumec`] stands for; all methods have its number of clusters, its seed and its device.
    pub analysis: AnalysisSpec,
}

impl CompareSpec {
    /// Every method beside an analysis.
    pub fn all(analysis: AnalysisSpec) -> Self {
        Self {
            methods: Method::ALL.to_vec(),
            analysis,
        }
    }
}

/// News of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareEvent {
    /// A method, or with it another that shares its run, has begun.
    Began(Method),
    /// So much of all is done, 0 to 1.
    Share(f32),
    /// A method is done.
    Done(Compared),
}

/// How far a comparison is.
#[derive(Clone, Debug)]
pub struct CompareProgress {
    /// The method at work.
    pub method: Option<Method>,
    /// Share of the work that is done, 0 to 1.
    pub share: f32,
    /// What is done.
    pub done: Vec<Compared>,
    since: Instant,
}

impl Default for CompareProgress {
    fn default() -> Self {
        Self {
            method: None,
            share: 0.0,
            done: Vec::new(),
            since: Instant::now(),
        }
    }
}

impl CompareProgress {
    /// Takes note of an event.
    pub fn on_event(&mut self, event: CompareEvent) {
        match event {
            CompareEvent::Began(method) => self.method = Some(method),
            CompareEvent::Share(share) => self.share = share,
            CompareEvent::Done(compared) => self.done.push(compared),
        }
    }

    /// Time to the end, once a part of the work tells the pace.
    pub fn time_left(&self) -> Option<Duration> {
        let (passed, share) = (self.since.elapsed().as_secs_f64(), f64::from(self.share));
        let known = (0.05..1.0).contains(&share).then_some(share)?;
        Duration::try_from_secs_f64(passed * (1.0 - known) / known).ok()
    }
}

/// A piece of work: one method, or the two that one run of the paper's network gives.
struct Work {
    methods: Vec<Method>,
    /// How the network is trained, where one is.
    spec: Option<AnalysisSpec>,
    /// About what it costs, in epochs of reconstruction.
    cost: f64,
}

impl Work {
    /// The work for what is asked, the quickest first.
    fn all(spec: &CompareSpec, samples: usize, known: bool) -> Vec<Self> {
        let asked = |methods: &[Method]| -> Vec<Method> {
            let mut asked = methods.to_vec();
            asked.retain(|method| spec.methods.contains(method));
            asked
        };
        let mut published = AnalysisSpec {
            clusters: spec.analysis.clusters,
            seed: spec.analysis.seed,
            device: spec.analysis.device.clone(),
            ..AnalysisSpec::of(Recipe::Published)
        };
        let with = published.clone();
        published.train.epochs[1] = 0;
        let network = |methods: &[Method], analysis: &AnalysisSpec| {
            let (methods, mut analysis) = (asked(methods), analysis.clone());
            if methods.iter().all(|&method| ends_with_stage_1(method)) {
                analysis.train.epochs[2] = 0;
            }
            Self {
                methods,
                cost: Progress::new(&analysis, samples).work(),
                spec: Some(analysis),
            }
        };
        let usual = |method: Method, cost: f64| Self {
            methods: asked(&[method]),
            spec: None,
            cost,
        };
        let mut jobs = vec![
            usual(Method::Components, 2.0),
            usual(Method::CentredComponents, 2.0),
            usual(Method::Wnn, 10.0),
            usual(Method::Snf, 150.0),
            usual(Method::Looks, 200.0),
            network(&[Method::Autoencoder, Method::DecOnly], &published),
            network(&[Method::UncertaintyOnly, Method::Published], &with),
            network(&[Method::Hdumec], &spec.analysis),
        ];
        if known && let Some(last) = jobs.last_mut() {
            last.cost = 0.0;
        }
        jobs.retain(|job| !job.methods.is_empty());
        jobs
    }

    /// The methods that wanted clusters, all without any for the same reason.
    fn without(&self, why: &str) -> Vec<Compared> {
        let without = |&method: &Method| Compared {
            method,
            outcome: Err(why.to_owned()),
        };
        self.methods.iter().map(without).collect()
    }
}

/// Clusters a data set by every method asked for. `known` is the analysis that [`Method::Hdumec`] stands for, where it was run
/// already. A method that cannot be run is told so in its place.
///
/// # Errors
/// When cancelled, or if the number of clusters is not known.
pub fn compare(
    dataset: &Arc<Dataset>,
    spec: &CompareSpec,
    known: Option<&AnalysisResult>,
    tell: &dyn Fn(CompareEvent),
    cancel: &CancelToken,
) -> Result<Comparison, RunError> {
    let clusters = spec.analysis.clusters_for(dataset)?;
    let jobs = Work::all(spec, dataset.samples(), known.is_some());
    let total: f64 = jobs.iter().map(|job| job.cost).sum::<f64>().max(1e-9);
    let mut before = 0.0;
    let mut methods = Vec::with_capacity(spec.methods.len());
    for job in &jobs {
        cancel.check()?;
        if let Some(&method) = job.methods.first() {
            tell(CompareEvent::Began(method));
        }
        let share = |of_job: f64| {
            tell(CompareEvent::Share(
                ((before + of_job * job.cost) / total) as f32,
            ))
        };
        let found = match (&job.spec, job.methods.as_slice()) {
            (None, &[method]) => vec![usual(
                dataset,
                method,
                clusters,
                spec.analysis.seed,
                cancel,
            )?],
            (None, _) => Vec::new(),
            (Some(analysis), methods) => match known.filter(|_| methods == [Method::Hdumec]) {
                Some(result) => found(result, methods),
                None => match trained(dataset, analysis, &share, cancel) {
                    Ok(result) => found(&result, methods),
                    Err(error) if error.is_cancelled() => return Err(error),
                    Err(error) => job.without(&error.to_string()),
                },
            },
        };
        share(1.0);
        before += job.cost;
        for compared in found {
            tell(CompareEvent::Done(compared.clone()));
            methods.push(compared);
        }
    }
    methods.sort_by_key(|found| {
        Method::ALL
            .iter()
            .position(|&method| method == found.method)
    });
    Ok(Comparison::new(clusters, spec.analysis.seed, methods))
}

/// The clusters of a method that trains no network.
fn usual(
    dataset: &Dataset,
    method: Method,
    clusters: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Compared, RunError> {
    let since = Instant::now();
    let paused = cancel.paused_for();
    let modalities: Vec<&Values> = dataset.modalities.iter().map(|m| &m.values).collect();
    let outcome = match method::cluster(method, &modalities, clusters, seed, cancel) {
        Ok(labels) => {
            let paused = cancel.paused_for().saturating_sub(paused);
            let seconds = since.elapsed().saturating_sub(paused).as_secs_f64();
            Ok(scored(dataset, Arc::new(labels), seconds))
        }
        Err(UsualError::Disk(error)) => return Err(error.into()),
        Err(error) => {
            cancel.check()?;
            Err(error.to_string())
        }
    };
    Ok(Compared { method, outcome })
}

/// A network trained, without maps.
fn trained(
    dataset: &Arc<Dataset>,
    analysis: &AnalysisSpec,
    share: &dyn Fn(f64),
    cancel: &CancelToken,
) -> Result<AnalysisResult, RunError> {
    let progress = RefCell::new(Progress::new(analysis, dataset.samples()));
    let sink = |event: Event| {
        let mut progress = progress.borrow_mut();
        progress.on_event(&event);
        share(f64::from(progress.share()));
    };
    run::run_without_maps(dataset, analysis, &sink, cancel)
}

/// Whether a method is a network's first stage, which k-means clusters.
fn ends_with_stage_1(method: Method) -> bool {
    matches!(method, Method::Autoencoder | Method::UncertaintyOnly)
}

/// What a run of a network gives for methods: its last stage, or for those that leave out stage 2 the one before.
fn found(result: &AnalysisResult, methods: &[Method]) -> Vec<Compared> {
    let found = |&method: &Method| {
        let first = ends_with_stage_1(method);
        let stage = match first {
            true => &result.stage1,
            false => result.last_stage(),
        };
        let left_out = |part: &str| part.starts_with("umap") || first && part == "clustering";
        let seconds = result.seconds.iter().filter(|part| !left_out(&part.part));
        let seconds = seconds.map(|part| part.seconds).sum();
        Compared {
            method,
            outcome: Ok(scored(&result.dataset, stage.clusters.clone(), seconds)),
        }
    };
    methods.iter().map(found).collect()
}

fn scored(dataset: &Dataset, labels: Arc<Vec<u32>>, seconds: f64) -> MethodClusters {
    let truth = dataset.labels.as_ref().map(|l| l.codes.as_slice());
    MethodClusters {
        scores: ClusterScores::new(truth, &labels, None),
        labels,
        seconds,
    }
}

#[cfg(test)]
mod tests;
