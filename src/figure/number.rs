//! Numbers as people write them.

/// Measured values of a scale of this length, in digits that tell a hundredth of it apart.
pub(super) fn on_scale(values: [f32; 3], length: f32) -> [String; 3] {
    let largest = values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    if length < 1e-4 || largest >= 1e6 || !largest.is_finite() {
        return values.map(|x| minus(format!("{x:.2e}")));
    }
    let decimals = (1 - length.log10().floor() as i32).clamp(0, 6) as usize;
    let scale = 10f32.powi(decimals as i32);
    // Adding zero turns -0 into 0.
    values.map(|x| minus(format!("{:.decimals$}", (x * scale).round() / scale + 0.0)))
}

/// The text of a number with a minus sign instead of a hyphen.
pub(super) fn minus(text: String) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            on_scale([0.012, 0.5, 0.9999], 0.98),
            ["0.01", "0.50", "1.00"]
        );
        assert_eq!(
            on_scale([-1.5, -0.001, 1.5], 3.0),
            ["\u{2212}1.5", "0.0", "1.5"]
        );
        assert_eq!(on_scale([120.0, 130.4, 140.0], 20.0)[1], "130");
        assert_eq!(on_scale([1e9, 2e9, 3e9], 2e9)[0], "1.00e9");
        assert_eq!(on_scale([f32::MAX; 3], f32::INFINITY).len(), 3);
    }
}
