//! How numbers are distributed in each of several groups.

/// The numbers of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// How many there are; NaN does not count.
    pub count: usize,
    /// Lower quartile, median and upper quartile, as NumPy's `quantile` interpolates them; nothing without numbers.
    pub quartiles: Option<[f32; 3]>,
    /// Mean of the numbers; 0 without any.
    pub mean: f32,
    /// Share of the numbers above zero, 0 to 1.
    pub positive: f32,
    /// Density at evenly spaced places from one end of a range to the other, in units of 1 / value.
    pub density: Vec<f32>,
}

/// The distribution of `values` in each of `count` groups; `groups` gives the group of every value, counted from 0, if it has one. The
/// density is estimated at so many `places` over a range; numbers beyond it count as if they were at its ends.
///
/// The density is a sum of Gaussian kernels whose width is by Silverman's rule of thumb (Density Estimation for Statistics and Data
/// Analysis, 1986, equation 3.31), after the numbers were shared out linearly between the two nearest places.
pub fn by_group(
    values: &[f32],
    groups: &[Option<u32>],
    count: usize,
    range: (f32, f32),
    places: usize,
) -> Vec<Distribution> {
    let mut members: Vec<Vec<f32>> = vec![Vec::new(); count];
    for (&value, group) in values.iter().zip(groups) {
        if let Some(group) = group
            && !value.is_nan()
            && let Some(members) = members.get_mut(*group as usize)
        {
            members.push(value);
        }
    }
    let of = |members: Vec<f32>| distribution(members, range, places);
    members.into_iter().map(of).collect()
}

fn distribution(mut values: Vec<f32>, range: (f32, f32), places: usize) -> Distribution {
    values.sort_unstable_by(f32::total_cmp);
    let count = values.len();
    if count == 0 {
        return Distribution {
            density: vec![0.0; places],
            ..Distribution::default()
        };
    }
    let n = count as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    let quartiles = [0.25, 0.5, 0.75].map(|share| quantile(&values, share));
    let positive = values.iter().filter(|&&x| x > 0.0).count() as f64 / n;
    Distribution {
        count,
        quartiles: Some(quartiles),
        mean: mean as f32,
        positive: positive as f32,
        density: density(&values, mean, quartiles, range, places),
    }
}

/// A quantile of rising numbers, between the two nearest of them where it falls between.
fn quantile(sorted: &[f32], share: f64) -> f32 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    let part = (at - at.floor()) as f32;
    sorted[below] + part * (sorted[above] - sorted[below])
}

fn density(
    values: &[f32],
    mean: f64,
    [lower, _, upper]: [f32; 3],
    (low, high): (f32, f32),
    places: usize,
) -> Vec<f32> {
    let step = f64::from(high - low) / places.saturating_sub(1).max(1) as f64;
    if places < 2 || step <= 0.0 || !step.is_finite() {
        return vec![0.0; places];
    }
    let n = values.len() as f64;
    let squares = values.iter().map(|&x| (f64::from(x) - mean).powi(2));
    let deviation = (squares.sum::<f64>() / (n - 1.0).max(1.0)).sqrt();
    let spread = f64::from(upper - lower) / 1.34;
    let spread = match spread > 0.0 {
        true => deviation.min(spread),
        false => deviation,
    };
    // Numbers that are all alike still show as a narrow peak.
    let width = (0.9 * spread * n.powf(-0.2)).max(step);
    let mut shares = vec![0.0; places];
    for &value in values {
        let at = (f64::from(value.clamp(low, high) - low) / step).min((places - 1) as f64);
        let below = (at.floor() as usize).min(places - 2);
        let part = at - below as f64;
        shares[below] += 1.0 - part;
        shares[below + 1] += part;
    }
    let reach = ((4.0 * width / step).ceil() as usize).min(places);
    let kernel: Vec<f64> = (0..=reach)
        .map(|away| (-0.5 * (away as f64 * step / width).powi(2)).exp())
        .collect();
    let scale = 1.0 / (n * width * std::f64::consts::TAU.sqrt());
    let at = |place: usize| {
        let from = place.saturating_sub(reach);
        let near = shares.iter().enumerate().take(place + reach + 1).skip(from);
        let sum: f64 = near
            .map(|(other, share)| share * kernel[place.abs_diff(other)])
            .sum();
        (sum * scale) as f32
    };
    (0..places).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_numpys_and_nan_does_not_count() {
        let values = [4.0, 1.0, f32::NAN, 2.0, 3.0, -1.0];
        let groups = [Some(0), Some(0), Some(0), Some(0), Some(0), None];
        let found = &by_group(&values, &groups, 2, (0.0, 5.0), 8);
        // np.quantile([1, 2, 3, 4], [.25, .5, .75])
        assert_eq!(found[0].quartiles, Some([1.75, 2.5, 3.25]));
        assert_eq!((found[0].count, found[0].mean), (4, 2.5));
        assert_eq!(found[0].positive, 1.0);
        assert_eq!((found[1].count, found[1].quartiles), (0, None));
        assert_eq!(found[1].density, [0.0; 8]);
    }

    #[test]
    fn the_density_is_a_sum_of_gaussians() {
        let values: Vec<f32> = (0..200)
            .map(|i| {
                let i = i as f32;
                (0.7 * i).sin() + 0.3 * (1.9 * i).cos() + if i < 60.0 { 3.0 } else { 0.0 }
            })
            .collect();
        let (low, high, places) = (-6.0_f32, 9.0_f32, 512);
        let found = &by_group(&values, &[Some(0); 200], 1, (low, high), places)[0];
        let step = f64::from(high - low) / (places - 1) as f64;
        let whole: f64 = found.density.iter().map(|&d| f64::from(d) * step).sum();
        assert!((whole - 1.0).abs() < 1e-3, "{whole}");
        let n = values.len() as f64;
        let mean = f64::from(found.mean);
        let squares: f64 = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum();
        let [lower, _, upper] = found.quartiles.unwrap();
        let spread = (squares / (n - 1.0))
            .sqrt()
            .min(f64::from(upper - lower) / 1.34);
        let width = 0.9 * spread * n.powf(-0.2);
        for place in (0..places).step_by(37) {
            let at = f64::from(low) + step * place as f64;
            let bump = |&x: &f32| (-0.5 * ((at - f64::from(x)) / width).powi(2)).exp();
            let direct: f64 = values.iter().map(bump).sum();
            let direct = direct / (n * width * std::f64::consts::TAU.sqrt());
            let own = f64::from(found.density[place]);
            assert!((own - direct).abs() < 2e-3, "{own} for {direct}");
        }
    }

    #[test]
    fn odd_numbers_do_no_harm() {
        for range in [(0.0, 0.0), (1.0, -1.0), (f32::MIN, f32::MAX)] {
            let found = by_group(&[2.0; 5], &[Some(0); 5], 1, range, 16);
            assert!(found[0].density.iter().all(|d| d.is_finite()));
        }
        let same = &by_group(&[2.0; 5], &[Some(0); 5], 1, (0.0, 4.0), 9)[0];
        let most = same.density.iter().copied().fold(0.0, f32::max);
        assert_eq!(same.density[4], most);
        assert_eq!(by_group(&[1.0], &[Some(9)], 1, (0.0, 1.0), 0)[0].count, 0);
    }
}
