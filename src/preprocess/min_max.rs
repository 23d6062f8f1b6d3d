//! Min-max scaling of every feature over the samples.

use crate::data::{Dataset, Mask, Masked, Values};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::io;

/// Keeps the division of a constant feature finite; part of the published recipe.
const EPSILON: f64 = 1e-10;

/// What was taken from and divided out of every feature of one modality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureScale {
    /// Smallest value of every feature, in the units of the data.
    #[serde(with = "crate::store::bits")]
    pub minimum: Array1<f64>,
    /// Largest minus smallest value of every feature, in the units of the data.
    #[serde(with = "crate::store::bits")]
    pub range: Array1<f64>,
}

impl FeatureScale {
    /// The scale of values, samples x features.
    ///
    /// # Errors
    /// If values held on disk cannot be read.
    pub fn of(values: &Values) -> io::Result<Self> {
        let features = values.features();
        let nothing = || vec![(f32::INFINITY, f32::NEG_INFINITY); features];
        let widen = |bounds: &mut Vec<(f32, f32)>, rows: &[f32]| {
            for row in rows.chunks_exact(features.max(1)) {
                for ((low, high), &x) in bounds.iter_mut().zip(row) {
                    *low = low.min(x);
                    *high = high.max(x);
                }
            }
        };
        let mut bounds = nothing();
        for piece in values.fold(nothing, widen)? {
            for ((low, high), (l, h)) in bounds.iter_mut().zip(piece) {
                *low = low.min(l);
                *high = high.max(h);
            }
        }
        // Without samples there is nothing to scale; zeros keep the scale finite.
        let bounds = bounds
            .into_iter()
            .map(|(low, high)| if low <= high { (low, high) } else { (0.0, 0.0) });
        let (minimum, range): (Vec<f64>, Vec<f64>) = bounds
            .map(|(low, high)| (f64::from(low), f64::from(high) - f64::from(low)))
            .unzip();
        Ok(Self {
            minimum: minimum.into(),
            range: range.into(),
        })
    }

    /// Scales whole rows in the units of the data.
    pub fn apply(&self, rows: &mut [f32]) {
        for row in rows.chunks_exact_mut(self.range.len().max(1)) {
            for ((x, low), range) in row.iter_mut().zip(&self.minimum).zip(&self.range) {
                *x = ((f64::from(*x) - low) / (range + EPSILON)) as f32;
            }
        }
    }
}

/// Whether scales, one a modality, are of the features of a data set.
pub fn scales_fit(scales: &[FeatureScale], dataset: &Dataset) -> bool {
    let found = scales.iter().map(|s| [s.minimum.len(), s.range.len()]);
    found.eq(dataset.modalities.iter().map(|m| [m.features.len(); 2]))
}

/// Values ready for the network, with what is needed to go back.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedData {
    /// Scaled values per modality, samples x features, in the order of the data set; from 0 to 1, finite.
    pub modalities: Vec<Values>,
    /// The scale per modality, in the same order.
    pub scales: Vec<FeatureScale>,
}

impl PreparedData {
    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.modalities.first().map_or(0, Values::samples)
    }

    /// Features of every modality.
    pub fn widths(&self) -> Vec<usize> {
        self.modalities.iter().map(Values::features).collect()
    }
}

/// Scales every feature to `(x - min) / (max - min + 1e-10)`, computed in 64 bits.
///
/// # Errors
/// If values held on disk cannot be read or written.
pub fn min_max(dataset: &Dataset) -> io::Result<PreparedData> {
    min_max_by(dataset, scales(dataset)?)
}

/// The scales of a data set's own values, one a modality.
///
/// # Errors
/// If values held on disk cannot be read.
pub fn scales(dataset: &Dataset) -> io::Result<Vec<FeatureScale>> {
    let modalities = dataset.modalities.iter();
    modalities.map(|m| FeatureScale::of(&m.values)).collect()
}

/// The same by known scales, one a modality: values that these were not found on may lie outside 0 to 1.
///
/// # Errors
/// If values held on disk cannot be read or written.
pub fn min_max_by(dataset: &Dataset, scales: Vec<FeatureScale>) -> io::Result<PreparedData> {
    let both = dataset.modalities.iter().zip(&scales);
    let scaled =
        both.map(|(modality, scale)| modality.values.clone().map(|rows| scale.apply(rows)));
    Ok(PreparedData {
        modalities: scaled.collect::<io::Result<_>>()?,
        scales,
    })
}

/// The scaled values of a data set, with masks of what was measured if these are wanted.
///
/// # Errors
/// If values held on disk cannot be read.
pub fn masked(dataset: &Dataset, scaled: Vec<Values>, wanted: bool) -> io::Result<Vec<Masked>> {
    let both = scaled.into_iter().zip(&dataset.modalities);
    let masked = |(values, modality)| {
        let mask = if wanted { Mask::of(modality)? } else { None };
        Ok(Masked { values, mask })
    };
    both.map(masked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Axis, Frame, Modality, Truth};
    use ndarray::{Array2, array};

    #[test]
    fn values_that_cannot_be_read_back_have_no_scale() {
        assert!(FeatureScale::of(&Values::lost()).is_err());
    }

    fn numbered(n: usize) -> Axis {
        Axis::new((0..n).map(|i| i.to_string()).collect()).unwrap()
    }

    fn dataset(values: Array2<f32>) -> Dataset {
        Dataset {
            name: "t".into(),
            samples: numbered(values.nrows()),
            modalities: vec![Modality::new(
                "rna",
                numbered(values.ncols()),
                values.into(),
            )],
            obs: Frame::default(),
            labels: None,
            truth: Truth::default(),
        }
    }

    #[test]
    fn features_span_zero_to_one() {
        let data = dataset(array![
            [1.0, -3.0e38, 5.0],
            [3.0, 3.0e38, 5.0],
            [2.0, 0.0, 5.0]
        ]);
        let prepared = min_max(&data).unwrap();
        let scaled = prepared.modalities[0].array().unwrap();
        assert_eq!(
            scaled,
            array![[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.5, 0.5, 0.0]]
        );
        assert_eq!((prepared.samples(), prepared.widths()), (3, vec![3]));
    }

    #[test]
    fn many_rows_and_none() {
        let many = Array2::from_shape_fn((5000, 3), |(i, j)| ((i * 7 + j * 13) % 4999) as f32);
        let scaled = min_max(&dataset(many)).unwrap().modalities.remove(0);
        let scaled = scaled.array().unwrap();
        assert!(scaled.iter().all(|x| (0.0..=1.0).contains(x)));
        for column in scaled.columns() {
            assert!(column.iter().any(|x| *x == 0.0) && column.iter().any(|x| *x > 0.999));
        }
        let none = min_max(&dataset(Array2::zeros((0, 3)))).unwrap();
        assert_eq!(none.scales[0].range, array![0.0, 0.0, 0.0]);
    }
}
