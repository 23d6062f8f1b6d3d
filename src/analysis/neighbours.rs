//! Nearest neighbours: by brute force, which for tens of thousands of samples and tens of dimensions is
//! faster than any index; of more samples, within cells near each other.

mod cells;

use super::tiles::{CHUNK, LANES, Lanes, Real as _, Tiles};
use crate::job::{CancelToken, Cancelled};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use std::{cmp::Ordering, ops::Range};

/// For each sample its nearest samples, the nearest first.
///
/// The first neighbour of each sample is the sample itself, at distance 0, as UMAP wants it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// Which samples, `n x k`.
    pub indices: Array2<u32>,
    /// Their Euclidean distances, `n x k`.
    pub distances: Array2<f32>,
    /// Share of the true neighbours that were found, measured on some of the samples; `None` where all
    /// are exact.
    pub recall: Option<f64>,
}

/// Up to here neighbours are exact.
pub const EXACT_SAMPLES: usize = 32_768;

/// The nearest samples of every sample, as [`exact`] gives them up to [`EXACT_SAMPLES`]; of more, about
/// 97 % of them (see [`Neighbours::recall`]). From 300,000 to 1,000,000 samples the time grew with `n^1.2`.
///
/// # Errors
/// When cancelled.
pub fn nearest(
    points: ArrayView2<'_, f32>,
    k: usize,
    cancel: &CancelToken,
) -> Result<Neighbours, Cancelled> {
    if points.nrows() <= EXACT_SAMPLES {
        exact(points, k, cancel)
    } else {
        cells::nearest(points, k, cancel)
    }
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
            recall: None,
        });
    }
    let tiles = Tiles::new(points);
    let chunks = samples.div_ceil(CHUNK);
    let found = (0..tiles.count())
        .into_par_iter()
        .map(|tile| {
            let first = tile * LANES;
            let own: Vec<u32> = (first..first + tiles.used_lanes(tile))
                .map(|s| s as u32)
                .collect();
            // The tile's own chunk goes first: neighbours in the file are often neighbours in space, and
            // a low bar early saves work.
            let mine = first / CHUNK;
            let order = std::iter::once(mine).chain((0..chunks).filter(|&chunk| chunk != mine));
            let stretches = order.map(|chunk| chunk * CHUNK..samples.min((chunk + 1) * CHUNK));
            nearest_of_tile(tiles.tile(tile), &own, &tiles, stretches, k - 1, cancel)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut indices = Array2::zeros((samples, k));
    let mut distances = Array2::zeros((samples, k));
    for (sample, nearest) in found.into_iter().flatten().enumerate() {
        let row = (sample as u32, nearest.as_slice());
        fill(&mut indices, &mut distances, row, |other| other);
    }
    Ok(Neighbours {
        indices,
        distances,
        recall: None,
    })
}

/// The `k` nearest of `points` (`n x d`) to every one of `queries` (`m x d`), the nearest first, each as its squared distance and its
/// number; exact. `own` tells which of the points a query is itself, as that one is left out.
///
/// # Errors
/// When cancelled.
pub fn among(
    points: ArrayView2<'_, f32>,
    queries: ArrayView2<'_, f32>,
    own: &[Option<u32>],
    k: usize,
    cancel: &CancelToken,
) -> Result<Vec<Vec<(f32, u32)>>, Cancelled> {
    let (rows, tiles) = (Tiles::new(points), Tiles::new(queries));
    let number = |query: usize| own[query].unwrap_or(u32::MAX);
    let found = (0..tiles.count()).into_par_iter().map(|tile| {
        let first = tile * LANES;
        let own: Vec<u32> = (first..first + tiles.used_lanes(tile))
            .map(number)
            .collect();
        let stretch = std::iter::once(0..points.nrows());
        nearest_of_tile(tiles.tile(tile), &own, &rows, stretch, k, cancel)
    });
    Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The places of the `count` lowest `distances` but the one at `own`, in no order; of equals, those that come first. NaN is
/// never among them.
pub(super) fn lowest(distances: &[f32], own: Option<usize>, count: usize) -> Vec<u32> {
    // As many as wanted, and `own`, are no farther than so many of the lowest of each heap.
    let mut heaps = [f32::INFINITY; HEAPS];
    for distances in distances.chunks(HEAPS) {
        for (lowest, &x) in heaps.iter_mut().zip(distances) {
            *lowest = if x < *lowest { x } else { *lowest };
        }
    }
    let bar = match count < HEAPS {
        true => *heaps.select_nth_unstable_by(count, f32::total_cmp).1,
        false => f32::INFINITY,
    };
    let mut found = Vec::with_capacity(2 * count);
    for (group, distances) in distances.chunks(GROUP).enumerate() {
        // All are looked at: to stop at the first takes more.
        if !distances.iter().fold(false, |any, &x| any | (x <= bar)) {
            continue;
        }
        for (place, &distance) in distances.iter().enumerate() {
            let place = group * GROUP + place;
            if distance <= bar && Some(place) != own {
                found.push((distance, place as u32));
            }
        }
    }
    if count < found.len() {
        found.select_nth_unstable_by(count, by_distance);
        found.truncate(count);
    }
    found.into_iter().map(|(_, place)| place).collect()
}

/// Heaps that distances are dealt out to, to see how low those that are wanted can be.
const HEAPS: usize = 128;

/// Distances that are looked at together: most groups hold none that counts.
const GROUP: usize = 8;

/// Writes a sample's row: itself, then the others found, by the number that `number` gives them.
fn fill(
    indices: &mut Array2<u32>,
    distances: &mut Array2<f32>,
    (sample, nearest): (u32, &[Candidate]),
    number: impl Fn(u32) -> u32,
) {
    let row = sample as usize;
    indices[[row, 0]] = sample;
    distances[[row, 0]] = 0.0;
    for rank in 1..indices.ncols() {
        let (square, other) = nearest.get(rank - 1).copied().unwrap_or(NOBODY);
        let nobody = other == NOBODY.1;
        indices[[row, rank]] = if nobody { sample } else { number(other) };
        distances[[row, rank]] = square.sqrt();
    }
}

/// A squared distance and a sample's number; compared in this order.
type Candidate = (f32, u32);

/// Fills a place no sample has taken.
const NOBODY: Candidate = (f32::INFINITY, u32::MAX);

/// The `others` nearest of each sample of a tile, without itself (`own`, one number a used lane), among
/// some stretches of rows.
fn nearest_of_tile(
    tile: &[Lanes<f32>],
    own: &[u32],
    rows: &Tiles<f32>,
    stretches: impl Iterator<Item = Range<usize>>,
    others: usize,
    cancel: &CancelToken,
) -> Result<Vec<Vec<Candidate>>, Cancelled> {
    let mut nearest = vec![Nearest::new(others); own.len()];
    let mut squares = [[0.0; LANES]; CHUNK];
    for (step, stretch) in stretches.enumerate() {
        if step % 64 == 0 {
            cancel.check()?;
        }
        for first in stretch.clone().step_by(CHUNK) {
            let range = first..stretch.end.min(first + CHUNK);
            let squares = &mut squares[..range.len()];
            let closest = f32::squared_distances(tile, rows.rows(range), squares);
            for (lane, (nearest, &own)) in nearest.iter_mut().zip(own).enumerate() {
                if closest[lane] > nearest.bar {
                    continue;
                }
                for (row, square) in squares.iter().enumerate() {
                    let candidate = (square[lane], (first + row) as u32);
                    if candidate.0 <= nearest.bar && candidate.1 != own {
                        nearest.offer(candidate);
                    }
                }
            }
        }
    }
    Ok(nearest.into_iter().map(Nearest::sorted).collect())
}

/// The nearest candidates of one sample so far, in no order. More than asked for are gathered before the
/// farthest are dropped, so that each costs little however many are asked for.
#[derive(Clone)]
struct Nearest {
    gathered: Vec<Candidate>,
    most: usize,
    /// Squared distance beyond which no candidate can be among the nearest.
    bar: f32,
}

impl Nearest {
    fn new(most: usize) -> Self {
        Self {
            gathered: Vec::with_capacity(most + most.max(SPARE)),
            most,
            bar: if most > 0 { f32::INFINITY } else { -1.0 },
        }
    }

    fn offer(&mut self, candidate: Candidate) {
        self.gathered.push(candidate);
        if self.gathered.len() == self.most + self.most.max(SPARE) {
            self.drop_farthest();
        }
    }

    fn drop_farthest(&mut self) {
        if self.gathered.len() > self.most && self.most > 0 {
            let (_, last, _) = self
                .gathered
                .select_nth_unstable_by(self.most - 1, by_distance);
            self.bar = last.0;
            self.gathered.truncate(self.most);
        }
    }

    fn sorted(mut self) -> Vec<Candidate> {
        self.drop_farthest();
        self.gathered.sort_unstable_by(by_distance);
        self.gathered
    }
}

/// Candidates gathered beyond those asked for, at least.
const SPARE: usize = 32;

/// By distance, then by number; distances are never NaN.
fn by_distance(a: &Candidate, b: &Candidate) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
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
        Neighbours {
            indices,
            distances,
            recall: None,
        }
    }

    #[test]
    fn agrees_with_sorting_ties_included() {
        for samples in [1, 2, 15, 16, 17, 150] {
            let points = scattered(samples);
            for k in [1, 12, 60].map(|k| samples.min(k)) {
                let got = exact(points.view(), k, &CancelToken::new()).unwrap();
                assert_eq!(
                    got,
                    by_sorting(&points, k),
                    "{samples} samples, {k} neighbours"
                );
            }
        }
    }

    #[test]
    fn queries_find_what_the_points_find_among_themselves() {
        let points = scattered(70);
        let cancel = CancelToken::new();
        let whole = exact(points.view(), 7, &cancel).unwrap();
        let own: Vec<_> = (0..70).map(Some).collect();
        let found = among(points.view(), points.view(), &own, 6, &cancel).unwrap();
        for (sample, near) in found.iter().enumerate() {
            let (squares, numbers): (Vec<f32>, Vec<u32>) = near.iter().copied().unzip();
            assert_eq!(numbers, whole.indices.row(sample).to_vec()[1..]);
            let far: Vec<f32> = squares.iter().map(|x| x.sqrt()).collect();
            assert_eq!(far, whole.distances.row(sample).to_vec()[1..]);
        }
        let strange = array![[100.0f32, 100.0, 100.0]];
        let found = among(points.view(), strange.view(), &[None], 100, &cancel).unwrap();
        assert_eq!(found[0].len(), 70, "no more than there are");
    }

    #[test]
    fn the_lowest_are_those_of_sorting() {
        for length in [0, 1, 31, 32, 33, 500] {
            let distances: Vec<f32> = (0..length)
                .map(|i| ((i * 37 + i * i) % 23) as f32)
                .collect();
            for (own, count) in [(None, 0), (Some(3), 1), (Some(7), 20), (None, 600)] {
                let mut sorted: Vec<u32> = (0..length as u32).collect();
                sorted.retain(|&place| Some(place as usize) != own);
                sorted.sort_by_key(|&place| distances[place as usize] as u32);
                sorted.truncate(count);
                sorted.sort_unstable();
                let mut found = lowest(&distances, own, count);
                found.sort_unstable();
                assert_eq!(found, sorted, "{length}, {own:?}, {count}");
            }
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
