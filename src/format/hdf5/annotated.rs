//! A data set as anndata lays it out: `X` with `obs` and `var`, and what else there is of it. The whole of an `.h5ad` file, and
//! every modality of an `.h5mu` file.

use super::{File, Group, Node, Table, by_kind, count_kinds, kinds::texts, matrix::Found};
use crate::{
    data::{Axis, Frame, Matrix},
    format::{FormatError, FoundModality, Notice, Piece, Severity},
    job::CancelToken,
};

/// Columns of `var` that tell what kind of feature each is, as scanpy, muon and others call them.
const KINDS: [&str; 3] = ["feature_types", "feature_type", "modality"];

/// Columns of `var` that hold a second name, which tells features of one name apart.
const IDS: [&str; 6] = [
    "gene_ids",
    "gene_id",
    "ensembl_id",
    "ensembl",
    "feature_id",
    "id",
];

/// A group that anndata wrote.
pub(in crate::format) struct Annotated<'f> {
    group: Group<'f>,
    obs: Node<'f>,
    var: Node<'f>,
}

/// What is wanted of it.
pub(in crate::format) struct Wanted<'a> {
    /// Which matrix; the usual one if nothing is said.
    pub matrix: Option<&'a str>,
    /// What the modality is called if its features do not say that.
    pub modality: &'a str,
    /// Whether features of several kinds are parted into modalities.
    pub part: bool,
}

impl<'f> Annotated<'f> {
    /// Looks at a group.
    ///
    /// # Errors
    /// If it has no `obs` or no `var`, or they cannot be read.
    pub fn at(group: Group<'f>) -> Result<Self, FormatError> {
        let need = |name: &str| {
            let missing = || group.file.damaged(&group.place(name), "is not there");
            group.child(name)?.ok_or_else(missing)
        };
        Ok(Self {
            obs: need("obs")?,
            var: need("var")?,
            group,
        })
    }

