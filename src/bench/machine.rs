//! What this machine can do at most.

use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use crate::train;

/// Floats of one array when memory is measured: far more than any cache holds.
const STREAM: usize = 1 << 25;

/// Measured limits of the processor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// Threads that compute.
    pub threads: usize,
    /// Operations a second in single precision, of matrix products that stay in the first cache.
    pub operations: f64,
    /// Bytes a second that are read and written in a pass over arrays larger than any cache.
    pub bandwidth: f64,
}

impl Machine {
    /// Measures for about a second.
    pub fn measure() -> Self {
        Self {
            threads: rayon::current_num_threads(),
            operations: train::peak_operations(),
            bandwidth: bandwidth(),
        }
    }
}

/// `a = b + s c`, the triad of STREAM (McCalpin 1995).
fn bandwidth() -> f64 {
    let (b, c) = (vec![1.0f32; STREAM], vec![2.0f32; STREAM]);
    let mut a = vec![0.0f32; STREAM];
    let mut best = f64::INFINITY;
    for round in 0..4 {
        let factor = round as f32;
        let start = Instant::now();
        a.par_chunks_mut(1 << 16)
            .zip(b.par_chunks(1 << 16))
            .zip(c.par_chunks(1 << 16))
            .for_each(|((a, b), c)| {
                for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                    *a = b + factor * c;
                }
            });
        best = best.min(start.elapsed().as_secs_f64());
    }
    std::hint::black_box(&a);
    (3 * STREAM * size_of::<f32>()) as f64 / best
}
