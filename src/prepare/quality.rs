//! How well samples were measured, by their counts, and which of them are left out for that.

use serde::{Deserialize, Serialize};

use super::{Histogram, Measure, PrepareError, view::View};
use crate::{
    data::{Axis, Matrix},
    job::CancelToken,
};

/// Names of mitochondrial genes of humans and mice begin so, in whatever case.
const MITOCHONDRIAL: &str = "mt-";

/// Bounds of what is usual lie so many median absolute deviations from the median, for counts and features (on both sides) and for the
/// mitochondrial share (above), which must also be above 0.08: as Heumos et al. 2023 have it.
const DEVIATIONS: f64 = 5.0;
const DEVIATIONS_OF_SHARES: f64 = 3.0;
const LEAST_SHARE: f64 = 0.08;

/// How well every sample was measured, in the order of the samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// The sum of its counts (scanpy: `total_counts`).
    pub counts: Vec<f64>,
    /// Features with a count above 0 (scanpy: `n_genes_by_counts`).
    pub features: Vec<f64>,
    /// The share of its counts that are of mitochondrial genes, 0 to 1; `None` if no feature is one.
    pub mitochondrial: Option<Vec<f64>>,
}

impl Quality {
    /// Of counts (samples x features); a missing one counts as 0.
    ///
    /// # Errors
    /// If values on disk cannot be read, or when cancelled.
    pub fn of(matrix: &Matrix, names: &Axis, cancel: &CancelToken) -> Result<Self, PrepareError> {
        let mitochondrial: Vec<bool> = names.iter().map(|name| is_mitochondrial(name)).collect();
        let any = mitochondrial.contains(&true);
        let view = View::new(matrix.clone());
        let all = view.map_samples(
            |row| {
                let (mut counts, mut features, mut of_mitochondria) = (0.0, 0.0, 0.0);
                for (feature, x) in row.iter().filter(|(_, x)| !x.is_nan()) {
                    let x = f64::from(x);
                    counts += x;
                    features += f64::from(u8::from(x > 0.0));
                    if any && mitochondrial[feature] {
                        of_mitochondria += x;
                    }
                }
                let share = if counts > 0.0 {
                    of_mitochondria / counts
                } else {
                    0.0
                };
                [counts, features, share]
            },
            cancel,
        )?;
        let take = |at: usize| all.iter().map(|numbers| numbers[at]).collect();
        Ok(Self {
            counts: take(0),
            features: take(1),
            mitochondrial: any.then(|| take(2)),
        })
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.counts.len()
    }

    /// The quality of these samples, in this order.
    pub fn select(&self, samples: &[u32]) -> Self {
        let pick = |values: &Vec<f64>| samples.iter().map(|&at| values[at as usize]).collect();
        Self {
            counts: pick(&self.counts),
            features: pick(&self.features),
            mitochondrial: self.mitochondrial.as_ref().map(pick),
        }
    }

    /// How the samples are spread by every measure that there is, in so many bins.
    pub fn histograms(&self, bins: usize) -> Vec<(Measure, Histogram)> {
        let of = |measure: Measure| Some((measure, measure.histogram(self, bins)?));
        Measure::ALL.into_iter().filter_map(of).collect()
    }

    /// Cuts that leave out what is far from usual, by medians and median absolute deviations. Only a suggestion: a
    /// kind of sample that is unusual as a whole would be left out, too.
    pub fn suggestion(&self) -> Cuts {
        let around = |values: &[f64]| {
            let logs: Vec<f64> = values.iter().map(|x| x.ln_1p()).collect();
            let (median, deviation) = median_and_deviation(&logs)?;
            let bound = |sign: f64| (median + sign * DEVIATIONS * deviation).exp_m1();
            Some([bound(-1.0).max(0.0).ceil(), bound(1.0).floor()])
        };
        let (counts, features) = (around(&self.counts), around(&self.features));
        let share = self.mitochondrial.as_ref().and_then(|shares| {
            let (median, deviation) = median_and_deviation(shares)?;
            let bound = (median + DEVIATIONS_OF_SHARES * deviation).max(LEAST_SHARE);
            // In steps of a thousandth: it is to be read.
            Some((bound * 1e3).ceil() / 1e3)
        });
        Cuts {
            min_counts: counts.map(|[low, _]| low).filter(|&low| low > 0.0),
            max_counts: counts.map(|[_, high]| high),
            min_features: features.map(|[low, _]| low).filter(|&low| low > 0.0),
            max_features: features.map(|[_, high]| high),
            max_mitochondrial: share,
        }
    }
}

fn is_mitochondrial(name: &str) -> bool {
    let start = name.get(..MITOCHONDRIAL.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(MITOCHONDRIAL))
}

/// The median, and the median distance from it; `None` of nothing.
fn median_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    let median = median(values.to_vec())?;
    let distances = values.iter().map(|x| (x - median).abs()).collect();
    Some((median, self::median(distances)?))
}

pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    let (upper, even) = (values.len() / 2, values.len().is_multiple_of(2));
    if values.is_empty() {
        return None;
    }
    let (below, &mut middle, _) = values.select_nth_unstable_by(upper, f64::total_cmp);
    match even {
        // Of an even number: the mean of the two in the middle.
        true => Some(
            below
                .iter()
                .copied()
                .fold(f64::NEG_INFINITY, f64::max)
                .midpoint(middle),
        ),
        false => Some(middle),
    }
}

