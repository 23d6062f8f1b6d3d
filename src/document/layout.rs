//! Which panels the page Explore has, and where they stand.

use serde::{Deserialize, Serialize};

use super::ColourScale;
use crate::pipeline::{GroupBy, Lens};

/// Panels at most: what a file says beyond that is not believed.
const MOST_PANELS: usize = 24;
/// Rows within columns within rows .. at most.
const DEEPEST: usize = 12;

/// What a panel shows, with all of it that a session keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// A map of the samples.
    Map(Map),
    /// The table of markers.
    Markers,
    /// The groups in numbers.
    Table,
    /// How the groups of two groupings share their samples.
    Composition {
        /// What the columns are.
        against: GroupBy,
    },
    /// How the values of the second map are distributed in each group.
    Distribution {
        /// Whether groups stand in the order of their medians.
        sorted: bool,
    },
    /// Mean and share of chosen features in each group.
    Dots {
        /// The features: their modality, and their place there, counted from 0.
        features: Vec<(u32, u32)>,
        /// Whether as tiles, by their means alone.
        #[serde(default)]
        tiles: bool,
    },
    /// Which features are uncertain in which group.
    Noise,
    /// Why samples lie between two clusters.
    Reasons,
    /// One number against another.
    Gate {
        /// What the axes are, across and up.
        axes: [Lens; 2],
    },
}

impl Panel {
    /// Lets it show columns at other places; whether those that it shows are there still.
    fn renumber(&mut self, column: &dyn Fn(u32) -> Option<u32>) -> bool {
        match self {
            Self::Map(Map::Pinned { colour, .. }) => {
                let now = colour.renumbered(column);
                *colour = now.unwrap_or(*colour);
                now.is_some()
            }
            Self::Composition { against } => {
                let now = against.renumbered(column);
                *against = now.unwrap_or(*against);
                now.is_some()
            }
            Self::Gate { axes } => {
                let now = axes.map(|axis| axis.renumbered(column));
                for (axis, now) in axes.iter_mut().zip(now) {
                    *axis = now.unwrap_or(*axis);
                }
                now.iter().all(Option::is_some)
            }
            Self::Map(Map::Groups | Map::Values)
            | Self::Markers
            | Self::Table
            | Self::Distribution { .. }
            | Self::Dots { .. }
            | Self::Noise
            | Self::Reasons => true,
        }
    }

    /// Whether it shows the values that are chosen for the page in their colours.
    pub fn shows_values(&self) -> bool {
        matches!(self, Self::Map(Map::Values))
    }
}

impl Colour {
    fn renumbered(self, column: &dyn Fn(u32) -> Option<u32>) -> Option<Self> {
        match self {
            Self::Groups(by) => by.renumbered(column).map(Self::Groups),
            Self::Values(lens) => lens.renumbered(column).map(Self::Values),
        }
    }
}

/// A map of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Map {
    /// In the colours of the groups that are chosen for the page.
    Groups,
    /// In the colours of the values that are chosen for the page.
    Values,
    /// As it was when it was pinned.
    Pinned {
        /// After which stage.
        stage: u8,
        /// What its colours mean.
        colour: Colour,
        /// How values are spread over them.
        #[serde(default)]
        scale: ColourScale,
    },
}

/// What colours mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Groups.
    Groups(GroupBy),
    /// Numbers.
    Values(Lens),
}

/// How panels stand beside, above and before each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A panel.
    Panel(Panel),
    /// One beside the other.
    Row(Shares),
    /// One above the other.
    Column(Shares),
    /// In as many columns as suit the room there is.
    Grid {
        /// What stands in it, a row after the other.
        parts: Vec<Self>,
        /// Shares of the columns and of the rows; all alike where there are none.
        shares: [Vec<f32>; 2],
    },
    /// One before the other.
    Tabs {
        /// What can be seen.
        parts: Vec<Self>,
        /// Which is, counted from 0.
        shown: usize,
    },
}

