//! Samples in tiles of 16, feature by feature, so that the inner loop of every distance runs over
//! samples side by side in vector registers.
//!
//! Distances are sums of squared differences, not the faster `|x|^2 + |y|^2 - 2 x.y`: that form
//! cancels for close samples, which are the ones neighbours and silhouettes are about.

use multiversion::{multiversion, target::target_cfg_f};
use ndarray::ArrayView2;

/// Samples in one tile: one 512-bit or two 256-bit registers of `f32`.
pub(super) const LANES: usize = 16;

/// Rows compared with a tile in one go: their distances (2 KiB of `f32`) stay in the first cache.
pub(super) const CHUNK: usize = 32;

/// Rows whose sums are kept in registers at the same time.
const ROWS: usize = 4;

/// One feature of the 16 samples of a tile.
pub(super) type Lanes<T> = [T; LANES];

/// `f32` for speed, `f64` where there are few samples.
pub(super) trait Real: Copy + Default + Send + Sync + 'static {
    /// The squared Euclidean distance of every sample of `tile` (`features` lanes) to every row of
    /// `rows` (`count x features`, row by row), into the first `count` elements of `out`; and the
    /// lowest of each lane, infinity without rows. NaN is never the lowest.
    fn squared_distances(
        tile: &[Lanes<Self>],
        rows: &[Self],
        out: &mut [Lanes<Self>],
    ) -> Lanes<Self>;

    /// Adds to `sums` the distance of every sample of `tile` to each of at most [`CHUNK`] `rows`.
    fn add_distances(tile: &[Lanes<Self>], rows: &[Self], sums: &mut Lanes<f64>);
}

macro_rules! real {
    ($type:ident, $block:ident, $squared:ident, $add:ident) => {
        /// The squared distances to the first `R` rows.
        #[inline(always)]
        fn $block<const R: usize>(
            tile: &[Lanes<$type>],
            rows: &[$type],
            fused: bool,
        ) -> [Lanes<$type>; R] {
            let features = tile.len();
            let mut sums = [[0.0; LANES]; R];
            let mut row: [&[$type]; R] = [&[]; R];
            for (r, row) in row.iter_mut().enumerate() {
                *row = &rows[r * features..(r + 1) * features];
            }
            for (f, x) in tile.iter().enumerate() {
                for r in 0..R {
                    let y = row[r][f];
                    for lane in 0..LANES {
                        let difference = x[lane] - y;
                        sums[r][lane] = if fused {
                            difference.mul_add(difference, sums[r][lane])
                        } else {
                            difference * difference + sums[r][lane]
                        };
                    }
                }
            }
            sums
        }

        #[multiversion(targets("x86_64+avx512f+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
        fn $squared(
            tile: &[Lanes<$type>],
            rows: &[$type],
            out: &mut [Lanes<$type>],
        ) -> Lanes<$type> {
            // Without the instruction a fused multiply-add is a slow library call.
            const FUSED: bool =
                target_cfg_f!(target_feature = "fma") || cfg!(target_arch = "aarch64");
            let features = tile.len();
            let mut lowest = [$type::INFINITY; LANES];
            if features == 0 {
                out.fill([0.0; LANES]);
                return if out.is_empty() { lowest } else { [0.0; LANES] };
            }
            let count = (rows.len() / features).min(out.len());
            let whole = count - count % ROWS;
            for first in (0..whole).step_by(ROWS) {
                let squares = $block::<ROWS>(tile, &rows[first * features..], FUSED);
                for square in &squares {
                    for lane in 0..LANES {
                        let lower = square[lane] < lowest[lane];
                        lowest[lane] = if lower { square[lane] } else { lowest[lane] };
                    }
                }
                out[first..first + ROWS].copy_from_slice(&squares);
            }
            for first in whole..count {
                let [square] = $block::<1>(tile, &rows[first * features..], FUSED);
                for lane in 0..LANES {
                    let lower = square[lane] < lowest[lane];
                    lowest[lane] = if lower { square[lane] } else { lowest[lane] };
                }
                out[first] = square;
            }
            lowest
        }

        #[multiversion(targets("x86_64+avx512f+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
        fn $add(tile: &[Lanes<$type>], rows: &[$type], sums: &mut Lanes<f64>) {
            const FUSED: bool =
                target_cfg_f!(target_feature = "fma") || cfg!(target_arch = "aarch64");
            let features = tile.len();
            if features == 0 {
                return;
            }
            let count = rows.len() / features;
            let whole = count - count % ROWS;
            let mut sum = [0.0; LANES];
            // Roots of one block are taken while the next is being summed.
            for first in (0..whole).step_by(ROWS) {
                for square in $block::<ROWS>(tile, &rows[first * features..], FUSED) {
                    for lane in 0..LANES {
                        sum[lane] += square[lane].sqrt();
                    }
                }
            }
            for first in whole..count {
                let [square] = $block::<1>(tile, &rows[first * features..], FUSED);
                for lane in 0..LANES {
                    sum[lane] += square[lane].sqrt();
                }
            }
            for lane in 0..LANES {
                sums[lane] += f64::from(sum[lane]);
            }
        }

        impl Real for $type {
            fn squared_distances(
                tile: &[Lanes<Self>],
                rows: &[Self],
                out: &mut [Lanes<Self>],
            ) -> Lanes<Self> {
                $squared(tile, rows, out)
            }

            fn add_distances(tile: &[Lanes<Self>], rows: &[Self], sums: &mut Lanes<f64>) {
                $add(tile, rows, sums);
            }
        }
    };
}

