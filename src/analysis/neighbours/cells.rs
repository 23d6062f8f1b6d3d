//! Approximate neighbours for many samples: the samples are put into cells, and each is compared with the
//! members of the cells nearest to its own only (an inverted file: Sivic and Zisserman 2003; Jegou, Douze and
//! Schmid 2011).
//!
//! How many cells that takes is measured: for some samples the true neighbours are found among all, and with
//! them how far away their cells are.

use super::{Candidate, Neighbours, fill, nearest_of_tile};
use crate::{
    analysis::tiles::{self, CHUNK, LANES, Lanes, Real as _, Tiles},
    job::{CancelToken, Cancelled},
};
use ndarray::{Array2, ArrayView2};
use rand::{SeedableRng as _, seq::index};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::ops::Range;

/// Samples of a cell, in the mean.
const MEMBERS: usize = 512;

/// Cells at most: with more of them, finding the nearest one would take longest.
const MOST_CELLS: usize = 4_096;

/// Cells are placed by this many samples each, in so many rounds of k-means.
const PLACED_BY: usize = 32;
const ROUNDS: usize = 6;

/// Samples whose true neighbours are looked up, and the share of these that must be found: more than is
/// promised, as it is measured on some samples only.
const MEASURED: usize = 512;
const WANTED: f64 = 0.97;

/// Fixed: the neighbours of some points are always the same.
const SEED: u64 = 0;

/// See [`super::nearest`].
pub(super) fn nearest(
    points: ArrayView2<'_, f32>,
    k: usize,
    cancel: &CancelToken,
) -> Result<Neighbours, Cancelled> {
    let samples = points.nrows();
    let k = k.clamp(1, samples.max(1));
    let others = k - 1;
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let cells = Cells::new(
        points,
        (samples / MEMBERS).clamp(1, MOST_CELLS),
        &mut rng,
        cancel,
    )?;
    let measured = index::sample(&mut rng, samples, MEASURED.min(samples)).into_vec();
    let (visited, recall) = cells.visits(&measured, others, cancel)?;

    // Tiles, not cells: where many samples are alike, one cell holds them all.
    let tasks: Vec<(usize, Range<usize>)> = cells
        .members
        .iter()
        .enumerate()
        .flat_map(|(cell, members)| {
            let end = members.end;
            let tile = move |first: usize| (cell, first..end.min(first + LANES));
            members.clone().step_by(LANES).map(tile)
        })
        .collect();
    let found = tasks
        .into_par_iter()
        .map(|(cell, places)| cells.nearest_of_some(cell, places, visited, others, cancel))
        .collect::<Result<Vec<_>, _>>()?;
    let mut indices = Array2::zeros((samples, k));
    let mut distances = Array2::zeros((samples, k));
    for (&sample, nearest) in cells.order.iter().zip(found.iter().flatten()) {
        let row = (sample as u32, nearest.as_slice());
        fill(&mut indices, &mut distances, row, |place| {
            cells.order[place as usize] as u32
        });
    }
    Ok(Neighbours {
        indices,
        distances,
        recall: Some(recall),
    })
}

/// The samples sorted by cell.
struct Cells<'a> {
    points: ArrayView2<'a, f32>,
    /// The samples in their new order.
    order: Vec<usize>,
    /// The places of a cell's members in that order.
    members: Vec<Range<usize>>,
    /// For each cell all cells, the nearest (itself) first.
    near: Vec<Vec<u32>>,
    sorted: Tiles<f32>,
}

impl<'a> Cells<'a> {
    fn new(
        points: ArrayView2<'a, f32>,
        count: usize,
        rng: &mut ChaCha8Rng,
        cancel: &CancelToken,
    ) -> Result<Self, Cancelled> {
        let centres = place(points, count, rng, cancel)?;
        let cell_of = assign(&Tiles::new(points), &centres, cancel)?;
        let mut order: Vec<usize> = (0..points.nrows()).collect();
        order.sort_by_key(|&sample| cell_of[sample]);
        let mut members = vec![0..0; count];
        let mut first = 0;
        for same in order.chunk_by(|&a, &b| cell_of[a] == cell_of[b]) {
            members[cell_of[same[0]] as usize] = first..first + same.len();
            first += same.len();
        }
        let features = points.ncols();
        let near = (0..count)
            .into_par_iter()
            .map(|cell| {
                let own = &centres[cell * features..(cell + 1) * features];
                let square = |other: &[f32]| -> f32 {
                    own.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum()
                };
                let squares: Vec<f32> = centres.chunks_exact(features.max(1)).map(square).collect();
                let mut near: Vec<u32> = (0..count as u32).collect();
                // Itself first, even where cells share a place.
                near.sort_by(|&a, &b| {
                    let key = |c: u32| (c as usize != cell, squares[c as usize]);
                    let ((a_other, a), (b_other, b)) = (key(a), key(b));
                    a_other.cmp(&b_other).then(a.total_cmp(&b))
                });
                near
            })
            .collect();
        Ok(Self {
            sorted: Tiles::in_order(points, order.iter().copied()),
            points,
            order,
            members,
            near,
        })
    }

