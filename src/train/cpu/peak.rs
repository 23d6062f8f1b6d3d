//! What the processor's vector units can do.

use std::time::Instant;

use pulp::Arch;
use rayon::prelude::*;

use super::products::{self, End, Start, WIDTH};

/// The processor's architecture and the vector instructions that are used of it, which decide how sums are rounded.
pub fn instruction_set() -> String {
    let level = format!("{:?}", Arch::new());
    let level = level.split(['(', ' ', '{']).next().unwrap_or_default();
    format!("{} {level}", std::env::consts::ARCH)
}

/// Operations a second of all threads together, in products whose matrices stay in the first cache: two for
/// every multiply-add. Measures for a fraction of a second.
pub fn peak_operations() -> f64 {
    let (rows, inner, columns) = (48, 64, 2 * WIDTH);
    let once = (2 * rows * inner * columns) as f64;
    let (arch, rounds) = (Arch::new(), 2_000);
    let threads = rayon::current_num_threads();
    let mut best: f64 = 0.0;
    for _ in 0..8 {
        let start = Instant::now();
        let sums: f32 = (0..threads)
            .into_par_iter()
            .map(|_| {
                let left = vec![0.5; rows * inner];
                let right = vec![0.25; inner * columns];
                let mut out = vec![0.0; rows * columns];
                for _ in 0..rounds {
                    let (start, end) = (Start::Zero, End::Keep);
                    products::spread(arch, &left, inner, &right, start, end, &mut out);
                    std::hint::black_box(&out);
                }
                out[0]
            })
            .sum();
        std::hint::black_box(sums);
        let operations = once * (rounds * threads) as f64;
        best = best.max(operations / start.elapsed().as_secs_f64());
    }
    best
}
