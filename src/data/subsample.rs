//! Some of the samples.

use rand::Rng;

/// `most` of `samples` in their order, drawn at random; `None` if there are no more than that.
pub fn subsample(samples: usize, most: usize, rng: &mut impl Rng) -> Option<Vec<u32>> {
    (samples > most).then(|| {
        let rows = rand::seq::index::sample(rng, samples, most);
        let mut rows: Vec<u32> = rows.into_iter().map(|row| row as u32).collect();
        rows.sort_unstable();
        rows
    })
}
