//! Writing a data set as the files that [`super::load`] reads.

use super::atomic;
use crate::data::{Dataset, TruthColumn};
use std::{
    fmt::Write as _,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes `modality_<name>.csv`, `labels.csv`, `truth_sample.csv` and `truth_feature.csv` (the last three only if
/// there is something to write) into a folder, made if missing; returns the files.
///
/// Loading the folder gives the same values. Modalities come back in the order of their names.
///
/// # Errors
/// If a file cannot be written, or a modality's name cannot be part of a file name.
pub fn write_dataset(dataset: &Dataset, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    let mut put = |name: &str, fill: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
        let path = folder.join(name);
        atomic::write(&path, |w| fill(w))?;
        written.push(path);
        Ok::<(), io::Error>(())
    };
    for modality in &dataset.modalities {
        let name = &modality.name;
        if name.is_empty() || name.contains(['/', '\\', ':', '\0', '\n']) {
            let message = format!(
                "the modality \"{name}\" cannot be written: its name does not fit into a file name"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        put(&format!("modality_{name}.csv"), &|w| {
            header(w, &["sample"], modality.features.iter())?;
            let mut line = String::new();
            let mut buffer = Vec::new();
            for (i, id) in dataset.sample_ids.iter().enumerate() {
                let row = modality.values.rows(i..i + 1, &mut buffer);
                line.clear();
                line.push_str(&quoted(id));
                // Writing to a string cannot fail; numbers come out in the shortest form that reads back the same.
                row.iter().for_each(|x| _ = write!(line, ",{x}"));
                line.push('\n');
                w.write_all(line.as_bytes())?;
            }
            modality.values.check()
        })?;
    }
    if let Some(labels) = &dataset.labels {
        put("labels.csv", &|w| {
            writeln!(w, "sample,label")?;
            for (row, id) in dataset.sample_ids.iter().enumerate() {
                writeln!(
                    w,
                    "{},{}",
                    quoted(id),
                    quoted(labels.name_of(row).unwrap_or(""))
                )?;
            }
            Ok(())
        })?;
    }
    let truth = &dataset.truth;
    if !truth.sample.is_empty() {
        put("truth_sample.csv", &|w| {
            header(w, &["sample"], truth.sample.iter().map(|c| &c.name))?;
            for (row, id) in dataset.sample_ids.iter().enumerate() {
                write!(w, "{}", quoted(id))?;
                truth_row(w, &truth.sample, row)?;
            }
            Ok(())
        })?;
    }
    if let Some(columns) = truth.feature.iter().find(|c| !c.is_empty()) {
        put("truth_feature.csv", &|w| {
            header(w, &["modality", "feature"], columns.iter().map(|c| &c.name))?;
            for (modality, columns) in dataset.modalities.iter().zip(&truth.feature) {
                for (row, feature) in modality.features.iter().enumerate() {
                    write!(w, "{},{}", quoted(&modality.name), quoted(feature))?;
                    truth_row(w, columns, row)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(written)
}

fn header<'a>(
    w: &mut dyn Write,
    keys: &[&str],
    names: impl Iterator<Item = &'a String>,
) -> io::Result<()> {
    w.write_all(keys.join(",").as_bytes())?;
    for name in names {
        write!(w, ",{}", quoted(name))?;
    }
    w.write_all(b"\n")
}

fn truth_row(w: &mut dyn Write, columns: &[TruthColumn], row: usize) -> io::Result<()> {
    for column in columns {
        match column.values.get(row) {
            Some(x) if !x.is_nan() => write!(w, ",{x}")?,
            _ => w.write_all(b",")?,
        }
    }
    w.write_all(b"\n")
}

/// A cell, in quotes if it has to be.
fn quoted(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell.into()
    }
}
