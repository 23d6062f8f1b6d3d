//! Min-max scaling of every feature over the samples.

use crate::data::{Dataset, Modality};
use ndarray::{Array1, Array2, Axis, Zip};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How the values of a feature are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// `(x - min) / (max - min + 1e-10)`, over the samples.
    #[default]
    MinMax,
}

impl Scaling {
    /// Scales a data set by this recipe.
    pub fn apply(self, dataset: &Dataset) -> PreparedData {
        match self {
            Self::MinMax => min_max(dataset),
        }
    }
}

/// Keeps the division of a constant feature finite; part of the published recipe.
const EPSILON: f64 = 1e-10;

/// What was taken from and divided out of every feature of one modality.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureScale {
    /// Smallest value of every feature, in the units of the data.
    pub minimum: Array1<f64>,
    /// Largest minus smallest value of every feature, in the units of the data.
    pub range: Array1<f64>,
}

/// Values ready for the network, with what is needed to go back.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedData {
    /// Scaled values per modality, samples x features, in the order of the data set; from 0 to 1, finite.
    pub modalities: Vec<Array2<f32>>,
    /// The scale per modality, in the same order.
    pub scales: Vec<FeatureScale>,
}

impl PreparedData {
    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.modalities.first().map_or(0, Array2::nrows)
    }

    /// Features of every modality.
    pub fn widths(&self) -> Vec<usize> {
        self.modalities.iter().map(Array2::ncols).collect()
    }

    /// Brings scaled values of a modality (samples x features, such as a reconstruction) back to the units of the
    /// data; `None` if there is no such modality or the number of features differs.
    pub fn to_data_units(&self, modality: usize, scaled: &Array2<f32>) -> Option<Array2<f32>> {
        let scale = self.scales.get(modality)?;
        (scaled.ncols() == scale.range.len()).then(|| {
            let mut values = scaled.clone();
            for mut row in values.rows_mut() {
                Zip::from(&mut row)
                    .and(&scale.minimum)
                    .and(&scale.range)
                    .for_each(|x, &min, &range| {
                        *x = (f64::from(*x) * (range + EPSILON) + min) as f32;
                    });
            }
            values
        })
    }
}

/// Scales every feature to `(x - min) / (max - min + 1e-10)`, computed in 64 bits.
pub fn min_max(dataset: &Dataset) -> PreparedData {
    let (modalities, scales) = dataset.modalities.iter().map(scale_modality).unzip();
    PreparedData { modalities, scales }
}

/// Rows looked at by one task.
const ROWS: usize = 1024;

fn scale_modality(modality: &Modality) -> (Array2<f32>, FeatureScale) {
    let values = &modality.values;
    let empty = || vec![(f32::INFINITY, f32::NEG_INFINITY); values.ncols()];
    let bounds = values
        .axis_chunks_iter(Axis(0), ROWS)
        .into_par_iter()
        .map(|chunk| {
            let mut bounds = empty();
            for row in chunk.rows() {
                for ((low, high), &x) in bounds.iter_mut().zip(row) {
                    *low = low.min(x);
                    *high = high.max(x);
                }
            }
            bounds
        })
        .reduce(empty, |mut a, b| {
            for ((low, high), (l, h)) in a.iter_mut().zip(b) {
                *low = low.min(l);
                *high = high.max(h);
            }
            a
        });
    // Without samples there is nothing to scale; zeros keep the scale finite.
    let bounds = bounds
        .into_iter()
        .map(|(low, high)| if low <= high { (low, high) } else { (0.0, 0.0) });
    let (minimum, range): (Vec<f64>, Vec<f64>) = bounds
        .map(|(low, high)| (f64::from(low), f64::from(high) - f64::from(low)))
        .unzip();
    let mut scaled = Array2::zeros(values.raw_dim());
    scaled
        .axis_chunks_iter_mut(Axis(0), ROWS)
        .into_par_iter()
        .zip(values.axis_chunks_iter(Axis(0), ROWS).into_par_iter())
        .for_each(|(mut out, chunk)| {
            for (mut to, from) in out.rows_mut().into_iter().zip(chunk.rows()) {
                for (((to, &x), low), range) in to.iter_mut().zip(from).zip(&minimum).zip(&range) {
                    *to = ((f64::from(x) - low) / (range + EPSILON)) as f32;
                }
            }
        });
    let scale = FeatureScale {
        minimum: minimum.into(),
        range: range.into(),
    };
    (scaled, scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Truth;
    use ndarray::array;

    fn dataset(values: Array2<f32>) -> Dataset {
        Dataset {
            name: "t".into(),
            sample_ids: (0..values.nrows()).map(|i| i.to_string()).collect(),
            modalities: vec![Modality {
                name: "rna".into(),
                features: (0..values.ncols()).map(|i| i.to_string()).collect(),
                values,
            }],
            labels: None,
            truth: Truth::default(),
        }
    }

    #[test]
    fn features_span_zero_to_one_and_come_back() {
        let data = dataset(array![
            [1.0, -3.0e38, 5.0],
            [3.0, 3.0e38, 5.0],
            [2.0, 0.0, 5.0]
        ]);
        let prepared = Scaling::default().apply(&data);
        let scaled = &prepared.modalities[0];
        assert_eq!(
            scaled,
            array![[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.5, 0.5, 0.0]]
        );
        let back = prepared.to_data_units(0, scaled).unwrap();
        for (a, b) in back.iter().zip(&data.modalities[0].values) {
            assert!((a - b).abs() <= 1e-6 * b.abs(), "{a} {b}");
        }
        assert_eq!(prepared.to_data_units(1, scaled), None);
        assert_eq!((prepared.samples(), prepared.widths()), (3, vec![3]));
    }

    #[test]
    fn many_rows_and_none() {
        let many = Array2::from_shape_fn((5000, 3), |(i, j)| ((i * 7 + j * 13) % 4999) as f32);
        let scaled = min_max(&dataset(many)).modalities.remove(0);
        assert!(scaled.iter().all(|x| (0.0..=1.0).contains(x)));
        for column in scaled.columns() {
            assert!(column.iter().any(|x| *x == 0.0) && column.iter().any(|x| *x > 0.999));
        }
        let none = min_max(&dataset(Array2::zeros((0, 3))));
        assert_eq!(none.scales[0].range, array![0.0, 0.0, 0.0]);
    }
}
