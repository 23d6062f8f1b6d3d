//! Colours of continuous values.

use std::{fmt, ops::Range, sync::OnceLock};

use serde::{Deserialize, Serialize};

use super::palette::Rgb;

/// Figures on white paper use the maps up to here: the last bit of them is too pale for small points.
pub const ON_WHITE: f32 = 0.93;

/// A perceptually uniform colour map, from dark (low) to bright (high).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColorMap {
    /// Purple over red to yellow.
    #[default]
    Plasma,
    /// Blue over grey to yellow: looks the same with colour-blind eyes.
    Cividis,
    /// Purple over green to yellow.
    Viridis,
}

impl ColorMap {
    /// All maps, for a menu.
    pub const ALL: [Self; 3] = [Self::Plasma, Self::Cividis, Self::Viridis];

    /// The colour at `t`, 0 to 1; values outside take the nearest end, NaN the low one.
    pub fn at(self, t: f32) -> Rgb {
        // A float turned into an integer saturates, and NaN becomes zero.
        self.lut()[((t * 255.0).round() as usize).min(255)]
    }

    /// Like [`ColorMap::at`], for small points on white: the map without its palest colours.
    pub fn at_on_white(self, t: f32) -> Rgb {
        self.at(t.clamp(0.0, 1.0) * ON_WHITE)
    }

    /// 256 colours at equal steps, for a texture.
    pub fn lut(self) -> &'static [Rgb; 256] {
        static TABLES: [OnceLock<[Rgb; 256]>; 3] = [const { OnceLock::new() }; 3];
        TABLES[self as usize].get_or_init(|| {
            let gradient = match self {
                Self::Plasma => colorous::PLASMA,
                Self::Cividis => colorous::CIVIDIS,
                Self::Viridis => colorous::VIRIDIS,
            };
            std::array::from_fn(|i| {
                let colour = gradient.eval_rational(i, 256);
                Rgb([colour.r, colour.g, colour.b])
            })
        })
    }
}

impl fmt::Display for ColorMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plasma => "Plasma",
            Self::Cividis => "Cividis",
            Self::Viridis => "Viridis",
        })
    }
}

/// The values at two percentiles (0 to 1), to span a colour map: a few extreme values then cannot flatten the rest.
///
/// Values that are not finite are left out. The upper bound is always above the lower one; without any value the
/// range is 0 to 1.
pub fn range(values: &[f32], percentiles: Range<f32>) -> (f32, f32) {
    let mut finite: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let Some(last) = finite.len().checked_sub(1) else {
        return (0.0, 1.0);
    };
    let mut at = |share: f32| {
        let position = (f64::from(share.clamp(0.0, 1.0)) * last as f64).round() as usize;
        *finite
            .select_nth_unstable_by(position.min(last), f32::total_cmp)
            .1
    };
    let (low, high) = (at(percentiles.start), at(percentiles.end));
    if high > low {
        return (low, high);
    }
    // All alike (or nearly): a range around the value that a float can still tell apart.
    let half = (low.abs() * 1e-3).max(1e-6);
    ((low - half).max(f32::MIN), (low + half).min(f32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::oklab;

    #[test]
    fn maps_run_from_dark_to_bright() {
        for map in ColorMap::ALL {
            let lightness: Vec<f32> = map.lut().iter().map(|&c| oklab::from_rgb(c)[0]).collect();
            assert!(lightness.windows(2).all(|w| w[1] > w[0] - 0.01), "{map}");
            assert!(lightness[255] - lightness[0] > 0.5, "{map}");
        }
    }

    #[test]
    fn every_number_has_a_colour() {
        let map = ColorMap::Plasma;
        assert_eq!(map.at(f32::NAN), map.lut()[0]);
        assert_eq!(map.at(-3.0), map.lut()[0]);
        assert_eq!(map.at(f32::INFINITY), map.lut()[255]);
        assert_eq!(map.at(0.5), map.lut()[128]);
        assert_eq!(map.at_on_white(9.0), map.at(ON_WHITE));
    }

    #[test]
    fn a_range_ignores_extremes_and_is_never_empty() {
        let mut values: Vec<f32> = (0..=1000).map(|i| i as f32).collect();
        values[0] = -1e30;
        values.push(f32::NAN);
        assert_eq!(range(&values, 0.01..0.99), (10.0, 990.0));
        assert_eq!(range(&[], 0.01..0.99), (0.0, 1.0));
        assert_eq!(range(&[f32::NAN], 0.01..0.99), (0.0, 1.0));
        let (low, high) = range(&[5.0; 7], 0.01..0.99);
        assert!(low < 5.0 && high > 5.0);
        let (low, high) = range(&[f32::MAX; 7], 0.01..0.99);
        assert!(low < high && high.is_finite());
    }
}
