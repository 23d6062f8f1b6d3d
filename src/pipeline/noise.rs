//! Whether the uncertainty follows noise that is put into the data on purpose.

use std::{io, ops::Range, sync::Arc};

use rand::{RngExt as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use super::{AnalysisResult, AnalysisSpec, RunError, Sink, run};
use crate::{
    analysis::{calibration::Pairs, uncertainty::UncertaintySummary},
    data::{Dataset, Modality, Values},
    job::CancelToken,
    preprocess::FeatureScale,
};

/// Known and predicted noise of features and samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoiseCheck {
    /// The features of every modality, in the order of the data set; empty where nothing is known.
    pub features: Vec<Pairs>,
    /// The samples.
    pub samples: Pairs,
}

/// Why a run that went on with another's model is not checked.
pub const GOES_ON: &str = "The check trains the whole analysis once more, from the start, and this run went on with the model of an \
                           earlier one. Check that run, or train anew on these samples.";

/// Fewer things with noise are too few to rank.
const FEW: usize = 6;

impl NoiseCheck {
    /// Where so few things have noise that how they are ranked is chance, as a sentence.
    pub fn too_few(&self, dataset: &Dataset) -> Option<String> {
        let names = dataset
            .modalities
            .iter()
            .map(|m| format!("features of {}", m.name));
        let samples = ("samples".to_owned(), &self.samples);
        let few: Vec<String> = names
            .zip(&self.features)
            .chain([samples])
            .map(|(name, pairs)| (name, pairs.noisy()))
            .filter(|(_, noisy)| (1..FEW).contains(noisy))
            .map(|(name, noisy)| match noisy {
                1 => format!("1 of the {name}"),
                _ => format!("{noisy} {name}"),
            })
            .collect();
        (!few.is_empty()).then(|| {
            format!(
                "With noise are only {}: too few to tell how well it is followed.",
                few.join(", ")
            )
        })
    }
}

/// Noise to put into data: normal, in units of each feature's standard deviation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoiseInjectionSpec {
    /// Into one modality (counted from 0), or into all.
    pub modality: Option<usize>,
    /// Share of the features of a modality that get noise, each of another strength.
    pub features: f64,
    /// Share of the samples that get noise, each of another strength.
    pub samples: f64,
    /// The largest strength: 1 is as much noise as the feature varies anyway.
    pub strength: f64,
    /// Decides which, and the noise itself.
    pub seed: u64,
}

impl Default for NoiseInjectionSpec {
    fn default() -> Self {
        Self {
            modality: None,
            features: 0.25,
            samples: 0.25,
            strength: 1.0,
            seed: 0,
        }
    }
}

impl NoiseInjectionSpec {
    fn check(&self) -> Result<(), RunError> {
        let share = |share: f64| (0.0..=0.5).contains(&share);
        if !share(self.features) || !share(self.samples) {
            let text = "at most half of the features and of the samples can be given noise, \
                        as the others are what they are compared with";
            return Err(RunError::Noise(text.into()));
        }
        if !(self.strength > 0.0 && self.strength <= 100.0) {
            let text = "the strength of the noise must be above 0 and at most 100: \
                        beyond it nothing is left of the data";
            return Err(RunError::Noise(text.into()));
        }
        Ok(())
    }

    fn chosen(&self, modality: usize) -> bool {
        self.modality.is_none_or(|only| only == modality)
    }
}

/// What came of injected noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoiseInjection {
    /// What was put in.
    pub spec: NoiseInjectionSpec,
    /// What the model said of it, in standard deviations of each feature.
    pub check: NoiseCheck,
}

/// Trains stage 1 of a result's analysis once more, on its data with known noise put in, and compares what the model then
/// says with what it said before. Known and predicted noise are in units of each feature's standard deviation.
///
/// The predicted noise of a feature is the root of the mean rise of its predicted variance over the samples that were
/// left alone; that of a sample the same over the features that were left alone.
///
/// # Errors
/// When the noise is out of range, when cancelled, when training or the device fails, or when values on disk cannot be read or written.
pub fn check_noise(
    result: &AnalysisResult,
    spec: &NoiseInjectionSpec,
    sink: &dyn Sink,
    cancel: &CancelToken,
) -> Result<NoiseInjection, RunError> {
    spec.check()?;
    from_the_start(result)?;
    let modalities = result.dataset.modalities.len();
    if spec.modality.is_some_and(|only| only >= modalities) {
        let text =
            format!("noise can be put into one of {modalities} modalities, and into no other");
        return Err(RunError::Noise(text));
    }
    let (noisy, strengths) = inject(&result.dataset, spec)?;
    let noisy = Arc::new(noisy);
    let after = run::uncertainty(&noisy, &result.spec, sink, cancel)?;
    Ok(NoiseInjection {
        spec: spec.clone(),
        check: compare(result, &noisy, &after, strengths)?,
    })
}

