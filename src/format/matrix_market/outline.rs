//! A matrix with its names: what it holds, and its values.

use std::path::Path;

use super::{
    entries::Samples,
    features::{Group, groups},
    header::Header,
    names::NameTable,
    set::Set,
    values,
};
use crate::{
    data::{Axis, Frame, Sparse},
    format::{
        FormatError, Notice, ReadPlan, Severity,
        column::column_of,
        lines::{Lines, damaged},
        packed::inner_name,
    },
    job::CancelToken,
    words::thousands,
};

/// The two ways to read a square matrix, as [`ReadPlan::matrix`] names them.
pub const CHOICES: [&str; 2] = ["features x samples", "samples x features"];

/// What a set holds, before its values are read.
pub struct Outline {
    /// The set.
    pub set: Set,
    /// What the matrix says of itself.
    pub header: Header,
    /// Which side the samples are; nothing if both would do.
    pub side: Option<Samples>,
    /// Ids of the samples.
    pub samples: Axis,
    /// What else is said of them.
    pub obs: Frame,
    /// The features by modality.
    pub groups: Vec<Group>,
    /// Bytes of memory that the names take.
    pub bytes: u64,
}

/// What a set holds.
pub struct Part {
    /// Ids of the samples.
    pub samples: Axis,
    /// What else is said of them.
    pub obs: Frame,
    /// The features of every modality and the values, samples x features.
    pub groups: Vec<(Group, Sparse)>,
    /// What there is to say.
    pub notices: Vec<Notice>,
}

impl Outline {
    /// Reads the names and what the matrix says of itself.
    ///
    /// # Errors
    /// If a file cannot be read, the names do not fit the matrix, or take more than `memory` bytes.
    pub fn read(set: Set, memory: u64, cancel: &CancelToken) -> Result<Self, FormatError> {
        let path = &set.matrix;
        let mut lines = Lines::open(path, values::text_limit(memory), values::LONGEST, cancel)?;
        let header = Header::read(path, &mut lines)?;
        // Names are held twice for a while, as words and as axes.
        let mut features = NameTable::read(&set.features, memory / 2, cancel)?;
        let rest = memory.saturating_sub(2 * features.bytes);
        let mut samples = NameTable::read(&set.samples, rest / 2, cancel)?;
        let (rows, columns) = (header.rows, header.columns);
        let in_columns = features.fits(rows) && samples.fits(columns);
        let in_rows = features.fits(columns) && samples.fits(rows);
        let side = match (in_columns, in_rows) {
            (true, true) => told_by_names(&set),
            (true, false) => Some(Samples::InColumns),
            (false, true) => Some(Samples::InRows),
            (false, false) => {
                let what = format!(
                    "the matrix is {} x {}, but '{}' names {} features and '{}' {} samples",
                    thousands(rows),
                    thousands(columns),
                    features.file_name(),
                    thousands(features.len()),
                    samples.file_name(),
                    thousands(samples.len()),
                );
                return Err(damaged(path, header.line, what));
            }
        };
        let (feature_count, sample_count) = match side {
            Some(Samples::InRows) => (columns, rows),
            _ => (rows, columns),
        };
        features.take_heads(feature_count);
        samples.take_heads(sample_count);
        if features.len() == 0 || samples.len() == 0 {
            let what = format!("a matrix of {rows} x {columns} holds nothing");
            return Err(damaged(path, header.line, what));
        }
        let (axis, obs) = sample_names(&samples)?;
        Ok(Self {
            groups: groups(&features),
            side,
            samples: axis,
            obs,
            bytes: 2 * (features.bytes + samples.bytes),
            header,
            set,
        })
    }

    /// The ways to read the matrix, if there are several.
    pub fn choices(&self) -> Vec<String> {
        match self.side {
            Some(_) => Vec::new(),
            None => CHOICES.map(str::to_owned).into(),
        }
    }

