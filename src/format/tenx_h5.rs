//! `.h5` files of 10x Genomics: Cell Ranger 2 and 3 and later, Space Ranger, and what other programs write in their way.
//!
//! Version 3 has one group `matrix`, whose features may be of several types, each of which is a modality. Version 2 has one
//! group a genome. Both hold features x barcodes by columns (CSC), which is samples x features by rows.

#[cfg(test)]
mod tests;

use std::path::Path;

use super::{
    Contents, Format, FormatError, FoundModality, Inspection, Look, Notice, Piece, ReadPlan,
    Severity, droplets,
    hdf5::{File, Group, LOOK_MEMORY, Order, by_kind, count_kinds, names_of, sparse},
    modality_name,
};
use crate::{
    data::{Axis, Column, Frame},
    job::CancelToken,
    words::thousands,
};

/// The modality of features where the file does not say what they are.
const GENES: &str = "rna";

/// `.h5` files of Cell Ranger and Space Ranger.
#[derive(Clone, Copy, Debug)]
pub struct TenxH5;

impl Format for TenxH5 {
    fn name(&self) -> &'static str {
        "10x HDF5"
    }

    fn recognises(&self, look: &Look) -> bool {
        let is_10x = |file: &File| !matches!(Layout::of(file), Ok(None) | Err(_));
        look.is_hdf5() && File::open(&look.path, LOOK_MEMORY).is_ok_and(|file| is_10x(&file))
    }

    fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError> {
        let file = File::open(path, LOOK_MEMORY)?;
        let mut inspection = Inspection::default();
        for counts in counts(&file)? {
            cancel.check()?;
            let samples = counts.group.need("barcodes")?.len()?;
            let found = |(name, features)| FoundModality {
                name,
                samples,
                features,
                matrices: Vec::new(),
            };
            let kinds = counts.kinds()?;
            inspection
                .modalities
                .extend(count_kinds(&kinds).into_iter().map(found));
        }
        Ok(inspection)
    }

    fn read(
        &self,
        path: &Path,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<Contents, FormatError> {
        let file = File::of_plan(path, plan)?;
        let mut contents = Contents {
            files: vec![path.to_owned()],
            ..Contents::default()
        };
        let groups = counts(&file)?;
        if groups.len() > 1 {
            contents.notices.push(several_genomes(&groups, path)?);
        }
        for counts in groups {
            let pieces = counts.read(&mut contents.notices, cancel)?;
            contents.pieces.extend(pieces);
        }
        droplets::warn(&mut contents, cancel)?;
        Ok(contents)
    }
}

