//! How the files of a folder that is there already are exchanged, so that a kill leaves no mixture.
//!
//! New files are written into a hidden folder inside. Then a list of their names is put there: from here on the exchange
//! holds, and whoever comes next finishes it; before, whoever comes next takes it back. Old files are moved into the
//! hidden folder, new ones to their places, `run.json` first away and last in place: a folder with a `run.json` is of one
//! run. The hidden folder goes last. The caller holds the lock of the folder all the while.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::FILES;
use crate::{
    error::Error,
    store::{atomic, lock::sync_folder},
};

/// The hidden folder.
const SWAP: &str = ".hdumec-swap";
/// The new files in it.
const NEW: &str = "new";
/// The old files in it.
const OLD: &str = "old";
/// The names of all new files; there once the exchange holds.
const LIST: &str = "names.json";

type Move = (PathBuf, PathBuf);

/// Whether an exchange was begun in a folder and not finished.
pub(super) fn is_torn(directory: &Path) -> bool {
    fs::symlink_metadata(directory.join(SWAP)).is_ok_and(|found| found.is_dir())
}

/// Makes the hidden folder; returns where the new files are to be written.
pub(super) fn begin(directory: &Path) -> io::Result<PathBuf> {
    let root = directory.join(SWAP);
    for folder in [root.clone(), root.join(OLD), root.join(NEW)] {
        fs::create_dir(folder)?;
        step();
    }
    Ok(root.join(NEW))
}

/// Puts the new files, which are written and synced, in the place of the old ones. After an error the old files are where
/// they were, unless even that fails: then [`finish`] goes on with it.
pub(super) fn commit(directory: &Path, written: &[&str]) -> Result<(), Error> {
    let root = directory.join(SWAP);
    let failed = |source| write_error(directory, source);
    let moves = moves(directory, written)?;
    if let Some(missing) = written.iter().find(|name| !has(&root.join(NEW), name)) {
        let message = format!("'{missing}' was not written");
        return Err(failed(io::Error::new(io::ErrorKind::NotFound, message)));
    }
    sync_folder(&root.join(NEW));
    step();
    let list = root.join(LIST);
    let names = serde_json::to_vec(written).map_err(|e| failed(e.into()))?;
    atomic::write(&list, |out| out.write_all(&names)).map_err(failed)?;
    if let Err((error, undone)) = move_all(&moves) {
        if undone {
            _ = fs::remove_file(list);
        }
        return Err(failed(error));
    }
    sync_folder(directory);
    // The new files are in place; old ones that resist deletion are no reason to report a failure.
    _ = remove(&root);
    Ok(())
}

/// Finishes or takes back an exchange that was interrupted.
///
/// # Errors
/// [`Error::Write`], or [`Error::InTheWay`] if something else has taken the place of a result.
pub(super) fn finish(directory: &Path) -> Result<(), Error> {
    if !is_torn(directory) {
        return Ok(());
    }
    let root = directory.join(SWAP);
    let failed = |source| write_error(directory, source);
    let list = root.join(LIST);
    // Something else than a file is not hdumec's, and reading a pipe may never end.
    if fs::symlink_metadata(&list).is_ok_and(|found| !found.is_file()) {
        return Err(Error::InTheWay(list));
    }
    match fs::read(&list) {
        Ok(text) => {
            let names = names(&text).map_err(|source| write_error(&list, source))?;
            move_all(&moves(directory, &names)?).map_err(|(error, _)| failed(error))?;
            sync_folder(directory);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    remove(&root).map_err(failed)
}

/// Takes back what was begun, unless it holds already.
pub(super) fn abandon(directory: &Path) {
    let root = directory.join(SWAP);
    if is_torn(directory) && fs::symlink_metadata(root.join(LIST)).is_err() {
        _ = fs::remove_dir_all(root);
    }
}

/// Refuses a folder in which something else than a file has the name of a result.
pub(super) fn nothing_in_the_way(directory: &Path) -> Result<(), Error> {
    let mut places = FILES.iter().map(|file| directory.join(file.name));
    let in_the_way = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|m| !m.is_file());
    places
        .find(in_the_way)
        .map_or(Ok(()), |path| Err(Error::InTheWay(path)))
}

fn names(list: &[u8]) -> io::Result<Vec<&'static str>> {
    let listed: Vec<String> = serde_json::from_slice(list)?;
    let known = |name: &String| {
        FILES
            .iter()
            .map(|file| file.name)
            .find(|known| known == name)
    };
    listed
        .iter()
        .map(|name| {
            let message = format!("it names '{name}', which this version does not know");
            known(name).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, message))
        })
        .collect()
}

/// What is left to be moved, whatever was moved before.
fn moves(directory: &Path, written: &[&str]) -> Result<Vec<Move>, Error> {
    nothing_in_the_way(directory)?;
    let root = directory.join(SWAP);
    let (new, old) = (root.join(NEW), root.join(OLD));
    // A file of the list that waits no longer is in its place.
    let outdated = |name: &str| !written.contains(&name) || has(&new, name);
    let away = FILES
        .iter()
        .map(|file| file.name)
        .filter(|name| has(directory, name) && outdated(name))
        .map(|name| (directory.join(name), old.join(name)));
    let here = written
        .iter()
        .rev()
        .filter(|name| has(&new, name))
        .map(|name| (new.join(name), directory.join(name)));
    Ok(away.chain(here).collect())
}

fn has(folder: &Path, name: &str) -> bool {
    fs::symlink_metadata(folder.join(name)).is_ok()
}

/// Renames in order; at a failure, back in reverse. Says whether that worked.
fn move_all(moves: &[Move]) -> Result<(), (io::Error, bool)> {
    for (done, (from, to)) in moves.iter().enumerate() {
        step();
        if let Err(error) = fs::rename(from, to) {
            let mut undone = true;
            for (from, to) in moves[..done].iter().rev() {
                undone &= fs::rename(to, from).is_ok();
            }
            return Err((error, undone));
        }
    }
    step();
    Ok(())
}

fn remove(root: &Path) -> io::Result<()> {
    for part in [OLD, NEW] {
        match fs::remove_dir_all(root.join(part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => step(),
        }
    }
    fs::remove_dir_all(root)
}

fn write_error(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}

/// A place between two changes to the disk, where the tests end the process.
#[cfg(not(test))]
pub(super) fn step() {}

#[cfg(test)]
pub(super) use super::folder::tests::step;
