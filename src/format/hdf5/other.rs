//! HDF5 files that hold something else.

use std::path::Path;

use super::{File, LOOK_MEMORY};
use crate::{
    format::{Contents, Format, FormatError, Inspection, Look, ReadPlan},
    job::CancelToken,
};

/// Any HDF5 file that no other format recognises: it is refused, in words that say what it is and what to give instead.
#[derive(Clone, Copy, Debug)]
pub struct OtherHdf5;

/// Groups that tell a kind of file, what it is, and what to do.
const KNOWN: [(&[&str], &str, &str); 3] = [
    (
        &["col_attrs", "row_attrs", "matrix"],
        "is a loom file",
        "Write it as .h5ad: `anndata.io.read_loom(path).write_h5ad(\"data.h5ad\")`.",
    ),
    (
        &["assays", "meta.data"],
        "is an h5Seurat file",
        "Write it as .h5ad: `SeuratDisk::Convert(path, dest = \"h5ad\")` in R.",
    ),
    (
        &["resolutions"],
        "is a cooler file of contacts between places of the genome, not a matrix of samples",
        "Give a matrix of samples x features.",
    ),
];

impl Format for OtherHdf5 {
    fn name(&self) -> &'static str {
        "HDF5"
    }

    fn recognises(&self, look: &Look) -> bool {
        look.is_hdf5()
    }

    fn inspect(&self, path: &Path, _: &CancelToken) -> Result<Inspection, FormatError> {
        Err(refusal(path)?)
    }

    fn read(&self, path: &Path, _: &ReadPlan, _: &CancelToken) -> Result<Contents, FormatError> {
        Err(refusal(path)?)
    }
}

fn refusal(path: &Path) -> Result<FormatError, FormatError> {
    let file = File::open(path, LOOK_MEMORY)?;
    let names = file.root().names()?;
    let has = |name: &&str| names.iter().any(|known| known == name);
    Ok(
        match KNOWN.iter().find(|(groups, ..)| groups.iter().all(has)) {
            Some((_, what, advice)) => file.unsupported(*what, *advice),
            None => {
                let first = names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
                file.unsupported(
                format!("is an HDF5 file, but neither a 10x matrix nor .h5ad nor .h5mu; it holds: {first}"),
                "Write the data as .h5ad or .h5mu, or as a table.",
            )
            }
        },
    )
}