    /// Columns that describe the samples.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn obs_columns(&self) -> Result<Vec<String>, FormatError> {
        Table::columns(&self.obs)
    }

    /// What there is to choose from: one modality, or one for each kind of feature if those are parted.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn found(&self, modality: &str, part: bool) -> Result<Vec<FoundModality>, FormatError> {
        let matrices = self.matrices()?;
        let features = match matrices.first() {
            Some((_, found)) => found.dims()[1],
            None => Table::length(&self.var)?,
        };
        let whole = FoundModality {
            name: modality.to_owned(),
            samples: Table::length(&self.obs)?,
            features,
            matrices: matrices.into_iter().map(|(name, _)| name).collect(),
        };
        let kinds = match part {
            true => self.kinds()?,
            false => None,
        };
        Ok(match kinds {
            Some(kinds) if kinds.len() == features => {
                let one = |(name, features)| FoundModality {
                    name,
                    features,
                    ..whole.clone()
                };
                count_kinds(&kinds).into_iter().map(one).collect()
            }
            _ => vec![whole],
        })
    }

    /// The kind of every feature, where `var` tells them.
    fn kinds(&self) -> Result<Option<Vec<String>>, FormatError> {
        for name in KINDS {
            if let Some(column) = Table::column(&self.var, name)? {
                return Ok(texts(&column));
            }
        }
        Ok(None)
    }

    /// All matrices with a row a sample: `X`, `layers/..`, `raw/X`, `obsm/..`.
    fn matrices(&self) -> Result<Vec<(String, Found<'f>)>, FormatError> {
        let mut names = vec!["X".to_owned()];
        let inside = |name: &str| match self.group.group(name)? {
            Some(group) => Ok(group
                .names()?
                .iter()
                .map(|child| format!("{name}/{child}"))
                .collect()),
            None => Ok::<Vec<String>, FormatError>(Vec::new()),
        };
        names.extend(inside("layers")?);
        names.push("raw/X".into());
        names.extend(inside("obsm")?);
        let mut matrices = Vec::new();
        for name in names {
            if let Some(node) = self.node(&name)?
                && let Some(found) = Found::at(node)?
            {
                matrices.push((name, found));
            }
        }
        Ok(matrices)
    }

    /// What stands at a name; anndata 0.6 and before calls `raw/X` `raw.X`.
    fn node(&self, name: &str) -> Result<Option<Node<'f>>, FormatError> {
        match (self.group.child(name)?, name.strip_prefix("raw/")) {
            (None, Some(part)) => self.group.child(&format!("raw.{part}")),
            (found, _) => Ok(found),
        }
    }

    /// Reads its pieces, one if they are not parted.
    ///
    /// # Errors
    /// If the matrix is to be chosen, is damaged, or takes too much memory.
    pub fn read(
        &self,
        wanted: &Wanted<'_>,
        uns: Option<&Group<'f>>,
        notices: &mut Vec<Notice>,
        cancel: &CancelToken,
    ) -> Result<Vec<Piece>, FormatError> {
        let file = self.group.file;
        let mut matrices = self.matrices()?;
        let chosen = self.choose(&matrices, wanted, notices)?;
        let (source, found) = matrices.swap_remove(chosen);

        let obs = Table::read(&self.obs, uns, notices, cancel)?;
        let (names, var) = self.features(&source, &found, uns, notices, cancel)?;
        let [samples, features] = [obs.names.len(), names.len()];
        let found = fitted(found, [samples, features]);
        if found.dims() != [samples, features] {
            let [rows, columns] = found.dims();
            let what = format!(
                "is {rows} x {columns}, but there are {samples} samples and {features} features"
            );
            return Err(file.damaged(found.place(), what));
        }
        let samples = self.samples(obs.names, wanted.part, notices)?;
        let matrix = found.read(cancel)?;
        self.remark(wanted, (&source, &matrix), &matrices, notices)?;

        let piece = Piece {
            modality: wanted.modality.to_owned(),
            source,
            samples,
            features: Axis::default(),
            matrix,
            obs: obs.frame,
            var,
        };
        self.parted(piece, names, wanted, notices)
    }

    /// Which of the matrices is read.
    fn choose(
        &self,
        matrices: &[(String, Found<'f>)],
        wanted: &Wanted<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<usize, FormatError> {
        let file = self.group.file;
        if let Some(name) = wanted.matrix {
            let at = matrices.iter().position(|(known, _)| known == name);
            return at.ok_or_else(|| {
                self.ask(
                    format!("There is no matrix '{name}'. Which one is it?"),
                    matrices,
                )
            });
        }
        if matrices.is_empty() {
            return Err(file.unsupported(
                format!("holds no matrix{}", self.whereabouts()),
                "Write it again with values in X: `adata.X = adata.layers[..]`.",
            ));
        }
        if matrices[0].0 == "X" {
            return Ok(0);
        }
        let measured = matrices
            .iter()
            .filter(|(name, _)| !name.starts_with("obsm/"))
            .count();
        match measured {
            1 => {
                let name = &matrices[0].0;
                notices.push(self.note(Severity::Note, format!("There is no X; {name} is read.")));
                Ok(0)
            }
            _ => Err(self.ask("There is no X. Which matrix is it?".into(), matrices)),
        }
    }

    fn ask(&self, question: String, matrices: &[(String, Found<'f>)]) -> FormatError {
        FormatError::Choose {
            path: self.group.file.path().to_owned(),
            question,
            choices: matrices.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    fn whereabouts(&self) -> String {
        match self.group.at.is_empty() {
            true => String::new(),
            false => format!(" in {}", self.group.at),
        }
    }

    fn note(&self, severity: Severity, text: String) -> Notice {
        let object = match self.group.at.is_empty() {
            true => self.group.file.path().to_string_lossy().into_owned(),
            false => self.group.at.clone(),
        };
        Notice {
            severity,
            object,
            text,
        }
    }

    /// Names of the features of a matrix, and what describes them.
    fn features(
        &self,
        source: &str,
        found: &Found<'f>,
        uns: Option<&Group<'f>>,
        notices: &mut Vec<Notice>,
        cancel: &CancelToken,
    ) -> Result<(Vec<String>, Frame), FormatError> {
        let var = match source {
            "raw/X" => {
                let missing = || self.group.file.damaged("raw/var", "is not there");
                Table::read(
                    &self.node("raw/var")?.ok_or_else(missing)?,
                    uns,
                    notices,
                    cancel,
                )?
            }
            _ if source.starts_with("obsm/") => {
                let (count, name) = (found.dims()[1], &source["obsm/".len()..]);
                self.group
                    .file
                    .hold(source, (count as u64).saturating_mul(64))?;
                let names = (1..=count).map(|at| format!("{name}_{at}")).collect();
                return Ok((names, Frame::default()));
            }
            _ => Table::read(&self.var, uns, notices, cancel)?,
        };
        Ok((var.names, var.frame))
    }

    /// Ids of the samples.
    ///
    /// Repeated ones are refused where modalities are matched by them. In a file of one matrix all rows belong together
    /// whatever they are called: there they are told apart, as `obs_names_make_unique` does, and the user is warned.
    fn samples(
        &self,
        names: Vec<String>,
        alone: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<Axis, FormatError> {
        let file = self.group.file;
        file.hold(&self.group.place("obs"), 4 * names.len() as u64)?;
        let repeated = match Axis::new(names.clone()) {
            Ok(axis) => return Ok(axis),
            Err(repeated) if !alone => {
                return Err(file.repeated(&self.group.place("obs"), &repeated));
            }
            Err(repeated) => repeated,
        };
        let (axis, changed) = Axis::told_apart(names, None);
        notices.push(self.note(
            Severity::Warning,
            format!(
                "{changed} samples have a name that another one has; '{}' is number {} and number {}. They are told apart by a \
                 number, so other files cannot be matched with them by name: `adata.obs_names_make_unique()` before the \
                 files are written mends that.",
                repeated.name,
                repeated.first + 1,
                repeated.second + 1
            ),
        ));
        Ok(axis)
    }

    /// Says what else there is, where the user did not choose; a matrix without a value is not taken in silence.
    fn remark(
        &self,
        wanted: &Wanted<'_>,
        (source, matrix): (&str, &Matrix),
        others: &[(String, Found<'f>)],
        notices: &mut Vec<Notice>,
    ) -> Result<(), FormatError> {
        let facts = matrix.facts().map_err(|error| FormatError::Read {
            path: self.group.file.path().to_owned(),
            source: error,
        })?;
        if facts.infinite > 0 {
            let what = format!(
                "{} values of {source} are infinite, or too large for 32 bits.",
                facts.infinite
            );
            notices.push(self.note(Severity::Warning, what));
        }
        // Whole numbers are exact up to 2^24.
        if facts.fractions == 0 && facts.high.max(-facts.low) > 16_777_216.0 {
            let what = format!(
                "{source} holds whole numbers beyond 16,777,216, which are rounded to 24 bits."
            );
            notices.push(self.note(Severity::Note, what));
        }
        let mut measured = Vec::new();
        for (name, found) in others.iter().filter(|(name, _)| !name.starts_with("obsm/")) {
            let looks = found.looks().unwrap_or("cannot be read");
            measured.push(format!("{name} ({looks})"));
        }
        measured.sort();
        if wanted.matrix.is_some() || measured.is_empty() {
            return Ok(());
        }
        if facts.nonzero == 0 {
            let question = format!("{source} holds no value other than zero. Which matrix is it?");
            return Err(self.ask(question, others));
        }
        let measured = measured.join(", ");
        notices.push(match facts.low < 0.0 {
            true => self.note(
                Severity::Warning,
                format!(
                    "{source} is read. It has negative values, so it was scaled or centred; the file also holds {measured}. \
                     Choose one of these if counts or log-normalised values are wanted."
                ),
            ),
            false => self.note(
                Severity::Note,
                format!("{source} is read; the file also holds {measured}."),
            ),
        });
        Ok(())
    }

    /// The piece with its features named, parted by their kinds if that is wanted and there are several.
    fn parted(
        &self,
        piece: Piece,
        names: Vec<String>,
        wanted: &Wanted<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<Vec<Piece>, FormatError> {
        let kinds = KINDS.iter().find_map(|name| texts(piece.var.get(name)?));
        let kinds = match kinds {
            Some(kinds) if wanted.part => kinds,
            _ => vec![wanted.modality.to_owned(); names.len()],
        };
        let ids = IDS.iter().find_map(|name| texts(piece.var.get(name)?));
        let file: &File = self.group.file;
        file.hold(&self.group.place("var"), 64 * names.len() as u64)?;
        let pieces = by_kind(file, piece, &kinds, &names, ids.as_deref())?;
        if pieces.len() > 1 {
            let list: Vec<_> = pieces
                .iter()
                .map(|(piece, _)| piece.modality.as_str())
                .collect();
            let list = list.join(", ");
            notices.push(self.note(
                Severity::Note,
                format!("The features are of several kinds, each of which is a modality: {list}."),
            ));
        }
        let named = |(piece, changed): (Piece, usize)| {
            if changed > 0 {
                let what = format!(
                    "{changed} features of {} had a name that another one has; they are told apart.",
                    piece.modality
                );
                notices.push(self.note(Severity::Note, what));
            }
            piece
        };
        Ok(pieces.into_iter().map(named).collect())
    }
}

/// A list of one value a feature of a single sample, which anndata 0.6 writes without its second extent, stands as a column.
fn fitted<'f>(found: Found<'f>, dims: [usize; 2]) -> Found<'f> {
    match found {
        Found::Dense(data, [features, 1]) if data.shape().len() == 1 && dims == [1, features] => {
            Found::Dense(data, dims)
        }
        other => other,
    }
}
