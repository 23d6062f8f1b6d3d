//! Modalities that say different things about a sample are found.

use std::sync::Arc;

use hdumec::{
    analysis::rank::auroc,
    data::{
        Dataset, Storage,
        demo::{self, DemoSpec},
    },
    pipeline::Lens,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{robust_spec, run};

/// Share of the samples whose modality is that of another sample.
const SWAPPED: f64 = 0.02;

/// A demo with the rows of one modality permuted among some samples, and which samples then have those of another type.
fn permuted(modality: usize) -> (Dataset, Vec<Option<bool>>) {
    let mut dataset = demo::generate(&DemoSpec {
        samples: 1_500,
        seed: 2,
    });
    let samples = dataset.samples();
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let count = (SWAPPED * samples as f64) as usize;
    let swapped = rand::seq::index::sample(&mut rng, samples, count).into_vec();
    let mut rows: Vec<u32> = (0..samples as u32).collect();
    for (at, &sample) in swapped.iter().enumerate() {
        rows[sample] = swapped[(at + 1) % count] as u32;
    }
    let labels = dataset.labels.clone().unwrap().codes;
    let values = &mut dataset.modalities[modality].values;
    *values = values.select(Storage::Memory, &rows).unwrap();
    // A sample that got the values of its own type is no contradiction, nor is it none.
    let known = (0..samples).map(|i| match rows[i] as usize {
        other if other == i => Some(false),
        other => (labels[other] != labels[i]).then_some(true),
    });
    let known = known.collect();
    (dataset, known)
}

#[test]
fn a_modality_of_another_sample_is_found() {
    for modality in 0..3 {
        let (dataset, known) = permuted(modality);
        let mut spec = robust_spec();
        spec.train.epochs = [40, 10, 8];
        let (result, _) = run(&Arc::new(dataset), &spec);
        let stage = result.last_stage();
        let values = Lens::Contradiction.values(&result, stage).unwrap();
        let pairs = values.iter().zip(&known);
        let pairs = pairs.filter_map(|(&value, known)| Some((f64::from(value), (*known)?)));
        let (values, swapped): (Vec<f64>, Vec<bool>) = pairs.unzip();
        assert!(swapped.iter().filter(|&&swapped| swapped).count() > 20);
        let found = auroc(&values, &swapped).unwrap();
        assert!(found >= 0.95, "modality {modality}: {found}");
        // The modality is named.
        let says = stage.contradiction.as_ref().unwrap();
        let named = says.modality.iter().zip(&known);
        let named = named.filter(|(at, known)| **known == Some(true) && **at == modality as u32);
        println!("{modality}: {found:.3}, named {}", named.count());
    }
}

#[test]
fn one_modality_contradicts_nothing() {
    let mut dataset = demo::generate(&DemoSpec {
        samples: 240,
        seed: 1,
    });
    dataset.modalities.truncate(1);
    dataset.truth = hdumec::data::Truth::default();
    let (result, _) = run(&Arc::new(dataset), &robust_spec());
    assert!(result.last_stage().contradiction.is_none());
    let lenses = Lens::all(&result.dataset);
    assert!(!lenses.contains(&Lens::Contradiction));
}
