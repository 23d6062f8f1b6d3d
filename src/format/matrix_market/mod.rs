//! Matrix Market files, `.mtx`, with the names of their rows and columns in files beside them.
//!
//! The lengths of the two lists tell whether rows are features, as 10x Genomics has it, or samples. Where both would do, the names
//! of the files tell, or the user.

mod entries;
mod features;
mod header;
mod names;
mod outline;
pub(super) mod set;
mod values;

use std::path::Path;

use super::{
    Contents, Format, FormatError, FoundModality, Inspection, Look, Notice, Piece, ReadPlan,
    droplets, packed,
};
use crate::{
    data::{Matrix, Sparse},
    job::CancelToken,
};
pub(super) use features::Group;
use header::BANNER;
pub(super) use outline::{Outline, Part};

/// Bytes that names may take in memory while a set is only looked at.
pub(super) const NAMES: u64 = 1 << 30;

/// A `.mtx` file, packed or not, with its names beside it.
#[derive(Clone, Copy, Debug)]
pub struct MatrixMarket;

impl Format for MatrixMarket {
    fn name(&self) -> &'static str {
        "Matrix Market"
    }

    fn recognises(&self, look: &Look) -> bool {
        let begins = |head: &[u8]| {
            let banner = head.get(..BANNER.len());
            banner.is_some_and(|banner| banner.eq_ignore_ascii_case(BANNER.as_bytes()))
        };
        let unpacked = || packed::head(&look.path, BANNER.len() as u64);
        look.entries.is_none() && unpacked().is_ok_and(|head| begins(&head))
    }

    fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError> {
        let outline = Outline::read(set::of_matrix(path)?, NAMES, cancel)?;
        Ok(inspection(&[outline]))
    }

    fn read(
        &self,
        path: &Path,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<Contents, FormatError> {
        let outline = Outline::read(set::of_matrix(path)?, plan.memory, cancel)?;
        no_such_choice(path, plan, &outline.choices())?;
        let files = outline.set.files();
        let part = outline.values(plan, cancel)?;
        let (pieces, notices) = part.into_pieces();
        let mut contents = Contents {
            pieces,
            notices,
            files,
            ..Contents::default()
        };
        droplets::warn(&mut contents, cancel)?;
        Ok(contents)
    }
}

/// What sets hold together, modality by modality.
pub(super) fn inspection(outlines: &[Outline]) -> Inspection {
    let mut found = Inspection::default();
    for outline in outlines {
        for group in &outline.groups {
            let samples = outline.samples.len();
            match found
                .modalities
                .iter_mut()
                .find(|known| known.name == group.modality)
            {
                Some(known) => {
                    known.samples += samples;
                    known.features = known.features.max(group.names.len());
                }
                None => found.modalities.push(FoundModality {
                    name: group.modality.clone(),
                    samples,
                    features: group.names.len(),
                    matrices: outline.choices(),
                }),
            }
        }
        for (name, _) in outline.obs.columns() {
            if !found.obs.iter().any(|known| known == name) {
                found.obs.push(name.to_owned());
            }
        }
    }
    found
}

/// Refuses a choice that is none of those there are.
pub(super) fn no_such_choice(
    path: &Path,
    plan: &ReadPlan,
    choices: &[String],
) -> Result<(), FormatError> {
    let Some(asked) = plan
        .matrix
        .as_ref()
        .filter(|asked| !choices.contains(asked))
    else {
        return Ok(());
    };
    Err(FormatError::Choose {
        path: path.to_owned(),
        question: format!("there is no '{asked}' to choose"),
        choices: choices.to_vec(),
    })
}

impl Part {
    /// Bytes of memory that the values take.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = |(_, matrix): &(Group, Sparse)| 8 * (matrix.samples() + matrix.count()) as u64;
        self.groups.iter().map(bytes).sum()
    }

    /// The modalities as pieces, and what there is to say.
    pub(super) fn into_pieces(self) -> (Vec<Piece>, Vec<Notice>) {
        let piece = |(group, matrix): (Group, Sparse)| Piece {
            modality: group.modality,
            source: String::new(),
            samples: self.samples.clone(),
            features: group.names,
            matrix: Matrix::Sparse(matrix),
            obs: self.obs.clone(),
            var: group.var,
        };
        (self.groups.into_iter().map(piece).collect(), self.notices)
    }
}

#[cfg(test)]
mod tests;
