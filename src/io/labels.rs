//! Classes of the samples from a file of their own.

use super::{
    error::LoadError,
    notice::LoadNotice,
    number::{is_missing, whole_number},
    separator,
    table::{csv_reader, shown},
};
use crate::{data::Labels, words::cell};
use std::{collections::HashMap, path::Path};

/// Names of a column of sample ids, in the order they are looked for.
const ID_COLUMNS: [&str; 7] = [
    "sample",
    "sample_id",
    "cell",
    "cell_id",
    "barcode",
    "id",
    "index",
];

/// Names of a column of classes, in the order they are looked for.
const LABEL_COLUMNS: [&str; 11] = [
    "label",
    "labels",
    "cell_type",
    "celltype",
    "cell type",
    "class",
    "subtype",
    "type",
    "cluster",
    "annotation",
    "group",
];

/// Classes of a column that is taken in place of one that holds ids or measurements: more look like counts.
const FALLBACK_CLASSES: std::ops::RangeInclusive<usize> = 2..=100;

/// A labels file, not yet matched to samples.
#[derive(Debug)]
pub(super) struct LabelTable {
    /// The column used.
    pub column: String,
    /// The columns that could be used: all but that of the ids.
    pub columns: Vec<String>,
    /// Sample ids; empty if the file has one column only.
    ids: Vec<String>,
    /// The class of every row, if it has one.
    names: Vec<Option<String>>,
}

/// The classes of the samples from a labels file, and the table they come from. Without a wish for a
/// column, columns that look like ids or measurements are passed over.
pub(super) fn find(
    path: &Path,
    text: &[u8],
    wish: Option<&str>,
    sample_ids: &[String],
    by_position: bool,
    notices: &mut Vec<LoadNotice>,
) -> Result<(Labels, LabelTable), LoadError> {
    let attempt = |column: Option<&str>| -> Result<_, LoadError> {
        let table = parse(path, text, column)?;
        let mut said = Vec::new();
        let labels = table.assign(path, sample_ids, by_position, &mut said);
        Ok((table, labels.map(|labels| (labels, said))))
    };
    let (mut table, mut found) = attempt(wish)?;
    if wish.is_none() && matches!(found, Err(LoadError::LabelsAreIds { .. })) {
        for other in &table.columns.clone() {
            if let Ok((better, Ok((labels, mut said)))) = attempt(Some(other))
                && FALLBACK_CLASSES.contains(&labels.classes.len())
            {
                said.push(LoadNotice::LabelColumnPassedOver {
                    file: path.to_owned(),
                    passed: table.column,
                    used: better.column.clone(),
                });
                (table, found) = (better, Ok((labels, said)));
                break;
            }
        }
    }
    let (labels, mut said) = found?;
    notices.append(&mut said);
    Ok((labels, table))
}

/// Reads the ids and one column of a labels file.
fn parse(path: &Path, text: &[u8], column: Option<&str>) -> Result<LabelTable, LoadError> {
    // A single column has no separator; then any will do.
    let separator = separator::sniff(text).map_or(b',', |l| l.separator);
    let columns = separator::columns(text, separator);
    if columns > separator::MOST_COLUMNS {
        return Err(LoadError::TooManyColumns {
            path: path.to_owned(),
            columns,
        });
    }
    let mut reader = csv_reader(text, separator);
    let mut record = csv::ByteRecord::new();
    let mut header: Option<Vec<String>> = None;
    let (mut id_at, mut label_at) = (0, 0);
    let mut table = LabelTable {
        column: String::new(),
        columns: Vec::new(),
        ids: Vec::new(),
        names: Vec::new(),
    };
    while matches!(reader.read_byte_record(&mut record), Ok(true)) {
        if record.iter().all(|f| f.trim_ascii().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let field = |at: usize| {
            let cell = record.get(at).unwrap_or_default().trim_ascii();
            std::str::from_utf8(cell)
                .map(cell::read)
                .map_err(|_| LoadError::NotUtf8 {
                    path: path.to_owned(),
                    line,
                    what: "a label or sample id",
                })
        };
        let Some(header) = &header else {
            let columns = (0..record.len())
                .map(|i| field(i).map(str::to_owned))
                .collect::<Result<Vec<_>, _>>()?;
            (id_at, label_at) = choose(path, &columns, column)?;
            table.column.clone_from(&columns[label_at]);
            let others = columns
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != id_at || *at == label_at);
            table.columns = others.map(|(_, name)| name.clone()).collect();
            header = Some(columns);
            continue;
        };
        if record.len() != header.len() {
            return Err(LoadError::Ragged {
                path: path.to_owned(),
                line,
                expected: header.len(),
                found: record.len(),
            });
        }
        if header.len() > 1 {
            let id = field(id_at)?;
            if id.is_empty() {
                return Err(LoadError::NoSampleId {
                    path: path.to_owned(),
                    line,
                });
            }
            table.ids.push(id.to_owned());
        }
        let name = field(label_at)?;
        let name = (!is_missing(name.as_bytes())).then(|| whole_number(name).unwrap_or(name));
        table.names.push(name.map(str::to_owned));
    }
    if table.names.is_empty() {
        return Err(LoadError::HeaderOnly {
            path: path.to_owned(),
        });
    }
    Ok(table)
}

