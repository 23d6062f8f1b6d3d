//! The leading components of large matrices, by block Krylov iteration (Musco and Musco 2015), the refinement of randomised subspace
//! iteration (Halko, Martinsson and Tropp 2011) that also settles components of almost the same variance.
//!
//! The matrix is only multiplied with a few vectors at a time, one pass over the samples for each iteration; it stays sparse, as the means
//! of the features are taken off the products. Sums are made in the parts of the fold, so that the bits do not depend on the threads.

use faer::{Mat, MatRef, Side};
use multiversion::multiversion;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};

use super::{Components, fix_signs, varying};
use crate::{
    data::Storage,
    job::CancelToken,
    prepare::{
        PrepareError,
        view::{Row, View},
    },
};

/// Vectors besides those that are wanted, so that these settle soon.
const SPARE: usize = 10;

/// Iterations at most.
const ROUNDS: usize = 12;

/// A component has settled when what is left over of it is this share of its variance.
const SETTLED: f64 = 1e-3;

/// Components of a view that is quick to pass over (see [`View::held`]) less these means; in the place of shares, variances.
pub(super) fn components(
    view: &View,
    means: &[f64],
    most: usize,
    storage: Storage,
    cancel: &CancelToken,
) -> Result<Option<Components>, PrepareError> {
    let (samples, features) = (view.samples(), means.len());
    let width = (most + SPARE).min(features);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut block = Mat::from_fn(features, width, |_, _| StandardNormal.sample(&mut rng));
    let mut basis = Mat::zeros(features, 0);
    let mut images = Mat::zeros(features, 0);
    let mut found = (Vec::new(), Mat::zeros(features, 0));
    for round in 0..ROUNDS {
        block = apart(&basis, block);
        if block.ncols() == 0 {
            break;
        }
        let image = product(view, means, &block, cancel)?;
        basis = beside(&basis, &block);
        images = beside(&images, &image);
        let (variances, vectors, left) = ritz(&basis, &images, most);
        let settled = variances
            .iter()
            .zip(&left)
            .all(|(v, left)| *left <= SETTLED * v);
        found = (variances, vectors);
        if settled && round > 0 || basis.ncols() == features {
            break;
        }
        block = image;
    }
    let (variances, vectors) = found;
    let kept = varying(&variances, samples, features);
    if kept == 0 {
        return Ok(None);
    }
    let mut loadings = super::rows_of(vectors.as_ref().subcols(0, kept));
    fix_signs(&mut loadings, kept);
    let mut shift = vec![0.0; kept];
    for (mean, loading) in means.iter().zip(loadings.chunks_exact(kept)) {
        add(&mut shift, *mean, loading);
    }
    let scores = view.generate(storage, kept, cancel, |range, out| {
        let mut score = vec![0.0; kept];
        view.rows(range, |at, row| {
            project(row, &loadings, &shift, &mut score);
            let out = &mut out[at * kept..][..kept];
            out.iter_mut()
                .zip(&score)
                .for_each(|(to, x)| *to = *x as f32);
        });
    })?;
    Ok(Some(Components {
        scores,
        loadings,
        shares: variances[..kept].to_vec(),
    }))
}

/// An orthonormal basis of what some vectors hold that is not in an orthonormal basis already.
fn apart(basis: &Mat<f64>, mut block: Mat<f64>) -> Mat<f64> {
    let room = block.nrows() - basis.ncols();
    // Once is not enough where hardly anything is left.
    for _ in 0..2 {
        let shares = basis.transpose() * &block;
        block -= basis * shares;
        block = block.qr().compute_thin_Q();
    }
    let width = block.ncols().min(room);
    block.subcols(0, width).to_owned()
}

fn beside(left: &Mat<f64>, right: &Mat<f64>) -> Mat<f64> {
    let width = left.ncols();
    Mat::from_fn(right.nrows(), width + right.ncols(), |i, j| {
        match j < width {
            true => left[(i, j)],
            false => right[(i, j - width)],
        }
    })
}

