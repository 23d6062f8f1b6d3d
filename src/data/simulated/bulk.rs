//! Wide cohorts: a few hundred samples whose tissue was measured as a whole, by thousands of features.
//!
//! A small share of the features shows the classes. Most of the variance has nothing to do with them: latent factors, among
//! them the batch and the purity of a sample, act on many features at once and make them correlate. Single values and whole
//! samples are outliers with heavy tails. One modality says nothing of the classes. Features and modalities have scales of
//! their own.
//!
//! At the defaults, seeds 0 to 2, k-means on 20 standardised principal components a modality finds the classes with an accuracy
//! of 0.59 to 0.63, and similarity network fusion with 0.67 to 0.74; the largest class holds 0.36 of the samples.

use ndarray::Array2;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StudentT;
use rayon::prelude::*;

use super::{CLASSES, INFORMATIVE, SimulationError, VALUES, at_least_one, column, normal, within};
use crate::data::{Dataset, Frame, Modality, Truth};

/// Name of the truth column with the share of a sample that shows its class, 0.4 to 1.
pub const PURITY: &str = "purity";
/// Name of the truth column with a sample's batch, 0, 1 or 2.
pub const BATCH: &str = "batch";
/// Name of the truth column that is 1 for samples that are outliers as a whole and 0 for others.
pub const OUTLIER: &str = "outlier";

/// What to simulate.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkSpec {
    /// Number of samples.
    pub samples: usize,
    /// Number of classes.
    pub classes: usize,
    /// Share of a class among the samples, divided by that of the class before, 0.01 to 1.
    pub imbalance: f64,
    /// Features of every modality.
    pub features: Vec<usize>,
    /// Which modality says nothing of the classes, from 0, if one does.
    pub useless: Option<usize>,
    /// Share of the features of the other modalities that shows the classes, 0 to 1.
    pub informative: f64,
    /// How far class means lie apart in such a feature: their standard deviation in units of the feature's noise, 0 to 100.
    pub effect: f64,
    /// Latent factors of every modality beside batch and purity, at most 100.
    pub factors: usize,
    /// Share of a feature's noise that follows latent factors, batch and purity, 0 to 1: the correlation of features.
    pub correlation: f64,
    /// Share of values that are outliers, 0 to 1.
    pub outlier_values: f64,
    /// Share of samples that are outliers, 0 to 1.
    pub outlier_samples: f64,
    /// Seed of everything.
    pub seed: u64,
}

impl Default for BulkSpec {
    fn default() -> Self {
        Self {
            samples: 300,
            classes: 4,
            imbalance: 0.75,
            features: vec![2000, 800, 300],
            useless: Some(1),
            informative: 0.15,
            effect: 3.0,
            factors: 6,
            correlation: 0.25,
            outlier_values: 0.002,
            outlier_samples: 0.03,
            seed: 0,
        }
    }
}

impl BulkSpec {
    /// Whether this can be simulated.
    ///
    /// # Errors
    /// The first setting that is out of its range.
    pub fn check(&self) -> Result<(), SimulationError> {
        at_least_one("the samples", self.samples)?;
        at_least_one("the classes", self.classes)?;
        at_least_one("the modalities", self.features.len())?;
        CLASSES.check_count(self.classes)?;
        for &features in &self.features {
            at_least_one("the features", features)?;
            VALUES.check_count(self.samples.saturating_mul(features))?;
        }
        within("the imbalance", self.imbalance, 0.01, 1.0)?;
        within("the informative share", self.informative, 0.0, 1.0)?;
        within("the effect", self.effect, 0.0, 100.0)?;
        within("the number of factors", self.factors as f64, 0.0, 100.0)?;
        within("the correlation", self.correlation, 0.0, 1.0)?;
        within(
            "the share of outlying values",
            self.outlier_values,
            0.0,
            1.0,
        )?;
        within(
            "the share of outlying samples",
            self.outlier_samples,
            0.0,
            1.0,
        )
    }
}

/// Batches that samples were measured in.
const BATCHES: usize = 3;
/// Factors all modalities share: purity, and one for the batch.
const SHARED: usize = 2;
/// How much the scales of the features of a modality differ: standard deviation of their logarithm.
const SCALES: f64 = 0.6;
/// Factors between the scales of one modality and the next, in turn.
const MODALITY_SCALES: [f64; 3] = [1.0, 50.0, 0.1];
/// Degrees of freedom of outliers (Student's t): few, so that some lie far beyond the others.
const TAILS: f64 = 3.0;
/// Size of outlying values, and of the noise of outlying samples, in units of a feature's noise.
const OUTLYING_VALUE: f64 = 5.0;
const OUTLYING_SAMPLE: f64 = 1.0;

/// One sample of the cohort.
struct Sample {
    class: usize,
    purity: f64,
    batch: usize,
    outlier: bool,
}

