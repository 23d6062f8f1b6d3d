//! The markers of a group, made by a worker when what they depend on changes.

use std::{io, sync::Arc};

use crate::{
    analysis::markers::{Columns, ColumnsError, Measure, Survivor, surviving},
    data::{Modality, SampleSet, are_components},
    document::{MarkersOf, View},
    job::CancelToken,
    pipeline::AnalysisResult,
};

/// What markers depend on.
#[derive(Clone)]
pub(super) struct Depends {
    pub result: Arc<AnalysisResult>,
    pub stage: u8,
    pub modality: usize,
    /// The group of every sample.
    pub group_of: Arc<Vec<Option<u32>>>,
    pub of: MarkersOf,
    pub against: Option<u32>,
    /// The samples selected, where they are asked about.
    pub selection: Option<SampleSet>,
}

impl Depends {
    pub fn new(
        result: &Arc<AnalysisResult>,
        view: &View,
        group_of: &Arc<Vec<Option<u32>>>,
    ) -> Self {
        let markers = &view.markers;
        let selection = view.selection.clone();
        let selection = selection.filter(|_| markers.of == MarkersOf::Selection);
        Self {
            result: result.clone(),
            stage: view.stage,
            modality: modality(result, view),
            group_of: group_of.clone(),
            of: match (markers.of, &selection) {
                (MarkersOf::Selection, None) => MarkersOf::Group(0),
                (of, _) => of,
            },
            against: markers.against,
            selection,
        }
    }

    fn same_columns(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.result.dataset, &other.result.dataset) && self.modality == other.modality
    }

    /// 0 for samples of the group, 1 for those it is held against, nothing for all others.
    fn sides(&self) -> Vec<Option<u32>> {
        let samples = &self.result.dataset.samples;
        let mut chosen = vec![false; samples.len()];
        match (self.of, &self.selection) {
            (MarkersOf::Group(of), _) => {
                let groups = self.group_of.iter().zip(&mut chosen);
                groups.for_each(|(group, chosen)| *chosen = *group == Some(of));
            }
            (MarkersOf::Selection, selection) => {
                let places = selection.as_ref().map(|own| own.places_in(samples));
                for &place in places.iter().flat_map(|places| places.iter()) {
                    chosen[place as usize] = true;
                }
            }
        }
        let other = |group: &Option<u32>| self.against.is_none_or(|of| *group == Some(of));
        let both = chosen.iter().zip(self.group_of.iter());
        both.map(|(chosen, group)| match chosen {
            true => Some(0),
            false => other(group).then_some(1),
        })
        .collect()
    }
}

/// The modality that is chosen; else the first that is no list of components.
pub fn modality(result: &AnalysisResult, view: &View) -> usize {
    let modalities = &result.dataset.modalities;
    let chosen = view.markers.modality;
    let usual = || {
        let own = |modality: &Modality| !are_components(modality.measured.features.names());
        modalities.iter().position(own).unwrap_or(0)
    };
    let chosen = chosen.filter(|&at| at < modalities.len());
    chosen.unwrap_or_else(usual)
}

impl PartialEq for Depends {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.result, &other.result)
            && Arc::ptr_eq(&self.group_of, &other.group_of)
            && self.selection == other.selection
            && (self.stage, self.modality, self.of, self.against)
                == (other.stage, other.modality, other.of, other.against)
    }
}

/// Markers, and what they were made of.
pub(super) struct Found {
    pub of: Depends,
    columns: Option<Arc<Columns>>,
    pub measure: Measure,
    /// Samples of the group, and those it is held against.
    pub sizes: [usize; 2],
    pub markers: Result<Vec<Survivor>, ColumnsError>,
}

impl Found {
    /// The markers; columns that are there are used again.
    pub fn of(kept: Option<&Self>, of: Depends) -> Self {
        let sides = of.sides();
        let count = |side| sides.iter().filter(|of| **of == Some(side)).count();
        let sizes = [count(0), count(1)];
        let columns = match kept {
            Some(Self {
                columns: Some(columns),
                measure,
                of: before,
                ..
            }) if before.same_columns(&of) => Ok((columns.clone(), *measure)),
            _ => columns(&of),
        };
        let (columns, measure) = match columns {
            Ok((columns, measure)) => (columns, measure),
            Err(error) => {
                return Self {
                    of,
                    columns: None,
                    measure: Measure::AsRead,
                    sizes,
                    markers: Err(error),
                };
            }
        };
        let doubts = of.result.stage(of.stage).doubts();
        // Nothing cancels this: what it made is passed over when something else is asked for.
        let markers = surviving(&columns, &sides, 2, &doubts, &CancelToken::new());
        let of_group = markers.unwrap_or_default().into_iter().next();
        Self {
            of,
            columns: Some(columns),
            measure,
            sizes,
            markers: Ok(of_group.unwrap_or_default()),
        }
    }
}

fn columns(of: &Depends) -> Result<(Arc<Columns>, Measure), ColumnsError> {
    let modality = of.result.dataset.modalities.get(of.modality);
    let modality = modality.ok_or(io::Error::from(io::ErrorKind::NotFound))?;
    let matrix = &modality.measured.matrix;
    let measure = Measure::of(matrix)?;
    Ok((Arc::new(Columns::of(matrix, measure)?), measure))
}
