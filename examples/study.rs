//! Compares the recipes on data sets with known classes: `cargo run --release --example study -- [--seeds N] [--recipe robust] DATA ..`
//!
//! DATA is a folder of modality files with labels, or a number of simulated cells. Prints a table (Markdown): mean
//! and range over the seeds of the accuracy after both stages, the fewest clusters left, the largest loss of
//! accuracy in stage 2, and the seconds without the maps; of simulated cells also what the uncertainty is worth.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use hdumec::{
    analysis::calibration::Pairs,
    data::demo::{self, DemoSpec},
    error::Error,
    io::{self, LoadSpec},
    job::CancelToken,
    model::DeviceChoice,
    pipeline::{self, AnalysisResult, AnalysisSpec, Lens, Recipe, check::Check},
};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut option = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        let end = (at + 2).min(arguments.len());
        arguments.drain(at..end).nth(1)
    };
    let seeds = option("--seeds").and_then(|n| n.parse().ok()).unwrap_or(5);
    let recipes: Vec<Recipe> = match option("--recipe").as_deref() {
        Some("robust") => vec![Recipe::Robust],
        Some("published") => vec![Recipe::Published],
        _ => vec![Recipe::Published, Recipe::Robust],
    };
    println!(
        "| data | recipe | ACC stage 1 | ACC stage 2 | clusters left | worst change | noise of features | noise of samples | between types | errors found | seconds |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for data in &arguments {
        if let Err(error) = study(data, seeds, &recipes) {
            eprintln!("{data}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn study(data: &str, seeds: u64, recipes: &[Recipe]) -> Result<(), Error> {
    let cancel = CancelToken::new();
    let dataset = match data.parse() {
        Ok(samples) => demo::generate(&DemoSpec { samples, seed: 0 }),
        Err(_) => {
            let spec = LoadSpec {
                paths: vec![PathBuf::from(data)],
                ..LoadSpec::default()
            };
            io::load(&spec, &cancel)?.dataset
        }
    };
    let dataset = Arc::new(dataset);
    for &recipe in recipes {
        let runs = (0..seeds).map(|seed| {
            let spec = AnalysisSpec {
                seed,
                device: DeviceChoice::Cpu,
                ..AnalysisSpec::of(recipe)
            };
            let result = pipeline::run(&dataset, &spec, None, &|_| {}, &cancel)?;
            Run::of(&result)
        });
        let runs: Vec<Run> = runs.collect::<Result<_, Error>>()?;
        let all = |value: fn(&Run) -> f64| runs.iter().map(value).collect::<Vec<f64>>();
        let lowest = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let changes: Vec<f64> = runs.iter().map(|r| r.acc[1] - r.acc[0]).collect();
        println!(
            "| {} | {recipe} | {} | {} | {} of {} | {:+.3} | {} | {} | {} | {} | {:.1} |",
            dataset.name.replace("demo", &format!("{data} simulated")),
            range(&all(|r| r.acc[0])),
            range(&all(|r| r.acc[1])),
            lowest(&all(|r| r.clusters)),
            runs.first().map_or(0, |r| r.wanted),
            lowest(&changes),
            range(&all(|r| r.features)),
            range(&all(|r| r.samples)),
            range(&all(|r| r.between)),
            range(&all(|r| r.errors)),
            all(|r| r.seconds).iter().sum::<f64>() / seeds as f64,
        );
    }
    Ok(())
}

/// What is told of a run; NaN where it is not known.
struct Run {
    acc: [f64; 2],
    clusters: f64,
    wanted: usize,
    /// Rank correlation of predicted and true noise over features (of the worst modality), and over samples.
    features: f64,
    samples: f64,
    /// AUROC of the ambiguity for cells between types.
    between: f64,
    /// AUROC of the ambiguity for samples in a wrong cluster.
    errors: f64,
    seconds: f64,
}

impl Run {
    fn of(result: &AnalysisResult) -> Result<Self, Error> {
        let last = result.last_stage();
        let check = Check::of(result)?;
        let features = check.truth.iter().flat_map(|truth| &truth.features);
        let features = features.filter_map(Pairs::correlation).reduce(f64::min);
        let samples = check.truth.as_ref().and_then(|t| t.samples.correlation());
        let of = |lens| check.lenses.iter().find(|check| check.lens == lens);
        let timed = result
            .seconds
            .iter()
            .filter(|p| !p.part.starts_with("umap"));
        Ok(Self {
            acc: [result.stage1.scores.acc, last.scores.acc].map(|acc| acc.unwrap_or(f64::NAN)),
            clusters: last.scores.clusters as f64,
            wanted: result.clusters,
            features: features.unwrap_or(f64::NAN),
            samples: samples.unwrap_or(f64::NAN),
            between: of(Lens::Ambiguity)
                .and_then(|c| c.between)
                .unwrap_or(f64::NAN),
            errors: of(Lens::Ambiguity)
                .and_then(|c| c.errors)
                .unwrap_or(f64::NAN),
            seconds: timed.map(|p| p.seconds).sum(),
        })
    }
}

/// Mean and range; nothing where nothing is known.
fn range(values: &[f64]) -> String {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    if mean.is_nan() {
        return String::new();
    }
    let fold = |f: fn(f64, f64) -> f64, start| values.iter().copied().fold(start, f);
    let (low, high) = (
        fold(f64::min, f64::INFINITY),
        fold(f64::max, f64::NEG_INFINITY),
    );
    format!("{mean:.3} ({low:.3} to {high:.3})")
}