/// Refuses results of a run that went on with another's model: what is trained here begins from the start, and would be held against
/// something else.
///
/// # Errors
/// [`RunError::Noise`].
pub(super) fn from_the_start(result: &AnalysisResult) -> Result<(), RunError> {
    match result.spec.earlier {
        Some(_) => Err(RunError::Noise(GOES_ON.into())),
        None => Ok(()),
    }
}

/// What [`check_noise`] trains of an analysis: stage 1, as it was.
pub fn check_plan(spec: &AnalysisSpec) -> AnalysisSpec {
    let mut plan = spec.clone();
    plan.train.epochs[2] = 0;
    plan
}

/// How much noise was put in, in standard deviations of each feature; 0 for what was left alone.
struct Strengths {
    /// By modality and feature.
    features: Vec<Vec<f32>>,
    /// In the chosen modalities.
    samples: Vec<f32>,
    /// Standard deviations by modality and feature.
    deviations: Vec<Vec<f64>>,
}

/// `share` of `count` things drawn at random, each with another strength, evenly spaced up to the largest. At least one
/// thing is left alone, and so is everything that `allowed` does not hold.
fn strengths(
    count: usize,
    share: f64,
    largest: f64,
    allowed: impl Fn(usize) -> bool,
    rng: &mut ChaCha8Rng,
) -> Vec<f32> {
    let wanted = ((share * count as f64).round() as usize).min(count.saturating_sub(1));
    let mut order: Vec<usize> = (0..count).filter(|&at| allowed(at)).collect();
    order.shuffle(rng);
    order.truncate(wanted);
    let mut strengths = vec![0.0; count];
    for (rank, &at) in order.iter().enumerate() {
        strengths[at] = (largest * (rank + 1) as f64 / order.len() as f64) as f32;
    }
    strengths
}

/// The data with noise, which depends on the seed but not on the number of threads.
fn inject(dataset: &Dataset, spec: &NoiseInjectionSpec) -> io::Result<(Dataset, Strengths)> {
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    let samples = dataset.samples();
    let of_samples = strengths(samples, spec.samples, spec.strength, |_| true, &mut rng);
    let mut noisy = dataset.clone();
    let mut all = Strengths {
        features: Vec::new(),
        samples: of_samples,
        deviations: Vec::new(),
    };
    for (at, modality) in noisy.modalities.iter_mut().enumerate() {
        let width = modality.features.len();
        let deviations = modality.values.deviations()?;
        let share = if spec.chosen(at) { spec.features } else { 0.0 };
        let varies = |feature: usize| deviations[feature] > 0.0;
        let features = strengths(width, share, spec.strength, varies, &mut rng);
        if spec.chosen(at) {
            modality.values = disturb(
                modality,
                at,
                spec.seed,
                &features,
                &all.samples,
                &deviations,
            )?;
        }
        all.features.push(features);
        all.deviations.push(deviations);
    }
    Ok((noisy, all))
}

fn disturb(
    modality: &Modality,
    stream: usize,
    seed: u64,
    features: &[f32],
    samples: &[f32],
    deviations: &[f64],
) -> io::Result<Values> {
    let values = &modality.values;
    let (count, width) = values.dim();
    let noisy = Values::generate(values.storage(), count, width, |rows: Range<usize>, out| {
        values.copy_rows(rows.clone(), out);
        for (row, out) in rows.zip(out.chunks_exact_mut(width.max(1))) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(((stream as u64 + 1) << 40) + row as u64);
            for ((x, strength), deviation) in out.iter_mut().zip(features).zip(deviations) {
                let random: f64 = rng.sample(StandardNormal);
                let strength = f64::from(*strength).hypot(f64::from(samples[row]));
                *x = (f64::from(*x) + random * strength * deviation) as f32;
            }
        }
    })?;
    values.check()?;
    Ok(noisy)
}

/// Rises of the predicted variance, in units of each feature's variance.
#[derive(Clone, Default)]
struct Rise {
    sum: f64,
    count: f64,
}

impl Rise {
    fn add(&mut self, rise: f64) {
        self.sum += rise;
        self.count += 1.0;
    }

    /// The noise it speaks of; none where the variance fell.
    fn noise(&self) -> f32 {
        (self.sum / self.count.max(1.0)).max(0.0).sqrt() as f32
    }
}

