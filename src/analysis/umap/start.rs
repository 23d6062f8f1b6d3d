//! Where the layout starts: spectral, or the first principal components.

use super::{Initialisation, UmapSpec};
use crate::{
    analysis::{
        eigen::{self, Largest},
        graph::Graph,
    },
    job::{CancelToken, Cancelled},
};
use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

/// More pieces of the graph than this are laid out from the principal components instead.
const MOST_COMPONENTS: usize = 1_000;

/// Applications of the graph the spectral start may take: fewer for many samples, whose start need not
/// be better than the layout makes it.
const SPECTRAL_BUDGET: std::ops::RangeInclusive<usize> = 60..=500;
/// Samples times applications, about.
const SPECTRAL_WORK: usize = 25_000_000;

/// Eigenvectors iterated together; a picture needs two, the others speed these up.
const WIDTH: usize = 8;
type Row = eigen::Row<WIDTH>;
/// The residual of an eigenvector as a share of its eigenvalue's distance from 1: a start need not be better.
const TOLERANCE: f64 = 0.01;

/// Random streams: the optimiser's is derived from the seed in another way.
const NOISE_STREAM: u64 = 1;

/// The start, about `10 x 10` around the origin as in umap-learn, with a little noise so that no two
/// samples lie in one place; and what it was made from.
pub(super) fn positions(
    points: ArrayView2<'_, f32>,
    graph: &Graph,
    spec: &UmapSpec,
    cancel: &CancelToken,
) -> Result<(Vec<[f32; 2]>, Initialisation), Cancelled> {
    let spectral = match spec.initialisation {
        Initialisation::Spectral => components(points, graph, spec.seed, cancel)?,
        Initialisation::Pca => None,
    };
    let (mut start, from) = match spectral {
        Some(start) => (start, Initialisation::Spectral),
        None => (principal(points, spec.seed, cancel)?, Initialisation::Pca),
    };
    for axis in 0..2 {
        let values = start.iter().map(|p| p[axis]);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        let scale = if high > low { 10.0 / (high - low) } else { 0.0 };
        for p in &mut start {
            p[axis] = (p[axis] - (low + high) / 2.0) * scale;
        }
    }
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    rng.set_stream(NOISE_STREAM);
    let mut noisy = |x: f64| {
        let noise: f64 = StandardNormal.sample(&mut rng);
        (x + 1e-3 * noise) as f32
    };
    let positions = start.into_iter().map(|p| p.map(&mut noisy)).collect();
    Ok((positions, from))
}