/// Samples to leave out, by how well they were measured; what is not set leaves out none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cuts {
    /// The least sum of counts of a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_counts: Option<f64>,
    /// The largest sum of counts of a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_counts: Option<f64>,
    /// The fewest features with counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_features: Option<f64>,
    /// The most features with counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_features: Option<f64>,
    /// The largest share of counts of mitochondrial genes, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_mitochondrial: Option<f64>,
}

impl Cuts {
    /// Whether no sample is left out.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// These cuts and, where they are not set, others.
    pub fn or(self, others: Self) -> Self {
        Self {
            min_counts: self.min_counts.or(others.min_counts),
            max_counts: self.max_counts.or(others.max_counts),
            min_features: self.min_features.or(others.min_features),
            max_features: self.max_features.or(others.max_features),
            max_mitochondrial: self.max_mitochondrial.or(others.max_mitochondrial),
        }
    }

    /// How many samples stay.
    pub fn kept(&self, quality: &Quality) -> usize {
        let samples = 0..quality.samples();
        samples.filter(|&at| self.keeps(quality, at)).count()
    }

    /// Which samples stay.
    pub fn keep(&self, quality: &Quality) -> Vec<bool> {
        let samples = 0..quality.samples();
        samples.map(|at| self.keeps(quality, at)).collect()
    }

    fn keeps(&self, quality: &Quality, at: usize) -> bool {
        let within = |x: f64, low: Option<f64>, high: Option<f64>| {
            low.is_none_or(|low| x >= low) && high.is_none_or(|high| x <= high)
        };
        let share = quality
            .mitochondrial
            .as_ref()
            .map_or(0.0, |shares| shares[at]);
        within(quality.counts[at], self.min_counts, self.max_counts)
            && within(quality.features[at], self.min_features, self.max_features)
            && within(share, None, self.max_mitochondrial)
    }

    /// Refuses bounds that are no numbers, or of which the lower one is above the upper one.
    ///
    /// # Errors
    /// In words: what must be.
    pub fn check(&self) -> Result<(), PrepareError> {
        let bounds = [
            (
                self.min_counts,
                self.max_counts,
                "min_counts must not be above max_counts",
            ),
            (
                self.min_features,
                self.max_features,
                "min_features must not be above max_features",
            ),
            (
                Some(0.0),
                self.max_mitochondrial,
                "max_mitochondrial must be from 0 to 1",
            ),
        ];
        let all = [
            self.min_counts,
            self.max_counts,
            self.min_features,
            self.max_features,
        ];
        if all
            .iter()
            .flatten()
            .any(|bound| !(*bound >= 0.0 && bound.is_finite()))
        {
            return Err(PrepareError::Cuts {
                reason: "bounds must be numbers from 0 on",
            });
        }
        for (low, high, reason) in bounds {
            if let (Some(low), Some(high)) = (low, high)
                && low > high
            {
                return Err(PrepareError::Cuts { reason });
            }
        }
        match self.max_mitochondrial {
            Some(share) if !(0.0..=1.0).contains(&share) => Err(PrepareError::Cuts {
                reason: "max_mitochondrial must be from 0 to 1",
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn counts_features_and_mitochondrial_shares_are_those_of_every_sample() {
        let counts = array![[1.0, 0.0, 3.0], [0.0, 0.0, 0.0], [2.0, f32::NAN, 0.0]];
        let names = ["CD3E", "GATA1", "MT-CO1"].map(String::from).to_vec();
        let names = Axis::new(names).unwrap();
        let matrix = Matrix::Dense(counts.into());
        let quality = Quality::of(&matrix, &names, &CancelToken::new()).unwrap();
        assert_eq!(quality.counts, [4.0, 0.0, 2.0]);
        assert_eq!(quality.features, [2.0, 0.0, 1.0]);
        assert_eq!(quality.mitochondrial, Some(vec![0.75, 0.0, 0.0]));
        assert_eq!(quality.select(&[2]).counts, [2.0]);
        let cuts = Cuts {
            min_counts: Some(2.0),
            max_mitochondrial: Some(0.5),
            ..Cuts::default()
        };
        assert_eq!(cuts.keep(&quality), [false, false, true]);
    }

    #[test]
    fn what_is_far_from_usual_is_suggested_to_be_left_out() {
        let mut counts: Vec<f64> = (900..1_100).map(f64::from).collect();
        counts.extend([3.0, 90_000.0]);
        let quality = Quality {
            features: counts.clone(),
            mitochondrial: Some(
                counts
                    .iter()
                    .map(|x| if *x < 10.0 { 0.6 } else { 0.02 })
                    .collect(),
            ),
            counts,
        };
        let cuts = quality.suggestion();
        let kept = cuts.keep(&quality);
        assert_eq!(kept.iter().filter(|&&kept| kept).count(), 200);
        assert_eq!(cuts.max_mitochondrial, Some(0.08));
        assert!(Quality::default().suggestion().is_none());
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }

    #[test]
    fn bounds_that_cross_are_refused() {
        let cuts = |low, high, share| Cuts {
            min_counts: low,
            max_counts: high,
            max_mitochondrial: share,
            ..Cuts::default()
        };
        assert!(cuts(Some(1.0), Some(1.0), Some(0.0)).check().is_ok());
        for wrong in [
            cuts(Some(2.0), Some(1.0), None),
            cuts(Some(f64::NAN), None, None),
            cuts(None, Some(-1.0), None),
            cuts(None, None, Some(5.0)),
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
