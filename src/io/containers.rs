//! Files of other programs among what is to be loaded: which they are, and what they hold.

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{
    discover::holds_tables,
    error::LoadError,
    inputs::InputFile,
    question::{Answer, Choice, Question},
};
use crate::{
    format::{self, Contents, Format, FormatError, ReadPlan},
    job::CancelToken,
};

/// Bytes hashed at a time.
const BLOCK: usize = 1 << 20;

/// A file or folder of another program.
pub(super) struct Container {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub format: &'static dyn Format,
}

/// Takes the files and folders of other programs out of what is to be loaded; tables of text are left.
///
/// A folder that is no such thing itself and holds no tables may hold one file that is.
pub(super) fn take(paths: &mut Vec<PathBuf>) -> Result<Vec<Container>, LoadError> {
    let mut containers = Vec::new();
    let mut tables = Vec::new();
    for path in paths.drain(..) {
        match find(&path)? {
            Some(container) => containers.push(container),
            None => tables.push(path),
        }
    }
    *paths = tables;
    Ok(containers)
}

fn find(path: &Path) -> Result<Option<Container>, LoadError> {
    if is_special(path)? {
        return Ok(None);
    }
    let known = |path: &Path| -> Result<Option<Container>, LoadError> {
        let format = format::recognise(path)?;
        Ok(format.map(|format| Container {
            path: path.to_owned(),
            format,
        }))
    };
    if let Some(container) = known(path)? {
        return Ok(Some(container));
    }
    if !path.is_dir() || holds_tables(path)? {
        return Ok(None);
    }
    let mut inside = Vec::new();
    for entry in fs::read_dir(path).map_err(|source| read_error(path, source))? {
        let entry = entry.map_err(|source| read_error(path, source))?.path();
        let hidden = entry
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden
            && !is_special(&entry).unwrap_or(true)
            && let Some(container) = known(&entry)?
        {
            inside.push(container);
        }
    }
    inside.sort_by(|a, b| a.path.cmp(&b.path));
    if inside.len() > 1 {
        return Err(LoadError::SeveralContainers {
            folder: path.to_owned(),
            files: inside.iter().map(|c| name_of(&c.path)).collect(),
        });
    }
    Ok(inside.pop())
}

/// Whether it is a pipe or a device, which may never end; what is wrong with those, tables say.
fn is_special(path: &Path) -> Result<bool, LoadError> {
    let kind = fs::metadata(path).map_err(|source| read_error(path, source))?;
    Ok(!kind.is_file() && !kind.is_dir())
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

impl Container {
    /// What it holds, with the hashes of the files it is made of.
    pub fn read(
        &self,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<(Contents, Vec<InputFile>), LoadError> {
        let contents = self.format.read(&self.path, plan, cancel).map_err(asked)?;
        let files = contents.files.iter().map(|file| hashed(file, cancel));
        let files = files.collect::<Result<_, _>>()?;
        Ok((contents, files))
    }
}

/// A choice between matrices is a question to the user.
fn asked(error: FormatError) -> LoadError {
    let FormatError::Choose {
        path,
        question,
        choices,
    } = error
    else {
        return error.into();
    };
    let answer = |choice: String| Answer {
        text: choice.clone(),
        choice: Choice::Matrix(choice),
    };
    LoadError::Ask(Box::new(Question {
        file: path,
        text: question,
        answers: choices.into_iter().map(answer).collect(),
    }))
}

fn hashed(path: &Path, cancel: &CancelToken) -> Result<InputFile, LoadError> {
    let failed = |source| read_error(path, source);
    let mut file = File::open(path).map_err(failed)?;
    let (mut hash, mut block) = (Sha256::new(), vec![0; BLOCK]);
    loop {
        cancel.check()?;
        match file.read(&mut block).map_err(failed)? {
            0 => break,
            read => hash.update(&block[..read]),
        }
    }
    Ok(InputFile {
        path: path.to_owned(),
        bytes: file.stream_position().map_err(failed)?,
        sha256: hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    })
}

fn read_error(path: &Path, source: std::io::Error) -> LoadError {
    LoadError::Read {
        path: path.to_owned(),
        source,
    }
}
