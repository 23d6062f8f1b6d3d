//! Writing a data set as the files that [`crate::io::load`] reads.

use crate::{
    data::{Dataset, TruthColumn},
    store::atomic,
    words::cell,
};
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
            for (i, id) in dataset.samples.iter().enumerate() {
                let row = modality.values.rows(i..i + 1, &mut buffer);
                line.clear();
                line.push_str(&cell::write(id));
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
            for (row, id) in dataset.samples.iter().enumerate() {
                writeln!(
                    w,
                    "{},{}",
                    cell::write(id),
                    cell::write(labels.name_of(row).unwrap_or(""))
                )?;
            }
            Ok(())
        })?;
    }
    let truth = &dataset.truth;
    if !truth.sample.is_empty() {
        put("truth_sample.csv", &|w| {
            header(w, &["sample"], truth.sample.iter().map(|c| &c.name))?;
            for (row, id) in dataset.samples.iter().enumerate() {
                write!(w, "{}", cell::write(id))?;
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
                    write!(
                        w,
                        "{},{}",
                        cell::write(&modality.name),
                        cell::write(feature)
                    )?;
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
        write!(w, ",{}", cell::write(name))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::{Axis, Frame, Labels, Modality, Truth},
        io::{LoadSpec, load},
        job::CancelToken,
    };
    use ndarray::Array2;

    #[test]
    fn hostile_names_read_back_and_none_is_a_formula() {
        let names = [
            "=1+1",
            "+x",
            "-y",
            "@SUM(A1:A9)",
            "-1",
            "-1e3",
            "'-1",
            "'=1",
            "''=1",
            "'quoted'",
            "say \"hi\"",
            "a,b;c\td",
            "two\nlines",
            "=HYPERLINK(\"http://x\",\"y\")",
            "-inf",
            "''",
        ];
        let ids: Vec<String> = names.map(str::to_owned).to_vec();
        let n = ids.len();
        let classes = ["=cmd|' /C calc'!A0", "'+1-1", "@x, \"y\"", "-1"];
        let column = |name: &str| TruthColumn {
            name: name.into(),
            values: (0..n).map(|i| i as f32).collect(),
        };
        let features: Vec<String> = names
            .iter()
            .filter(|f| !f.contains('\n'))
            .map(|&f| f.into())
            .collect();
        let values = Array2::from_shape_fn((n, features.len()), |(i, j)| (i * 7 + j * 3) as f32);
        let dataset = Dataset {
            name: "hostile".into(),
            samples: Axis::new(ids).unwrap(),
            modalities: vec![Modality::new(
                "=rna",
                Axis::new(features).unwrap(),
                values.into(),
            )],
            obs: Frame::default(),
            labels: Some(Labels::from_names(
                (0..n).map(|i| Some(classes[i % classes.len()])),
            )),
            truth: Truth {
                sample: vec![column("=truth"), column("plain")],
                ..Truth::default()
            },
        };
        let folder = tempfile::tempdir().unwrap();
        let files = write_dataset(&dataset, folder.path()).unwrap();
        for file in &files {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_path(file)
                .unwrap();
            for record in reader.records() {
                for cell in record.unwrap().iter() {
                    let begins = cell.starts_with(['=', '+', '-', '@']);
                    assert!(
                        !begins || cell.bytes().all(|b| b"-1e3".contains(&b)),
                        "{cell}"
                    );
                }
            }
        }
        let spec = LoadSpec {
            paths: vec![folder.path().to_owned()],
            ..LoadSpec::default()
        };
        let read = load(&spec, &CancelToken::new()).unwrap().dataset;
        assert_eq!(read.samples, dataset.samples);
        assert_eq!(read.modalities[0].name, "=rna");
        assert_eq!(read.modalities[0].features, dataset.modalities[0].features);
        assert_eq!(read.modalities[0].values, dataset.modalities[0].values);
        assert_eq!(read.labels, dataset.labels);
        assert_eq!(read.truth.sample, dataset.truth.sample);
    }
}
