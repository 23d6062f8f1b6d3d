//! A data set as anndata lays it out: `X` with `obs` and `var`, and what else there is of it. The whole of an `.h5ad` file, and
//! every modality of an `.h5mu` file.

use super::{
    Group, Node, Table, by_kind,
    choice::{Matrices, node},
    coordinates, count_kinds,
    kinds::{measured, texts},
    matrix::Found,
};
use crate::{
    data::{Axis, Frame},
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
        let matrices = Matrices::of(&self.group)?;
        let features = match matrices.first() {
            Some(found) => found.dims()[1],
            None => Table::length(&self.var)?,
        };
        let whole = FoundModality {
            name: modality.to_owned(),
            samples: Table::length(&self.obs)?,
            features,
            matrices: matrices.names(),
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

    /// The modality of every feature, where `var` tells it.
    fn kinds(&self) -> Result<Option<Vec<String>>, FormatError> {
        for name in KINDS {
            let column = Table::column(&self.var, name)?;
            if let Some(kinds) = column.as_ref().and_then(measured) {
                return Ok(Some(kinds));
            }
        }
        Ok(None)
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
        let mut matrices = Matrices::of(&self.group)?;
        let (source, found) = matrices.choose(wanted.matrix, notices)?;

        let mut obs = Table::read(&self.obs, uns, notices, cancel)?;
        let rows = obs.names.len();
        // Of several modalities each may have a map of the same name.
        let prefix = match wanted.part {
            true => String::new(),
            false => format!("{}:", wanted.modality),
        };
        let of = (rows, prefix.as_str());
        coordinates::add(&self.group, of, &mut obs.frame, notices, cancel)?;
        let (names, var) = self.features(&source, &found, uns, notices, cancel)?;
        let [samples, features] = [rows, names.len()];
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
        let chosen = wanted.matrix.is_some();
        matrices.remark((&source, &matrix), chosen, notices)?;

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
                    &node(&self.group, "raw/var")?.ok_or_else(missing)?,
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
        notices.push(self.group.note(
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

    /// The piece with its features named, parted by their kinds if that is wanted and there are several.
    fn parted(
        &self,
        piece: Piece,
        names: Vec<String>,
        wanted: &Wanted<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<Vec<Piece>, FormatError> {
        let kinds = KINDS.iter().find_map(|name| measured(piece.var.get(name)?));
        let kinds = match kinds {
            Some(kinds) if wanted.part => kinds,
            _ => vec![wanted.modality.to_owned(); names.len()],
        };
        let ids = IDS.iter().find_map(|name| texts(piece.var.get(name)?));
        let file = self.group.file;
        file.hold(&self.group.place("var"), 64 * names.len() as u64)?;
        let pieces = by_kind(file, piece, &kinds, &names, ids.as_deref())?;
        if pieces.len() > 1 {
            let list: Vec<_> = pieces
                .iter()
                .map(|(piece, _)| piece.modality.as_str())
                .collect();
            let list = list.join(", ");
            notices.push(self.group.note(
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
                notices.push(self.group.note(Severity::Note, what));
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
