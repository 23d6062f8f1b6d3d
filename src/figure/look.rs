//! How each kind of uncertainty looks, in the window and in figures.

use super::ColorMap;

/// The looks of one kind of uncertainty about samples: each has colours of its own, so that two maps side by side
/// cannot be taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What it is called.
    pub title: &'static str,
    /// What its low and high ends mean.
    pub ends: [&'static str; 2],
    /// Its colours, from low to high.
    pub colours: ColorMap,
}

impl Look {
    /// Noise of the data.
    pub const NOISE: Self = Self {
        title: "Data noise",
        ends: ["low", "high"],
        colours: ColorMap::Plasma,
    };
    /// What was measured, or is known of samples.
    pub const VALUE: Self = Self {
        title: "Value",
        ends: ["low", "high"],
        colours: ColorMap::Viridis,
    };
    /// How undecided a sample is between two clusters.
    pub const AMBIGUITY: Self = Self {
        title: "Ambiguity",
        ends: ["clear", "ambiguous"],
        colours: ColorMap::Viridis,
    };
    /// How far modalities say different things.
    pub const CONTRADICTION: Self = Self {
        title: "Contradiction",
        ends: ["all say the same", "contradicted"],
        colours: ColorMap::Cividis,
    };
    /// Share of the votes that put a sample elsewhere.
    pub const DISAGREEMENT: Self = Self {
        title: "Disagreement",
        ends: ["agreed", "disputed"],
        colours: ColorMap::Cividis,
    };
}
