//! Values that were not measured are not learned.

use std::sync::Arc;

use hdumec::{
    data::{Axis, Dataset, Frame, Matrix, Modality, Truth, Values},
    model::Weights,
    preprocess,
    train::{CpuEngine, Decoder, Engine as _, Objective, TrainSpec},
};
use ndarray::{Array2, Axis as Along};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::{robust_spec, run, small_demo};

const SAMPLES: usize = 300;
/// Features of the modality that is complete, and of the one that is not.
const WIDTHS: [usize; 2] = [20, 80];
/// What both modalities are made of.
const RANK: usize = 6;
/// Share of the values that are missing in the second modality, of every other sample: 55 % in all.
const MISSING: [f64; 2] = [0.25, 0.85];

/// Data of low rank, many values of which are missing.
struct Planted {
    dataset: Dataset,
    /// The second modality without gaps and without noise.
    truth: Array2<f32>,
    missing: Array2<bool>,
}

fn numbered(count: usize) -> Axis {
    Axis::new((0..count).map(|i| i.to_string()).collect()).unwrap()
}

impl Planted {
    fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = |rows, columns| {
            Array2::from_shape_simple_fn((rows, columns), || -> f32 { rng.sample(StandardNormal) })
        };
        let latent = normal(SAMPLES, RANK);
        let [a, truth] = WIDTHS.map(|width| latent.dot(&normal(RANK, width)));
        let [a, b] = [a, truth.clone()].map(|x| &x + &(0.5 * normal(x.nrows(), x.ncols())));
        let missing = Array2::from_shape_fn(b.dim(), |(s, _)| rng.random_bool(MISSING[s % 2]));
        let mut holes = b.clone();
        holes.zip_mut_with(&missing, |x, &missing| {
            *x = if missing { f32::NAN } else { *x }
        });
        let mut filled = holes.clone();
        for mut column in filled.axis_iter_mut(Along(1)) {
            let seen: Vec<f32> = column.iter().copied().filter(|x| !x.is_nan()).collect();
            let mean = seen.iter().sum::<f32>() / seen.len() as f32;
            column.mapv_inplace(|x| if x.is_nan() { mean } else { x });
        }
        let mut second = Modality::new("b", numbered(WIDTHS[1]), filled.into());
        second.measured.matrix = Matrix::Dense(holes.into());
        second.measured.missing = missing.iter().filter(|&&missing| missing).count() as u64;
        let dataset = Dataset {
            name: "planted".into(),
            samples: numbered(SAMPLES),
            modalities: vec![Modality::new("a", numbered(WIDTHS[0]), a.into()), second],
            obs: Frame::default(),
            labels: None,
            truth: Truth::default(),
        };
        Self {
            dataset,
            truth,
            missing,
        }
    }

    /// How far reconstructions of what is missing are off (mean square, in units of the scaled data), and how far samples lie
    /// from each other of which much is missing, over how far others do.
    fn learn(&self, masked: bool, seed: u64) -> [f64; 2] {
        let train = TrainSpec {
            hidden: 64,
            ..TrainSpec::default()
        };
        let prepared = preprocess::min_max(&self.dataset).unwrap();
        let network = train.check(SAMPLES, prepared.widths(), 2).unwrap();
        let inputs = preprocess::masked(&self.dataset, prepared.modalities, masked).unwrap();
        assert_eq!(inputs[1].mask.is_some(), masked);
        let weights = Weights::initialise(&network, seed);
        let mut engine = CpuEngine::new(network, inputs, &weights).unwrap();
        for _ in 0..200 {
            engine.step(Objective::SquaredError, 5e-3).unwrap();
        }
        let found: Values = engine.decode(Decoder::Mean).unwrap().remove(1);
        let found = found.array().unwrap();
        let mut truth = self.truth.clone();
        prepared.scales[1].apply(truth.as_slice_mut().unwrap());
        let (mut sum, mut count) = (0.0, 0.0);
        for ((x, truth), _) in found
            .iter()
            .zip(&truth)
            .zip(&self.missing)
            .filter(|(_, missing)| **missing)
        {
            sum += f64::from(x - truth).powi(2);
            count += 1.0;
        }
        let h = engine.embed().unwrap();
        // Distances among samples of which much is missing, and among all others.
        let mut mean = [[0.0, 0.0]; 2];
        for i in 0..SAMPLES {
            for j in 0..i {
                let both = i % 2 == 1 && j % 2 == 1;
                let squared: f32 = (&h.row(i) - &h.row(j)).mapv(|x| x * x).sum();
                let [sum, count] = &mut mean[usize::from(both)];
                *sum += f64::from(squared.sqrt());
                *count += 1.0;
            }
        }
        let [others, alike] = mean.map(|[sum, count]| sum / count);
        [sum / count, alike / others]
    }
}

#[test]
fn what_is_missing_is_told_by_what_is_there() {
    for seed in 0..4 {
        let planted = Planted::new(seed);
        let [without, with] = [false, true].map(|masked| planted.learn(masked, seed));
        // Seen: 0.018 to 0.023 without a mask, 0.003 to 0.005 with one.
        assert!(with[0] < without[0] / 3.0, "{with:?} {without:?}");
        // Where means are learned, samples of which much is missing draw together (0.54 to 0.70); with a mask they do not (0.84 to
        // 1.01).
        assert!(with[1] > 0.8 && without[1] < 0.75, "{with:?} {without:?}");
    }
}

#[test]
fn complete_data_have_the_same_bits_with_masks_and_without() {
    let dataset = small_demo();
    let [with, without] = [true, false].map(|masked| {
        let mut spec = robust_spec();
        spec.train.masked = masked;
        run(&dataset, &spec).0
    });
    assert_eq!(with.weights, without.weights);
    assert_eq!(with.uncertainty, without.uncertainty);
    let [a, b] = [with, without].map(|result| result.stage2.unwrap());
    assert_eq!((a.embedding, a.clusters), (b.embedding, b.clusters));
}

#[test]
fn a_whole_run_is_masked() {
    let dataset = Arc::new(Planted::new(0).dataset);
    let [with, again, without] = [true, true, false].map(|masked| {
        let mut spec = robust_spec();
        spec.clusters = Some(3);
        spec.train.masked = masked;
        run(&dataset, &spec).0
    });
    assert_eq!(with.weights, again.weights);
    assert_eq!(with.uncertainty, again.uncertainty);
    assert_ne!(with.weights, without.weights);
    // Of samples of which little is known the network is less sure where nothing stands in.
    let mean = |result: &hdumec::pipeline::AnalysisResult| -> f32 {
        let of = result.uncertainty.modality.column(1).to_vec();
        of.iter().skip(1).step_by(2).sum::<f32>() / of.iter().step_by(2).sum::<f32>()
    };
    // Seen: 1.48 and 0.92.
    let (with, without) = (mean(&with), mean(&without));
    assert!(with > 1.25 && without < 1.05, "{with} {without}");
}