    /// Reads the values.
    ///
    /// # Errors
    /// If the matrix is not as it says, is square and nobody says which way to read it, or takes more memory than allowed.
    pub fn values(self, plan: &ReadPlan, cancel: &CancelToken) -> Result<Part, FormatError> {
        let path = &self.set.matrix;
        let asked = plan.matrix.as_deref();
        let side = match (self.side, asked) {
            (Some(side), _) => side,
            (None, Some(asked)) if asked == CHOICES[0] => Samples::InColumns,
            (None, Some(asked)) if asked == CHOICES[1] => Samples::InRows,
            (None, _) => {
                let count = thousands(self.header.rows);
                return Err(FormatError::Choose {
                    path: path.clone(),
                    question: format!(
                        "the matrix has as many rows as columns ({count}): are its rows features or samples?"
                    ),
                    choices: self.choices(),
                });
            }
        };
        let memory = plan.memory.saturating_sub(self.bytes);
        let read = values::read(path, &self.header, side, memory, cancel)?;
        let mut notices = Vec::new();
        let mut note = |severity, text| {
            notices.push(Notice {
                severity,
                object: path.display().to_string(),
                text,
            });
        };
        if read.rounded > 0 {
            let count = thousands(read.rounded);
            let text = format!("{count} whole numbers above 16,777,216 are rounded to 24 bits");
            note(Severity::Warning, text);
        }
        for group in self.groups.iter().filter(|group| group.renamed > 0) {
            let count = thousands(group.renamed);
            let text = format!(
                "{}: names that stand twice are told apart by their ids or by numbers ({count} renamed)",
                group.modality
            );
            note(Severity::Note, text);
        }
        let mut parts = Vec::new();
        if let [_] = self.groups[..] {
            parts.extend(self.groups.into_iter().zip([read.matrix]));
        } else {
            // The whole and its parts are there at the same time.
            let entries = read.matrix.count() as u64;
            let rows = self.samples.len() as u64 * self.groups.len() as u64;
            let needed = 16 * entries + 8 * rows;
            if needed > memory {
                return Err(FormatError::TooLarge {
                    path: path.clone(),
                    place: "the matrix and its modalities".into(),
                    needed,
                    allowed: memory,
                });
            }
            for group in self.groups {
                cancel.check()?;
                let matrix = read.matrix.select_columns(&group.positions);
                let matrix = matrix.map_err(FormatError::Disk)?;
                parts.push((group, matrix));
            }
        }
        Ok(Part {
            samples: self.samples,
            obs: self.obs,
            groups: parts,
            notices,
        })
    }
}

/// Which way a square matrix lies, if the names of its files tell.
fn told_by_names(set: &Set) -> Option<Samples> {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        inner_name(&name).to_lowercase()
    };
    let (matrix, features, samples) = (name(&set.matrix), name(&set.features), name(&set.samples));
    // kallisto | bustools writes 'cells_x_genes.mtx'.
    if matrix.contains("cells_x_") || matrix.contains("cell_x_") {
        return Some(Samples::InRows);
    }
    let tenx = matrix.ends_with("matrix.mtx")
        && samples.ends_with("barcodes.tsv")
        && ["features.tsv", "genes.tsv", "peaks.bed"]
            .iter()
            .any(|end| features.ends_with(end));
    (tenx || matrix.contains("_x_cells")).then_some(Samples::InColumns)
}

fn sample_names(table: &NameTable) -> Result<(Axis, Frame), FormatError> {
    let ids = table.columns.first().cloned().unwrap_or_default();
    if let Some(at) = ids.iter().position(String::is_empty) {
        let what = "names no sample".into();
        return Err(damaged(&table.path, table.line(at), what));
    }
    let axis = Axis::new(ids).map_err(|repeated| {
        let (first, second) = (table.line(repeated.first), table.line(repeated.second));
        let what = format!("'{}' stands on line {first} as well", repeated.name);
        damaged(&table.path, second, what)
    })?;
    let mut obs = Frame::default();
    for (at, column) in table.columns.iter().enumerate().skip(1) {
        let head = table.heads.as_ref().and_then(|heads| heads.get(at));
        let name = match head.filter(|head| !head.is_empty()) {
            Some(head) => head.clone(),
            None => format!("column {}", at + 1),
        };
        obs.set(name, column_of(column.clone()));
    }
    Ok((axis, obs))
}
