//! Arguments to a window or a command, and the process's only exit code.

use std::process::ExitCode;

use hdumec::cli;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Training on the CPU allocates and frees large buffers at every step; the system's allocator
/// gives them back each time, which costs more than the arithmetic.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    log_to_standard_error();
    let arguments = cli::parse();
    arguments
        .memory
        .iter()
        .for_each(|&bytes| hdumec::data::allow_memory(bytes));
    match arguments.command {
        Some(command) => cli::guarded(move || cli::execute(command)),
        None => match arguments.paths.iter().find(|path| !path.exists()) {
            Some(path) => {
                cli::tell(&format!(
                    "hdumec: there is no file, folder or command '{}'\n  See 'hdumec --help'.",
                    path.display()
                ));
                ExitCode::from(2)
            }
            None => window(arguments.demo, arguments.paths),
        },
    }
}

/// Warnings go to standard error; of connections only errors do, as hdumec tells what comes of one that breaks off.
fn log_to_standard_error() {
    const CONNECTIONS: [&str; 7] = [
        "burn_communication",
        "burn_remote",
        "iroh",
        "netdev",
        "netwatch",
        "noq",
        "portmapper",
    ];
    let quiet = CONNECTIONS.map(|target| (target, LevelFilter::ERROR));
    let wanted = Targets::new().with_default(LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(lines.with_filter(wanted.with_targets(quiet)))
        .init();
}

#[cfg(feature = "gui")]
fn window(demo: bool, paths: Vec<std::path::PathBuf>) -> ExitCode {
    match hdumec::ui::open(demo, paths) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => no_window(demo, &reason),
    }
}

#[cfg(not(feature = "gui"))]
fn window(demo: bool, _: Vec<std::path::PathBuf>) -> ExitCode {
    no_window(demo, "this hdumec was built without its window")
}

/// Runs the demo without a window, or says how to go on without one.
fn no_window(demo: bool, reason: &str) -> ExitCode {
    if demo {
        cli::tell(&format!(
            "hdumec: no window ({reason}); running the demo without one."
        ));
        return cli::exit(cli::run_demo_headless());
    }
    cli::tell(&format!(
        "hdumec: the window cannot be opened: {reason}\n  \
         Use 'hdumec run PATH... --out DIR' to analyse without one; see 'hdumec --help'."
    ));
    ExitCode::from(8)
}
