//! What the modalities of a MuData file have in common.

use std::io;

use super::{Contents, Fault, elements::Elements};
use crate::data::{Axis, Frame};

/// What several modalities have in common.
pub(super) fn write(
    file: &mut Elements,
    contents: &Contents<'_>,
    names: &[String],
    obs: &Frame,
) -> Result<(), Fault> {
    let dataset = contents.dataset;
    file.frame("obs", &dataset.samples, obs)?;
    let of_all = dataset.modalities.iter().zip(names);
    let of_all = of_all.flat_map(|(modality, name)| {
        contents
            .features(modality)
            .iter()
            .map(move |feature| (name, feature))
    });
    // The same feature of two modalities has the name of its modality in front.
    let names_of: Vec<String> = of_all.clone().map(|(_, feature)| feature.clone()).collect();
    let features = Axis::new(names_of).or_else(|_| {
        Axis::new(
            of_all
                .map(|(name, feature)| format!("{name}:{feature}"))
                .collect(),
        )
    });
    let features = features.map_err(io::Error::other)?;
    file.frame("var", &features, &Frame::default())?;
    for group in ["obsm", "obsp", "uns", "varm", "varp", "obsmap", "varmap"] {
        file.dict(group);
    }
    let samples = dataset.samples() as u64;
    let mut before = 0;
    for (modality, name) in dataset.modalities.iter().zip(names) {
        let count = contents.features(modality).len() as u64;
        let places: Vec<u32> = (1..=samples as u32).collect();
        file.array(&format!("obsmap/{name}"), &[samples], &places)?;
        let all = std::iter::repeat_n(true, dataset.samples());
        file.bools(&format!("obsm/{name}"), all);
        let all = features.len();
        let own = |at: usize| (at as u64).checked_sub(before).filter(|&at| at < count);
        let places: Vec<u32> = (0..all)
            .map(|at| own(at).map_or(0, |at| at as u32 + 1))
            .collect();
        file.array(&format!("varmap/{name}"), &[all as u64], &places)?;
        file.bools(
            &format!("varm/{name}"),
            (0..all).map(|at| own(at).is_some()),
        );
        before += count;
    }
    Ok(())
}