/// Parts with their shares of the room.
pub type Shares = Vec<(f32, Layout)>;

impl Default for Layout {
    fn default() -> Self {
        Self::maps()
    }
}

impl Layout {
    /// Both maps, side by side.
    pub fn maps() -> Self {
        Self::grid([Panel::Map(Map::Groups), Panel::Map(Map::Values)])
    }

    /// Both maps, one before the other, as large as can be.
    pub fn large() -> Self {
        let maps = [Map::Groups, Map::Values];
        Self::Tabs {
            parts: maps.map(|map| Self::Panel(Panel::Map(map))).into(),
            shown: 0,
        }
    }

    /// The table of markers above the maps.
    pub fn markers() -> Self {
        Self::Column(vec![
            (1.0, Self::Panel(Panel::Markers)),
            (1.0, Self::maps()),
        ])
    }

    /// The reasons beside the maps.
    pub fn reasons() -> Self {
        Self::Row(vec![
            (1.0, Self::maps()),
            (1.2, Self::Panel(Panel::Reasons)),
        ])
    }

    /// Some panels in a grid.
    pub fn grid(panels: impl IntoIterator<Item = Panel>) -> Self {
        Self::Grid {
            parts: panels.into_iter().map(Self::Panel).collect(),
            shares: Default::default(),
        }
    }

