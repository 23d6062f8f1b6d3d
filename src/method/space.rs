//! Where samples lie by the leading principal components of a modality.

use std::{borrow::Cow, io};

use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{
    analysis::components::{Components, Scaling},
    data::{Storage, Values, subsample},
    job::{CancelToken, Cancelled},
};

/// Samples that are placed at once.
const ROWS: usize = 8_192;

/// Why samples have no places.
#[derive(Debug, thiserror::Error)]
pub enum SpaceError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Values held on disk cannot be read.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// All samples of a modality, or some `rows` of it, in memory.
pub(super) fn in_memory<'a>(
    values: &'a Values,
    rows: Option<&[u32]>,
) -> io::Result<Cow<'a, Values>> {
    let all = |samples: usize| (0..samples as u32).collect::<Vec<u32>>();
    match (rows, values.array()) {
        (None, Some(_)) => Ok(Cow::Borrowed(values)),
        (Some(rows), _) => values.select(Storage::Memory, rows).map(Cow::Owned),
        (None, None) => values
            .select(Storage::Memory, &all(values.samples()))
            .map(Cow::Owned),
    }
}

/// The places of all samples on the leading components (`most` of them at most) of some `columns` of a modality. The components
/// are those of `few` of its samples, given by the values of these columns.
pub(super) fn place(
    values: &Values,
    few: ArrayView2<'_, f32>,
    columns: &[usize],
    scaling: Scaling,
    most: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Array2<f32>, SpaceError> {
    let (samples, features) = values.dim();
    let components = Components::fit(few, scaling, most, seed, cancel)?;
    let mut places = Array2::zeros((samples, components.width()));
    let mut buffer = Vec::new();
    for (piece, mut places) in places.axis_chunks_iter_mut(Axis(0), ROWS).enumerate() {
        let start = piece * ROWS;
        let rows = values.rows(start..start + places.nrows(), &mut buffer);
        if let Ok(rows) = ArrayView2::from_shape((places.nrows(), features), rows) {
            let some;
            let seen = match columns.len() == features {
                true => rows,
                false => {
                    some = rows.select(Axis(1), columns);
                    some.view()
                }
            };
            places.assign(&components.apply(seen, cancel)?);
        }
    }
    values.check()?;
    Ok(places)
}

/// The places of all samples on at most `most` components of every modality, features standardised, scaled so that the mean
/// square length is 1: distances in one modality then count as much as in another. The components are those of up to `seen`
/// samples, drawn at random.
///
/// # Errors
/// When cancelled, or if values on disk cannot be read.
pub fn spaces(
    modalities: &[&Values],
    most: usize,
    seen: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Vec<Array2<f32>>, SpaceError> {
    let samples = modalities.first().map_or(0, |values| values.samples());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let drawn = subsample(samples, seen, &mut rng);
    let of = |values: &&Values| {
        let few = in_memory(values, drawn.as_deref())?;
        let empty = Array2::zeros((0, 0));
        let few = few.array().unwrap_or(&empty).view();
        let all: Vec<usize> = (0..values.features()).collect();
        let places = place(values, few, &all, Scaling::Standardised, most, seed, cancel)?;
        Ok(of_unit_length(places.view()))
    };
    modalities.iter().map(of).collect()
}

/// Scaled so that the mean square length of a sample is 1, unless all lie in one place.
pub(super) fn of_unit_length(points: ArrayView2<'_, f32>) -> Array2<f32> {
    let squares: f64 = points.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    let length = (squares / points.nrows().max(1) as f64).sqrt();
    match length > 0.0 {
        true => &points * (1.0 / length) as f32,
        false => points.to_owned(),
    }
}
