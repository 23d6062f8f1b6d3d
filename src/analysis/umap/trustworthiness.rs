//! How far the neighbours in a picture can be trusted (Venna & Kaski 2001).

use crate::{
    analysis::{
        neighbours,
        tiles::{self, CHUNK, LANES, Lanes, Real as _, Tiles},
    },
    job::{CancelToken, Cancelled},
};
use ndarray::ArrayView2;
use rayon::prelude::*;

/// Rows compared at a time: counting has a cost per call.
const ROWS: usize = 4 * CHUNK;

/// The trustworthiness of `layout` (`n x 2`, or any width) as a picture of `points` (`n x d`), 0 to 1:
/// 1 when the `k` nearest samples of each sample in the layout are its `k` nearest in truth, less the
/// farther intruders rank in truth. Exact and Euclidean, as scikit-learn defines it; where distances
/// tie, a sample takes the best rank it may have.
///
/// `None` where it is undefined: `k` of 0, fewer than `2 k + 1` samples, or unequal numbers of rows.
///
/// # Errors
/// When cancelled.
pub fn trustworthiness(
    points: ArrayView2<'_, f32>,
    layout: ArrayView2<'_, f32>,
    k: usize,
    cancel: &CancelToken,
) -> Result<Option<f64>, Cancelled> {
    let samples = points.nrows();
    if k == 0 || samples <= k.saturating_mul(2) || layout.nrows() != samples {
        return Ok(None);
    }
    let shown = neighbours::exact(layout, k + 1, cancel)?;
    let tiles = Tiles::new(points);
    let excess = (0..tiles.count())
        .into_par_iter()
        .map(|tile| {
            let shown = |lane: usize, rank: usize| shown.indices[[tile * LANES + lane, rank + 1]];
            tile_excess(&tiles, tile, k, shown, cancel)
        })
        .collect::<Result<Vec<u64>, _>>()?;
    let (n, k) = (samples as f64, k as f64);
    let excess = excess.into_iter().sum::<u64>() as f64;
    Ok(Some(
        1.0 - excess * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0)),
    ))
}

/// By how much the true ranks of the shown neighbours of a tile's samples exceed `k`, summed.
/// `shown(lane, rank)` names the samples shown nearest.
fn tile_excess(
    tiles: &Tiles<f32>,
    tile: usize,
    k: usize,
    shown: impl Fn(usize, usize) -> u32,
    cancel: &CancelToken,
) -> Result<u64, Cancelled> {
    let used = tiles.used_lanes(tile);
    let mut bars: Vec<Lanes<f32>> = vec![[0.0; LANES]; k];
    let mut square = [[0.0; LANES]];
    for (rank, bars) in bars.iter_mut().enumerate() {
        for lane in 0..used {
            let row = shown(lane, rank) as usize;
            f32::squared_distances(tiles.tile(tile), tiles.rows(row..row + 1), &mut square);
            bars[lane] = square[0][lane];
        }
    }
    // How many samples, itself among them, are truly closer than each shown neighbour.
    let mut closer: Vec<Lanes<u32>> = vec![[0; LANES]; k];
    let mut squares = [[0.0; LANES]; ROWS];
    for first in (0..tiles.samples()).step_by(ROWS) {
        cancel.check()?;
        let rows = first..(first + ROWS).min(tiles.samples());
        let squares = &mut squares[..rows.len()];
        f32::squared_distances(tiles.tile(tile), tiles.rows(rows), squares);
        for (bars, closer) in bars.iter().zip(&mut closer) {
            tiles::count_below(squares, bars, closer);
        }
    }
    // The count with the sample itself is the rank from 1 up without it.
    let ranks = closer.iter().flat_map(|closer| &closer[..used]);
    Ok(ranks
        .map(|&rank| u64::from(rank).saturating_sub(k as u64))
        .sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    /// The definition, by sorting.
    fn by_sorting(points: &Array2<f32>, layout: &Array2<f32>, k: usize) -> f64 {
        let n = points.nrows();
        let ranked = |array: &Array2<f32>, i: usize| -> Vec<usize> {
            let square = |j: usize| {
                let difference = &array.row(i) - &array.row(j);
                difference.dot(&difference)
            };
            let mut others: Vec<usize> = (0..n).filter(|&j| j != i).collect();
            others.sort_by(|&a, &b| square(a).total_cmp(&square(b)));
            others
        };
        let mut excess = 0;
        for i in 0..n {
            let truth = ranked(points, i);
            for shown in &ranked(layout, i)[..k] {
                let rank = 1 + truth.iter().position(|j| j == shown).unwrap();
                excess += rank.saturating_sub(k);
            }
        }
        let (n, k) = (n as f64, k as f64);
        1.0 - excess as f64 * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))
    }

    #[test]
    fn agrees_with_sorting() {
        let points = Array2::from_shape_fn((211, 4), |(i, j)| {
            (i as f32 * 0.37 * (j + 1) as f32).sin() + i as f32 * 0.01
        });
        let layout = points.slice(s![.., ..2]).to_owned();
        for k in [1, 7, 15, 100] {
            let cancel = CancelToken::new();
            let got = trustworthiness(points.view(), layout.view(), k, &cancel)
                .unwrap()
                .unwrap();
            let expected = by_sorting(&points, &layout, k);
            assert!((got - expected).abs() < 1e-12, "{k}: {got}, not {expected}");
            assert!(expected < 1.0);
        }
    }
}