    /// The parts that stand in it.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Panel(_) => Vec::new(),
            Self::Row(shares) | Self::Column(shares) => shares.iter().map(|(_, p)| p).collect(),
            Self::Grid { parts, .. } | Self::Tabs { parts, .. } => parts.iter().collect(),
        }
    }

    /// All panels.
    pub fn panels(&self) -> Vec<&Panel> {
        match self {
            Self::Panel(panel) => vec![panel],
            other => other.parts().into_iter().flat_map(Self::panels).collect(),
        }
    }

    /// The first grid that has a map.
    fn maps_of(&mut self) -> Option<&mut Self> {
        let is_map = |part: &Self| matches!(part, Self::Panel(Panel::Map(_)));
        if matches!(self, Self::Grid { parts, .. } if parts.iter().any(is_map)) {
            return Some(self);
        }
        match self {
            Self::Panel(_) => None,
            Self::Row(shares) | Self::Column(shares) => {
                shares.iter_mut().find_map(|(_, part)| part.maps_of())
            }
            Self::Grid { parts, .. } | Self::Tabs { parts, .. } => {
                parts.iter_mut().find_map(Self::maps_of)
            }
        }
    }

    /// Puts a panel to the others: a map to the maps, if these stand in a grid.
    pub fn add(&mut self, panel: Panel) {
        if matches!(panel, Panel::Map(_))
            && let Some(Self::Grid { parts, shares }) = self.maps_of()
        {
            parts.push(Self::Panel(panel));
            *shares = Default::default();
            return;
        }
        match self {
            Self::Grid { parts, shares } => {
                parts.push(Self::Panel(panel));
                *shares = Default::default();
            }
            other => {
                let old = std::mem::replace(other, Self::Row(Vec::new()));
                let parts = match old {
                    old if old.panels().is_empty() => vec![Self::Panel(panel)],
                    old => vec![old, Self::Panel(panel)],
                };
                *other = Self::Grid {
                    parts,
                    shares: Default::default(),
                };
            }
        }
    }

    /// The same where columns that describe samples have other places; panels of one that is gone go.
    pub(super) fn renumber(&mut self, column: &dyn Fn(u32) -> Option<u32>) {
        let stays = |part: &mut Self| match part {
            Self::Panel(panel) => panel.renumber(column),
            other => {
                other.renumber(column);
                true
            }
        };
        match self {
            Self::Panel(panel) => {
                if !panel.renumber(column) {
                    *self = Self::default();
                }
            }
            Self::Row(shares) | Self::Column(shares) => shares.retain_mut(|(_, part)| stays(part)),
            Self::Grid { parts, shares } => {
                let before = parts.len();
                parts.retain_mut(stays);
                if parts.len() != before {
                    *shares = Default::default();
                }
            }
            Self::Tabs { parts, shown } => {
                parts.retain_mut(stays);
                *shown = (*shown).min(parts.len().saturating_sub(1));
            }
        }
    }

    /// Whether a file may say this of data: no more panels than can be shown, and every share a number.
    pub(super) fn is_sound(&self) -> bool {
        self.depth() <= DEEPEST && self.panels().len() <= MOST_PANELS && self.has_sound_shares()
    }

    fn depth(&self) -> usize {
        let parts = self.parts();
        1 + parts.into_iter().map(Self::depth).max().unwrap_or(0)
    }

    fn has_sound_shares(&self) -> bool {
        let sound = |share: &f32| share.is_finite() && *share > 0.0;
        let own = match self {
            Self::Row(shares) | Self::Column(shares) => shares.iter().all(|(s, _)| sound(s)),
            Self::Grid { shares, .. } => shares.iter().flatten().all(sound),
            Self::Panel(_) | Self::Tabs { .. } => true,
        };
        own && self.parts().into_iter().all(Self::has_sound_shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_are_added_where_they_belong() {
        let pinned = Panel::Map(Map::Pinned {
            stage: 2,
            colour: Colour::Values(Lens::Ambiguity),
            scale: ColourScale::default(),
        });
        let mut layout = Layout::markers();
        layout.add(pinned.clone());
        let Layout::Column(parts) = &layout else {
            panic!("{layout:?}");
        };
        assert_eq!(parts[1].1.panels().len(), 3, "a map goes to the maps");
        layout.add(Panel::Distribution { sorted: false });
        assert_eq!(layout.panels().len(), 5);
        let mut beside = Layout::reasons();
        beside.add(pinned.clone());
        let Layout::Row(parts) = &beside else {
            panic!("{beside:?}");
        };
        assert_eq!(parts[0].1.panels().len(), 3);
        let mut nothing = Layout::Row(Vec::new());
        nothing.add(pinned.clone());
        assert_eq!(nothing, Layout::grid([pinned]));
    }

    #[test]
    fn panels_follow_their_columns_and_go_with_them() {
        let gate = |a, b| Panel::Gate {
            axes: [Lens::Column(a), b],
        };
        let against = |at| Panel::Composition {
            against: GroupBy::Column(at),
        };
        let mut layout = Layout::Row(vec![
            (1.0, Layout::maps()),
            (
                1.0,
                Layout::Tabs {
                    parts: vec![
                        Layout::Panel(gate(0, Lens::Noise)),
                        Layout::Panel(gate(1, Lens::Column(0))),
                        Layout::Panel(against(2)),
                    ],
                    shown: 2,
                },
            ),
        ]);
        // The first column is gone, and the others have moved up.
        layout.renumber(&|at| at.checked_sub(1));
        let Layout::Row(parts) = &layout else {
            panic!()
        };
        assert_eq!(parts[0].1, Layout::maps());
        assert_eq!(
            parts[1].1,
            Layout::Tabs {
                parts: vec![Layout::Panel(against(1))],
                shown: 0,
            }
        );
        // A panel alone that is gone leaves what is usual.
        let mut alone = Layout::Panel(against(0));
        alone.renumber(&|_| None);
        assert_eq!(alone, Layout::default());
    }

    #[test]
    fn what_cannot_be_is_not_believed() {
        assert!(Layout::markers().is_sound());
        let mut deep = Layout::maps();
        for _ in 0..DEEPEST {
            deep = Layout::Row(vec![(1.0, deep)]);
        }
        assert!(!deep.is_sound());
        assert!(!Layout::grid(vec![Panel::Markers; MOST_PANELS + 1]).is_sound());
        assert!(!Layout::Row(vec![(f32::NAN, Layout::maps())]).is_sound());
        assert!(!Layout::Column(vec![(1.0, Layout::Row(vec![(0.0, Layout::maps())]))]).is_sound());
    }
}
