//! Products of rows with rows.

use pulp::{Simd, WithSimd};

use super::WIDTH;

/// See [`super::dots`].
pub(super) struct Dots<'a, P> {
    pub left: &'a [f32],
    pub rows: usize,
    pub right: &'a [f32],
    pub m: usize,
    pub put: P,
}

/// Columns whose sums are kept in registers together with those of 3 rows.
const COLUMNS: usize = 4;

impl<P: FnMut(usize, usize, f32)> WithSimd for Dots<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut row = 0;
        while row + 3 <= self.rows {
            self.columns::<S, 3>(simd, row);
            row += 3;
        }
        while row < self.rows {
            self.columns::<S, 1>(simd, row);
            row += 1;
        }
    }
}

impl<P: FnMut(usize, usize, f32)> Dots<'_, P> {
    /// All columns of `N` rows.
    #[inline(always)]
    fn columns<S: Simd, const N: usize>(&mut self, simd: S, row: usize) {
        let mut column = 0;
        while column + COLUMNS <= self.m {
            self.tile::<S, N, COLUMNS>(simd, row, column);
            column += COLUMNS;
        }
        while column < self.m {
            self.tile::<S, N, 1>(simd, row, column);
            column += 1;
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const N: usize, const M: usize>(
        &mut self,
        simd: S,
        row: usize,
        column: usize,
    ) {
        let mut sums = [[simd.splat_f32s(0.0); M]; N];
        let lefts = self.left.chunks_exact(self.rows * WIDTH);
        for (left, right) in lefts.zip(self.right.chunks_exact(self.m * WIDTH)) {
            let left = &left[row * WIDTH..(row + N) * WIDTH];
            let right = &right[column * WIDTH..(column + M) * WIDTH];
            for lane in (0..WIDTH).step_by(S::F32_LANES) {
                let right: [S::f32s; M] =
                    std::array::from_fn(|m| S::as_simd_f32s(&right[m * WIDTH + lane..]).0[0]);
                for n in 0..N {
                    let left = S::as_simd_f32s(&left[n * WIDTH + lane..]).0[0];
                    for m in 0..M {
                        sums[n][m] = simd.mul_add_e_f32s(left, right[m], sums[n][m]);
                    }
                }
            }
        }
        for (n, sums) in sums.into_iter().enumerate() {
            for (m, sum) in sums.into_iter().enumerate() {
                (self.put)(row + n, column + m, simd.reduce_sum_f32s(sum));
            }
        }
    }
}