/// Simulates a cohort: modalities `omics_1`, `omics_2` .., labels `subtype 1` .., and the truth.
///
/// # Errors
/// See [`BulkSpec::check`].
pub fn generate(spec: &BulkSpec) -> Result<Dataset, SimulationError> {
    spec.check()?;
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    let classes = super::draw_classes(spec.samples, spec.classes, spec.imbalance, &mut rng);
    let mut sample = |&class: &usize| Sample {
        class,
        purity: rng.random_range(0.4..1.0),
        batch: rng.random_range(0..BATCHES as u32) as usize,
        outlier: rng.random_bool(spec.outlier_samples),
    };
    let samples: Vec<Sample> = classes.iter().map(&mut sample).collect();
    let batches: [f64; BATCHES] = std::array::from_fn(|_| normal(&mut rng));

    // Every modality has a random stream of its own.
    let made: Vec<_> = (0..spec.features.len())
        .into_par_iter()
        .map(|modality| measure(spec, modality, &samples, batches))
        .collect();
    let (modalities, feature) = made.into_iter().unzip();
    let of_sample = |name: &str, value: &dyn Fn(&Sample) -> f32| {
        column(name, samples.iter().map(value).collect())
    };
    Ok(Dataset {
        name: "simulated bulk".to_owned(),
        samples: super::numbered("sample", spec.samples),
        modalities,
        obs: Frame::default(),
        labels: Some(super::labels(&classes, "subtype")),
        truth: Truth {
            sample: vec![
                of_sample(PURITY, &|s| s.purity as f32),
                of_sample(BATCH, &|s| s.batch as f32),
                of_sample(OUTLIER, &|s| f32::from(u8::from(s.outlier))),
            ],
            feature,
        },
    })
}

/// Measures the samples in one modality; also what is true of its features.
fn measure(
    spec: &BulkSpec,
    modality: usize,
    samples: &[Sample],
    batches: [f64; BATCHES],
) -> (Modality, Vec<crate::data::TruthColumn>) {
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    rng.set_stream(modality as u64 + 1);
    let factors = SHARED + spec.factors;
    let latent: Vec<Vec<f64>> = samples
        .iter()
        .map(|sample| {
            // Purity with mean 0 and variance 1, as the others.
            let purity = (sample.purity - 0.7) / (0.6 / 12.0_f64.sqrt());
            let shared = [purity, batches[sample.batch]];
            let own = (0..spec.factors).map(|_| normal(&mut rng));
            shared.into_iter().chain(own).collect()
        })
        .collect();
    let tails = StudentT::new(TAILS).ok();
    let heavy = |rng: &mut ChaCha8Rng| match &tails {
        Some(tails) => rng.sample(tails).clamp(-1e4, 1e4),
        None => normal(rng),
    };

    let features = spec.features[modality];
    let share = match spec.useless == Some(modality) {
        true => 0.0,
        false => spec.informative,
    };
    let mut values = Array2::zeros((samples.len(), features));
    let mut informative = vec![0.0; features];
    for (mut values, informative) in values.columns_mut().into_iter().zip(&mut informative) {
        let scale = MODALITY_SCALES[modality % 3] * (SCALES * normal(&mut rng)).exp();
        let middle = scale * 3.0 * normal(&mut rng);
        let loadings: Vec<f64> = (0..factors).map(|_| normal(&mut rng)).collect();
        let length = loadings.iter().map(|x| x * x).sum::<f64>().sqrt();
        let means: Vec<f64> = (0..spec.classes).map(|_| normal(&mut rng)).collect();
        let effect = match rng.random_bool(share) {
            true => spec.effect,
            false => 0.0,
        };
        *informative = f32::from(u8::from(effect > 0.0));
        // Features do not tell by their variance whether they show the classes.
        let unit = scale / (1.0 + effect * effect / 2.0).sqrt();
        let (common, own) = (spec.correlation.sqrt(), (1.0 - spec.correlation).sqrt());
        for ((value, sample), latent) in values.iter_mut().zip(samples).zip(&latent) {
            let products = latent.iter().zip(&loadings).map(|(z, loading)| z * loading);
            let mut x = common * products.sum::<f64>() / length + own * normal(&mut rng);
            x += effect * sample.purity * means[sample.class];
            if sample.outlier {
                x += OUTLYING_SAMPLE * heavy(&mut rng);
            }
            if rng.random_bool(spec.outlier_values) {
                x += OUTLYING_VALUE * heavy(&mut rng);
            }
            *value = (middle + unit * x) as f32;
        }
    }
    let name = format!("omics_{}", modality + 1);
    let axis = super::numbered(&format!("o{}", modality + 1), features);
    let truth = vec![column(INFORMATIVE, informative)];
    (Modality::new(name, axis, values.into()), truth)
}

#[cfg(test)]
mod tests {
    use super::super::learning::{chance, nearest_mean, on};
    use super::*;

    #[test]
    fn the_same_for_any_number_of_threads_and_another_for_another_seed() {
        let spec = BulkSpec {
            samples: 40,
            features: vec![50, 20],
            ..BulkSpec::default()
        };
        let one = on(1, || generate(&spec).unwrap());
        assert_eq!(one, on(3, || generate(&spec).unwrap()));
        let other = BulkSpec { seed: 1, ..spec };
        assert_ne!(one, generate(&other).unwrap());
    }