/// The kinds of file that 10x writes.
enum Layout<'f> {
    /// `matrix`, with what describes its features.
    Matrix(Group<'f>),
    /// A group a genome, with its name.
    Genomes(Vec<(String, Group<'f>)>),
    /// What every molecule is, from which matrices are made.
    Molecules,
}

impl<'f> Layout<'f> {
    fn of(file: &'f File) -> Result<Option<Self>, FormatError> {
        let root = file.root();
        let names = root.names()?;
        let has = |name: &str| names.iter().any(|known| known == name);
        if has("barcode_idx") || (has("umi") && has("barcode")) {
            return Ok(Some(Self::Molecules));
        }
        if let Some(matrix) = root.group("matrix")? {
            return Ok(has_parts(&matrix, &["barcodes", "indptr"])?.then_some(Self::Matrix(matrix)));
        }
        let mut genomes = Vec::new();
        for name in names {
            if let Some(group) = root.group(&name)?
                && has_parts(&group, &["barcodes", "genes", "gene_names", "indptr"])?
            {
                genomes.push((name, group));
            }
        }
        Ok((!genomes.is_empty()).then_some(Self::Genomes(genomes)))
    }
}

fn has_parts(group: &Group<'_>, parts: &[&str]) -> Result<bool, FormatError> {
    for part in parts {
        if group.child(part)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A matrix of counts.
struct Counts<'f> {
    group: Group<'f>,
    /// Which genome it is of, where there are several.
    genome: Option<String>,
    /// Where the ids of the features, their names, and their types stand.
    parts: [&'static str; 3],
}

/// The matrices of a file.
fn counts(file: &File) -> Result<Vec<Counts<'_>>, FormatError> {
    match Layout::of(file)? {
        Some(Layout::Matrix(group)) => Ok(vec![Counts {
            group,
            genome: None,
            parts: ["features/id", "features/name", "features/feature_type"],
        }]),
        Some(Layout::Genomes(genomes)) => {
            let several = genomes.len() > 1;
            let counts = |(name, group)| Counts {
                group,
                genome: several.then_some(name),
                parts: ["genes", "gene_names", "feature_type"],
            };
            Ok(genomes.into_iter().map(counts).collect())
        }
        Some(Layout::Molecules) => Err(file.unsupported(
            "is a molecule_info file, which lists molecules, not a matrix of cells",
            "Give filtered_feature_bc_matrix.h5 from the same folder of Cell Ranger's results.",
        )),
        None => Err(file.unsupported(
            "holds no matrix of 10x Genomics",
            "Give filtered_feature_bc_matrix.h5 from Cell Ranger's results.",
        )),
    }
}

impl Counts<'_> {
    /// Names of a part of the features.
    fn names(&self, part: &str) -> Result<Vec<String>, FormatError> {
        let data = self.group.need(part)?;
        names_of(self.group.file, &data.at, data.column()?)
    }

    /// The modality of every feature, by its type; with its genome if there are several.
    fn kinds(&self) -> Result<Vec<String>, FormatError> {
        let [ids, _, types] = self.parts;
        if let Some(data) = self.group.data(types)? {
            let mut types = names_of(self.group.file, &data.at, data.column()?)?;
            types
                .iter_mut()
                .for_each(|kind| *kind = modality_name(kind));
            return Ok(types);
        }
        let genome = self.genome.as_ref();
        let kind = genome.map_or(GENES.into(), |genome| format!("{GENES}_{genome}"));
        let count = self.group.need(ids)?.len()?;
        let bytes = (count as u64).saturating_mul(40 + kind.len() as u64);
        self.group.file.hold(&self.group.at, bytes)?;
        Ok(vec![kind; count])
    }

    fn read(
        &self,
        notices: &mut Vec<Notice>,
        cancel: &CancelToken,
    ) -> Result<Vec<Piece>, FormatError> {
        let Self {
            group,
            parts: [ids, names, types],
            ..
        } = self;
        if types.starts_with("features/") && group.data(types)?.is_none() {
            notices.push(group.note(
                Severity::Warning,
                "The file does not say of what type its features are; they are taken for genes.".into(),
            ));
        }
        let (file, at) = (group.file, &group.at);
        let (ids, names, kinds) = (self.names(ids)?, self.names(names)?, self.kinds()?);
        let barcodes = self.names("barcodes")?;
        let dims = [barcodes.len(), names.len()];
        if ids.len() != names.len() || kinds.len() != names.len() {
            let what = format!(
                "has {} names, {} ids and {} types of features",
                names.len(),
                ids.len(),
                kinds.len()
            );
            return Err(file.damaged(at, what));
        }
        if let Some(shape) = group.data("shape")? {
            let shape = shape.column()?;
            let claimed = [0, 1].map(|at| shape.text(at).unwrap_or_default());
            if claimed != [dims[1], dims[0]].map(|extent| extent.to_string()) {
                let what = format!(
                    "claims {} features and {} barcodes, but there are {} and {}",
                    claimed[0], claimed[1], dims[1], dims[0]
                );
                return Err(file.damaged(&group.place("shape"), what));
            }
        }
        file.hold(at, 4 * dims[0] as u64 + 64 * dims[1] as u64)?;
        let samples = Axis::new(barcodes)
            .map_err(|repeated| file.repeated(&group.place("barcodes"), &repeated))?;
        let piece = Piece {
            modality: String::new(),
            source: String::new(),
            samples,
            features: Axis::default(),
            matrix: sparse(group, Order::Samples, dims, cancel)?,
            obs: Frame::default(),
            var: self.described(&ids, notices)?,
        };
        let told_apart = |(piece, changed): (Piece, usize)| {
            if changed > 0 {
                notices.push(Notice {
                    severity: Severity::Note,
                    object: piece.modality.clone(),
                    text: format!(
                        "{} features share their names with others; their ids tell them apart.",
                        thousands(changed)
                    ),
                });
            }
            piece
        };
        let pieces = by_kind(file, piece, &kinds, &names, Some(&ids))?;
        Ok(pieces.into_iter().map(told_apart).collect())
    }

    /// What describes the features: their ids, and every other list of one value a feature.
    fn described(&self, ids: &[String], notices: &mut Vec<Notice>) -> Result<Frame, FormatError> {
        let mut var = Frame::default();
        var.set("id", Column::Text(ids.iter().cloned().map(Some).collect()));
        let Some(features) = self.group.group("features")? else {
            return Ok(var);
        };
        for name in features.names()? {
            let known = matches!(name.as_str(), "id" | "name" | "_all_tag_keys");
            let Some(data) = features.data(&name)?.filter(|_| !known) else {
                continue;
            };
            match data.column() {
                Ok(column) if column.len() == ids.len() => var.set(name, column),
                Ok(_) => {}
                Err(error @ (FormatError::Cancelled(_) | FormatError::TooLarge { .. })) => {
                    return Err(error);
                }
                Err(error) => notices.push(Notice {
                    severity: Severity::Warning,
                    object: data.at.clone(),
                    text: format!("This column is left out: {error}"),
                }),
            }
        }
        Ok(var)
    }
}

/// Says that a file has several genomes, and whether they are of the same barcodes.
fn several_genomes(groups: &[Counts<'_>], path: &Path) -> Result<Notice, FormatError> {
    let mut lists = Vec::new();
    for counts in groups {
        lists.push(counts.names("barcodes")?);
    }
    let genomes: Vec<&str> = groups
        .iter()
        .filter_map(|counts| counts.genome.as_deref())
        .collect();
    let genomes = genomes.join(", ");
    let same = lists.windows(2).all(|pair| pair[0] == pair[1]);
    let (severity, text) = match same {
        true => (
            Severity::Note,
            format!("The file has several genomes, each of which is a modality: {genomes}."),
        ),
        false => (
            Severity::Warning,
            format!(
                "The file has several genomes, each of which is a modality with barcodes of its own: {genomes}. Few cells are \
                 in more than one of them."
            ),
        ),
    };
    Ok(Notice {
        severity,
        object: path.to_string_lossy().into_owned(),
        text,
    })
}
