//! Folders of 10x Genomics as people have them: what Cell Ranger writes, and what archives such as GEO make of it.
//!
//! - version 3 on: `matrix.mtx.gz`, `features.tsv.gz`, `barcodes.tsv.gz`; version 2: `genes.tsv`, nothing packed;
//! - several samples in one folder, told apart by prefixes of their files, or a folder each;
//! - the folder `outs` with a filtered and a raw matrix: the filtered one is read.
//!
//! Feature types become modalities. Several samples become one piece a modality, over the features that they have in common.

mod join;
mod layout;

use std::path::Path;

use super::{
    Contents, Format, FormatError, Inspection, Look, ReadPlan, droplets,
    matrix_market::{NAMES, Outline, inspection, no_such_choice},
};
use crate::job::CancelToken;
use layout::Layout;

/// A folder with matrices of 10x Genomics.
#[derive(Clone, Copy, Debug)]
pub struct TenxFolder;

impl Format for TenxFolder {
    fn name(&self) -> &'static str {
        "10x folder"
    }

    fn recognises(&self, look: &Look) -> bool {
        // What is wrong with such a folder is told when it is read.
        look.entries.is_some() && !matches!(Layout::find(&look.path, None), Ok(None))
    }

    fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError> {
        let layout = match Layout::find(path, None) {
            // Each choice may hold other modalities: they are seen once one is made.
            Err(FormatError::Choose { choices, .. }) => {
                let mut found = Inspection::default();
                for choice in &choices {
                    let one = Layout::of(path, Some(choice))?;
                    found.modalities.extend(outlines(one, cancel)?.modalities);
                }
                for modality in &mut found.modalities {
                    modality.matrices = choices.clone();
                }
                found.modalities.dedup_by(|a, b| a.name == b.name);
                return Ok(found);
            }
            layout => layout?,
        };
        outlines(layout.ok_or_else(|| layout::nothing(path))?, cancel)
    }

    fn read(
        &self,
        path: &Path,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<Contents, FormatError> {
        let layout = Layout::of(path, plan.matrix.as_deref())?;
        // What chose between folders is no choice between the sides of a matrix.
        let mut plan = plan.clone();
        plan.matrix = plan.matrix.filter(|asked| !layout.choices.contains(asked));
        let mut contents = Contents {
            notices: layout.notices,
            ..Contents::default()
        };
        let (mut outlines, mut left) = (Vec::new(), plan.memory);
        for (label, set) in layout.sets {
            contents.files.extend(set.files());
            let outline = Outline::read(set, left, cancel)?;
            no_such_choice(&outline.set.matrix, &plan, &outline.choices())?;
            left = left.saturating_sub(outline.bytes);
            outlines.push((label, outline));
        }
        let mut parts = Vec::new();
        for (label, outline) in outlines {
            let mut own = plan.clone();
            own.memory = left.saturating_add(outline.bytes);
            let part = outline.values(&own, cancel)?;
            left = left.saturating_sub(part.bytes());
            parts.push((label, part));
        }
        let (pieces, notices) = join::join(path, parts, left, cancel)?;
        contents.pieces = pieces;
        contents.notices.extend(notices);
        droplets::warn(&mut contents, cancel)?;
        Ok(contents)
    }
}

fn outlines(layout: Layout, cancel: &CancelToken) -> Result<Inspection, FormatError> {
    let several = layout.sets.len() > 1;
    let mut outlines = Vec::new();
    for (_, set) in layout.sets {
        outlines.push(Outline::read(set, NAMES, cancel)?);
    }
    let mut found = inspection(&outlines);
    if several {
        found.obs.insert(0, join::SAMPLE.to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
