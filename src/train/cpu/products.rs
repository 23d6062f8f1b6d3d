//! The three matrix products everything else is made of, at the speed of the processor's vector
//! units (`pulp` picks them at run time).
//!
//! Matrices that are wide in one direction are held in *panels* of [`WIDTH`] columns: panel `p` of a
//! `rows x columns` matrix holds its columns `p * WIDTH ..` row by row, `[columns / WIDTH][rows][WIDTH]`.
//! So the inner loops run over memory in order, and a panel stays in the first cache.

/// Calls `$part::<S, N>` for tiles of `ROWS` rows, then for one tile of the rest, `$first` being the
/// first row of the tile.
macro_rules! in_tiles {
    ($rows:expr, |$first:ident| $part:ident($($argument:expr),* $(,)?)) => {{
        let rows: usize = $rows;
        let mut $first = 0;
        while $first + ROWS <= rows {
            $part::<S, ROWS>($($argument),*);
            $first += ROWS;
        }
        match rows - $first {
            1 => $part::<S, 1>($($argument),*),
            2 => $part::<S, 2>($($argument),*),
            3 => $part::<S, 3>($($argument),*),
            4 => $part::<S, 4>($($argument),*),
            5 => $part::<S, 5>($($argument),*),
            _ => {}
        }
    }};
}

mod dots;
mod double;

use pulp::{Arch, Simd, WithSimd};

use dots::Dots;
pub(super) use double::spread_double;

/// Columns of a panel.
pub(super) const WIDTH: usize = 32;

/// Vectors side by side and rows below each other whose sums are kept in registers: 12 sums hide the
/// latency of a multiply-add and leave room for their factors in 16 registers.
const VECTORS: usize = 2;
const ROWS: usize = 6;

/// Where element (row, column) of a matrix of `rows` rows lies in its panels.
#[inline(always)]
pub(super) fn panel_index(rows: usize, row: usize, column: usize) -> usize {
    (column / WIDTH * rows + row) * WIDTH + column % WIDTH
}

/// A length rounded up to whole panels.
pub(super) fn whole_panels(columns: usize) -> usize {
    columns.next_multiple_of(WIDTH)
}

/// What the sums of [`spread`] start from.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    Zero,
    /// One value a column.
    Columns(&'a [f32]),
    /// One value a row.
    Rows(&'a [f32]),
}

/// What becomes of the sums of [`spread`].
#[derive(Clone, Copy)]
pub(super) enum End<'a> {
    Keep,
    /// Negative sums become zero.
    Relu,
    /// Sums are kept where these panels, of the same shape, are positive, and become zero elsewhere.
    WherePositive(&'a [f32]),
}

/// `out = left . right`: `left` is `rows x inner` row by row, `right` and `out` are panels of `inner`
/// and `rows` rows.
pub(super) fn spread(
    arch: Arch,
    left: &[f32],
    inner: usize,
    right: &[f32],
    start: Start<'_>,
    end: End<'_>,
    out: &mut [f32],
) {
    arch.dispatch(Spread {
        left,
        inner,
        right,
        start,
        end,
        out,
    });
}

/// `out += left^T . right`: `left` is `rows x m` row by row, `right` panels of `rows` rows, `out` panels
/// of `m` rows.
pub(super) fn gather(arch: Arch, left: &[f32], m: usize, right: &[f32], out: &mut [f32]) {
    arch.dispatch(Gather {
        left,
        m,
        right,
        out,
    });
}

/// `left . right^T` for panels of `rows` and of `m` rows: `put` gets every row, column and value.
pub(super) fn dots(
    arch: Arch,
    left: &[f32],
    rows: usize,
    right: &[f32],
    m: usize,
    put: impl FnMut(usize, usize, f32),
) {
    arch.dispatch(Dots {
        left,
        rows,
        right,
        m,
        put,
    });
}

/// `sums[n] + factors(i)[n] * row i of the panel`, over all rows of the panel.
#[inline(always)]
fn tile<S: Simd, const N: usize>(
    simd: S,
    mut sums: [[S::f32s; VECTORS]; N],
    panel: &[f32],
    column: usize,
    factors: impl Fn(usize) -> [f32; N],
) -> [[S::f32s; VECTORS]; N] {
    for (i, row) in panel.chunks_exact(WIDTH).enumerate() {
        let row = S::as_simd_f32s(&row[column..]).0;
        let row = [row[0], row[1]];
        let factors = factors(i);
        for n in 0..N {
            let factor = simd.splat_f32s(factors[n]);
            for v in 0..VECTORS {
                sums[n][v] = simd.mul_add_e_f32s(factor, row[v], sums[n][v]);
            }
        }
    }
    sums
}

struct Spread<'a> {
    left: &'a [f32],
    inner: usize,
    right: &'a [f32],
    start: Start<'a>,
    end: End<'a>,
    out: &'a mut [f32],
}

impl WithSimd for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            left,
            inner,
            right,
            start,
            end,
            out,
        } = self;
        let rows = left.len() / inner;
        let panels = right.chunks_exact(inner * WIDTH);
        for (p, (panel, out)) in panels.zip(out.chunks_exact_mut(rows * WIDTH)).enumerate() {
            let start = match start {
                Start::Columns(values) => Start::Columns(&values[p * WIDTH..(p + 1) * WIDTH]),
                other => other,
            };
            let end = match end {
                End::WherePositive(gate) => {
                    End::WherePositive(&gate[p * rows * WIDTH..(p + 1) * rows * WIDTH])
                }
                other => other,
            };
            for column in (0..WIDTH).step_by(VECTORS * S::F32_LANES) {
                in_tiles!(rows, |first| spread_rows(
                    simd, left, panel, column, first, start, end, out
                ));
            }
        }
    }
}

