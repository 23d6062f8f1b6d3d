//! Known values beside simulated data: `truth_sample.csv` and `truth_feature.csv`.

use super::{
    number::{Cell, NumberStyle, classify},
    separator,
    table::csv_reader,
};
use crate::data::{Modality, TruthColumn};
use crate::words::cell;
use std::collections::HashMap;

/// Rows of keys and numbers.
struct Keyed {
    columns: Vec<String>,
    /// Values by key: one cell, or two joined by an unprintable separator.
    rows: HashMap<String, Vec<f32>>,
}

/// Between the parts of a key; in no name.
const JOIN: &str = "\u{1f}";

/// Reads a table whose first `keys` columns are text and the others numbers; the reason if it cannot.
fn read(text: &[u8], keys: usize) -> Result<Keyed, String> {
    if separator::columns(text, b',') > separator::MOST_COLUMNS {
        return Err("it has too many columns.".into());
    }
    let mut reader = csv_reader(text, b',');
    let mut record = csv::ByteRecord::new();
    let mut columns: Option<Vec<String>> = None;
    let mut rows = HashMap::new();
    while matches!(reader.read_byte_record(&mut record), Ok(true)) {
        let line = record.position().map_or(0, csv::Position::line);
        let text = |at: usize| {
            let text = String::from_utf8_lossy(record.get(at).unwrap_or_default());
            cell::read(&text).to_owned()
        };
        let Some(columns) = &columns else {
            if record.len() <= keys {
                return Err(format!("it has fewer than {} columns.", keys + 1));
            }
            columns = Some((keys..record.len()).map(text).collect());
            continue;
        };
        let mut values = Vec::with_capacity(columns.len());
        for cell in record.iter().skip(keys) {
            match classify(cell, NumberStyle::Plain) {
                Cell::Number(value) => values.push(value),
                Cell::Missing => values.push(f32::NAN),
                _ => return Err(format!("line {line} holds something else than numbers.")),
            }
        }
        if values.len() != columns.len() {
            return Err(format!(
                "line {line} has another number of columns than the header."
            ));
        }
        let key: Vec<String> = (0..keys).map(text).collect();
        rows.insert(key.join(JOIN), values);
    }
    Ok(Keyed {
        columns: columns.unwrap_or_default(),
        rows,
    })
}

impl Keyed {
    /// The columns in the order of these keys; NaN where a key is not known. `None` if no key is.
    fn columns_for(&self, keys: &[String]) -> Option<Vec<TruthColumn>> {
        let rows: Vec<Option<&Vec<f32>>> = keys.iter().map(|k| self.rows.get(k)).collect();
        rows.iter().any(Option::is_some).then(|| {
            let column = |(at, name): (usize, &String)| TruthColumn {
                name: name.clone(),
                values: rows.iter().map(|r| r.map_or(f32::NAN, |r| r[at])).collect(),
            };
            self.columns.iter().enumerate().map(column).collect()
        })
    }
}

/// Reads `truth_sample.csv` (`sample`, then columns) for these samples; the reason if it cannot.
pub(super) fn sample(text: &[u8], ids: &[String]) -> Result<Vec<TruthColumn>, String> {
    let table = read(text, 1)?;
    table
        .columns_for(ids)
        .ok_or_else(|| "it names none of the samples.".to_owned())
}

/// Reads `truth_feature.csv` (`modality`, `feature`, then columns) for these modalities; the reason if it cannot.
pub(super) fn feature(
    text: &[u8],
    modalities: &[Modality],
) -> Result<Vec<Vec<TruthColumn>>, String> {
    let table = read(text, 2)?;
    let columns: Vec<Vec<TruthColumn>> = modalities
        .iter()
        .map(|m| {
            let keys: Vec<String> = m
                .features
                .iter()
                .map(|f| format!("{}{JOIN}{f}", m.name))
                .collect();
            table.columns_for(&keys).unwrap_or_default()
        })
        .collect();
    if columns.iter().all(Vec::is_empty) {
        return Err("it names none of the features.".to_owned());
    }
    Ok(columns)
}
