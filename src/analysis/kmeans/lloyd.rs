//! Lloyd's iterations from given centres.

use crate::{
    analysis::tiles::{self, CHUNK, LANES, Lanes, Real as _, Tiles},
    job::{CancelToken, Cancelled},
};

/// One start's result; `centres` is `K x d`, row by row.
pub(super) struct Fit {
    pub(super) centres: Vec<f32>,
    pub(super) assignment: Vec<u32>,
    pub(super) inertia: f64,
    pub(super) iterations: usize,
}

/// No cluster yet.
const NONE: u32 = u32::MAX;

/// Iterates until no sample changes its cluster, the centres move by no more than `tolerance`
/// (squared distances, summed), or `max_iterations` are done.
pub(super) fn run(
    tiles: &Tiles<f32>,
    mut centres: Vec<f32>,
    max_iterations: usize,
    tolerance: f64,
    cancel: &CancelToken,
) -> Result<Fit, Cancelled> {
    let samples = tiles.samples();
    let features = tiles.rows(0..1).len();
    let clusters = centres.len().checked_div(features).unwrap_or(1);
    let mut members = Members {
        assignment: vec![NONE; samples],
        distances: vec![0.0; samples],
        sums: vec![0.0; clusters * features],
        counts: vec![0; clusters],
        features,
    };
    let mut iterations = 0;
    let mut settled = false;
    while iterations < max_iterations && !settled {
        cancel.check()?;
        iterations += 1;
        settled = members.assign(tiles, &centres) == 0;
        if !settled {
            members.fill_empty(tiles);
            let moved = members.move_centres(&mut centres);
            if moved <= tolerance {
                break;
            }
        }
    }
    if !settled {
        // The assignment must belong to the centres handed out.
        members.assign(tiles, &centres);
    }
    Ok(Fit {
        inertia: inertia(tiles, &centres, &members.assignment, features),
        centres,
        assignment: members.assignment,
        iterations,
    })
}

/// Who belongs to which cluster, and each cluster's running sum, kept up to date by the samples that
/// change sides: after a few iterations those are few.
struct Members {
    assignment: Vec<u32>,
    distances: Vec<f32>,
    sums: Vec<f64>,
    counts: Vec<usize>,
    features: usize,
}

impl Members {
    /// Puts every sample to its nearest centre (the first of equals); how many changed.
    fn assign(&mut self, tiles: &Tiles<f32>, centres: &[f32]) -> usize {
        let mut changed = 0;
        for tile in 0..tiles.count() {
            let (distance, cluster) = nearest(tiles.tile(tile), centres);
            let (first, used) = (tile * LANES, tiles.used_lanes(tile));
            let samples = first..first + used;
            self.distances[samples.clone()].copy_from_slice(&distance[..used]);
            // Most tiles stay as they are: one comparison tells.
            if self.assignment[samples] == cluster[..used] {
                continue;
            }
            for (sample, &cluster) in (first..).zip(&cluster[..used]) {
                if self.assignment[sample] != cluster {
                    changed += 1;
                    self.hand_over(tiles, sample, cluster);
                }
            }
        }
        changed
    }

    fn hand_over(&mut self, tiles: &Tiles<f32>, sample: usize, to: u32) {
        let row = tiles.rows(sample..sample + 1);
        let from = std::mem::replace(&mut self.assignment[sample], to);
        if from != NONE {
            self.counts[from as usize] -= 1;
            for (sum, &x) in self.sum(from).iter_mut().zip(row) {
                *sum -= f64::from(x);
            }
        }
        self.counts[to as usize] += 1;
        for (sum, &x) in self.sum(to).iter_mut().zip(row) {
            *sum += f64::from(x);
        }
    }

    fn sum(&mut self, cluster: u32) -> &mut [f64] {
        let first = cluster as usize * self.features;
        &mut self.sums[first..first + self.features]
    }

    /// Gives each empty cluster the sample farthest from its centre, unless that sample would leave
    /// an empty cluster behind or sits on its centre.
    fn fill_empty(&mut self, tiles: &Tiles<f32>) {
        let empty: Vec<u32> = (0..self.counts.len() as u32)
            .filter(|&cluster| self.counts[cluster as usize] == 0)
            .collect();
        if empty.is_empty() {
            return;
        }
        let mut farthest: Vec<usize> = (0..self.distances.len())
            .filter(|&sample| self.distances[sample] > 0.0)
            .collect();
        farthest.sort_by(|&a, &b| self.distances[b].total_cmp(&self.distances[a]));
        let mut farthest = farthest.into_iter();
        for cluster in empty {
            let donor = farthest.find(|&s| self.counts[self.assignment[s] as usize] > 1);
            let Some(sample) = donor else { return };
            self.hand_over(tiles, sample, cluster);
        }
    }

    /// Moves each centre to the mean of its members; the squared moves, summed. Empty clusters stay.
    fn move_centres(&self, centres: &mut [f32]) -> f64 {
        let mut moved = 0.0;
        for (cluster, &count) in self.counts.iter().enumerate() {
            if count == 0 {
                continue;
            }
            let range = cluster * self.features..(cluster + 1) * self.features;
            for (centre, sum) in centres[range.clone()].iter_mut().zip(&self.sums[range]) {
                let mean = (sum / count as f64) as f32;
                moved += (f64::from(mean) - f64::from(*centre)).powi(2);
                *centre = mean;
            }
        }
        moved
    }
}

/// For each lane the squared distance to the nearest centre, and which that is.
fn nearest(tile: &[Lanes<f32>], centres: &[f32]) -> (Lanes<f32>, Lanes<u32>) {
    let mut distance = [f32::INFINITY; LANES];
    let mut cluster = [0; LANES];
    let mut squares = [[0.0; LANES]; CHUNK];
    let mut number = 0;
    for chunk in centres.chunks(CHUNK * tile.len().max(1)) {
        let count = chunk.len() / tile.len().max(1);
        f32::squared_distances(tile, chunk, &mut squares[..count]);
        tiles::lower(&squares[..count], number, &mut distance, &mut cluster);
        number += count as u32;
    }
    (distance, cluster)
}

/// The sum of squared distances to the assigned centres, in double precision.
fn inertia(tiles: &Tiles<f32>, centres: &[f32], assignment: &[u32], features: usize) -> f64 {
    let mut total = 0.0;
    for (tile, assignment) in assignment.chunks(LANES).enumerate() {
        let mut first = [0; LANES];
        for (first, &cluster) in first.iter_mut().zip(assignment) {
            *first = cluster as usize * features;
        }
        // Samples side by side, each in the order of its features.
        let mut squares: Lanes<f64> = [0.0; LANES];
        for (feature, x) in tiles.tile(tile).iter().enumerate() {
            for lane in 0..LANES {
                let difference = f64::from(x[lane]) - f64::from(centres[first[lane] + feature]);
                squares[lane] += difference * difference;
            }
        }
        for square in &squares[..assignment.len()] {
            total += square;
        }
    }
    total
}
