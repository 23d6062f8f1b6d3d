//! Feeds damaged files to the readers: `cargo run --release --example fuzz -- READER --seconds 600 [--executions N] [--seed N] [--corpus DIR]`
//!
//! READER is one of the names in `harness/readers.rs`, or `all`. Small valid files, and those in DIR, are damaged and read.
//! Findings are panics, contents that contradict themselves, reads that take longer than 5 seconds, and those that take
//! more memory than they may; each is kept in a folder `fuzz-findings`. `--replay PATH` reads one of them again. Should the
//! process die, the file that was being read is where the first line says.

mod harness;
mod memory;

use std::{
    collections::BTreeMap,
    env, fs, io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process::{self, ExitCode},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use harness::{BUDGET, Mutator, READERS, Reader, Seed, readers::Outcome};

/// Bytes of memory that looking into a file may take.
const LOOK_BUDGET: u64 = 512 << 20;

/// A read that takes longer is a finding.
const SLOW: Duration = Duration::from_secs(5);

/// Bytes that a read may take beside its budget: blocks of files, tables of decoders, the file itself.
const BESIDE: usize = 32 << 20;

/// Findings of one kind that are kept.
const KEPT: u64 = 3;

const FINDINGS: &str = "fuzz-findings";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let mut option = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        let end = (at + 2).min(arguments.len());
        arguments.drain(at..end).nth(1)
    };
    let mut number = |name: &str| option(name).and_then(|n| n.parse::<u64>().ok());
    let plan = Plan {
        time: Duration::from_secs(number("--seconds").unwrap_or(60)),
        executions: number("--executions").unwrap_or(1_000_000),
        seed: number("--seed").unwrap_or(0),
        corpus: option("--corpus").map(PathBuf::from),
    };
    let replay = option("--replay").map(PathBuf::from);
    let wanted = arguments.first().map_or("", String::as_str);
    let chosen: Vec<&Reader> = READERS
        .iter()
        .filter(|reader| ["all", reader.name].contains(&wanted))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = READERS.iter().map(|reader| reader.name).collect();
        eprintln!("name a reader: {}, all", names.join(", "));
        return ExitCode::FAILURE;
    }
    if let Some(path) = replay {
        let looked = Measured::of(|| harness::look(&path));
        let read = Measured::of(|| (chosen[0].read)(&path));
        println!("{:?}", read.outcome);
        for (what, time, bytes) in [
            ("look", looked.time, looked.bytes),
            ("read", read.time, read.bytes),
        ] {
            println!(
                "{what}: {:.3} s, {:.1} MiB",
                time.as_secs_f64(),
                mebibytes(bytes)
            );
        }
        return ExitCode::SUCCESS;
    }
    // One thread, so that whatever happens is the same every time.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let fuzzed = pool.map_err(io::Error::other).and_then(|pool| {
        pool.install(|| {
            chosen
                .iter()
                .map(|reader| fuzz(reader, &plan))
                .collect::<io::Result<Vec<Report>>>()
        })
    });
    let reports = match fuzzed {
        Ok(reports) => reports,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!(
        "| reader | executions | accepted | refused | findings | slowest | most memory |\n|---|---|---|---|---|---|---|"
    );
    reports.iter().for_each(Report::print);
    reports.iter().for_each(Report::print_kinds);
    match reports.iter().all(|report| report.findings.is_empty()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// How long, and with what.
struct Plan {
    time: Duration,
    executions: u64,
    seed: u64,
    corpus: Option<PathBuf>,
}

/// What came of one reader.
#[derive(Default)]
struct Report {
    name: &'static str,
    executions: u64,
    accepted: u64,
    refused: BTreeMap<String, u64>,
    findings: BTreeMap<String, u64>,
    slowest: Duration,
    most: usize,
}

impl Report {
    fn print(&self) {
        println!(
            "| {} | {} | {} | {} | {} | {:.3} s | {:.1} MiB |",
            self.name,
            self.executions,
            self.accepted,
            self.refused.values().sum::<u64>(),
            self.findings.values().sum::<u64>(),
            self.slowest.as_secs_f64(),
            mebibytes(self.most),
        );
    }

    fn print_kinds(&self) {
        let kinds = self
            .refused
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"));
        println!("\n{}: {}", self.name, kinds.collect::<Vec<_>>().join(", "));
        for (finding, count) in &self.findings {
            println!("  {count} times: {finding}");
        }
    }
}

fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn fuzz(reader: &Reader, plan: &Plan) -> io::Result<Report> {
    let memory = Path::new("/dev/shm");
    let home = match memory.is_dir() {
        true => tempfile::tempdir_in(memory)?,
        false => tempfile::tempdir()?,
    };
    let seeds = seeds(reader, plan);
    let small: Vec<&Seed> = seeds.iter().filter(|seed| seed.size() < 4096).collect();
    eprintln!(
        "{}: {} seeds, read in {}",
        reader.name,
        seeds.len(),
        home.path().display()
    );
    let watch = Watch::start(reader.name);
    let said = hear_panics();
    let mut report = Report {
        name: reader.name,
        ..Report::default()
    };
    let begun = Instant::now();
    while begun.elapsed() < plan.time && report.executions < plan.executions {
        let mut mutator = Mutator::new(plan.seed << 32 | report.executions);
        let few = !small.is_empty() && !mutator.once_in(4);
        let at = match few {
            true => mutator.below(small.len()),
            false => mutator.below(seeds.len()),
        };
        let seed = if few { small[at] } else { &seeds[at] };
        let other = &seeds[mutator.below(seeds.len())];
        let folder = home
            .path()
            .join(format!("{at}{}", if few { "s" } else { "" }));
        fs::create_dir_all(&folder)?;
        let path = match mutator.once_in(64) {
            true => seed.write(&folder)?,
            false => seed.write_damaged(&folder, other, &mut mutator)?,
        };

        watch.begin(&folder);
        let looked = Measured::of(|| harness::look(&path));
        watch.begin(&folder);
        let read = Measured::of(|| (reader.read)(&path));
        watch.end();

        report.executions += 1;
        report.slowest = report.slowest.max(looked.time).max(read.time);
        report.most = report.most.max(read.bytes);
        let panicked = || said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let findings = [
            looked.outcome.is_none().then(panicked),
            looked.is_over(LOOK_BUDGET),
            read.is_over(BUDGET),
            read.outcome.is_none().then(panicked),
        ];
        match read.outcome {
            Some(Outcome::Accepted) => report.accepted += 1,
            Some(Outcome::Refused(kind)) => *report.refused.entry(kind).or_default() += 1,
            None => {}
        }
        for finding in findings.into_iter().flatten() {
            let count = report.findings.entry(finding.clone()).or_default();
            *count += 1;
            if *count <= KEPT {
                let kept = keep(&folder, &format!("{}-{}", reader.name, report.executions))?;
                eprintln!("{finding}, kept as {}", kept.display());
            }
        }
    }
    drop(panic::take_hook());
    Ok(report)
}

/// A call and what it took.
struct Measured<T> {
    /// Nothing if it panicked.
    outcome: Option<T>,
    time: Duration,
    bytes: usize,
}

impl<T> Measured<T> {
    fn of(call: impl FnOnce() -> T) -> Self {
        let (taken, start) = (memory::start(), Instant::now());
        let outcome = panic::catch_unwind(AssertUnwindSafe(call)).ok();
        Self {
            outcome,
            time: start.elapsed(),
            bytes: taken(),
        }
    }

    fn is_over(&self, budget: u64) -> Option<String> {
        let over = self.bytes > budget as usize + BESIDE;
        over.then(|| format!("more than {} MiB of memory", mebibytes(budget as usize)))
    }
}

/// The reader's own seeds and those of the corpus.
fn seeds(reader: &Reader, plan: &Plan) -> Vec<Seed> {
    let mut seeds = (reader.seeds)();
    if let Some(corpus) = &plan.corpus {
        let entries = fs::read_dir(corpus).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        seeds.extend(paths.iter().filter_map(|path| Seed::at(path)));
    }
    seeds
}

/// Copies what was read.
fn keep(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let kept = Path::new(FINDINGS).join(name);
    fs::create_dir_all(&kept)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), kept.join(entry.file_name()))?;
        }
    }
    Ok(kept)
}

/// Panics are not printed but kept: the last, with its place.
fn hear_panics() -> Arc<Mutex<String>> {
    let said = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&said);
    panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        *heard.lock().unwrap_or_else(PoisonError::into_inner) = format!("panic at {place}: {line}");
    }));
    said
}

/// Ends the process when a read takes too long: it cannot be stopped from outside.
#[derive(Clone)]
struct Watch(Arc<Mutex<Option<(Instant, PathBuf)>>>);

impl Watch {
    fn start(reader: &'static str) -> Self {
        let watch = Self(Arc::default());
        let seen = watch.clone();
        thread::spawn(move || {
            loop {
                thread::sleep(SLOW / 20);
                let now = seen
                    .0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                if let Some((begun, folder)) = now
                    && begun.elapsed() > SLOW
                {
                    let kept = keep(&folder, &format!("{reader}-slow"));
                    eprintln!("a read takes longer than {SLOW:?}; kept as {kept:?}");
                    process::exit(1);
                }
            }
        });
        watch
    }

    fn begin(&self, folder: &Path) {
        self.set(Some((Instant::now(), folder.to_owned())));
    }

    fn end(&self) {
        self.set(None);
    }

    fn set(&self, to: Option<(Instant, PathBuf)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}
