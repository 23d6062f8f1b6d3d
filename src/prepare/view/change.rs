//! Changes of single values.

/// Shares of methylation nearer to 0 or 1 than this count as this near.
const LEAST_SHARE: f32 = 0.001;

/// A change of single values.
#[derive(Clone, Debug)]
pub(in crate::prepare) enum Change {
    /// Missing values become the number of their column.
    Fill(Vec<f32>),
    /// The values of every sample are multiplied by a factor of its own.
    Scale(Vec<f64>),
    /// The values of every column are multiplied by a factor of its own.
    ScaleColumns(Vec<f64>),
    /// The same, up to a number of its own.
    ScaleColumnsUpTo(Vec<[f64; 2]>),
    /// The natural logarithm of 1 + x.
    Log1p,
    /// The logarithm to base 2 of 1 + x.
    Log2,
    /// What is above 0 becomes 1.
    Binarise,
    /// M values of shares.
    MValues,
    /// A number of its own is taken off the values of every column, and they are multiplied by another; what comes out lies between two bounds.
    Line {
        /// What is taken off, and the factor.
        columns: Vec<[f64; 2]>,
        /// The bounds.
        bounds: [f64; 2],
    },
}

impl Change {
    /// Whether zeros stay zeros, so that what is sparse stays so.
    pub(super) const fn keeps_zeros(&self) -> bool {
        !matches!(self, Self::MValues | Self::Line { .. })
    }

    /// Changes the values of a sample that stand in these columns.
    pub(super) fn apply(&self, sample: usize, columns: &[u32], values: &mut [f32]) {
        match self {
            Self::Fill(means) => {
                for (x, &column) in values.iter_mut().zip(columns) {
                    if x.is_nan() {
                        *x = means[column as usize];
                    }
                }
            }
            Self::Scale(factors) => {
                let factor = factors[sample];
                for x in values {
                    *x = (f64::from(*x) * factor) as f32;
                }
            }
            Self::ScaleColumns(factors) => {
                for (x, &column) in values.iter_mut().zip(columns) {
                    *x = (f64::from(*x) * factors[column as usize]) as f32;
                }
            }
            Self::ScaleColumnsUpTo(lines) => {
                for (x, &column) in values.iter_mut().zip(columns) {
                    let [factor, most] = lines[column as usize];
                    *x = (f64::from(*x) * factor).min(most) as f32;
                }
            }
            Self::Log1p => values.iter_mut().for_each(|x| *x = x.ln_1p()),
            Self::Log2 => {
                for x in values {
                    *x = (f64::from(*x).ln_1p() / std::f64::consts::LN_2) as f32;
                }
            }
            Self::MValues => {
                for x in values {
                    let share = x.clamp(LEAST_SHARE, 1.0 - LEAST_SHARE);
                    *x = (share / (1.0 - share)).log2();
                }
            }
            Self::Line {
                columns: lines,
                bounds: [low, high],
            } => {
                for (x, &column) in values.iter_mut().zip(columns) {
                    let [less, factor] = lines[column as usize];
                    *x = ((f64::from(*x) - less) * factor).clamp(*low, *high) as f32;
                }
            }
            Self::Binarise => {
                for x in values.iter_mut().filter(|x| !x.is_nan()) {
                    *x = f32::from(*x > 0.0);
                }
            }
        }
    }
}
