//! The command line: the same analysis without a window.

pub mod args;
mod bench;
mod inspect;
mod reporter;
mod rerun;
mod run;
mod suggest;
mod table;

pub use run::run_demo_headless;

use std::process::ExitCode;

use crate::{
    data::demo::DemoSpec,
    error::Error,
    io::{self, Source},
    job::CancelToken,
};
use args::{Arguments, Command, DemoArguments};

/// Runs a command; prints what goes wrong.
pub fn execute(command: Command) -> ExitCode {
    let outcome = match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Rerun(arguments) => rerun::rerun(&arguments),
        Command::Demo(arguments) => write_demo(&arguments),
        Command::Suggest(arguments) => suggest::suggest(&arguments),
        Command::Inspect(arguments) => inspect::inspect(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
    };
    exit(outcome)
}

/// Prints an error, if there is one, and gives its exit code.
pub fn exit(outcome: Result<(), Error>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let message = error.message();
            reporter::tell(&format!("hdumec: {}", message.title));
            if !matches!(error, Error::Cancelled(_)) {
                reporter::tell(&format!("  {}", message.text));
            }
            if !message.hint.is_empty() {
                reporter::tell(&format!("  {}", message.hint));
            }
            if !message.details.is_empty() {
                reporter::tell(&format!("  ({})", message.details));
            }
            if let Some(flag) = flag_for(&error) {
                reporter::tell(&format!("  ({flag})"));
            }
            ExitCode::from(error.exit_code())
        }
    }
}

/// The flag that helps, if one does.
fn flag_for(error: &Error) -> Option<&'static str> {
    match error {
        Error::ClustersNeeded => Some("--clusters K"),
        Error::Device(_) => Some("--device cpu"),
        Error::Exists(_) => Some("--force replaces earlier results"),
        _ => None,
    }
}

/// Runs work whose panics, faults of ours, end with an exit code of their own.
pub fn guarded(work: impl FnOnce() -> ExitCode + std::panic::UnwindSafe) -> ExitCode {
    std::panic::catch_unwind(work).unwrap_or_else(|panic| {
        exit(Err(Error::Panicked(crate::job::panic_message(
            panic.as_ref(),
        ))))
    })
}

/// Parses the command line of the process; prints help and usage errors itself and exits.
pub fn parse() -> Arguments {
    <Arguments as clap::Parser>::parse()
}

fn write_demo(arguments: &DemoArguments) -> Result<(), Error> {
    let spec = DemoSpec {
        samples: arguments.samples,
        seed: arguments.seed,
    };
    let out = &arguments.out;
    let occupied = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !arguments.force {
        return Err(Error::Write {
            path: out.clone(),
            source: std::io::Error::other(
                "the folder is not empty; --force replaces files of the same names",
            ),
        });
    }
    let (dataset, ..) = Source::Demo(spec).open(&CancelToken::new())?;
    let files = io::write_dataset(&dataset, out).map_err(|source| Error::Write {
        path: out.clone(),
        source,
    })?;
    reporter::print(&format!(
        "Wrote {} samples as {} files to {}\n",
        io::thousands(dataset.sample_ids.len() as u64),
        files.len(),
        out.display()
    ));
    Ok(())
}