/// The spectral layout of every connected piece, set side by side where the pieces' mean points lie.
fn components(
    points: ArrayView2<'_, f32>,
    graph: &Graph,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Option<Vec<[f64; 2]>>, Cancelled> {
    let components = graph.components();
    if components.len() > MOST_COMPONENTS {
        return Ok(None);
    }
    if components.len() == 1 {
        return spectral(graph, seed, cancel);
    }
    let mut means = Array2::<f32>::zeros((components.len(), points.ncols()));
    for (mut mean, members) in means.outer_iter_mut().zip(&components) {
        for &sample in members {
            mean.scaled_add(1.0 / members.len() as f32, &points.row(sample as usize));
        }
    }
    let mut centres = principal(means.view(), seed, cancel)?;
    spread_out(&mut centres);
    let mut layout = vec![[0.0; 2]; points.nrows()];
    for (piece, members) in components.iter().enumerate() {
        let centre = centres[piece];
        let others = centres
            .iter()
            .enumerate()
            .filter(|&(other, _)| other != piece);
        let gaps = others.map(|(_, c)| (c[0] - centre[0]).hypot(c[1] - centre[1]));
        let radius = gaps.fold(f64::INFINITY, f64::min) / 2.0;
        let Some(inner) = spectral(&graph.part(members), seed, cancel)? else {
            return Ok(None);
        };
        let extent = inner.iter().flatten().fold(0.0_f64, |e, x| e.max(x.abs()));
        let scale = if extent > 0.0 { radius / extent } else { 0.0 };
        for (&sample, p) in members.iter().zip(inner) {
            layout[sample as usize] = [0, 1].map(|axis| centre[axis] + scale * p[axis]);
        }
    }
    Ok(Some(layout))
}

/// Moves pieces that (nearly) share a place onto a small sunflower spiral around it.
fn spread_out(centres: &mut [[f64; 2]]) {
    let extent = centres
        .iter()
        .flatten()
        .fold(0.0_f64, |e, x| e.max(x.abs()));
    let unit = if extent > 0.0 { 0.05 * extent } else { 1.0 };
    for (i, centre) in centres.iter_mut().enumerate() {
        let (radius, angle) = (unit * (i as f64).sqrt(), 2.399_963 * i as f64);
        centre[0] += radius * angle.cos();
        centre[1] += radius * angle.sin();
    }
}

/// The second and third eigenvector of the normalised Laplacian of a connected graph: the largest of
/// the normalised adjacency after the trivial one. `None` when they are not finite.
fn spectral(
    graph: &Graph,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Option<Vec<[f64; 2]>>, Cancelled> {
    let size = graph.samples();
    let degree = |i: usize| graph.row(i).1.iter().map(|&w| f64::from(w)).sum::<f64>();
    let roots: Vec<f64> = (0..size).map(|i| degree(i).sqrt()).collect();
    let length = roots.iter().map(|r| r * r).sum::<f64>().sqrt();
    if length == 0.0 {
        // A single sample.
        return Ok(Some(vec![[0.0; 2]; size]));
    }
    let trivial: Vec<f64> = roots.iter().map(|r| r / length).collect();
    let inverse: Vec<f64> = roots.iter().map(|r| 1.0 / r).collect();
    let apply = |block: &[Row]| -> Vec<Row> {
        let row = |i: usize| {
            let (targets, weights) = graph.row(i);
            let mut sums = [0.0; WIDTH];
            for (&target, &weight) in targets.iter().zip(weights) {
                let weight = f64::from(weight) * inverse[target as usize];
                for (sum, x) in sums.iter_mut().zip(&block[target as usize]) {
                    *sum += weight * x;
                }
            }
            sums.map(|sum| sum * inverse[i])
        };
        (0..size)
            .into_par_iter()
            .with_min_len(256)
            .map(row)
            .collect()
    };
    let problem = Largest {
        size,
        lowest: -1.0,
        without: Some(&trivial),
        wanted: 2,
        tolerance: TOLERANCE,
        steepest: f64::INFINITY,
        budget: (SPECTRAL_WORK / size.max(1))
            .clamp(*SPECTRAL_BUDGET.start(), *SPECTRAL_BUDGET.end()),
        seed,
    };
    let block = problem.find(apply, cancel)?.vectors;
    let finite = block
        .iter()
        .all(|row| row[0].is_finite() && row[1].is_finite());
    Ok(finite.then(|| block.iter().map(|row| [row[0], row[1]]).collect()))
}

/// The first two principal components; 0 where there are fewer.
pub(super) fn principal(
    points: ArrayView2<'_, f32>,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Vec<[f64; 2]>, Cancelled> {
    let (samples, features) = points.dim();
    let total = |f: usize| points.column(f).iter().map(|&x| f64::from(x)).sum::<f64>();
    let means: Vec<f64> = (0..features)
        .map(|f| total(f) / samples.max(1) as f64)
        .collect();
    let centred = |i: usize, f: usize| f64::from(points[[i, f]]) - means[f];
    let squares = (0..samples).map(|i| (0..features).map(|f| centred(i, f).powi(2)).sum::<f64>());
    let variance: f64 = squares.sum();
    if variance <= 0.0 || !variance.is_finite() {
        return Ok(vec![[0.0; 2]; samples]);
    }
    let project = |i: usize, block: &[Row]| -> Row {
        let mut sums = [0.0; WIDTH];
        for (f, row) in block.iter().enumerate() {
            let x = centred(i, f);
            for (sum, b) in sums.iter_mut().zip(row) {
                *sum += x * b;
            }
        }
        sums
    };
    // The covariance divided by its trace: eigenvalues from 0 to 1.
    let apply = |block: &[Row]| -> Vec<Row> {
        let rows: Vec<usize> = (0..samples).collect();
        let parts: Vec<Vec<Row>> = rows
            .par_chunks(1_024)
            .map(|rows| {
                let mut part = vec![[0.0; WIDTH]; features];
                for &i in rows {
                    let scores = project(i, block);
                    for (f, sums) in part.iter_mut().enumerate() {
                        let x = centred(i, f) / variance;
                        for (sum, score) in sums.iter_mut().zip(&scores) {
                            *sum += x * score;
                        }
                    }
                }
                part
            })
            .collect();
        let mut image = vec![[0.0; WIDTH]; features];
        for part in parts {
            for (total, x) in image.iter_mut().flatten().zip(part.iter().flatten()) {
                *total += x;
            }
        }
        image
    };
    let problem = Largest {
        size: features,
        lowest: 0.0,
        without: None,
        wanted: 2,
        tolerance: TOLERANCE,
        steepest: f64::INFINITY,
        budget: 60,
        seed,
    };
    let block = problem.find(apply, cancel)?.vectors;
    let scores = (0..samples).map(|i| project(i, &block));
    Ok(scores.map(|row| [row[0], row[1]]).collect())
}

/// Turns and mirrors the positions about their mean to match `reference` (`n x 2`) best in least
/// squares (orthogonal Procrustes in the plane, in closed form).
pub(super) fn orient(positions: &mut [[f32; 2]], reference: ArrayView2<'_, f32>) {
    let pairs: Vec<[f64; 4]> = positions
        .iter()
        .zip(reference.axis_iter(Axis(0)))
        .map(|(p, r)| [p[0], p[1], r[0], r[1]].map(f64::from))
        .filter(|pair| pair.iter().all(|x| x.is_finite()))
        .collect();
    let count = pairs.len().max(1) as f64;
    let mean: [f64; 4] = std::array::from_fn(|i| pairs.iter().map(|p| p[i]).sum::<f64>() / count);
    let product = |i: usize, j: usize| -> f64 {
        let products = pairs.iter().map(|p| (p[i] - mean[i]) * (p[j] - mean[j]));
        products.sum()
    };
    let (xx, xy, yx, yy) = (product(0, 2), product(0, 3), product(1, 2), product(1, 3));
    let turned = (xx + yy).hypot(xy - yx);
    let mirrored = (xx - yy).hypot(xy + yx);
    let (c, s, sign) = if turned >= mirrored {
        ((xx + yy) / turned, (xy - yx) / turned, 1.0)
    } else {
        ((xx - yy) / mirrored, (xy + yx) / mirrored, -1.0)
    };
    if !c.is_finite() || !s.is_finite() {
        // Nothing to match: all in one place on either side.
        return;
    }
    for p in positions {
        let (x, y) = (f64::from(p[0]) - mean[0], f64::from(p[1]) - mean[1]);
        *p = [(c * x - s * sign * y) as f32, (s * x + c * sign * y) as f32];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn orientation_undoes_any_turn_and_mirror() {
        let original: Vec<[f32; 2]> = (0..20)
            .map(|i| [(i * i % 13) as f32 - 6.0, (i * 5 % 7) as f32 * 2.0])
            .collect();
        let reference = Array2::from_shape_fn((20, 2), |(i, j)| original[i][j]);
        for mirror in [1.0, -1.0] {
            for step in 0..8 {
                let (s, c) = (step as f32 * 0.8).sin_cos();
                let mut turned: Vec<[f32; 2]> = original
                    .iter()
                    .map(|p| [c * p[0] - s * mirror * p[1], s * p[0] + c * mirror * p[1]])
                    .collect();
                orient(&mut turned, reference.view());
                let mean = reference.mean_axis(Axis(0)).unwrap();
                for (got, expected) in turned.iter().zip(&original) {
                    assert!((got[0] + mean[0] - expected[0]).abs() < 1e-4);
                    assert!((got[1] + mean[1] - expected[1]).abs() < 1e-4);
                }
            }
        }
        let mut same = original.clone();
        orient(&mut same, Array2::from_elem((20, 2), f32::NAN).view());
        assert_eq!(same, original);
    }

    #[test]
    fn principal_components_find_the_long_axis() {
        let points = Array2::from_shape_fn((50, 3), |(i, j)| match j {
            0 => i as f32 + 100.0,
            1 => ((i * 7) % 5) as f32,
            _ => 3.0,
        });
        let scores = principal(points.view(), 0, &CancelToken::new()).unwrap();
        let along = (scores[49][0] - scores[0][0]).abs();
        assert!((along - 49.0).abs() < 0.5, "{along}");
        assert!(scores.iter().all(|s| s[1].abs() < 3.0));
    }
}