/// `N` rows and two vectors of a panel of [`spread`].
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one tile of one product")]
fn spread_rows<S: Simd, const N: usize>(
    simd: S,
    left: &[f32],
    panel: &[f32],
    column: usize,
    first: usize,
    start: Start<'_>,
    end: End<'_>,
    out: &mut [f32],
) {
    let inner = panel.len() / WIDTH;
    let left = &left[first * inner..(first + N) * inner];
    let rows: [&[f32]; N] = std::array::from_fn(|n| &left[n * inner..(n + 1) * inner]);
    let zero = simd.splat_f32s(0.0);
    let sums: [[S::f32s; VECTORS]; N] = match start {
        Start::Zero => [[zero; VECTORS]; N],
        Start::Columns(values) => {
            let values = S::as_simd_f32s(&values[column..]).0;
            [[values[0], values[1]]; N]
        }
        Start::Rows(values) => {
            let values = &values[first..first + N];
            std::array::from_fn(|n| [simd.splat_f32s(values[n]); VECTORS])
        }
    };
    let sums = tile(simd, sums, panel, column, |i| {
        std::array::from_fn(|n| rows[n][i])
    });
    for (n, sums) in sums.into_iter().enumerate() {
        let at = (first + n) * WIDTH + column;
        let to = S::as_mut_simd_f32s(&mut out[at..]).0;
        for v in 0..VECTORS {
            to[v] = match end {
                End::Keep => sums[v],
                // In this order what is no number stays so.
                End::Relu => simd.max_f32s(zero, sums[v]),
                End::WherePositive(gate) => {
                    let gate = S::as_simd_f32s(&gate[at..]).0[v];
                    simd.select_f32s(simd.less_than_f32s(zero, gate), sums[v], zero)
                }
            };
        }
    }
}

struct Gather<'a> {
    left: &'a [f32],
    m: usize,
    right: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            left,
            m,
            right,
            out,
        } = self;
        let rows = left.len() / m;
        let panels = right.chunks_exact(rows * WIDTH);
        for (panel, out) in panels.zip(out.chunks_exact_mut(m * WIDTH)) {
            for column in (0..WIDTH).step_by(VECTORS * S::F32_LANES) {
                in_tiles!(m, |first| gather_rows(
                    simd, left, m, panel, column, first, out
                ));
            }
        }
    }
}

/// `N` rows and two vectors of a panel of [`gather`].
#[inline(always)]
fn gather_rows<S: Simd, const N: usize>(
    simd: S,
    left: &[f32],
    m: usize,
    panel: &[f32],
    column: usize,
    first: usize,
    out: &mut [f32],
) {
    let left = &left[first..];
    let zero = simd.splat_f32s(0.0);
    let sums = tile(simd, [[zero; VECTORS]; N], panel, column, |i| {
        let factors = &left[i * m..i * m + N];
        std::array::from_fn(|n| factors[n])
    });
    for (n, sums) in sums.into_iter().enumerate() {
        let to = S::as_mut_simd_f32s(&mut out[(first + n) * WIDTH + column..]).0;
        for v in 0..VECTORS {
            to[v] = simd.add_f32s(to[v], sums[v]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + seed * 101) % 23) as f32 - 11.0)
            .collect()
    }

    /// Element of a matrix held in panels.
    fn at(panels: &[f32], rows: usize, row: usize, column: usize) -> f32 {
        panels[(column / WIDTH * rows + row) * WIDTH + column % WIDTH]
    }

    #[test]
    fn products_are_those_of_the_definition() {
        // Small whole numbers: every sum is exact.
        let arch = Arch::new();
        for (rows, inner, columns) in [(1, 1, 32), (7, 5, 64), (12, 20, 96), (64, 3, 32)] {
            let (left, right) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
            let bias = numbers(columns, 3);
            let mut out = vec![0.0; rows * columns];
            let start = Start::Columns(&bias);
            spread(arch, &left, inner, &right, start, End::Relu, &mut out);
            let product = |r: usize, c: usize| -> f32 {
                (0..inner)
                    .map(|i| left[r * inner + i] * at(&right, inner, i, c))
                    .sum()
            };
            for r in 0..rows {
                for (c, bias) in bias.iter().enumerate() {
                    assert_eq!(at(&out, rows, r, c), (product(r, c) + bias).max(0.0));
                }
            }
            let gate = out.clone();
            let by_row = numbers(rows, 4);
            let (start, end) = (Start::Rows(&by_row), End::WherePositive(&gate));
            spread(arch, &left, inner, &right, start, end, &mut out);
            for (r, bias) in by_row.iter().enumerate() {
                for c in 0..columns {
                    let open = at(&gate, rows, r, c) > 0.0;
                    let sum = product(r, c) + bias;
                    assert_eq!(at(&out, rows, r, c), if open { sum } else { 0.0 });
                }
            }

            let wide = numbers(rows * columns, 5);
            let mut sums = vec![1.0; inner * columns];
            gather(arch, &left, inner, &wide, &mut sums);
            for i in 0..inner {
                for c in 0..columns {
                    let sum: f32 = (0..rows)
                        .map(|r| left[r * inner + i] * at(&wide, rows, r, c))
                        .sum();
                    assert_eq!(at(&sums, inner, i, c), 1.0 + sum);
                }
            }

            let mut seen = 0;
            dots(arch, &wide, rows, &right, inner, |r, i, value| {
                let sum: f32 = (0..columns)
                    .map(|c| at(&wide, rows, r, c) * at(&right, inner, i, c))
                    .sum();
                assert_eq!(value, sum);
                seen += 1;
            });
            assert_eq!(seen, rows * inner);
        }
    }
}
