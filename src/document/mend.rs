//! What a file says of a document that cannot be.

use std::collections::BTreeSet;

use super::{Document, LoadedData, MOST_RARE, Shelf, View};
use crate::pipeline::GroupBy;

impl Document {
    /// Leaves out what a file says that cannot be: runs and data that are not there, and values out of range.
    pub(super) fn mend(&mut self, shelf: &Shelf) {
        self.data = self.data.filter(|&id| shelf.data(id).is_some());
        let mut seen = BTreeSet::new();
        self.runs
            .retain(|run| shelf.result(run.id).is_some() && seen.insert(run.id));
        for run in &mut self.runs {
            let clusters = shelf.result(run.id).map_or(0, |result| result.clusters);
            let names = &mut run.cluster_names;
            names.retain(|&cluster, _| (cluster as usize) < clusters);
        }
        self.shown = self.shown.filter(|&id| self.name_of(id).is_some());
        let usual = View::default();
        let View {
            stage,
            lens,
            groups,
            range,
            percent,
            rare,
            layout,
            selection,
            ..
        } = &mut self.view;
        if !(1..=2).contains(stage) {
            *stage = usual.stage;
        }
        let dataset = self.shown.and_then(|id| shelf.data_of(id));
        let dataset = dataset.or(self.data.and_then(|id| shelf.data(id)));
        let known = |data: &LoadedData| lens.fits(&data.dataset);
        if !dataset.is_some_and(known) {
            *lens = usual.lens;
        }
        if let Some(data) = dataset {
            let kept = self.selections.iter_mut().map(|kept| &mut kept.samples);
            let sets = kept.chain(selection);
            sets.for_each(|set| set.move_to(&data.dataset.samples));
        }
        let none = *groups == GroupBy::Selection && self.selections.is_empty();
        if none || !dataset.is_some_and(|data| groups.fits(&data.dataset)) {
            *groups = GroupBy::Cluster;
        }
        if !(0.0 <= range.0 && range.0 <= range.1 && range.1 <= 1.0) {
            *range = usual.range;
        }
        if !(0.1..=50.0).contains(percent) {
            *percent = usual.percent;
        }
        if !(0.0..=MOST_RARE).contains(rare) {
            *rare = usual.rare;
        }
        if !layout.is_sound() {
            *layout = usual.layout;
        }
        let modalities = dataset.map_or(0, |data| data.dataset.modalities.len());
        self.noise.modality = self.noise.modality.filter(|&at| at < modalities);
    }
}
