//! A product in double precision.

use pulp::{Arch, Simd, WithSimd};

use super::{ROWS, VECTORS, WIDTH};

/// [`super::spread`] of double precision, without start or end.
pub fn spread_double(arch: Arch, left: &[f64], inner: usize, right: &[f64], out: &mut [f64]) {
    arch.dispatch(SpreadDouble {
        left,
        inner,
        right,
        out,
    });
}

struct SpreadDouble<'a> {
    left: &'a [f64],
    inner: usize,
    right: &'a [f64],
    out: &'a mut [f64],
}

impl WithSimd for SpreadDouble<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            left,
            inner,
            right,
            out,
        } = self;
        let rows = left.len() / inner;
        let panels = right.chunks_exact(inner * WIDTH);
        for (panel, out) in panels.zip(out.chunks_exact_mut(rows * WIDTH)) {
            for column in (0..WIDTH).step_by(VECTORS * S::F64_LANES) {
                in_tiles!(rows, |first| some_rows(
                    simd, left, panel, column, first, out
                ));
            }
        }
    }
}

/// `N` rows and two vectors of a panel.
#[inline(always)]
fn some_rows<S: Simd, const N: usize>(
    simd: S,
    left: &[f64],
    panel: &[f64],
    column: usize,
    first: usize,
    out: &mut [f64],
) {
    let inner = panel.len() / WIDTH;
    let left = &left[first * inner..(first + N) * inner];
    let rows: [&[f64]; N] = std::array::from_fn(|n| &left[n * inner..(n + 1) * inner]);
    let mut sums = [[simd.splat_f64s(0.0); VECTORS]; N];
    for (i, row) in panel.chunks_exact(WIDTH).enumerate() {
        let row = S::as_simd_f64s(&row[column..]).0;
        let row = [row[0], row[1]];
        for n in 0..N {
            let factor = simd.splat_f64s(rows[n][i]);
            for v in 0..VECTORS {
                sums[n][v] = simd.mul_add_e_f64s(factor, row[v], sums[n][v]);
            }
        }
    }
    for (n, sums) in sums.into_iter().enumerate() {
        let to = S::as_mut_simd_f64s(&mut out[(first + n) * WIDTH + column..]).0;
        to[..VECTORS].copy_from_slice(&sums);
    }
}