fn compare(
    result: &AnalysisResult,
    noisy: &Dataset,
    after: &UncertaintySummary,
    strengths: Strengths,
) -> io::Result<NoiseCheck> {
    let mut samples = vec![Rise::default(); result.dataset.samples()];
    let mut of_features = Vec::new();
    let modalities = result.dataset.modalities.iter().zip(&noisy.modalities);
    let sigmas = result.uncertainty.feature.iter().zip(&after.feature);
    for (at, ((clean, noisy), (before, after))) in modalities.zip(sigmas).enumerate() {
        let injected = &strengths.features[at];
        if injected.iter().all(|&s| s == 0.0) && clean.values == noisy.values {
            of_features.push(Pairs::default());
            continue;
        }
        let deviations = &strengths.deviations[at];
        // Deviations are predicted for scaled values: back to the units of the data, then to those of the feature.
        let unit = |modality: &Modality| -> io::Result<Vec<f64>> {
            let scale = FeatureScale::of(&modality.values)?;
            let each = scale.range.iter().zip(deviations);
            Ok(each.map(|(range, deviation)| range / deviation).collect())
        };
        let (unit_before, unit_after) = (unit(clean)?, unit(noisy)?);
        let mut features = vec![Rise::default(); injected.len()];
        let (mut buffer_before, mut buffer_after) = (Vec::new(), Vec::new());
        for (row, sample) in samples.iter_mut().enumerate() {
            let alone = strengths.samples[row] == 0.0;
            let before = before.rows(row..row + 1, &mut buffer_before);
            let after = after.rows(row..row + 1, &mut buffer_after);
            for (j, feature) in features.iter_mut().enumerate() {
                // Features that do not vary have no noise either.
                if deviations[j] <= 0.0 {
                    continue;
                }
                let square = |x: f32, unit: f64| (f64::from(x) * unit).powi(2);
                let rise = square(after[j], unit_after[j]) - square(before[j], unit_before[j]);
                if alone {
                    feature.add(rise);
                }
                if injected[j] == 0.0 {
                    sample.add(rise);
                }
            }
        }
        before.check()?;
        after.check()?;
        of_features.push(Pairs {
            known: injected.clone(),
            predicted: features.iter().map(Rise::noise).collect(),
        });
    }
    Ok(NoiseCheck {
        features: of_features,
        samples: Pairs {
            known: strengths.samples,
            predicted: samples.iter().map(Rise::noise).collect(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::demo::{self, DemoSpec};

    fn demo() -> Dataset {
        demo::generate(&DemoSpec {
            samples: 600,
            seed: 0,
        })
    }

    #[test]
    fn noise_is_as_strong_as_it_says() {
        let spec = NoiseInjectionSpec::default();
        let data = demo();
        let (noisy, strengths) = inject(&data, &spec).unwrap();
        assert_eq!(strengths.samples.iter().filter(|&&s| s > 0.0).count(), 150);
        for (at, (clean, noisy)) in data.modalities.iter().zip(&noisy.modalities).enumerate() {
            let (clean, noisy) = (clean.values.array().unwrap(), noisy.values.array().unwrap());
            let chosen = strengths.features[at].iter().filter(|&&s| s > 0.0).count();
            assert_eq!(chosen, (clean.ncols() as f64 / 4.0).round() as usize);
            for (j, &strength) in strengths.features[at].iter().enumerate() {
                let alone = (0..600).filter(|&i| strengths.samples[i] == 0.0);
                let squares = alone.map(|i| f64::from(noisy[[i, j]] - clean[[i, j]]).powi(2));
                let noise = (squares.sum::<f64>() / 450.0).sqrt() / strengths.deviations[at][j];
                let off = (noise - f64::from(strength)).abs();
                assert!(off <= 0.2 * f64::from(strength), "{noise}, not {strength}");
            }
        }
    }

    #[test]
    fn one_modality_alone_and_any_number_of_threads() {
        let spec = NoiseInjectionSpec {
            modality: Some(1),
            ..NoiseInjectionSpec::default()
        };
        let data = demo();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let one = pool.unwrap().install(|| inject(&data, &spec).unwrap().0);
        let (noisy, strengths) = inject(&data, &spec).unwrap();
        assert_eq!(noisy, one);
        assert_eq!(noisy.modalities[0], data.modalities[0]);
        assert_ne!(noisy.modalities[1], data.modalities[1]);
        assert!(strengths.features[2].iter().all(|&s| s == 0.0));
    }

    #[test]
    fn too_much_is_refused() {
        let with = |change: fn(&mut NoiseInjectionSpec)| {
            let mut spec = NoiseInjectionSpec::default();
            change(&mut spec);
            spec.check()
        };
        assert!(with(|s| s.features = 0.6).is_err());
        assert!(with(|s| s.samples = f64::NAN).is_err());
        assert!(with(|s| s.strength = 0.0).is_err());
        assert!(with(|_| {}).is_ok());
    }
}
