//! Compares methods and recipes on data sets with known classes, and writes the tables of `examples/study/README.md`:
//!
//! ```text
//! cargo run --release --example study -- [--out DIR] [--seeds N] [--minutes N] [--methods A,B] [--earlier] [--tables] DATA ..
//! ```
//!
//! DATA is a folder of modality files with labels, or one of counts inside of such a folder, a number of simulated cells (the demo), or `bulk` or `counts`, the two
//! simulators of other make. Every run is kept as a file in DIR (by default `study`), and what is there is not run again: a study
//! that was stopped, or that ran out of its minutes, goes on where it ended. `--methods` runs these beside the robust recipe,
//! instead of all. `--earlier` runs the first version of
//! the robust recipe too, which takes as long again; `--tables` runs nothing.

mod record;
mod tables;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use hdumec::{
    data::{
        Dataset,
        demo::{self, DemoSpec},
        simulated::{
            bulk::{self, BulkSpec},
            counts::{self, CountsSpec},
        },
    },
    error::Error,
    io::{self, LoadSpec},
    job::CancelToken,
    method::Method,
    model::DeviceChoice,
    pipeline::{self, AnalysisSpec, CompareSpec, Recipe},
};
use record::Record;

/// What is asked.
struct Study {
    out: PathBuf,
    seeds: u64,
    until: Option<Instant>,
    /// Whether the first version of the robust recipe is run too.
    earlier: bool,
    methods: Vec<Method>,
    data: Vec<String>,
}

fn main() -> ExitCode {
    match study() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn study() -> Result<(), String> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut option = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        let end = (at + 2).min(arguments.len());
        arguments.drain(at..end).nth(1)
    };
    let number = |text: Option<String>, name: &str| match text {
        Some(text) => match text.parse::<u64>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("{name} needs a whole number, not '{text}'")),
        },
        None => Ok(None),
    };
    let out = option("--out").map_or_else(|| PathBuf::from("study"), PathBuf::from);
    let seeds = number(option("--seeds"), "--seeds")?.unwrap_or(5);
    let methods = match option("--methods") {
        Some(keys) => keys.split(',').map(method).collect::<Result<_, _>>()?,
        None => Method::ALL.to_vec(),
    };
    let minutes = number(option("--minutes"), "--minutes")?;
    let mut flag = |name: &str| {
        let before = arguments.len();
        arguments.retain(|a| a != name);
        arguments.len() < before
    };
    let (tables_only, earlier) = (flag("--tables"), flag("--earlier"));
    let study = Study {
        out,
        seeds,
        until: minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes)),
        earlier,
        methods,
        data: arguments,
    };
    if !tables_only {
        study.run()?;
    }
    let records = record::read_all(&study.out)?;
    print!("{}", tables::all(&records));
    Ok(())
}

impl Study {
    /// Runs what is not there yet, seed by seed, so that early answers are of all data.
    fn run(&self) -> Result<(), String> {
        for seed in 0..self.seeds {
            for data in &self.data {
                let name = name_of(data);
                let path = self.out.join(format!("{name}.{seed}.json"));
                if path.exists() {
                    continue;
                }
                if self.until.is_some_and(|until| Instant::now() > until) {
                    eprintln!("out of time; the same command goes on");
                    return Ok(());
                }
                eprintln!("{name}, seed {seed}");
                let record = self
                    .one(data, seed)
                    .map_err(|error| format!("{data}: {error}"))?;
                record.write(&path)?;
            }
        }
        Ok(())
    }

    /// Every method on a data set, with a seed, and the robust recipe's first version if wanted.
    fn one(&self, data: &str, seed: u64) -> Result<Record, Error> {
        let cancel = CancelToken::new();
        let dataset = Arc::new(open(data)?);
        let spec = |recipe| AnalysisSpec {
            seed,
            device: DeviceChoice::Cpu,
            ..AnalysisSpec::of(recipe)
        };
        let run = |recipe| pipeline::run_without_maps(&dataset, &spec(recipe), &|_| {}, &cancel);
        let now = run(Recipe::Robust)?;
        let before = self.earlier.then(|| run(Recipe::Robust01)).transpose()?;
        let methods = CompareSpec {
            methods: self.methods.clone(),
            analysis: spec(Recipe::Robust),
        };
        let comparison = pipeline::compare(&dataset, &methods, Some(&now), &|_| {}, &cancel)?;
        Record::new(name_of(data), seed, &comparison, &now, before.as_ref())
    }
}

/// What a data set is called in the tables.
fn name_of(data: &str) -> String {
    match data.parse::<usize>() {
        Ok(cells) => format!("demo {cells}"),
        Err(_) => {
            let last = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
            let path = Path::new(data);
            let name = last(path).unwrap_or_else(|| data.to_owned());
            let above = labels_above(path).and_then(|_| last(path.parent()?));
            above.map_or(name.clone(), |above| format!("{above} {name}"))
        }
    }
}

/// Labels in the folder above, of a folder of counts that has none.
fn labels_above(folder: &Path) -> Option<PathBuf> {
    let labels = |folder: &Path| Some(folder.join("labels.csv")).filter(|file| file.exists());
    match labels(folder) {
        Some(_) => None,
        None => labels(folder.parent()?),
    }
}

fn open(data: &str) -> Result<Dataset, Error> {
    let simulated =
        |error: hdumec::data::simulated::SimulationError| Error::Usage(error.to_string());
    match (data, data.parse()) {
        (_, Ok(samples)) => Ok(demo::generate(&DemoSpec { samples, seed: 0 })),
        ("bulk", _) => bulk::generate(&BulkSpec::default()).map_err(simulated),
        ("counts", _) => counts::generate(&CountsSpec::default()).map_err(simulated),
        _ => {
            let spec = LoadSpec {
                paths: vec![PathBuf::from(data)],
                labels: labels_above(Path::new(data)),
                ..LoadSpec::default()
            };
            Ok(io::load(&spec, &CancelToken::new())?.dataset)
        }
    }
}

/// A method by its key.
fn method(key: &str) -> Result<Method, String> {
    let found = Method::ALL.into_iter().find(|method| method.key() == key);
    found.ok_or_else(|| {
        let keys = Method::ALL.map(Method::key).join(", ");
        format!("--methods takes {keys}, not '{key}'")
    })
}
