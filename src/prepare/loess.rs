//! Local regression: a smooth curve through points (Cleveland and Devlin 1988), quick by the interpolation of Cleveland and Grosse
//! (1991).
//!
//! A parabola is fitted around each of a few places, to the nearest points, near ones counting most. Places lie so close that
//! between two of them are only a fifth of the points of a fit; between them a cubic goes through both fits with their slopes.

/// A cell of more than this share of the points of a fit is cut in two.
const CELL: f64 = 0.2;

/// How far the first and the last place lie beyond the points, as a share of their range: points at the very end of a cubic would be
/// fitted worst.
const MARGIN: f64 = 0.005;

/// A fit at a place.
struct Vertex {
    x: f64,
    value: f64,
    slope: f64,
}

/// The curve at every `x`, fitted to `y` there; each fit takes this share of the points (0 to 1). Both are finite and equally many.
pub(super) fn curve(x: &[f64], y: &[f64], span: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    let points: Vec<(f64, f64)> = order.iter().map(|&at| (x[at], y[at])).collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let nearest = ((points.len() as f64 * span + 1e-5) as usize).clamp(1, points.len());
    let most = ((points.len() as f64 * span * CELL) as usize).max(1);
    let margin = MARGIN * (last.0 - first.0).max(1e-10 * first.0.abs().max(last.0.abs()) + 1e-30);
    let mut places = vec![first.0 - margin, last.0 + margin];
    cut(&points, most, &mut places);
    places.sort_by(f64::total_cmp);
    let vertices: Vec<Vertex> = places.iter().map(|&at| fit(&points, nearest, at)).collect();
    x.iter().map(|&x| between(&vertices, x)).collect()
}

/// Cuts points, in rising order, in the middle until each cell holds few, and notes the places.
fn cut(points: &[(f64, f64)], most: usize, places: &mut Vec<f64>) {
    if points.len() <= most {
        return;
    }
    // Equal points are not parted: the nearest place where two differ.
    let differ = |at: &usize| points[at - 1].0 < points[*at].0;
    let middle = points.len().div_ceil(2);
    let below = (1..=middle.min(points.len() - 1)).rev().find(differ);
    let above = (middle..points.len()).find(differ);
    let at = match (below, above) {
        (Some(below), Some(above)) if middle - below <= above - middle => below,
        (_, Some(above)) => above,
        (Some(below), None) => below,
        (None, None) => return,
    };
    places.push(points[at - 1].0.midpoint(points[at].0));
    cut(&points[..at], most, places);
    cut(&points[at..], most, places);
}

/// The parabola around a place, fitted to the nearest of the points.
fn fit(points: &[(f64, f64)], nearest: usize, place: f64) -> Vertex {
    let mut start = points.partition_point(|point| point.0 < place);
    start = start.saturating_sub(nearest).min(points.len() - nearest);
    // The window moves up while what it gains is nearer than what it loses.
    while start + nearest < points.len()
        && points[start + nearest].0 - place < place - points[start].0
    {
        start += 1;
    }
    let window = &points[start..start + nearest];
    let ends = [place - window[0].0, window[nearest - 1].0 - place];
    // A little farther than the last, so that it counts a little where it is the only one.
    let reach = ends[0].max(ends[1]) * (1.0 + 1e-9);
    let mut sums = [[0.0; 4]; 3];
    for &(x, y) in window {
        let t = if reach > 0.0 {
            (x - place) / reach
        } else {
            0.0
        };
        let near = 1.0 - t.abs().powi(3);
        let weight = if reach > 0.0 {
            near.max(0.0).powi(3)
        } else {
            1.0
        };
        let basis = [1.0, t, t * t];
        for (row, a) in sums.iter_mut().zip(basis) {
            for (sum, b) in row.iter_mut().zip([1.0, t, t * t, y]) {
                *sum += weight * a * b;
            }
        }
    }
    let [value, slope, _] = solve(sums);
    let slope = if reach > 0.0 { slope / reach } else { 0.0 };
    Vertex {
        x: place,
        value,
        slope,
    }
}

/// The least squares solution of three equations; a power of x that the points cannot tell from the lower ones gets no share.
fn solve(mut rows: [[f64; 4]; 3]) -> [f64; 3] {
    let scale = rows[0][0].max(f64::MIN_POSITIVE);
    let mut told = [true; 3];
    for pivot in 0..3 {
        if rows[pivot][pivot] <= 1e-10 * scale {
            told[pivot] = false;
            continue;
        }
        for other in pivot + 1..3 {
            let factor = rows[other][pivot] / rows[pivot][pivot];
            let pivot_row = rows[pivot];
            for (x, y) in rows[other].iter_mut().zip(pivot_row) {
                *x -= factor * y;
            }
        }
    }
    let mut found = [0.0; 3];
    for at in (0..3).rev().filter(|&at| told[at]) {
        let known: f64 = (at + 1..3)
            .map(|other| rows[at][other] * found[other])
            .sum();
        found[at] = (rows[at][3] - known) / rows[at][at];
    }
    found
}

/// The cubic between the two places around `x`.
fn between(vertices: &[Vertex], x: f64) -> f64 {
    let above = vertices.partition_point(|vertex| vertex.x < x);
    let above = above.clamp(1, vertices.len() - 1);
    let (a, b) = (&vertices[above - 1], &vertices[above]);
    let width = b.x - a.x;
    let t = (x - a.x) / width;
    let s = 1.0 - t;
    s * s * (1.0 + 2.0 * t) * a.value
        + t * t * (3.0 - 2.0 * t) * b.value
        + width * s * t * (s * a.slope - t * b.slope)
}

#[cfg(test)]
mod tests {
    use super::curve;

    #[test]
    fn a_parabola_is_its_own_curve() {
        let x: Vec<f64> = (0..400).map(|at| f64::from(at) / 40.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 2.0 - x + 0.5 * x * x).collect();
        for (found, expected) in curve(&x, &y, 0.3).iter().zip(&y) {
            assert!((found - expected).abs() < 1e-8, "{found}, {expected}");
        }
    }

    #[test]
    fn few_points_and_equal_points_have_a_curve() {
        assert!(curve(&[], &[], 0.3).is_empty());
        assert_eq!(curve(&[1.0], &[5.0], 0.3), [5.0]);
        for found in curve(
            &[2.0; 9],
            &[1.0, 3.0, 2.0, 1.0, 3.0, 2.0, 1.0, 3.0, 2.0],
            0.9,
        ) {
            assert!((found - 2.0).abs() < 0.2, "{found}");
        }
        for found in curve(&[1.0, 1.0, 2.0, 2.0], &[1.0, 1.0, 3.0, 3.0], 0.3) {
            assert!(found.is_finite());
        }
    }
}
