//! GCT files of the Broad Institute, versions 1.2 and 1.3: text, a line a feature, a column a sample.
//!
//! Version 1.2: <https://www.genepattern.org/file-formats-guide/#GCT>. Version 1.3 adds columns that describe the features and lines that
//! describe the samples.

use std::path::Path;

use super::{
    Contents, Format, FormatError, FoundModality, Inspection, Look, Notice, Piece, ReadPlan,
    Severity,
    column::column_of,
    lines::{Lines, damaged},
    packed::{self, Packing, inner_name},
};
use crate::{
    data::{Axis, Frame, Matrix, Repeated},
    job::CancelToken,
    words::thousands,
};
use ndarray::Array2;

/// Bytes of the longest line: a million samples with long numbers.
const LONGEST: usize = 1 << 25;

/// Bytes that a word takes in memory besides its text.
const WORD: u64 = 40;

/// The largest factor by which a file can have been shrunk.
const SHRUNK: u64 = 1032;

/// A GCT file, packed or not.
#[derive(Clone, Copy, Debug)]
pub struct Gct;

impl Format for Gct {
    fn name(&self) -> &'static str {
        "GCT"
    }

    fn recognises(&self, look: &Look) -> bool {
        let begins = |head: Vec<u8>| head == b"#1.2" || head == b"#1.3";
        look.entries.is_none() && packed::head(&look.path, 4).is_ok_and(begins)
    }

    fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError> {
        let mut lines = open(path, 1 << 30, cancel)?;
        let head = Head::read(path, &mut lines, 1 << 30)?;
        Ok(Inspection {
            modalities: vec![FoundModality {
                name: modality(path),
                samples: head.samples,
                features: head.features,
                matrices: Vec::new(),
            }],
            obs: head.obs.into_iter().map(|(name, _)| name).collect(),
        })
    }

    fn read(
        &self,
        path: &Path,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<Contents, FormatError> {
        if let Some(asked) = &plan.matrix {
            return Err(FormatError::Choose {
                path: path.to_owned(),
                question: format!("there is no '{asked}' to choose"),
                choices: Vec::new(),
            });
        }
        let mut lines = open(path, plan.memory, cancel)?;
        let head = Head::read(path, &mut lines, plan.memory)?;
        let body = Body::read(path, &mut lines, &head, plan.memory)?;
        let samples = Axis::new(head.sample_names).map_err(|Repeated { name, .. }| {
            damaged(path, head.line, format!("two samples are called '{name}'"))
        })?;
        let mut notices = Vec::new();
        let second = body.var.first().map(|(_, words)| words.as_slice());
        let (features, renamed) = Axis::told_apart(body.names, second);
        if renamed > 0 {
            notices.push(Notice {
                severity: Severity::Note,
                object: path.display().to_string(),
                text: format!(
                    "{} features have a name that others have too: they are told apart",
                    thousands(renamed)
                ),
            });
        }
        let shape = (head.samples, head.features);
        let values = Array2::from_shape_vec(shape, body.values).expect("one row a sample");
        let piece = Piece {
            modality: modality(path),
            source: String::new(),
            samples,
            features,
            matrix: Matrix::Dense(values.into()),
            obs: frame(head.obs),
            var: frame(body.var),
        };
        Ok(Contents {
            pieces: vec![piece],
            obs: None,
            notices,
            files: vec![path.to_owned()],
        })
    }
}

fn open(path: &Path, memory: u64, cancel: &CancelToken) -> Result<Lines, FormatError> {
    let longest = LONGEST.min(usize::try_from(memory / 4).unwrap_or(LONGEST));
    Lines::open(
        path,
        memory.saturating_mul(16).saturating_add(1 << 20),
        longest,
        cancel,
    )
}

/// The file's name without its endings: the format does not tell what was measured.
fn modality(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let inner = inner_name(&name);
    inner.strip_suffix(".gct").unwrap_or(inner).to_owned()
}

fn frame(columns: Vec<(String, Vec<String>)>) -> Frame {
    let mut frame = Frame::default();
    for (name, words) in columns {
        // The format's own words for what is missing.
        let known = |word: String| match word.as_str() {
            "-666" | "na" | "NA" => String::new(),
            _ => word,
        };
        frame.set(name, column_of(words.into_iter().map(known).collect()));
    }
    frame
}

/// What stands above the values.
struct Head {
    samples: usize,
    features: usize,
    /// Columns that describe the features, between names and values.
    var: Vec<String>,
    sample_names: Vec<String>,
    obs: Vec<(String, Vec<String>)>,
    /// The line of the sample names.
    line: u64,
}