    /// How many of the nearest cells hold enough of the true neighbours of some samples, and which share
    /// of them.
    fn visits(
        &self,
        measured: &[usize],
        others: usize,
        cancel: &CancelToken,
    ) -> Result<(usize, f64), Cancelled> {
        let mut place_of = vec![0; self.order.len()];
        let mut cell_of = vec![0; self.order.len()];
        for (cell, members) in self.members.iter().enumerate() {
            for place in members.clone() {
                place_of[self.order[place]] = place;
                cell_of[place] = cell;
            }
        }
        let all = || (0..self.order.len()).step_by(CHUNK);
        let counts = measured
            .par_chunks(LANES)
            .map(|samples| {
                let tile = Tiles::in_order(self.points, samples.iter().copied());
                let own: Vec<u32> = samples.iter().map(|&s| place_of[s] as u32).collect();
                let stretches = all().map(|first| first..self.order.len().min(first + CHUNK));
                let true_ones =
                    nearest_of_tile(tile.tile(0), &own, &self.sorted, stretches, others, cancel)?;
                let mut counts = vec![0usize; self.members.len()];
                for (&own, true_ones) in own.iter().zip(true_ones) {
                    let near = &self.near[cell_of[own as usize]];
                    let mut rank_of = vec![0; near.len()];
                    for (rank, &cell) in near.iter().enumerate() {
                        rank_of[cell as usize] = rank;
                    }
                    for (_, place) in true_ones {
                        if let Some(&cell) = cell_of.get(place as usize) {
                            counts[rank_of[cell]] += 1;
                        }
                    }
                }
                Ok(counts)
            })
            .collect::<Result<Vec<_>, Cancelled>>()?;
        let total: usize = counts.iter().flatten().sum();
        let mut within = 0;
        for rank in 0..self.members.len() {
            within += counts.iter().map(|counts| counts[rank]).sum::<usize>();
            let recall = within as f64 / total.max(1) as f64;
            if recall >= WANTED {
                return Ok((rank + 1, recall));
            }
        }
        Ok((self.members.len(), 1.0))
    }

    /// The nearest of a tile of members of a cell, as places in the order.
    fn nearest_of_some(
        &self,
        cell: usize,
        places: Range<usize>,
        visited: usize,
        others: usize,
        cancel: &CancelToken,
    ) -> Result<Vec<Vec<Candidate>>, Cancelled> {
        let tile = Tiles::in_order(self.points, self.order[places.clone()].iter().copied());
        let own: Vec<u32> = places.map(|place| place as u32).collect();
        let mut seen = 0;
        let stretches = self.near[cell]
            .iter()
            .map(|&near| self.members[near as usize].clone())
            .enumerate()
            // Far from all others, near cells may be empty: there must be enough to choose from.
            .take_while(|(rank, members)| {
                let wanted = *rank < visited || seen <= others;
                seen += members.len();
                wanted
            })
            .map(|(_, members)| members);
        nearest_of_tile(tile.tile(0), &own, &self.sorted, stretches, others, cancel)
    }
}