/// Finds the columns of ids and labels.
fn choose(
    path: &Path,
    columns: &[String],
    wish: Option<&str>,
) -> Result<(usize, usize), LoadError> {
    let named = |name: &str| columns.iter().position(|c| c.eq_ignore_ascii_case(name));
    let id = ID_COLUMNS.iter().find_map(|n| named(n)).unwrap_or(0);
    let label = match wish {
        Some(wish) => columns
            .iter()
            .position(|c| c == wish)
            .or_else(|| named(wish))
            .ok_or_else(|| LoadError::NoLabelColumn {
                path: path.to_owned(),
                column: shown(wish.as_bytes()),
                columns: columns.to_vec(),
            })?,
        None => LABEL_COLUMNS
            .iter()
            .find_map(|n| named(n).filter(|at| *at != id || columns.len() == 1))
            .or_else(|| (0..columns.len()).find(|at| *at != id))
            .unwrap_or(0),
    };
    Ok((id, label))
}

impl LabelTable {
    /// Gives every sample its label: by id, or by row if `by_position` or if the file has no ids.
    fn assign(
        &self,
        path: &Path,
        sample_ids: &[String],
        by_position: bool,
        notices: &mut Vec<LoadNotice>,
    ) -> Result<Labels, LoadError> {
        let labels = if by_position || self.ids.is_empty() {
            if self.names.len() != sample_ids.len() {
                return Err(LoadError::LabelsUnmatched {
                    path: path.to_owned(),
                    rows: self.names.len(),
                    samples: sample_ids.len(),
                });
            }
            notices.push(LoadNotice::LabelsByPosition {
                file: path.to_owned(),
            });
            Labels::from_names(self.names.iter().map(Option::as_deref))
        } else {
            self.by_id(path, sample_ids, notices)?
        };
        check_classes(path, &self.column, &labels)?;
        Ok(labels)
    }

    fn by_id(
        &self,
        path: &Path,
        sample_ids: &[String],
        notices: &mut Vec<LoadNotice>,
    ) -> Result<Labels, LoadError> {
        let mut by_id: HashMap<&str, Option<&str>> = HashMap::with_capacity(self.ids.len());
        let mut repeated = 0;
        for (id, name) in self.ids.iter().zip(&self.names) {
            if by_id.contains_key(id.as_str()) {
                repeated += 1;
            } else {
                by_id.insert(id, name.as_deref());
            }
        }
        let matched = sample_ids
            .iter()
            .filter(|id| by_id.contains_key(id.as_str()))
            .count();
        if matched == 0 {
            return Err(LoadError::NoLabelMatches {
                path: path.to_owned(),
                labelled: self.ids.first().cloned().unwrap_or_default(),
                sample: sample_ids.first().cloned().unwrap_or_default(),
            });
        }
        if repeated > 0 {
            notices.push(LoadNotice::RepeatedLabels { rows: repeated });
        }
        if by_id.len() > matched {
            notices.push(LoadNotice::LabelsWithoutSample {
                labels: by_id.len() - matched,
            });
        }
        let name = |id: &String| by_id.get(id.as_str()).copied().flatten();
        Ok(Labels::from_names(sample_ids.iter().map(name)))
    }
}

