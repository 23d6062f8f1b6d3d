//! What was measured: samples, modalities, labels, and, for simulated data, what is known to be true.

pub mod demo;
mod labels;

pub use labels::Labels;

use ndarray::{Array2, Axis};

/// One kind of measurement over all samples ("view" in multi-view learning).
#[derive(Clone, Debug, PartialEq)]
pub struct Modality {
    /// Short name, unique in its data set: `rna`, `protein`.
    pub name: String,
    /// Feature names, in column order.
    pub features: Vec<String>,
    /// The values, samples x features, finite.
    pub values: Array2<f32>,
}

impl Modality {
    /// Smallest and largest value.
    pub fn range(&self) -> (f32, f32) {
        let nothing = (f32::INFINITY, f32::NEG_INFINITY);
        let widen = |(low, high): (f32, f32), &x: &f32| (low.min(x), high.max(x));
        self.values.iter().fold(nothing, widen)
    }
}

/// One known number per sample (or per feature), such as the demo's true noise.
#[derive(Clone, Debug, PartialEq)]
pub struct TruthColumn {
    /// What the column holds, for a menu: `noise of the cell`.
    pub name: String,
    /// The values, in sample (or feature) order; NaN where nothing is known.
    pub values: Vec<f32>,
}

/// What is known about simulated data and never about real data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Columns over samples.
    pub sample: Vec<TruthColumn>,
    /// For every modality (same order as in the data set), columns over its features; empty if nothing is known.
    pub feature: Vec<Vec<TruthColumn>>,
}

impl Truth {
    /// Whether nothing is known, as for every real data set.
    pub fn is_empty(&self) -> bool {
        self.sample.is_empty() && self.feature.iter().all(Vec::is_empty)
    }
}

/// The same samples measured by one or more modalities.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// For titles and file names: the folder's name or `demo`.
    pub name: String,
    /// Unique sample ids, in row order.
    pub sample_ids: Vec<String>,
    /// At least one, each with `sample_ids.len()` rows.
    pub modalities: Vec<Modality>,
    /// Known classes, if any.
    pub labels: Option<Labels>,
    /// Known noise and ambiguity, for simulated data.
    pub truth: Truth,
}

impl Dataset {
    /// Number of samples (rows of every modality).
    pub fn samples(&self) -> usize {
        self.sample_ids.len()
    }

    /// Number of features of all modalities together.
    pub fn features(&self) -> usize {
        self.modalities.iter().map(|m| m.features.len()).sum()
    }

    /// The modality of this name.
    pub fn modality(&self, name: &str) -> Option<&Modality> {
        self.modalities.iter().find(|m| m.name == name)
    }

    /// The data set of these rows, in this order; rows past the end are skipped. Every class is kept.
    pub fn select(&self, rows: &[usize]) -> Dataset {
        let rows: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|&r| r < self.samples())
            .collect();
        let pick = |column: &TruthColumn| TruthColumn {
            name: column.name.clone(),
            values: rows.iter().map(|&r| column.values[r]).collect(),
        };
        Dataset {
            name: self.name.clone(),
            sample_ids: rows.iter().map(|&r| self.sample_ids[r].clone()).collect(),
            modalities: self
                .modalities
                .iter()
                .map(|m| Modality {
                    name: m.name.clone(),
                    features: m.features.clone(),
                    values: m.values.select(Axis(0), &rows),
                })
                .collect(),
            labels: self.labels.as_ref().map(|l| l.select(&rows)),
            truth: Truth {
                sample: self.truth.sample.iter().map(pick).collect(),
                feature: self.truth.feature.clone(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn selecting_rows_keeps_everything_aligned() {
        let data = Dataset {
            name: "t".into(),
            sample_ids: vec!["a".into(), "b".into(), "c".into()],
            modalities: vec![Modality {
                name: "rna".into(),
                features: vec!["g".into()],
                values: array![[1.0], [2.0], [3.0]],
            }],
            labels: Some(Labels::from_names([Some("x"), None, Some("y")])),
            truth: Truth {
                sample: vec![TruthColumn {
                    name: "noise".into(),
                    values: vec![0.1, 0.2, 0.3],
                }],
                feature: vec![],
            },
        };
        let part = data.select(&[2, 0, 9]);
        assert_eq!(part.sample_ids, ["c", "a"]);
        assert_eq!(part.modalities[0].values, array![[3.0], [1.0]]);
        assert_eq!(part.truth.sample[0].values, [0.3, 0.1]);
        assert_eq!(part.labels.unwrap().codes, [Some(1), Some(0)]);
        assert_eq!((data.samples(), data.features()), (3, 1));
    }
}
