//! Tables with features in rows, turned.

use super::{
    error::{LoadError, TableError},
    table::Table,
};
use crate::{
    data::{MemoryLimit, Storage, Values, ValuesWriter},
    job::CancelToken,
};
use std::{collections::HashMap, path::Path};

/// Bytes of values on disk that are turned at once.
const BLOCK: usize = 256 << 20;

impl Table {
    /// The same with rows and columns exchanged: columns become samples, so their names must be unique.
    pub fn turned(self, path: &Path, cancel: &CancelToken) -> Result<Self, LoadError> {
        check_names(path, &self.features)?;
        Ok(Self {
            values: turn(&self.values, BLOCK, cancel)?,
            lines: (2..).take(self.features.len()).collect(),
            features: self.ids,
            ids: self.features,
            turned: true,
            ..self
        })
    }
}

fn check_names(path: &Path, names: &[String]) -> Result<(), LoadError> {
    let wrong = |what| {
        Err(TableError::SampleColumns {
            path: path.to_owned(),
            what,
        }
        .into())
    };
    let mut seen = HashMap::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        if name.is_empty() {
            return wrong(format!("value column {} has no name", at + 1));
        }
        if let Some(first) = seen.insert(name, at) {
            let (first, second) = (first + 1, at + 1);
            return wrong(format!(
                "value columns {first} and {second} are both called \"{name}\""
            ));
        }
    }
    Ok(())
}

/// Exchanges rows and columns; of values on disk, so many bytes are in memory at once.
fn turn(values: &Values, block: usize, cancel: &CancelToken) -> Result<Values, LoadError> {
    let (rows, columns) = values.dim();
    if let Some(array) = values.array() {
        let from = array.as_slice().unwrap_or_default();
        let fill = |picked: std::ops::Range<usize>, out: &mut [f32]| {
            for (row, from) in from.chunks_exact(columns).enumerate() {
                for (out, value) in out.chunks_exact_mut(rows).zip(&from[picked.clone()]) {
                    out[row] = *value;
                }
            }
        };
        return Ok(Values::generate(Storage::Memory, columns, rows, fill)?);
    }
    let mut writer = ValuesWriter::new(rows, MemoryLimit::new(0));
    let width = (block / (rows * size_of::<f32>()).max(1)).clamp(1, columns.max(1));
    let step = (block / (columns * size_of::<f32>()).max(1)).clamp(1, rows.max(1));
    let (mut buffer, mut out) = (Vec::new(), Vec::new());
    for left in (0..columns).step_by(width) {
        let right = columns.min(left + width);
        out.resize((right - left) * rows, 0.0);
        for top in (0..rows).step_by(step) {
            cancel.check()?;
            let piece = values.rows(top..rows.min(top + step), &mut buffer);
            for (row, from) in piece.chunks_exact(columns).enumerate() {
                for (out, value) in out.chunks_exact_mut(rows).zip(&from[left..right]) {
                    out[top + row] = *value;
                }
            }
        }
        values.check()?;
        writer.append(&out)?;
    }
    Ok(writer.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn values_in_memory_and_on_disk_are_turned_alike() {
        let array = Array2::from_shape_fn((7, 5), |(i, j)| (10 * i + j) as f32);
        let held: Values = array.clone().into();
        let mut writer = ValuesWriter::new(5, MemoryLimit::new(0));
        writer.append(array.as_slice().unwrap()).unwrap();
        let kept = writer.finish();
        assert_eq!(kept.storage(), Storage::Disk);
        let expected: Values = array.t().to_owned().into();
        let cancel = CancelToken::new();
        assert_eq!(turn(&held, 1, &cancel).unwrap(), expected);
        for block in [1, 60, 100, 1_000] {
            let turned = turn(&kept, block, &cancel).unwrap();
            assert_eq!(turned, expected);
            assert_eq!(turned.storage(), Storage::Disk);
        }
        cancel.cancel();
        assert!(turn(&kept, 60, &cancel).is_err());
    }

    #[test]
    fn columns_that_become_samples_need_names() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let path = Path::new("m.csv");
        let said = |list: &[&str]| check_names(path, &names(list)).unwrap_err().to_string();
        assert!(said(&["a", "b", "a"]).contains("columns 1 and 3 are both called \"a\""));
        assert!(said(&["a", ""]).contains("column 2 has no name"));
        assert!(check_names(path, &names(&["a", "b"])).is_ok());
    }
}
