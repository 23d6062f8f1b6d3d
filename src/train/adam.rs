//! Adam over a list of tensors (Kingma and Ba 2015), as PyTorch computes it.
//!
//! Our own because the state has to move between engines and because parameters that a loss does
//! not reach must keep neither moments nor steps.

use std::collections::BTreeMap;

use burn::tensor::{Device, ExecutionError, Tensor};
use ndarray::ArrayD;

use crate::model::{
    layout::Slot,
    network::{download, upload_named},
};

pub(super) const BETA1: f64 = 0.9;
pub(super) const BETA2: f64 = 0.999;
pub(super) const EPSILON: f64 = 1e-8;

/// First and second moments of every parameter that has had a gradient.
#[derive(Clone)]
pub(super) struct Adam {
    moments: Vec<Option<(Tensor<2>, Tensor<2>)>>,
    pub steps: u32,
}

impl Adam {
    pub fn new(parameters: usize) -> Self {
        Self {
            moments: vec![None; parameters],
            steps: 0,
        }
    }

    /// One step: parameters without a gradient stay as they are.
    pub fn step(
        &mut self,
        parameters: &mut [Tensor<2>],
        gradients: Vec<Option<Tensor<2>>>,
        rate: f64,
    ) {
        self.steps += 1;
        let steps = self.steps.try_into().unwrap_or(i32::MAX);
        let bias1 = 1.0 - BETA1.powi(steps);
        let bias2 = 1.0 - BETA2.powi(steps);
        let states = self.moments.iter_mut();
        for ((parameter, gradient), state) in parameters.iter_mut().zip(gradients).zip(states) {
            let Some(g) = gradient else { continue };
            let square = g.clone().square();
            let (first, second) = match state.take() {
                Some((m, v)) => (
                    m * BETA1 + g * (1.0 - BETA1),
                    v * BETA2 + square * (1.0 - BETA2),
                ),
                None => (g * (1.0 - BETA1), square * (1.0 - BETA2)),
            };
            let denominator = second.clone().sqrt() / bias2.sqrt() + EPSILON;
            let change = first.clone() / denominator * (rate / bias1);
            *parameter = parameter.clone() - change;
            *state = Some((first, second));
        }
    }

    /// First and second moments on the host.
    #[allow(clippy::type_complexity)]
    pub fn state(
        &self,
        slots: &[Slot],
    ) -> Result<(BTreeMap<String, ArrayD<f32>>, BTreeMap<String, ArrayD<f32>>), ExecutionError>
    {
        let (mut names, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for (slot, state) in slots.iter().zip(&self.moments) {
            if let Some((m, v)) = state {
                names.push(slot.clone());
                first.push(m);
                second.push(v);
            }
        }
        if names.is_empty() {
            return Ok(Default::default());
        }
        Ok((download(&names, &first)?, download(&names, &second)?))
    }

    /// Takes up moments from the host.
    pub fn load(
        slots: &[Slot],
        first: &BTreeMap<String, ArrayD<f32>>,
        second: &BTreeMap<String, ArrayD<f32>>,
        steps: u32,
        device: &Device,
    ) -> Self {
        let moments = upload_named(slots, first, device)
            .into_iter()
            .zip(upload_named(slots, second, device))
            .map(|(m, v)| m.zip(v))
            .collect();
        Self { moments, steps }
    }
}