    #[test]
    fn the_classes_can_be_learnt_but_not_from_the_useless_modality() {
        for seed in 0..3 {
            let spec = BulkSpec {
                seed,
                ..BulkSpec::default()
            };
            let data = generate(&spec).unwrap();
            assert_eq!(data.samples(), 300);
            assert_eq!(data.labels.as_ref().unwrap().classes.len(), 4);
            let widths: Vec<_> = data.modalities.iter().map(|m| m.features.len()).collect();
            assert_eq!(widths, spec.features);
            let shows =
                |modality: usize| data.truth.feature[modality][0].values.iter().sum::<f32>();
            assert!((240.0..360.0).contains(&shows(0)), "{}", shows(0));
            assert_eq!(shows(1), 0.0);
            let chance = chance(&data);
            for useful in [0, 2] {
                let right = nearest_mean(&data, useful, true);
                assert!(right > chance + 0.3, "{useful}: {right}");
            }
            let right = nearest_mean(&data, 1, false);
            assert!(right < chance + 0.1, "{right}");
        }
    }

    #[test]
    fn features_have_heavy_tails_and_scales_of_their_own() {
        let data = generate(&BulkSpec::default()).unwrap();
        let values = data.modalities[1].values.array().unwrap();
        let spread = |j: usize| {
            let mut sorted = values.column(j).to_vec();
            sorted.sort_by(f32::total_cmp);
            sorted[225] - sorted[75]
        };
        let spreads: Vec<f32> = (0..800).map(spread).collect();
        let (low, high) = spreads.iter().fold((f32::MAX, 0.0_f32), |(low, high), &x| {
            (low.min(x), high.max(x))
        });
        assert!(high > 10.0 * low, "{low} {high}");
        // Distances from the middle, in spreads: normal ones end at 3.
        let far = |j: usize| {
            let middle = values.column(j).iter().sum::<f32>() / 300.0;
            values
                .column(j)
                .iter()
                .fold(0.0_f32, |far, x| far.max((x - middle).abs()))
                / spreads[j]
        };
        assert!((0..800).filter(|&j| far(j) > 5.0).count() > 100);
    }

    #[test]
    fn latent_factors_make_features_correlate() {
        // Share of pairs of features whose ranks correlate by more than 0.2: by chance one in two thousand.
        let strong = |correlation: f64| {
            let spec = BulkSpec {
                correlation,
                ..BulkSpec::default()
            };
            let data = generate(&spec).unwrap();
            let values = data.modalities[1].values.array().unwrap();
            let ranks = |j: usize| -> Vec<f64> {
                let mut order: Vec<usize> = (0..300).collect();
                order.sort_by(|&a, &b| values[[a, j]].total_cmp(&values[[b, j]]));
                let mut ranks = vec![0.0; 300];
                let placed = order.into_iter().enumerate();
                placed.for_each(|(rank, i)| ranks[i] = rank as f64 - 149.5);
                ranks
            };
            let ranks: Vec<Vec<f64>> = (0..60).map(ranks).collect();
            let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
            let bar = 0.2 * product(&ranks[0], &ranks[0]);
            let pairs = (0..60).flat_map(|a| (0..a).map(move |b| (a, b)));
            let strong = pairs.filter(|&(a, b)| product(&ranks[a], &ranks[b]).abs() > bar);
            strong.count() as f64 / 1770.0
        };
        let found = [0.0, 0.25, 0.6].map(strong);
        assert!(found[0] < 0.01, "{found:?}");
        assert!(found[1] > 0.03 && found[2] > 0.2, "{found:?}");
    }

    /// Figures measured on simulated data are quoted and compared, so the values must not drift unnoticed.
    #[test]
    fn the_cohort_stays_the_same() {
        let data = generate(&BulkSpec::default()).unwrap();
        let expected = [
            (-4.469_999, 0.276_060),
            (110.119, -254.169),
            (0.121_490, 0.029_710),
        ];
        for (modality, (first, last)) in data.modalities.iter().zip(expected) {
            let values = modality.values.array().unwrap();
            let seen = (values[[0, 0]], values[[99, values.ncols() - 1]]);
            let close = |a: f32, b: f32| (a - b).abs() < 1e-4 * b.abs();
            assert!(close(seen.0, first) && close(seen.1, last), "{seen:?}");
        }
    }

    #[test]
    fn small_cohorts_are_made_and_impossible_ones_refused() {
        let spec = BulkSpec {
            samples: 1,
            features: vec![1],
            useless: None,
            factors: 0,
            outlier_samples: 1.0,
            ..BulkSpec::default()
        };
        let data = generate(&spec).unwrap();
        assert!(data.modalities[0].values.array().unwrap()[[0, 0]].is_finite());
        let wrong: [fn(&mut BulkSpec); 6] = [
            |spec| spec.samples = 0,
            |spec| spec.features = vec![],
            |spec| spec.features = vec![usize::MAX],
            |spec| spec.effect = f64::NAN,
            |spec| spec.correlation = 1.1,
            |spec| spec.imbalance = 0.0,
        ];
        for change in wrong {
            let mut spec = spec.clone();
            change(&mut spec);
            assert!(generate(&spec).is_err(), "{spec:?}");
        }
    }
}
