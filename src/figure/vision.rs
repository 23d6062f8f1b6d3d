//! Colours as other eyes see them (Machado, Oliveira and Fernandes 2009, at full severity).

use std::fmt;

use super::{
    oklab::{encoded, linear},
    palette::Rgb,
};

/// Whose eyes look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Vision {
    /// Most people's.
    #[default]
    Usual,
    /// Without medium-wave cones: the most frequent kind of red-green blindness.
    Deuteranope,
    /// Without long-wave cones.
    Protanope,
    /// Without short-wave cones.
    Tritanope,
    /// A printer's that has no colours.
    Grey,
}

impl Vision {
    /// All of them, in the order of a menu.
    pub const ALL: [Self; 5] = [
        Self::Usual,
        Self::Deuteranope,
        Self::Protanope,
        Self::Tritanope,
        Self::Grey,
    ];

    /// What becomes of linear red, green and blue.
    fn matrix(self) -> Option<[[f32; 3]; 3]> {
        Some(match self {
            Self::Usual => return None,
            Self::Deuteranope => [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_82, 0.042_94, 0.968_881],
            ],
            Self::Protanope => [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            Self::Tritanope => [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_9],
            ],
            // Luminance, as sRGB has it.
            Self::Grey => [[0.212_6, 0.715_2, 0.072_2]; 3],
        })
    }

    /// A colour as it is seen.
    pub fn sees(self, colour: Rgb) -> Rgb {
        let Some(matrix) = self.matrix() else {
            return colour;
        };
        let rgb = colour.0.map(linear);
        Rgb(matrix.map(|row| encoded(row.iter().zip(rgb).map(|(m, c)| m * c).sum())))
    }

    /// Opaque pixels as they are seen: red, green, blue and opacity of each.
    pub fn sees_pixels(self, pixels: &mut [u8]) {
        // Neighbours are alike: most of a figure is paper.
        let mut last = (Rgb([0; 3]), self.sees(Rgb([0; 3])));
        for pixel in pixels.as_chunks_mut::<4>().0 {
            let colour = Rgb([pixel[0], pixel[1], pixel[2]]);
            if colour != last.0 {
                last = (colour, self.sees(colour));
            }
            pixel[..3].copy_from_slice(&last.1.0);
        }
    }
}

impl fmt::Display for Vision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Usual => "usual eyes",
            Self::Deuteranope => "red-green blind (deutan)",
            Self::Protanope => "red-green blind (protan)",
            Self::Tritanope => "blue-yellow blind (tritan)",
            Self::Grey => "a grey print",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_and_green_come_near_each_other_and_greys_stay() {
        let apart = |eyes: Vision| {
            let [red, green] = [0xC0_3020, 0x80_7010].map(|code| eyes.sees(Rgb::hex(code)));
            let pairs = red.0.iter().zip(green.0);
            pairs.map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>()
        };
        assert!(apart(Vision::Deuteranope) < apart(Vision::Usual) / 2);
        for eyes in Vision::ALL {
            let mut pixels = [128, 128, 128, 255, 255, 255, 255, 255];
            eyes.sees_pixels(&mut pixels);
            let near = |(a, b): (u8, u8)| a.abs_diff(b) <= 1;
            let grey = [128, 128, 128, 255, 255, 255, 255, 255];
            assert!(pixels.into_iter().zip(grey).all(near), "{eyes}: {pixels:?}");
        }
        let mut pixels = [230, 159, 0, 255];
        Vision::Grey.sees_pixels(&mut pixels);
        assert!(pixels[0] == pixels[1] && pixels[1] == pixels[2] && pixels[3] == 255);
        assert_eq!(Vision::Usual.sees(Rgb([9, 8, 7])), Rgb([9, 8, 7]));
    }
}