real!(f32, block_f32, squared_distances_f32, add_distances_f32);
real!(f64, block_f64, squared_distances_f64, add_distances_f64);

/// For each lane the first row of `squares` with the lowest value below `lowest`, which is lowered;
/// rows are numbered from `first`, and `index` keeps its value where none is lower.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub(super) fn lower(
    squares: &[Lanes<f32>],
    first: u32,
    lowest: &mut Lanes<f32>,
    index: &mut Lanes<u32>,
) {
    let (mut low, mut at) = (*lowest, *index);
    for (number, square) in (first..).zip(squares) {
        for lane in 0..LANES {
            let lower = square[lane] < low[lane];
            low[lane] = if lower { square[lane] } else { low[lane] };
            at[lane] = if lower { number } else { at[lane] };
        }
    }
    (*lowest, *index) = (low, at);
}

/// Adds to `counts` how many rows of `squares` lie below the bar of each lane.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub(super) fn count_below(squares: &[Lanes<f32>], bars: &Lanes<f32>, counts: &mut Lanes<u32>) {
    // Counted in floating point, whose sums keep their order: whole numbers the compiler would
    // regroup, taking the same lane of many rows instead of the lanes of one. Four rows at a time,
    // because each addition waits for the one before.
    const WIDE: usize = ROWS * LANES;
    let mut below = [0.0f32; WIDE];
    let mut wide_bars = [0.0f32; WIDE];
    for wide in wide_bars.chunks_exact_mut(LANES) {
        wide.copy_from_slice(bars);
    }
    let (blocks, rest) = squares.as_flattened().as_chunks::<WIDE>();
    for block in blocks {
        for lane in 0..WIDE {
            below[lane] += if block[lane] < wide_bars[lane] {
                1.0
            } else {
                0.0
            };
        }
    }
    for (lane, square) in rest.iter().enumerate() {
        below[lane] += if *square < wide_bars[lane] { 1.0 } else { 0.0 };
    }
    for below in below.chunks_exact(LANES) {
        for lane in 0..LANES {
            counts[lane] += below[lane] as u32;
        }
    }
}

/// The samples twice: row by row, and in tiles.
pub(super) struct Tiles<T> {
    rows: Vec<T>,
    tiles: Vec<Lanes<T>>,
    samples: usize,
    features: usize,
}

impl<T: Real> Tiles<T> {
    /// Lays out rows of `points` (`n x d`), all or some, in the given order.
    pub(super) fn in_order(
        points: ArrayView2<'_, T>,
        order: impl ExactSizeIterator<Item = usize>,
    ) -> Self {
        let (samples, features) = (order.len(), points.ncols());
        let mut rows = Vec::with_capacity(samples * features);
        for sample in order {
            rows.extend(points.row(sample).iter().copied());
        }
        let mut tiles = vec![[T::default(); LANES]; samples.div_ceil(LANES) * features];
        for (sample, row) in rows.chunks_exact(features.max(1)).enumerate() {
            let first = sample / LANES * features;
            for (lanes, &value) in tiles[first..first + features].iter_mut().zip(row) {
                lanes[sample % LANES] = value;
            }
        }
        Self {
            rows,
            tiles,
            samples,
            features,
        }
    }

    /// Lays out `points` (`n x d`) as they come.
    pub(super) fn new(points: ArrayView2<'_, T>) -> Self {
        Self::in_order(points, 0..points.nrows())
    }

    /// How many samples there are.
    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    /// How many tiles there are; the last one is padded with zeros.
    pub(super) fn count(&self) -> usize {
        self.samples.div_ceil(LANES)
    }

    /// One tile: `features` lanes.
    pub(super) fn tile(&self, tile: usize) -> &[Lanes<T>] {
        &self.tiles[tile * self.features..(tile + 1) * self.features]
    }

    /// The samples `range` row by row.
    pub(super) fn rows(&self, range: std::ops::Range<usize>) -> &[T] {
        &self.rows[range.start * self.features..range.end * self.features]
    }

    /// How many lanes of a tile hold samples: 16, fewer in the last tile.
    pub(super) fn used_lanes(&self, tile: usize) -> usize {
        (self.samples - tile * LANES).min(LANES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn distances_match_the_plain_sum() {
        let points = Array2::from_shape_fn((29, 5), |(i, j)| ((i * 7 + j * 3) % 11) as f32 - 4.5);
        let tiles = Tiles::new(points.view());
        let mut out = [[0.0; LANES]; CHUNK];
        for tile in 0..tiles.count() {
            f32::squared_distances(tiles.tile(tile), tiles.rows(0..29), &mut out[..29]);
            for lane in 0..tiles.used_lanes(tile) {
                for (row, lanes) in out[..29].iter().enumerate() {
                    let difference = &points.row(tile * LANES + lane) - &points.row(row);
                    assert_eq!(lanes[lane], difference.dot(&difference));
                }
            }
        }
    }

    #[test]
    fn no_features_and_no_samples_are_fine() {
        let tiles = Tiles::<f32>::new(Array2::zeros((3, 0)).view());
        let mut out = [[1.0; LANES]; 3];
        f32::squared_distances(tiles.tile(0), tiles.rows(0..3), &mut out);
        assert_eq!(out, [[0.0; LANES]; 3]);
        assert_eq!(Tiles::<f32>::new(Array2::zeros((0, 4)).view()).count(), 0);
    }
}
