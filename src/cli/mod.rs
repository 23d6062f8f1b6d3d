//! The command line: the same analysis without a window.

pub mod args;
mod bench;
mod compare;
mod inspect;
mod kept;
mod label;
mod markers;
mod prepare;
mod reasons;
mod reporter;
mod rerun;
mod resumable;
mod run;
mod saved;
mod serve;
mod servers;
mod suggest;
mod table;
mod terminal;
mod train_on;

pub use run::run_demo_headless;

use std::{io::Write as _, process::ExitCode};

use crate::{
    data::demo::DemoSpec, error::Error, io::Source, job::CancelToken, model::DeviceError,
    pipeline::RunError,
};
use args::{Arguments, Command, DemoArguments};
pub use terminal::tell;

/// Runs a command; prints what goes wrong.
pub fn execute(command: Command) -> ExitCode {
    let outcome = match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::TrainOn(arguments) => train_on::train_on(&arguments),
        Command::Rerun(arguments) => rerun::rerun(&arguments),
        Command::Demo(arguments) => write_demo(&arguments),
        Command::Suggest(arguments) => suggest::suggest(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Markers(arguments) => markers::markers(&arguments),
        Command::Reasons(arguments) => reasons::reasons(&arguments),
        Command::Label(arguments) => label::label(&arguments),
        Command::Inspect(arguments) => inspect::inspect(&arguments),
        Command::Prepare(arguments) => prepare::prepare(&arguments),
        Command::Kept(arguments) => kept::kept(&arguments),
        Command::Serve(arguments) => serve::serve(&arguments),
        Command::Servers(arguments) => servers::servers(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
    };
    exit(outcome)
}

/// Prints an error, if there is one, and gives its exit code.
pub fn exit(outcome: Result<(), Error>) -> ExitCode {
    let code = outcome.map_or_else(|error| report(&error), |()| 0);
    ExitCode::from(with_output(code))
}

/// Says that standard output could not be written, if so; then a success is none.
fn with_output(code: u8) -> u8 {
    let Some(error) = terminal::failed() else {
        return code;
    };
    tell(&format!("hdumec: cannot write to standard output: {error}"));
    if code == 0 { OUTPUT } else { code }
}

/// The exit code for what could not be written.
const OUTPUT: u8 = 6;

/// Prints an error and returns its exit code.
fn report(error: &Error) -> u8 {
    let message = error.message();
    tell(&format!("hdumec: {}", message.title));
    if !matches!(error, Error::Cancelled(_)) {
        tell(&format!("  {}", terminal::line(&message.text)));
    }
    if !message.hint.is_empty() {
        tell(&format!("  {}", message.hint));
    }
    if !message.details.is_empty() {
        tell(&format!("  ({})", message.details));
    }
    if let Some(flag) = flag_for(error) {
        tell(&format!("  ({flag})"));
    }
    error.exit_code()
}

/// The flag that helps, if one does.
fn flag_for(error: &Error) -> Option<&'static str> {
    match error {
        Error::Run(RunError::ClustersNeeded) => {
            Some("--clusters K; 'hdumec suggest PATH' tells numbers that fit the data")
        }
        Error::Run(RunError::Device(
            DeviceError::Serve { .. } | DeviceError::Servers { .. } | DeviceError::Remote { .. },
        )) => None,
        Error::Run(RunError::Device(_)) => Some("--device cpu"),
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
    <Arguments as clap::Parser>::try_parse().unwrap_or_else(|error| {
        if error.use_stderr() {
            // It repeats what was typed, which may be the name of a file from elsewhere.
            tell(error.render().to_string().trim_end());
        } else {
            let printed = error.print();
            terminal::note(printed.and_then(|()| std::io::stdout().flush()));
        }
        let code = u8::try_from(error.exit_code()).unwrap_or(2);
        std::process::exit(with_output(code).into())
    })
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
    let files = crate::export::write_dataset(&dataset, out).map_err(|source| Error::Write {
        path: out.clone(),
        source,
    })?;
    terminal::print(&format!(
        "Wrote {} samples as {} files to {}\n",
        crate::words::thousands(dataset.samples.len() as u64),
        files.len(),
        out.display()
    ));
    Ok(())
}