/// The best approximations of eigenvectors within a basis, of which the images are known: variances, the largest first, vectors, and how
/// much of the image of every vector is something else.
fn ritz(basis: &Mat<f64>, images: &Mat<f64>, most: usize) -> (Vec<f64>, Mat<f64>, Vec<f64>) {
    let small = basis.transpose() * images;
    let width = small.ncols();
    let symmetric = Mat::from_fn(width, width, |i, j| small[(i, j)].midpoint(small[(j, i)]));
    let Ok(eigen) = symmetric.self_adjoint_eigen(Side::Lower) else {
        return (Vec::new(), Mat::zeros(basis.nrows(), 0), Vec::new());
    };
    let kept = most.min(width);
    let variances: Vec<f64> = (0..kept)
        .map(|at| eigen.S()[width - 1 - at].max(0.0))
        .collect();
    let turn = Mat::from_fn(width, kept, |i, j| eigen.U()[(i, width - 1 - j)]);
    let (vectors, images) = (basis * &turn, images * &turn);
    let left = |at: usize| {
        let pairs = images.col(at).iter().zip(vectors.col(at).iter());
        let squares = pairs.map(|(image, x)| (image - variances[at] * x).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let left = (0..kept).map(left).collect();
    (variances, vectors, left)
}

/// The products of the centred view, transposed, with those of itself with some vectors (features x vectors).
fn product(
    view: &View,
    means: &[f64],
    vectors: &Mat<f64>,
    cancel: &CancelToken,
) -> Result<Mat<f64>, PrepareError> {
    let (features, width) = (vectors.nrows(), vectors.ncols());
    let vectors = super::rows_of(vectors.as_ref());
    let mut shift = vec![0.0; width];
    for (mean, vector) in means.iter().zip(vectors.chunks_exact(width)) {
        add(&mut shift, *mean, vector);
    }
    let empty = || Sums {
        products: vec![0.0; features * width],
        scores: vec![0.0; width],
        score: vec![0.0; width],
    };
    let sums = view.fold(
        empty,
        |sums: &mut Sums, row| {
            project(row, &vectors, &shift, &mut sums.score);
            add(&mut sums.scores, 1.0, &sums.score);
            spread(row, &sums.score, &mut sums.products);
        },
        |all, part| {
            add(&mut all.products, 1.0, &part.products);
            add(&mut all.scores, 1.0, &part.scores);
        },
        cancel,
    )?;
    let Sums {
        mut products,
        scores,
        ..
    } = sums;
    for (mean, products) in means.iter().zip(products.chunks_exact_mut(width)) {
        add(products, -mean, &scores);
    }
    let found = MatRef::from_row_major_slice(&products, features, width);
    Ok(found.to_owned())
}

struct Sums {
    products: Vec<f64>,
    scores: Vec<f64>,
    score: Vec<f64>,
}

/// The products of a sample with some vectors, less a shift.
#[multiversion(targets = "simd")]
fn project(row: &Row, vectors: &[f64], shift: &[f64], out: &mut [f64]) {
    let width = out.len();
    out.iter_mut()
        .zip(shift)
        .for_each(|(to, shift)| *to = -shift);
    for (feature, x) in row.iter() {
        let x = f64::from(x);
        let vector = &vectors[feature * width..][..width];
        out.iter_mut().zip(vector).for_each(|(to, v)| *to += x * v);
    }
}

/// Adds the values of a sample times its scores to the sums of every feature.
#[multiversion(targets = "simd")]
fn spread(row: &Row, score: &[f64], sums: &mut [f64]) {
    let width = score.len();
    for (feature, x) in row.iter() {
        let x = f64::from(x);
        let sums = &mut sums[feature * width..][..width];
        sums.iter_mut().zip(score).for_each(|(to, s)| *to += x * s);
    }
}

#[multiversion(targets = "simd")]
fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    to.iter_mut()
        .zip(what)
        .for_each(|(to, x)| *to += factor * x);
}
