//! Linear discriminants (Fisher 1936): which of some kinds a row of numbers is like.

use ndarray::Array2;

use crate::analysis::{clusters::centres, whitening::Whitening};

/// Share of the mean variance added to every direction, so that none is without.
const RIDGE: f64 = 1e-3;

/// Tells kinds by normal distributions of one covariance, each kind as frequent as the others.
#[derive(Debug)]
pub struct Discriminant {
    /// Mean and one over the standard deviation of every number.
    scales: Vec<[f64; 2]>,
    whitening: Whitening,
    /// The centres of the kinds, whitened.
    centres: Vec<Vec<f64>>,
}

impl Discriminant {
    /// Learns from rows (all of one width) of known kinds, below `kinds`, each with a row at least.
    pub fn learn(examples: &[(usize, Vec<f32>)], kinds: usize) -> Self {
        let width = examples.first().map_or(0, |(_, row)| row.len());
        let scale = |at: usize| {
            let numbers = || examples.iter().map(|(_, row)| f64::from(row[at]));
            let count = examples.len() as f64;
            let mean = numbers().sum::<f64>() / count;
            let variance = numbers().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
            let factor = match variance > 0.0 {
                true => 1.0 / variance.sqrt(),
                false => 0.0,
            };
            [mean, factor]
        };
        let scales: Vec<[f64; 2]> = (0..width).map(scale).collect();
        let points = Array2::from_shape_fn((examples.len(), width), |(row, at)| {
            scaled(examples[row].1[at], scales[at]) as f32
        });
        let kinds_of: Vec<u32> = examples.iter().map(|&(kind, _)| kind as u32).collect();
        let centres = centres(points.view(), &kinds_of, kinds);
        let whitening = Whitening::of(points.view(), &kinds_of, &centres, RIDGE);
        let white = |centre: Option<Vec<f64>>| {
            let centre = centre.unwrap_or_else(|| vec![0.0; width]);
            whitening.apply(centre.into_iter())
        };
        Self {
            centres: centres.into_iter().map(white).collect(),
            scales,
            whitening,
        }
    }

    /// How likely every kind is for a row; their sum is 1.
    pub fn likely(&self, row: &[f32]) -> Vec<f32> {
        let scaled = row.iter().zip(&self.scales).map(|(&x, &s)| scaled(x, s));
        let point = self.whitening.apply(scaled);
        let squares = |centre: &Vec<f64>| -> f64 {
            let each = centre.iter().zip(&point);
            each.map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let far: Vec<f64> = self.centres.iter().map(squares).collect();
        let nearest = far.iter().copied().fold(f64::INFINITY, f64::min);
        let odds: Vec<f64> = far
            .iter()
            .map(|far| ((nearest - far) / 2.0).exp())
            .collect();
        let sum: f64 = odds.iter().sum();
        odds.iter().map(|odds| (odds / sum) as f32).collect()
    }
}

/// A number by its scale; one that is not finite counts as the mean.
fn scaled(x: f32, [mean, factor]: [f64; 2]) -> f64 {
    match x.is_finite() {
        true => (f64::from(x) - mean) * factor,
        false => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_are_those_of_normal_distributions() {
        // Two kinds around 0 and 4, both with a variance of 1, in the first of two numbers; the second is always the same.
        let of = |kind: usize, off: f32| (kind, vec![4.0 * kind as f32 + off, 7.0]);
        let examples: Vec<_> = (0..2)
            .flat_map(|kind| [of(kind, -1.0), of(kind, 1.0)])
            .collect();
        let found = Discriminant::learn(&examples, 2);
        assert!((found.likely(&[2.0, 7.0])[0] - 0.5).abs() < 1e-3);
        // exp(-(3^2 - 1^2) / 2) to 1, but for the ridge.
        let odds = found.likely(&[1.0, 7.0])[1];
        assert!((f64::from(odds) - (-4.0_f64).exp()).abs() < 2e-3, "{odds}");
        assert_eq!(found.likely(&[f32::NAN, 7.0])[0], 0.5, "the mean of all");
    }
}
