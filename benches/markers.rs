//! Markers of simulated sparse counts: putting the features in order once, then one group against all others, and twelve groups at once.
//!
//! `cargo bench --bench markers`; `-- --large` for 100,000 cells of 20,000 genes, which takes 3 GB.

use std::time::Instant;

use hdumec::{
    analysis::markers::{Columns, Measure, markers},
    data::{Matrix, Sparse},
    job::CancelToken,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Cells, genes, and the share of counts that are not zero.
const SIZES: [(usize, usize, f64); 2] = [(25_517, 2_000, 0.1), (100_000, 20_000, 0.05)];

fn main() {
    let large = std::env::args().any(|argument| argument == "--large");
    let cancel = CancelToken::new();
    for (cells, genes, density) in SIZES.into_iter().take(1 + usize::from(large)) {
        let counts = Matrix::Sparse(counts(cells, genes, density));
        let groups = |count: usize| -> Vec<Option<u32>> {
            (0..cells)
                .map(|cell| Some((cell * 7 % count) as u32))
                .collect()
        };
        println!("{cells} cells, {genes} genes, {density} of the counts not zero");
        let columns = time("put in order", 1, || {
            Columns::of(&counts, Measure::LogNormalised).expect("in memory")
        });
        for count in [2, 12] {
            let groups = groups(count);
            time(&format!("markers of {count} groups"), 5, || {
                markers(&columns, &groups, count, &cancel).expect("not cancelled")
            });
        }
    }
}

fn counts(cells: usize, genes: usize, density: f64) -> Sparse {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for _ in 0..cells {
        let mut gene = 0;
        loop {
            // The gap to the next count.
            let x: f64 = rng.random();
            gene += (x.ln() / (1.0 - density).ln()) as usize;
            if gene >= genes {
                break;
            }
            indices.push(gene as u32);
            values.push(1.0 + (-4.0 * rng.random::<f64>().ln()).floor() as f32);
            gene += 1;
        }
        starts.push(values.len());
    }
    Sparse::new(genes, starts, indices, values).expect("in order")
}

/// What a part makes, and the fastest of some runs.
fn time<T>(part: &str, runs: usize, mut run: impl FnMut() -> T) -> T {
    let mut best = f64::INFINITY;
    let mut made = None;
    for _ in 0..runs {
        let start = Instant::now();
        made = Some(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("  {part:22} {:8.1} ms", 1e3 * best);
    made.expect("it ran")
}
