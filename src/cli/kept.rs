//! `hdumec kept`: what is kept of work that was not finished or not saved, and deleting it.

use std::{fs, path::Path};

use super::{args::KeptArguments, terminal::print};
use crate::{
    document::autosave::Autosaves,
    error::Error,
    pipeline::{RunStore, time_in_words},
    words::{memory_in_words, thousands},
};

/// Runs the command.
pub fn kept(arguments: &KeptArguments) -> Result<(), Error> {
    let (runs, sessions) = match &arguments.store {
        Some(folder) => (
            Some(RunStore::at(folder)),
            Some(Autosaves::at(&folder.join("sessions"))),
        ),
        None => (RunStore::of_user(), Autosaves::of_user()),
    };
    let (Some(runs), Some(sessions)) = (runs, sessions) else {
        let text = "this user has no folder for data: --store DIR tells another";
        return Err(Error::Usage(text.into()));
    };
    if arguments.delete {
        let before = bytes(runs.folder()) + bytes(sessions.folder());
        runs.clear();
        sessions.clear();
        let after = bytes(runs.folder()) + bytes(sessions.folder());
        print(&format!(
            "Deleted {}; {} are in use by a hdumec at work, or not its own.\n",
            memory_in_words(before.saturating_sub(after)),
            memory_in_words(after)
        ));
        return Ok(());
    }
    let mut text = String::new();
    for run in runs.left() {
        text += &format!(
            "training cut off {} ago: '{}', {} samples\n",
            time_in_words(run.since),
            run.about.name,
            thousands(run.about.samples as u64)
        );
    }
    for session in sessions.left() {
        text += &format!(
            "session not saved, {} ago: '{}', runs: {}\n",
            time_in_words(session.since),
            session.about.name,
            session.about.runs
        );
    }
    if text.is_empty() {
        text += "Nothing is kept that could be gone on with.\n";
    }
    for folder in [runs.folder(), sessions.folder()] {
        text += &format!(
            "{} in {}\n",
            memory_in_words(bytes(folder)),
            folder.display()
        );
    }
    text += "hdumec deletes what nobody came back to in 30 days; 'hdumec kept --delete' deletes it now.\n";
    print(&text);
    Ok(())
}

/// Bytes of the files in a folder.
fn bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| entry.metadata().ok());
    files
        .filter(|file| file.is_file())
        .map(|file| file.len())
        .sum()
}
