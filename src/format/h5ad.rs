//! `.h5ad`, the files of anndata and scanpy: a matrix `X` of samples x features, with what describes both.
//!
//! A file does not say what it measures unless `var` has a column `feature_types`, as files that come from 10x do. Where it
//! has none, the modality is called as the file is: `rna.h5ad`, `pbmc3k.h5ad`.

#[cfg(test)]
mod tests;

use std::path::Path;

use super::{
    Contents, Format, FormatError, Inspection, Look, ReadPlan,
    hdf5::{Annotated, File, LOOK_MEMORY, Wanted},
    modality_name,
};
use crate::job::CancelToken;

/// `.h5ad` files of anndata 0.5 to 0.12.
///
/// `X` is read unless another matrix is asked for, and a notice says what else there is. Where there is no `X`, the only
/// layer or `raw/X` is read; if there are several, the user is asked.
#[derive(Clone, Copy, Debug)]
pub struct H5ad;

impl Format for H5ad {
    fn name(&self) -> &'static str {
        "AnnData (.h5ad)"
    }

    fn recognises(&self, look: &Look) -> bool {
        let has_both = |file: &File| {
            let (root, there) = (file.root(), |found: Result<Option<_>, _>| {
                !matches!(found, Ok(None))
            });
            there(root.child("obs")) && there(root.child("var"))
        };
        look.is_hdf5() && File::open(&look.path, LOOK_MEMORY).is_ok_and(|file| has_both(&file))
    }

    fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError> {
        cancel.check()?;
        let file = File::open(path, LOOK_MEMORY)?;
        let data = Annotated::at(file.root())?;
        Ok(Inspection {
            modalities: data.found(&name_of(path), true)?,
            obs: data.obs_columns()?,
        })
    }

    fn read(
        &self,
        path: &Path,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<Contents, FormatError> {
        let file = File::of_plan(path, plan)?;
        let wanted = Wanted {
            matrix: plan.matrix.as_deref(),
            modality: &name_of(path),
            part: true,
        };
        let mut contents = Contents {
            files: vec![path.to_owned()],
            ..Contents::default()
        };
        let uns = file.root().group("uns").ok().flatten();
        let data = Annotated::at(file.root())?;
        contents.pieces = data.read(&wanted, uns.as_ref(), &mut contents.notices, cancel)?;
        Ok(contents)
    }
}

/// What the modality is called if its features do not say what they are.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    modality_name(stem.strip_prefix("modality_").unwrap_or(&stem))
}
