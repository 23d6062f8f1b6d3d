//! OKLab (Ottosson 2020): a space in which distances are about as large as they look.

use super::palette::Rgb;

pub(super) fn linear(channel: u8) -> f32 {
    let c = f32::from(channel) / 255.0;
    if c <= 0.04045 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

pub(super) fn encoded(linear: f32) -> u8 {
    let c = linear.clamp(0.0, 1.0);
    let c = if c <= 0.003_130_8 {
        12.92 * c
    } else {
        1.055 * c.powf(1.0 / 2.4) - 0.055
    };
    (c * 255.0).round() as u8
}

fn from_linear([r, g, b]: [f32; 3]) -> [f32; 3] {
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// Lightness (0 to 1), green-red and blue-yellow of a colour.
pub(super) fn from_rgb(colour: Rgb) -> [f32; 3] {
    from_linear(colour.0.map(linear))
}

/// The colour of this lightness, chroma and hue in degrees; chroma is lowered until sRGB can show it.
pub(super) fn to_rgb(lightness: f32, chroma: f32, hue: f32) -> Rgb {
    let (sin, cos) = hue.to_radians().sin_cos();
    let at = |chroma: f32| {
        let (a, b) = (chroma * cos, chroma * sin);
        let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        [
            4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_93 * s,
            -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
            -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
        ]
    };
    let fits = |rgb: &[f32; 3]| rgb.iter().all(|c| (0.0..=1.0).contains(c));
    let rgb = (0..16)
        .map(|step| at(chroma * 0.9f32.powi(step)))
        .find(fits)
        .unwrap_or_else(|| at(0.0));
    Rgb(rgb.map(encoded))
}

/// How different two colours look; about 0.02 is just seen.
#[cfg(test)]
pub(super) fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    let square = |i: usize| (a[i] - b[i]).powi(2);
    (square(0) + square(1) + square(2)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let [lightness, a, b] = from_rgb(Rgb::hex(0x0072B2));
        let back = to_rgb(lightness, a.hypot(b), b.atan2(a).to_degrees());
        for (x, y) in back.0.iter().zip(Rgb::hex(0x0072B2).0) {
            assert!(x.abs_diff(y) <= 12, "{back}");
        }
        assert!((from_rgb(Rgb::hex(0xFFFFFF))[0] - 1.0).abs() < 1e-4);
        assert_eq!(to_rgb(1.0, 0.0, 0.0), Rgb::hex(0xFFFFFF));
    }
}
