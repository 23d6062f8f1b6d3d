//! Whether markers of clusters hold on counts that had no say in them.

use std::sync::Arc;

use eframe::egui::Ui;

use super::found::{Depends, Found};
use crate::{
    analysis::markers::{Marker, Measure},
    document::MarkersOf,
    job::CancelToken,
    pipeline::{GroupBy, SplitMarkers, split_markers},
    ui::{later::Later, pages::explore::panels::Scene},
};

/// Said of clusters' markers.
const TWICE: &str = "Clusters were found on these values, so small p-values are to be expected of them: AUROC tells which features matter.";

/// The check, once it is asked for.
#[derive(Default)]
pub(super) struct Split {
    wanted: bool,
    made: Later<Depends, Made>,
}

/// What came of it, or why nothing did.
pub(super) struct Made {
    of: Depends,
    split: Result<SplitMarkers, String>,
}

impl Made {
    /// The markers of the group that others are shown of, on counts that had no say in it.
    pub fn of(&self, found: &Found) -> Option<&[Marker]> {
        let MarkersOf::Group(group) = found.of.of else {
            return None;
        };
        let same = self.of == key(&found.of) && found.of.against.is_none();
        let split = self.split.as_ref().ok().filter(|_| same)?;
        split.markers.get(group as usize).map(Vec::as_slice)
    }
}

/// What the check depends on: not on which group is shown.
fn key(of: &Depends) -> Depends {
    Depends {
        of: MarkersOf::Group(0),
        against: None,
        selection: None,
        ..of.clone()
    }
}

impl Split {
    /// The same for a figure.
    pub fn twin(&self) -> Self {
        Self {
            wanted: self.wanted,
            made: self.made.twin(),
        }
    }

    /// What came of it last.
    pub fn last(&self) -> Option<Arc<Made>> {
        self.made.last().filter(|_| self.wanted)
    }

    /// Whether the groups are clusters whose counts can be split.
    fn is_possible(found: &Found, scene: &Scene<'_>) -> bool {
        scene.view.groups == GroupBy::Cluster
            && found.measure == Measure::LogNormalised
            && matches!(found.of.of, MarkersOf::Group(_))
            && found.of.against.is_none()
    }

    /// Asks for it.
    pub fn choice(&mut self, ui: &mut Ui, found: &Found, scene: &Scene<'_>) {
        if Self::is_possible(found, scene) {
            let tip = "Tests one half of every count, with clusters found on the other half: p-values that are not owed to clusters \
                       having been found on what is tested (count splitting)";
            ui.checkbox(&mut self.wanted, "Split counts")
                .on_hover_text(tip);
        }
    }

    /// What came of it, once it is there; it takes about as long as the looks at the data.
    pub fn get(&mut self, ui: &Ui, found: &Found, scene: &Scene<'_>) -> Option<Arc<Made>> {
        if !self.wanted || !Self::is_possible(found, scene) {
            return None;
        }
        let of = key(&found.of);
        let count = scene.colouring.groups.len();
        let wanted = of.clone();
        let make = move |_| {
            let (result, groups) = (&wanted.result, wanted.group_of.as_slice());
            let how = (result.clusters, result.spec.seed);
            // Nothing cancels this: what it made is passed over when something else is asked for.
            let cancel = CancelToken::new();
            let split = split_markers(
                &result.dataset,
                wanted.modality,
                (groups, count),
                how,
                &cancel,
            );
            Made {
                split: split.map_err(|error| error.to_string()),
                of: wanted,
            }
        };
        self.made.get(ui.ctx(), &of, false, make)
    }

    /// What is to be said of p-values.
    pub fn in_words(&self, found: &Found, scene: &Scene<'_>) -> String {
        if !self.wanted || !Self::is_possible(found, scene) {
            return TWICE.into();
        }
        match self.last().filter(|made| made.of == key(&found.of)) {
            None => "Half of the counts is being clustered \u{2026}".into(),
            Some(made) => match &made.split {
                Ok(split) => {
                    let lost = made.of(found).is_some_and(|markers| {
                        markers.iter().all(|marker| marker.adjusted.is_nan())
                    });
                    format!(
                        "On half of the counts the clusters come back with an adjusted Rand index of {:.2}; {}.",
                        split.agreement,
                        match lost {
                            true =>
                                "this one is not among them, so it cannot be tested on the other half",
                            false => "the other half, which had no say in them, was tested",
                        }
                    )
                }
                Err(why) => format!("The counts could not be split: {why}."),
            },
        }
    }
}