/// Refuses labels in which (almost) every sample is a class of its own.
pub(super) fn check_classes(path: &Path, column: &str, labels: &Labels) -> Result<(), LoadError> {
    let labelled = labels.labelled();
    if labelled >= 10 && labels.classes.len() * 2 > labelled {
        return Err(LoadError::LabelsAreIds {
            path: path.to_owned(),
            column: column.to_owned(),
            samples: labelled,
            classes: labels.classes.len(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, column: Option<&str>) -> Result<LabelTable, LoadError> {
        parse(Path::new("labels.csv"), text.as_bytes(), column)
    }

    fn ids(n: usize) -> Vec<String> {
        (0..n).map(|i| format!("s{i}")).collect()
    }

    #[test]
    fn columns_are_found_by_name() {
        let table = read("batch,Cell_Type,barcode\n1,T,s0\n2,\"B, naive\",s1\n", None).unwrap();
        assert_eq!(table.column, "Cell_Type");
        assert_eq!(table.columns, ["batch", "Cell_Type"]);
        assert_eq!(table.ids, ["s0", "s1"]);
        let mut notices = Vec::new();
        let labels = table
            .assign(Path::new("l"), &ids(2), false, &mut notices)
            .unwrap();
        assert_eq!(labels.classes, ["B, naive", "T"]);
        assert!(notices.is_empty());
        assert_eq!(read("sample\twho\ns0\tA\n", None).unwrap().column, "who");
        assert_eq!(read("sample,a,b\ns0,1,2\n", Some("B")).unwrap().column, "b");
        let error = read("sample,a\ns0,1\n", Some("x")).unwrap_err().to_string();
        assert!(
            error.contains("no column \"x\". Its columns: sample, a."),
            "{error}"
        );
    }

    #[test]
    fn what_does_not_match_is_counted() {
        let table = read("sample,label\ns1,T\ns1,B\ns9,T\ns2,NA\n", None).unwrap();
        let mut notices = Vec::new();
        let labels = table
            .assign(Path::new("l"), &ids(3), false, &mut notices)
            .unwrap();
        assert_eq!(labels.codes, [None, Some(0), None]);
        assert_eq!(
            notices,
            [
                LoadNotice::RepeatedLabels { rows: 1 },
                LoadNotice::LabelsWithoutSample { labels: 1 }
            ]
        );
        let other = read("sample,label\nx,T\n", None).unwrap();
        let error = other
            .assign(Path::new("l"), &ids(3), false, &mut notices)
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("It has \"x\", the data have \"s0\""),
            "{error}"
        );
    }

    #[test]
    fn one_column_is_matched_by_row() {
        let table = read("label\n1\n2.0\n1\n", None).unwrap();
        let mut notices = Vec::new();
        let labels = table
            .assign(Path::new("l"), &ids(3), false, &mut notices)
            .unwrap();
        assert_eq!((labels.classes.len(), labels.codes[1]), (2, Some(1)));
        assert_eq!(labels.classes, ["1", "2"]);
        let error = table
            .assign(Path::new("l"), &ids(4), false, &mut notices)
            .unwrap_err();
        assert!(
            error.to_string().contains("3 rows for 4 samples"),
            "{error}"
        );
    }

    #[test]
    fn ids_are_passed_over() {
        let text: String = ids(20)
            .iter()
            .enumerate()
            .map(|(i, id)| format!("{id},{i}.5,one,{}\n", i % 3))
            .collect();
        let text = format!("sample,depth,project,batch\n{text}");
        let mut notices = Vec::new();
        let path = Path::new("l.csv");
        let found =
            |wish, notices: &mut _| find(path, text.as_bytes(), wish, &ids(20), false, notices);
        let (labels, table) = found(None, &mut notices).unwrap();
        assert_eq!((labels.classes.len(), table.column.as_str()), (3, "batch"));
        assert!(matches!(
            notices.as_slice(),
            [LoadNotice::LabelColumnPassedOver { .. }]
        ));
        assert!(found(Some("depth"), &mut notices).is_err());
    }

    #[test]
    fn ids_are_no_labels() {
        let text: String = ids(20).iter().map(|i| format!("{i},{i}\n")).collect();
        let table = read(&format!("sample,name\n{text}"), None).unwrap();
        let error = table
            .assign(Path::new("l.csv"), &ids(20), false, &mut Vec::new())
            .unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("l.csv, column \"name\", put 20 samples into 20 classes"),
            "{message}"
        );
    }
}
