//! What the parity tests look at.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayD};

use super::BurnEngine;
use crate::{
    model::{layout, network},
    train::{
        Objective,
        parity::{Inspect, Reconstruction},
    },
};

impl BurnEngine {
    /// The same that looks at so many samples in one go.
    pub fn in_blocks(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }
}

impl Inspect for BurnEngine {
    fn training_pass(&mut self) -> (Array2<f32>, Vec<Reconstruction>) {
        let leaves = self.network.leaves();
        let mut seen = Vec::new();
        let all = self.all.whole().unwrap();
        let h = self.network.embed_training(&all.inputs, &leaves, &mut seen);
        let fetched = |t| network::fetch(t).unwrap();
        let decoded = (0..all.inputs.len())
            .map(|v| {
                let mean = self.network.mean_training(&h, v, &leaves, &mut seen);
                let s = self
                    .network
                    .log_variance_training(&h, v, &leaves, &mut seen);
                Reconstruction {
                    mean: fetched(mean.inner()),
                    log_variance: fetched(s.inner()),
                }
            })
            .collect();
        (fetched(h.inner()), decoded)
    }

    fn gradients(&mut self, objective: Objective) -> (f64, BTreeMap<String, ArrayD<f32>>) {
        let (all, target) = (self.all.whole().unwrap(), self.target.clone());
        let (loss, gradients, _) =
            BurnEngine::gradients(self, &all, |engine, batch, leaves, seen| {
                engine.loss(objective, batch, target, leaves, seen)
            });
        let slots = layout::parameters(&self.network.spec);
        let named = slots.iter().zip(gradients).filter_map(|(slot, gradient)| {
            let one = std::slice::from_ref(slot);
            let found = network::download(one, &[&gradient?]).unwrap();
            found.into_iter().next()
        });
        (f64::from(loss.into_scalar::<f32>()), named.collect())
    }

    fn target(&mut self) -> Array2<f32> {
        network::fetch(self.target.clone().unwrap()).unwrap()
    }
}