/// Centres for cells, row by row: a few rounds of k-means from random samples, on some of the samples.
fn place(
    points: ArrayView2<'_, f32>,
    count: usize,
    rng: &mut ChaCha8Rng,
    cancel: &CancelToken,
) -> Result<Vec<f32>, Cancelled> {
    let samples = points.nrows();
    let some = index::sample(rng, samples, samples.min(count * PLACED_BY)).into_vec();
    let tiles = Tiles::in_order(points, some.into_iter());
    let features = points.ncols();
    let mut centres = tiles.rows(0..count).to_vec();
    for _ in 0..ROUNDS {
        let cell_of = assign(&tiles, &centres, cancel)?;
        let mut sums = vec![0.0f64; centres.len()];
        let mut sizes = vec![0usize; count];
        for (sample, &cell) in cell_of.iter().enumerate() {
            let cell = cell as usize;
            sizes[cell] += 1;
            let sums = &mut sums[cell * features..(cell + 1) * features];
            for (sum, &x) in sums.iter_mut().zip(tiles.rows(sample..sample + 1)) {
                *sum += f64::from(x);
            }
        }
        for (cell, &size) in sizes.iter().enumerate().filter(|(_, size)| **size > 0) {
            let range = cell * features..(cell + 1) * features;
            for (centre, sum) in centres[range.clone()].iter_mut().zip(&sums[range]) {
                *centre = (sum / size as f64) as f32;
            }
        }
    }
    Ok(centres)
}

/// The nearest centre of every sample, the first of equals.
fn assign(
    tiles: &Tiles<f32>,
    centres: &[f32],
    cancel: &CancelToken,
) -> Result<Vec<u32>, Cancelled> {
    let of_tiles = (0..tiles.count())
        .into_par_iter()
        .map(|tile| {
            cancel.check()?;
            let (mut lowest, mut nearest) = ([f32::INFINITY; LANES], [0; LANES]);
            let features = tiles.tile(tile).len().max(1);
            let mut squares: [Lanes<f32>; CHUNK] = [[0.0; LANES]; CHUNK];
            for (chunk, centres) in centres.chunks(CHUNK * features).enumerate() {
                let squares = &mut squares[..centres.len() / features];
                f32::squared_distances(tiles.tile(tile), centres, squares);
                tiles::lower(squares, (chunk * CHUNK) as u32, &mut lowest, &mut nearest);
            }
            Ok(nearest[..tiles.used_lanes(tile)].to_vec())
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    Ok(of_tiles.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::neighbours::exact;

    /// Overlapping groups in five dimensions.
    fn cloud(samples: usize) -> Array2<f32> {
        let noise =
            |i: usize, j: usize| ((i * 7_919 + j * 104_729 + i * j * 31) % 1_009) as f32 / 300.0;
        Array2::from_shape_fn((samples, 5), |(i, j)| noise(i, j) + ((i + j) % 4) as f32)
    }

    #[test]
    fn nearly_all_neighbours_are_found() {
        let points = cloud(6_000);
        let cancel = CancelToken::new();
        let found = nearest(points.view(), 15, &cancel).unwrap();
        let exact = exact(points.view(), 15, &cancel).unwrap();
        let mut hits = 0;
        for (found, exact) in found.indices.rows().into_iter().zip(exact.indices.rows()) {
            hits += exact
                .iter()
                .filter(|e| found.iter().any(|f| f == *e))
                .count();
        }
        let recall = hits as f64 / exact.indices.len() as f64;
        assert!(recall >= 0.95, "{recall}");
        assert!(
            (recall - found.recall.unwrap()).abs() < 0.03,
            "{recall} {:?}",
            found.recall
        );
        assert!(
            found
                .indices
                .column(0)
                .iter()
                .enumerate()
                .all(|(i, &own)| own == i as u32)
        );
    }

    #[test]
    fn far_and_equal_samples_have_all_their_neighbours() {
        let mut points = cloud(4_000);
        // An island of few, and many in one place.
        for (i, mut row) in points.rows_mut().into_iter().enumerate() {
            if i < 5 {
                row += 1e4;
            } else if i < 2_000 {
                row.fill(1.0);
            }
        }
        let found = nearest(points.view(), 15, &CancelToken::new()).unwrap();
        assert!(found.distances.iter().all(|d| d.is_finite()));
        for (i, row) in found.indices.rows().into_iter().enumerate() {
            assert!(row.iter().skip(1).all(|&other| other as usize != i), "{i}");
        }
        assert_eq!(
            nearest(points.view(), 0, &CancelToken::new())
                .unwrap()
                .indices
                .ncols(),
            1
        );
    }

    #[test]
    fn threads_do_not_matter() {
        let points = cloud(3_000);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let run = || nearest(points.view(), 9, &CancelToken::new()).unwrap();
            pool.unwrap().install(run)
        };
        assert_eq!(on(1), on(2));
    }
}