impl Head {
    fn read(path: &Path, lines: &mut Lines, memory: u64) -> Result<Self, FormatError> {
        let packing = lines.packing();
        let version = words(path, lines, None)?.1.swap_remove(0);
        let (line, sizes) = words(path, lines, None)?;
        let numbers: Vec<Option<u64>> = sizes.iter().map(|word| word.trim().parse().ok()).collect();
        let (features, samples, var, obs) = match (version.trim_end(), &numbers[..]) {
            ("#1.2", &[Some(features), Some(samples), ..]) => (features, samples, 1, 0),
            ("#1.3", &[Some(features), Some(samples), Some(var), Some(obs), ..]) => {
                (features, samples, var, obs)
            }
            _ => {
                let what = format!(
                    "'{}' should be the numbers of features and samples",
                    sizes.join(" ")
                );
                return Err(damaged(path, line, what));
            }
        };
        let large = |what: &str, needed: u64| FormatError::TooLarge {
            path: path.to_owned(),
            place: what.into(),
            needed,
            allowed: memory,
        };
        // Every value and every word costs memory, and a byte of the file at least.
        let cells = features.saturating_mul(samples);
        let said = features
            .saturating_mul(var)
            .saturating_add(samples.saturating_mul(obs));
        let names = features
            .saturating_add(samples)
            .saturating_add(var)
            .saturating_add(obs);
        let needed = cells
            .saturating_mul(4)
            .saturating_add(said.saturating_add(names).saturating_mul(2 * WORD));
        if needed > memory {
            return Err(large("the table", needed));
        }
        let length = std::fs::metadata(path).map_err(|source| FormatError::Read {
            path: path.to_owned(),
            source,
        })?;
        let bytes = match packing {
            Packing::Plain => length.len(),
            _ => length.len().saturating_mul(SHRUNK),
        };
        if cells.saturating_add(said) > bytes {
            let what = format!(
                "{features} features of {samples} samples are more than the file can hold: it is cut off, or this line is wrong"
            );
            return Err(damaged(path, line, what));
        }
        let width = 1 + var as usize + samples as usize;
        let (line, mut heads) = words(path, lines, Some(width))?;
        let sample_names = heads.split_off(1 + var as usize);
        let var = heads.split_off(1);
        let mut head = Self {
            samples: samples as usize,
            features: features as usize,
            sample_names,
            obs: Vec::new(),
            line,
            var,
        };
        for _ in 0..obs {
            let (_, mut row) = words(path, lines, Some(width))?;
            let values = row.split_off(1 + head.var.len());
            head.obs.push((row.swap_remove(0), values));
        }
        Ok(head)
    }
}

/// The lines of the features.
struct Body {
    names: Vec<String>,
    var: Vec<(String, Vec<String>)>,
    /// Samples x features.
    values: Vec<f32>,
}

impl Body {
    fn read(path: &Path, lines: &mut Lines, head: &Head, memory: u64) -> Result<Self, FormatError> {
        let mut body = Self {
            names: Vec::with_capacity(head.features),
            var: head
                .var
                .iter()
                .map(|name| (name.clone(), Vec::new()))
                .collect(),
            values: vec![f32::NAN; head.samples * head.features],
        };
        let mut bytes = 4 * body.values.len() as u64;
        for feature in 0..head.features {
            let Some((line, text)) = lines.next_line()? else {
                let what = format!(
                    "the file ends after {feature} of {} features: it is cut off, or its second line is wrong",
                    head.features
                );
                return Err(damaged(path, head.line, what));
            };
            let text = utf8(path, line, text)?;
            let mut cells = text.split('\t');
            let name = cells.next().unwrap_or_default().trim();
            body.names.push(name.to_owned());
            bytes += name.len() as u64 + WORD;
            for (_, column) in &mut body.var {
                let word = cells.next().unwrap_or_default().trim();
                column.push(word.to_owned());
                bytes += word.len() as u64 + WORD;
            }
            if bytes > memory {
                return Err(FormatError::TooLarge {
                    path: path.to_owned(),
                    place: "the table".into(),
                    needed: bytes,
                    allowed: memory,
                });
            }
            let mut seen = 0;
            for cell in cells {
                if let Some(sample) = head.sample_names.get(seen) {
                    let value = value(cell).ok_or_else(|| {
                        damaged(
                            path,
                            line,
                            format!("'{}' of sample '{sample}' is no number", short(cell)),
                        )
                    })?;
                    body.values[seen * head.features + feature] = value;
                }
                seen += 1;
            }
            if seen != head.samples {
                let what = format!(
                    "has {seen} values, not one for each of {} samples",
                    head.samples
                );
                return Err(damaged(path, line, what));
            }
        }
        while let Some((line, text)) = lines.next_line()? {
            if !text.trim_ascii().is_empty() {
                let what = format!(
                    "more than the {} features that the second line announces",
                    head.features
                );
                return Err(damaged(path, line, what));
            }
        }
        Ok(body)
    }
}

/// A value; NaN where it is missing.
fn value(cell: &str) -> Option<f32> {
    match cell.trim() {
        "" | "NA" | "na" | "NaN" | "nan" => Some(f32::NAN),
        "inf" | "Inf" => Some(f32::INFINITY),
        "-inf" | "-Inf" => Some(f32::NEG_INFINITY),
        number => number.parse().ok().filter(|value: &f32| value.is_finite()),
    }
}

/// The next line's words, `width` of them if that is known.
fn words(
    path: &Path,
    lines: &mut Lines,
    width: Option<usize>,
) -> Result<(u64, Vec<String>), FormatError> {
    let Some((line, text)) = lines.next_line()? else {
        return Err(damaged(path, 1, "the file ends before its values".into()));
    };
    let text = utf8(path, line, text)?;
    let count = text.split('\t').count();
    match width {
        Some(width) if count != width => {
            let what = format!("has {count} columns, but the second line announces {width}");
            Err(damaged(path, line, what))
        }
        _ => Ok((
            line,
            text.split('\t')
                .map(|word| word.trim().to_owned())
                .collect(),
        )),
    }
}

fn utf8<'a>(path: &Path, line: u64, text: &'a [u8]) -> Result<&'a str, FormatError> {
    str::from_utf8(text).map_err(|_| damaged(path, line, "is not UTF-8 text".into()))
}

/// The beginning of a cell for a sentence.
fn short(cell: &str) -> String {
    cell.trim().chars().take(60).collect()
}

#[cfg(test)]
mod tests;
