//! Colours of classes, clusters and missing labels: the same on screen and in every figure.

use std::{cmp::Reverse, fmt};

use serde::{Deserialize, Serialize};

use super::oklab;

/// An opaque colour, 8 bits a channel, sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// From `0xRRGGBB`.
    pub const fn hex(code: u32) -> Self {
        let [_, r, g, b] = code.to_be_bytes();
        Self([r, g, b])
    }

    /// Whether black text reads better on it than white text.
    pub fn is_light(self) -> bool {
        oklab::from_rgb(self)[0] > 0.68
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// The colour of samples without a label: a grey that no class has.
pub const UNLABELLED: Rgb = Rgb::hex(0xA8A8A8);

/// The first eight are those of Okabe and Ito (2008), with two changes: their yellow vanishes on white and is darker
/// here, their black vanishes on a dark window and is slate grey here. The others were picked one after the other as
/// the colour farthest from all before it (and from [`UNLABELLED`]), the distance being the smallest of those seen
/// with normal, deuteranope and protanope eyes in OKLab, among colours that stand out from white and from a dark
/// window.
const NAMED: [Rgb; 24] = [
    Rgb::hex(0x0072B2),
    Rgb::hex(0xE69F00),
    Rgb::hex(0x009E73),
    Rgb::hex(0xD55E00),
    Rgb::hex(0x56B4E9),
    Rgb::hex(0xCC79A7),
    Rgb::hex(0xDCCB1E),
    Rgb::hex(0x646E7C),
    Rgb::hex(0xA053FD),
    Rgb::hex(0xA91227),
    Rgb::hex(0x4732DC),
    Rgb::hex(0x29DF8F),
    Rgb::hex(0x076246),
    Rgb::hex(0x8884D5),
    Rgb::hex(0x7A4182),
    Rgb::hex(0xC8BDFD),
    Rgb::hex(0x74D1C8),
    Rgb::hex(0xD6199D),
    Rgb::hex(0x73B56E),
    Rgb::hex(0xA2614D),
    Rgb::hex(0x7B23B3),
    Rgb::hex(0x6E5DD8),
    Rgb::hex(0xD42515),
    Rgb::hex(0xB88255),
];

/// Colours of the scores' curves, the same in the window and in figures.
pub mod score {
    use super::Rgb;

    /// Accuracy.
    pub const ACC: Rgb = Rgb::hex(0x00_72B2);
    /// Normalised mutual information.
    pub const NMI: Rgb = Rgb::hex(0xD5_5E00);
    /// Silhouette width.
    pub const ASW: Rgb = Rgb::hex(0x00_9E73);
    /// Adjusted Rand index.
    pub const ARI: Rgb = Rgb::hex(0xB5_5C8E);
    /// Agreement of several clusterings.
    pub const AGREEMENT: Rgb = Rgb::hex(0xB3_8300);
    /// Share of samples that changed cluster.
    pub const CHANGE: Rgb = NMI;
}

/// The colour of a class or cluster by its index, always the same.
///
/// Past the 24 chosen colours the hue advances by the golden angle, so that neighbours in the list differ, and
/// lightness and chroma take turns, so that similar hues differ too. Colours then repeat only after very many
/// classes, but nobody tells more than two dozen apart: figures number the groups as well.
pub fn category(index: usize) -> Rgb {
    const GOLDEN: f32 = 137.507_77;
    const TURNS: [(f32, f32); 4] = [(0.62, 0.16), (0.78, 0.11), (0.47, 0.13), (0.70, 0.06)];
    NAMED.get(index).copied().unwrap_or_else(|| {
        let step = index - NAMED.len();
        let (lightness, chroma) = TURNS[step % TURNS.len()];
        // The remainder keeps the product small enough to be exact.
        let hue = (step % 3600) as f32 * GOLDEN + 20.0;
        oklab::to_rgb(lightness, chroma, hue % 360.0)
    })
}

/// Colour indices for clusters, so that a cluster has the colour of the class it mostly consists of.
///
/// The largest overlaps are matched first, one cluster to one class. Clusters that no class is left for take the
/// next unused colours.
pub fn match_to_classes(
    classes: &[Option<u32>],
    class_count: usize,
    clusters: &[Option<u32>],
    cluster_count: usize,
) -> Vec<usize> {
    let mut overlap = vec![0usize; class_count * cluster_count];
    for (class, cluster) in classes.iter().zip(clusters) {
        if let (Some(class), Some(cluster)) = (*class, *cluster) {
            let (class, cluster) = (class as usize, cluster as usize);
            if class < class_count && cluster < cluster_count {
                overlap[cluster * class_count + class] += 1;
            }
        }
    }
    let mut pairs: Vec<usize> = (0..overlap.len()).filter(|&p| overlap[p] > 0).collect();
    pairs.sort_by_key(|&p| Reverse(overlap[p]));
    let mut colour = vec![None; cluster_count];
    let mut taken = vec![false; class_count];
    for pair in pairs {
        let (cluster, class) = (pair / class_count, pair % class_count);
        if colour[cluster].is_none() && !taken[class] {
            colour[cluster] = Some(class);
            taken[class] = true;
        }
    }
    let mut unused = class_count..;
    colour
        .into_iter()
        .map(|c| c.or_else(|| unused.next()).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Vision;

    /// Smallest distance between any two of the first `n` colours.
    fn closest(n: usize, eyes: Vision) -> f32 {
        let seen = |i| oklab::from_rgb(eyes.sees(category(i)));
        let seen: Vec<[f32; 3]> = (0..n).map(seen).collect();
        let mut closest = f32::INFINITY;
        for i in 0..n {
            for j in 0..i {
                closest = closest.min(oklab::distance(seen[i], seen[j]));
            }
        }
        closest
    }

    #[test]
    fn colours_are_told_apart_by_everyone() {
        // In OKLab 0.02 is about what is just seen side by side.
        assert!(closest(12, Vision::Usual) > 0.1);
        assert!(closest(24, Vision::Usual) > 0.08);
        assert!(closest(12, Vision::Deuteranope) > 0.07);
        assert!(closest(24, Vision::Deuteranope) > 0.05);
        assert!(closest(12, Vision::Protanope) > 0.07);
    }

    #[test]
    fn no_colour_vanishes_on_white_on_dark_or_among_the_unlabelled() {
        let paper = oklab::from_rgb(Rgb::hex(0xFFFFFF));
        let dark = oklab::from_rgb(Rgb::hex(0x16181D));
        let unlabelled = oklab::from_rgb(UNLABELLED);
        for colour in (0..24).map(category).chain([UNLABELLED]) {
            let seen = oklab::from_rgb(colour);
            assert!(oklab::distance(seen, paper) > 0.19, "{colour} on white");
            assert!(oklab::distance(seen, dark) > 0.19, "{colour} on dark");
            if colour != UNLABELLED {
                assert!(oklab::distance(seen, unlabelled) > 0.09, "{colour}");
            }
        }
    }

    #[test]
    fn generated_colours_are_valid_and_do_not_repeat_soon() {
        let many: std::collections::HashSet<Rgb> = (0..200).map(category).collect();
        assert!(many.len() >= 195, "{}", many.len());
        assert_eq!(category(30), category(30));
        category(usize::MAX);
    }

    #[test]
    fn a_cluster_takes_the_colour_of_its_class() {
        let classes = [0, 0, 0, 1, 1, 1, 1].map(Some);
        let clusters = [1, 1, 0, 0, 0, 0, 2].map(Some);
        assert_eq!(match_to_classes(&classes, 2, &clusters, 3), [1, 0, 2]);
        assert_eq!(match_to_classes(&[], 0, &clusters, 3), [0, 1, 2]);
    }

    #[test]
    fn colours_print_as_hex() {
        assert_eq!(category(0).to_string(), "#0072b2");
        assert!(!category(0).is_light() && category(6).is_light());
    }
}
