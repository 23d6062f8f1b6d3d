//! Files of other programs among what is to be loaded: which they are, and what they hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    discover::holds_tables,
    error::LoadError,
    inputs::InputFile,
    load::LoadSpec,
    notice::LoadNotice,
    question::{Answer, Choice, Question},
};
use crate::{
    data::{Axis, Frame, available_memory},
    format::{
        self, Contents, Format, FormatError, FoundModality, Piece, ReadPlan, Severity,
        droplets::{self, DropletError},
    },
    job::CancelToken,
};

/// A file or folder of another program.
pub(super) struct Container {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub format: &'static dyn Format,
}

/// Takes the files and folders of other programs out of what is to be loaded; tables of text are left.
///
/// A folder that holds tables is a folder of tables; one that is no such thing itself may hold one file that is.
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
    // Beside tables there may be the files that they were made of.
    if path.is_dir() && holds_tables(path)? {
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
    if !path.is_dir() {
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

/// What a file of another program holds.
pub(super) struct Read {
    /// Its modalities.
    pub pieces: Vec<Piece>,
    /// What there is to choose from for each.
    pub found: Vec<FoundModality>,
    /// What describes the samples of all of them.
    pub obs: Option<(Axis, Frame)>,
    /// The files that were read.
    pub files: Vec<InputFile>,
}

impl Container {
    /// What it holds, but for droplets without a cell.
    pub fn read(
        &self,
        spec: &LoadSpec,
        notices: &mut Vec<LoadNotice>,
        cancel: &CancelToken,
    ) -> Result<Read, LoadError> {
        // Other values come beside these.
        let memory = match available_memory() {
            0 => u64::MAX,
            free => free / 2,
        };
        let plan = ReadPlan {
            matrix: spec.matrix.clone(),
            matrices: spec.matrices.clone(),
            memory,
            values: spec.memory,
        };
        let contents = self.format.read(&self.path, &plan, cancel).map_err(asked)?;
        let Contents {
            mut pieces,
            obs,
            notices: said,
            files,
        } = contents;
        notices.extend(said.into_iter().map(|said| LoadNotice::Container {
            object: said.object,
            text: said.text,
            warning: said.severity == Severity::Warning,
        }));
        notices.extend(without_droplets(&mut pieces, cancel)?);
        let files = files.iter().map(|file| InputFile::read(file, cancel));
        let found = self.format.inspect(&self.path, cancel)?.modalities;
        Ok(Read {
            pieces,
            found,
            obs,
            files: files.collect::<Result<_, _>>()?,
        })
    }
}

/// Leaves droplets without a cell out of all modalities, if genes or peaks tell which those are.
fn without_droplets(
    pieces: &mut [Piece],
    cancel: &CancelToken,
) -> Result<Option<LoadNotice>, LoadError> {
    // Proteins are counted in empty droplets too.
    let telling = |piece: &&Piece| piece.modality.starts_with("rna") || piece.modality == "atac";
    let Some(telling) = pieces.iter().find(telling) else {
        return Ok(None);
    };
    if !telling.matrix.facts()?.are_counts() {
        return Ok(None);
    }
    let empty = droplets::empty(&telling.matrix, cancel).map_err(|error| match error {
        DropletError::Cancelled(cancelled) => LoadError::Cancelled(cancelled),
        DropletError::Read(error) => LoadError::Disk(error),
    })?;
    if !droplets::looks_unfiltered(&empty) {
        return Ok(None);
    }
    let samples = telling.samples.clone();
    for piece in pieces.iter_mut() {
        let holds_cell = |&row: &u32| {
            let known = samples.position(&piece.samples.names()[row as usize]);
            known.is_none_or(|at| !empty[at])
        };
        let cells: Vec<u32> = (0..piece.samples.len() as u32).filter(holds_cell).collect();
        piece.matrix = piece.matrix.select_rows(&cells)?;
        piece.samples = piece.samples.select(&cells);
        let places: Vec<Option<u32>> = cells.into_iter().map(Some).collect();
        piece.obs = piece.obs.select(&places);
    }
    Ok(Some(LoadNotice::EmptyDroplets {
        droplets: empty.iter().filter(|&&empty| empty).count(),
        of: empty.len(),
    }))
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

fn read_error(path: &Path, source: std::io::Error) -> LoadError {
    LoadError::Read {
        path: path.to_owned(),
        source,
    }
}
