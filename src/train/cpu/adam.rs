//! Adam (Kingma and Ba 2015) over a flat row of parameters, as PyTorch computes it.

use rayon::prelude::*;

use crate::train::adam::{BETA1, BETA2, EPSILON};

/// Parameters of one task.
const PIECE: usize = 1 << 14;

/// First and second moments of all parameters; zero before the first gradient.
#[derive(Clone)]
pub(super) struct Adam {
    pub first: Vec<f32>,
    pub second: Vec<f32>,
    pub steps: u32,
}

impl Adam {
    pub fn new(parameters: usize) -> Self {
        Self {
            first: vec![0.0; parameters],
            second: vec![0.0; parameters],
            steps: 0,
        }
    }

    /// Counts a step; the factors of its updates.
    pub fn begin(&mut self, rate: f64) -> Step {
        self.steps += 1;
        let steps = self.steps.try_into().unwrap_or(i32::MAX);
        Step {
            rate: (rate / (1.0 - BETA1.powi(steps))) as f32,
            root: (1.0 - BETA2.powi(steps)).sqrt() as f32,
        }
    }

    /// Moves the parameters in a range; those outside stay as they are.
    pub fn update(
        &mut self,
        step: &Step,
        range: std::ops::Range<usize>,
        parameters: &mut [f32],
        gradient: &[f32],
    ) {
        parameters[range.clone()]
            .par_chunks_mut(PIECE)
            .zip(gradient[range.clone()].par_chunks(PIECE))
            .zip(self.first[range.clone()].par_chunks_mut(PIECE))
            .zip(self.second[range].par_chunks_mut(PIECE))
            .for_each(|(((parameters, gradient), first), second)| {
                let each = parameters.iter_mut().zip(gradient).zip(first).zip(second);
                for (((parameter, &g), first), second) in each {
                    *first = *first * BETA1 as f32 + g * (1.0 - BETA1) as f32;
                    *second = *second * BETA2 as f32 + g * g * (1.0 - BETA2) as f32;
                    let denominator = second.sqrt() / step.root + EPSILON as f32;
                    *parameter -= step.rate * *first / denominator;
                }
            });
    }
}

/// What is the same for all parameters of a step.
pub(super) struct Step {
    rate: f32,
    root: f32,
}
