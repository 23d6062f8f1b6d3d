//! Recipes that bring measured values to the scale the network works on.

mod min_max;

pub use min_max::{FeatureScale, PreparedData, masked, min_max, min_max_by, scales, scales_fit};
