//! Exact nearest neighbours by brute force: for tens of thousands of samples and tens of dimensions
//! faster than any index.

use super::tiles::{CHUNK, LANES, Real as _, Tiles};
use crate::job::{CancelToken, Cancelled};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// For each sample its nearest samples, the nearest first.
///
/// The first neighbour of each sample is the sample itself, at distance 0, as UMAP wants it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// Which samples, `n x k`.
    pub indices: Array2<u32>,
    /// Their Euclidean distances, `n x k`.
    pub distances: Array2<f32>,
}

/// The `k` nearest samples of every sample of `points` (`n x d`), **itself included and first** even
/// among duplicates; `k` is lowered to `n` if need be. Equally far samples come in order of their
/// number. A sample with NaN is nobody's neighbour, nor has it any but itself: rows short of
/// neighbours are filled with the sample itself at an infinite distance.
///
/// # Errors
/// When cancelled.
pub fn exact(
    points: ArrayView2<'_, f32>,
    k: usize,
    cancel: &CancelToken,
) -> Result<Neighbours, Cancelled> {
    cancel.check()?;
    let samples = points.nrows();
    let k = k.min(samples);
    if k == 0 {
        return Ok(Neighbours {
            indices: Array2::zeros((samples, 0)),
            distances: Array2::zeros((samples, 0)),
        });
    }
    let tiles = Tiles::new(points);
    let found = (0..tiles.count())
        .into_par_iter()
        .map(|tile| nearest_of_tile(&tiles, tile, k - 1, cancel))
        .collect::<Result<Vec<_>, _>>()?;
    let mut indices = Array2::zeros((samples, k));
    let mut distances = Array2::zeros((samples, k));
    for (sample, nearest) in found.into_iter().flatten().enumerate() {
        indices[[sample, 0]] = sample as u32;
        for rank in 1..k {
            let (square, index) = nearest.get(rank - 1).copied().unwrap_or(NOBODY);
            let nobody = index == NOBODY.1;
            indices[[sample, rank]] = if nobody { sample as u32 } else { index };
            distances[[sample, rank]] = square.sqrt();
        }
    }
    Ok(Neighbours { indices, distances })
}

/// A squared distance and a sample's number; compared in this order.
type Candidate = (f32, u32);

/// Fills a place no sample has taken.
const NOBODY: Candidate = (f32::INFINITY, u32::MAX);

/// The `others` nearest of each sample of a tile, without itself.
fn nearest_of_tile(
    tiles: &Tiles<f32>,
    tile: usize,
    others: usize,
    cancel: &CancelToken,
) -> Result<Vec<Vec<Candidate>>, Cancelled> {
    let used = tiles.used_lanes(tile);
    let mut nearest = vec![vec![NOBODY; others]; used];
    let mut squares = [[0.0; LANES]; CHUNK];
    // The tile's own chunk goes first: neighbours in the file are often neighbours in space, and a
    // low bar early saves work.
    let own = tile * LANES / CHUNK;
    let chunks = tiles.samples().div_ceil(CHUNK);
    let order = std::iter::once(own).chain((0..chunks).filter(|&chunk| chunk != own));
    for (step, chunk) in order.enumerate() {
        if step % 64 == 0 {
            cancel.check()?;
        }
        let first = chunk * CHUNK;
        let rows = first..(first + CHUNK).min(tiles.samples());
        let squares = &mut squares[..rows.len()];
        let closest = f32::squared_distances(tiles.tile(tile), tiles.rows(rows), squares);
        for (lane, nearest) in nearest.iter_mut().enumerate() {
            let own = (tile * LANES + lane) as u32;
            let bar = |nearest: &[Candidate]| nearest.last().map_or(-1.0, |&(bar, _)| bar);
            let mut highest = bar(nearest);
            if closest[lane] > highest {
                continue;
            }
            for (row, square) in squares.iter().enumerate() {
                let candidate = (square[lane], (first + row) as u32);
                if candidate.0 <= highest && candidate.1 != own {
                    offer(nearest, candidate);
                    highest = bar(nearest);
                }
            }
        }
    }
    Ok(nearest)
}

/// Inserts the candidate in its place if it beats the last.
fn offer(nearest: &mut [Candidate], candidate: Candidate) {
    let Some(last) = nearest.last_mut() else {
        return;
    };
    if candidate.0.is_nan() || candidate >= *last {
        return;
    }
    *last = candidate;
    let mut place = nearest.len() - 1;
    while place > 0 && nearest[place] < nearest[place - 1] {
        nearest.swap(place, place - 1);
        place -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn scattered(samples: usize) -> Array2<f32> {
        // Few distinct values, so that there are ties and duplicates.
        Array2::from_shape_fn((samples, 3), |(i, j)| {
            ((i * 37 + j * 11 + i * i) % 13) as f32
        })
    }

    fn by_sorting(points: &Array2<f32>, k: usize) -> Neighbours {
        let samples = points.nrows();
        let mut indices = Array2::zeros((samples, k));
        let mut distances = Array2::zeros((samples, k));
        for i in 0..samples {
            let mut all: Vec<(f32, bool, u32)> = (0..samples)
                .map(|j| {
                    let difference = &points.row(i) - &points.row(j);
                    (difference.dot(&difference), i != j, j as u32)
                })
                .collect();
            all.sort_by(|a, b| a.partial_cmp(b).unwrap());
            for (rank, &(square, _, j)) in all[..k].iter().enumerate() {
                indices[[i, rank]] = j;
                distances[[i, rank]] = square.sqrt();
            }
        }
        Neighbours { indices, distances }
    }

    #[test]
    fn agrees_with_sorting_ties_included() {
        for samples in [1, 2, 15, 16, 17, 150] {
            let points = scattered(samples);
            let k = samples.min(12);
            let got = exact(points.view(), k, &CancelToken::new()).unwrap();
            assert_eq!(got, by_sorting(&points, k), "{samples} samples");
        }
    }

    #[test]
    fn threads_do_not_matter() {
        let points = scattered(333);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let run = || exact(points.view(), 9, &CancelToken::new()).unwrap();
            pool.unwrap().install(run)
        };
        assert_eq!(on(1), on(2));
    }

    #[test]
    fn small_and_bad_input() {
        let cancel = CancelToken::new();
        let none = exact(Array2::zeros((0, 3)).view(), 5, &cancel).unwrap();
        assert_eq!(none.indices.dim(), (0, 0));
        let clamped = exact(array![[1.0f32], [3.0]].view(), 5, &cancel).unwrap();
        assert_eq!(clamped.indices, array![[0, 1], [1, 0]]);
        assert_eq!(clamped.distances, array![[0.0, 2.0], [0.0, 2.0]]);
        let nan = exact(array![[1.0f32], [f32::NAN], [4.0]].view(), 3, &cancel).unwrap();
        assert_eq!(nan.indices, array![[0, 2, 0], [1, 1, 1], [2, 0, 2]]);
        assert_eq!(nan.distances.row(0).to_vec(), [0.0, 3.0, f32::INFINITY]);
    }

    #[test]
    fn a_cancel_ends_it() {
        let cancel = CancelToken::new();
        cancel.cancel();
        assert_eq!(exact(scattered(20).view(), 3, &cancel), Err(Cancelled));
    }
}
