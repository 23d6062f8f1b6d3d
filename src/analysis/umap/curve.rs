//! The curve `1 / (1 + a x^2b)` that says how close two samples of the picture count as being.

/// The curve's parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Points of the curve that are fitted, as in umap-learn.
const POINTS: usize = 300;

/// Least-squares fit to 1 up to `min_dist` and an exponential decay beyond, over 0 to `3 spread`
/// (Levenberg-Marquardt from a = b = 1). The settings must have passed their check.
pub(super) fn fit(spread: f32, min_dist: f32) -> Curve {
    let (spread, min_dist) = (f64::from(spread), f64::from(min_dist));
    let targets: Vec<(f64, f64)> = (0..POINTS)
        .map(|i| {
            let x = 3.0 * spread * i as f64 / (POINTS - 1) as f64;
            let y = if x < min_dist {
                1.0
            } else {
                (-(x - min_dist) / spread).exp()
            };
            (x, y)
        })
        .collect();
    let error = |curve: Curve| -> f64 {
        let errors = targets.iter().map(|&(x, y)| curve.value(x) - y);
        errors.map(|e| e * e).sum()
    };
    let mut best = Curve { a: 1.0, b: 1.0 };
    let mut lowest = error(best);
    let mut damping = 1e-3;
    for _ in 0..500 {
        // Normal equations of the linearised problem, in log a and log b: both stay positive.
        let (mut aa, mut ab, mut bb, mut ga, mut gb) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for &(x, y) in targets.iter().filter(|(x, _)| *x > 0.0) {
            let power = best.a * x.powf(2.0 * best.b);
            let slope = -power / (1.0 + power).powi(2);
            let (da, db) = (slope, slope * 2.0 * best.b * x.ln());
            let residual = y - best.value(x);
            aa += da * da;
            ab += da * db;
            bb += db * db;
            ga += da * residual;
            gb += db * residual;
        }
        let (daa, dbb) = (aa * (1.0 + damping), bb * (1.0 + damping));
        let determinant = daa * dbb - ab * ab;
        let step_a = (ga * dbb - gb * ab) / determinant;
        let step_b = (gb * daa - ga * ab) / determinant;
        let next = Curve {
            a: best.a * step_a.clamp(-2.0, 2.0).exp(),
            b: best.b * step_b.clamp(-2.0, 2.0).exp(),
        };
        let next_error = error(next);
        if next_error < lowest {
            (best, lowest) = (next, next_error);
            damping = (damping * 0.3).max(1e-12);
            if step_a.abs().max(step_b.abs()) < 1e-12 {
                break;
            }
        } else if damping > 1e12 || !next_error.is_finite() {
            break;
        } else {
            damping *= 4.0;
        }
    }
    best
}

impl Curve {
    fn value(self, x: f64) -> f64 {
        1.0 / (1.0 + self.a * x.powf(2.0 * self.b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_curve_is_the_known_one() {
        let curve = fit(1.0, 0.1);
        assert!((curve.a - 1.576_943_460).abs() < 1e-5, "{curve:?}");
        assert!((curve.b - 0.895_060_878).abs() < 1e-5, "{curve:?}");
    }

    #[test]
    fn odd_settings_stay_finite() {
        for (spread, min_dist) in [(1e-6, 0.0), (1.0, 0.0), (1.0, 1.0), (50.0, 1.0), (1e6, 1e6)] {
            let Curve { a, b } = fit(spread, min_dist);
            assert!(
                a.is_finite() && a > 0.0 && b.is_finite() && b > 0.0,
                "{spread} {min_dist}"
            );
        }
    }
}
