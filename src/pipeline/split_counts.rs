//! Markers whose p-values are not owed to clusters having been found on the same counts.
//!
//! Clusters are where the data differ, so of any data, even of noise, features differ between clusters (Zhang, Kamath and Tse 2019).
//! Count splitting (Neufeld, Gao, Popp, Battle and Witten 2024) parts every count at random into two halves, which are independent where
//! counts are Poisson's: clusters are found on one half, and the other half, which had no say in them, is tested.

use std::{io, ops::Range};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Binomial, Distribution as _};
use rayon::prelude::*;

use crate::{
    analysis::{
        markers::{Columns, ColumnsError, Marker, Measure, markers},
        scores::adjusted_rand_index,
    },
    data::{Dataset, Matrix, Modality, Sparse, SparseWriteError, SparseWriter, Storage, Values},
    job::{CancelToken, Cancelled},
    method::{Method, UsualError, cluster},
    prepare::{Kind, PrepareError, default_recipe, prepare},
};

/// Samples that are split in one go; fixed, so that the halves do not depend on the number of threads.
const ROWS: usize = 256;

/// What the counts that had no say in the clusters tell.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitMarkers {
    /// Of every group, a marker for each feature, in their order; with p-values that are NaN for a group that is not found on half of the
    /// counts.
    pub markers: Vec<Vec<Marker>>,
    /// How well the groups come back on half of the counts: the adjusted Rand index.
    pub agreement: f64,
}

/// Why counts could not be split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is nothing to split.
    #[error("the values of '{0}' are no counts, which alone can be split")]
    NoCounts(String),
    /// Values on disk.
    #[error("the values could not be read: {0}")]
    Disk(#[from] io::Error),
    /// Half of the counts cannot be made ready.
    #[error("half of the counts could not be made ready: {0}")]
    Prepare(#[from] PrepareError),
    /// There are no clusters.
    #[error("half of the counts could not be clustered: {0}")]
    Cluster(#[from] UsualError),
    /// There is not enough memory.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
}

impl From<SparseWriteError> for SplitError {
    fn from(error: SparseWriteError) -> Self {
        match error {
            SparseWriteError::Disk(error) => Self::Disk(error),
            SparseWriteError::Rows(error) => Self::Disk(io::Error::other(error)),
        }
    }
}

/// Markers of groups that were found on the data, in a modality of counts: on one half of its counts, where clusters come from the other
/// half and from the other modalities (by the looks that vote in hdumec): so many as are `wanted`. A cluster is the group that most of
/// its samples have.
///
/// # Errors
/// See [`SplitError`].
pub fn split_markers(
    dataset: &Dataset,
    modality: usize,
    (groups, count): (&[Option<u32>], usize),
    (wanted, seed): (usize, u64),
    cancel: &CancelToken,
) -> Result<SplitMarkers, SplitError> {
    let modalities = &dataset.modalities;
    let of = modalities
        .get(modality)
        .ok_or(io::Error::from(io::ErrorKind::NotFound))?;
    let [first, second] = halves(of, seed, cancel)?;
    let ready = ready(of, first, cancel)?;
    let others = modalities.iter().enumerate();
    let values: Vec<&Values> = others
        .map(|(at, other)| match at == modality {
            true => &ready,
            false => &other.values,
        })
        .collect();
    let clusters = cluster(Method::Looks, &values, wanted, seed, cancel)?;
    let group_of = most_frequent(&clusters, wanted, groups, count);
    let found: Vec<Option<u32>> = clusters.iter().map(|&k| group_of[k as usize]).collect();
    let both = found.iter().zip(groups);
    let (a, b): (Vec<u32>, Vec<u32>) = both.filter_map(|(a, b)| Some(((*a)?, (*b)?))).unzip();
    let columns = Columns::of(&Matrix::Sparse(second), Measure::LogNormalised)?;
    let mut markers = markers(&columns, &found, count, cancel)?;
    for (group, markers) in (0..).zip(&mut markers) {
        if !found.contains(&Some(group)) {
            // What does not come back cannot be tested.
            let none = |marker: &mut Marker| (marker.p, marker.adjusted) = (f64::NAN, f64::NAN);
            markers.iter_mut().for_each(none);
        }
    }
    Ok(SplitMarkers {
        markers,
        agreement: adjusted_rand_index(&a, &b),
    })
}

/// The counts of a modality in two parts, each count by the toss of a coin.
fn halves(of: &Modality, seed: u64, cancel: &CancelToken) -> Result<[Sparse; 2], SplitError> {
    let matrix = &of.measured.matrix;
    if !matrix.facts()?.are_counts() {
        return Err(SplitError::NoCounts(of.name.clone()));
    }
    let (samples, features) = (matrix.samples(), matrix.features());
    let blocks: Vec<Range<usize>> = (0..samples)
        .step_by(ROWS)
        .map(|start| start..samples.min(start + ROWS))
        .collect();
    let mut writers = [
        SparseWriter::new(features, Storage::Memory)?,
        SparseWriter::new(features, Storage::Memory)?,
    ];
    // A few blocks at a time: what is made of them goes into the writers in their order.
    for some in blocks.chunks(rayon::current_num_threads().max(1)) {
        cancel.check()?;
        let split = some.par_iter().map(|rows| {
            let mut counts = vec![0.0; rows.len() * features];
            matrix.fill(rows.clone(), &mut counts)?;
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(rows.start as u64 + 1);
            Ok(counts
                .chunks(features)
                .fold([Rows::default(), Rows::default()], |halves, row| {
                    split_row(halves, row, &mut rng)
                }))
        });
        let split: Vec<[Rows; 2]> = split.collect::<io::Result<_>>()?;
        for halves in split {
            for (writer, mut rows) in writers.iter_mut().zip(halves) {
                writer.append(rows.lengths, &mut rows.indices, &mut rows.values)?;
            }
        }
    }
    Ok(writers.map(SparseWriter::finish))
}

/// Some rows of a sparse matrix.
#[derive(Default)]
struct Rows {
    lengths: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

fn split_row(mut halves: [Rows; 2], row: &[f32], rng: &mut ChaCha8Rng) -> [Rows; 2] {
    let before = halves.each_ref().map(|half| half.values.len());
    for (at, &count) in row.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        let whole = count as u64;
        // A half is a probability.
        let one = Binomial::new(whole, 0.5).map_or(0, |coin| coin.sample(rng));
        for (half, part) in halves.iter_mut().zip([one, whole - one]) {
            if part > 0 {
                half.indices.push(at as u32);
                half.values.push(part as f32);
            }
        }
    }
    for (half, before) in halves.iter_mut().zip(before) {
        half.lengths.push(half.values.len() - before);
    }
    halves
}

/// Half of the counts as the model would get them.
fn ready(of: &Modality, counts: Sparse, cancel: &CancelToken) -> Result<Values, SplitError> {
    let matrix = Matrix::Sparse(counts);
    let facts = matrix.facts()?;
    let mut recipe = default_recipe(Kind::of(&of.name), &facts);
    if recipe.steps.is_empty() {
        recipe = default_recipe(Kind::Rna, &facts);
    }
    let features = &of.measured.features;
    Ok(prepare(&matrix, features, &recipe, Storage::Memory, cancel)?.values)
}

/// The group that most samples of every cluster have; nothing for a cluster of samples without one.
fn most_frequent(
    clusters: &[u32],
    of: usize,
    groups: &[Option<u32>],
    count: usize,
) -> Vec<Option<u32>> {
    let mut table = vec![0_usize; of * count];
    for (&cluster, group) in clusters.iter().zip(groups) {
        if let Some(group) = group {
            table[cluster as usize * count + *group as usize] += 1;
        }
    }
    let most = |counts: &[usize]| {
        let largest = (0..count as u32)
            .rev()
            .max_by_key(|&at| counts[at as usize]);
        largest.filter(|&at| counts[at as usize] > 0)
    };
    table.chunks(count.max(1)).map(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::simulated::counts::{CountsSpec, generate};

    #[test]
    fn a_cluster_is_the_group_that_most_of_it_has() {
        let groups = [Some(0), Some(0), Some(1), Some(1), None, Some(1)];
        let found = most_frequent(&[0, 0, 0, 1, 2, 1], 4, &groups, 2);
        assert_eq!(found, [Some(0), Some(1), None, None]);
    }

    /// Counts of cells of three types, which differ so much.
    fn cells(effect: f64) -> Dataset {
        let mut dataset = generate(&CountsSpec {
            cells: 400,
            types: 3,
            genes: 300,
            proteins: 1,
            peaks: 1,
            markers: 0.1,
            effect,
            depth: 3_000.0,
            depth_spread: 0.0,
            dispersion: 0.001,
            dropout: 0.0,
            ..CountsSpec::default()
        })
        .unwrap();
        dataset.modalities.retain(|modality| modality.name == "rna");
        dataset
    }

    #[test]
    fn markers_of_noise_do_not_hold_and_those_of_types_do() {
        let cancel = CancelToken::new();
        let share = |markers: &[Vec<Marker>]| {
            let all = || markers.iter().flatten();
            all().filter(|m| m.adjusted < 0.05).count() as f64 / all().count() as f64
        };
        let shares = [0.0, 1.5].map(|effect| {
            let dataset = cells(effect);
            let modality = &dataset.modalities[0];
            let found = cluster(Method::Looks, &[&modality.values], 3, 0, &cancel).unwrap();
            let groups: Vec<Option<u32>> = found.into_iter().map(Some).collect();
            let columns = Columns::of(&modality.measured.matrix, Measure::LogNormalised).unwrap();
            let twice = markers(&columns, &groups, 3, &cancel).unwrap();
            let split = split_markers(&dataset, 0, (&groups, 3), (3, 0), &cancel).unwrap();
            ([share(&twice), share(&split.markers)], split.agreement)
        });
        let [([twice, split], agreement), ([real, held], again)] = shares;
        // What is found and tested on the same counts finds markers in noise.
        assert!(twice > 0.02 && split < 0.002, "{shares:?}");
        assert!(held > 0.5 * real && real > 0.05, "{shares:?}");
        assert!(agreement < 0.2 && again > 0.8, "{shares:?}");
    }

    #[test]
    fn what_is_no_count_is_not_split() {
        let mut dataset = cells(0.0);
        let values = dataset.modalities[0].values.clone();
        dataset.modalities[0].measured.matrix = Matrix::Dense(values);
        let groups = vec![Some(0); 400];
        let outcome = split_markers(&dataset, 0, (&groups, 1), (2, 0), &CancelToken::new());
        assert!(matches!(outcome, Err(SplitError::NoCounts(_))));
    }

    #[test]
    fn halves_add_up_and_are_about_as_large() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let row: Vec<f32> = (0..2_000).map(|at| (at % 7) as f32).collect();
        let [first, second] = split_row(Default::default(), &row, &mut rng);
        let mut sum = vec![0.0; row.len()];
        for half in [&first, &second] {
            assert_eq!(half.lengths, [half.values.len()]);
            let pairs = half.indices.iter().zip(&half.values);
            pairs.for_each(|(&at, &value)| sum[at as usize] += value);
        }
        assert_eq!(sum, row);
        let [a, b] = [first, second].map(|half| half.values.iter().sum::<f32>());
        // Six deviations of 6,000 tosses.
        assert!((a - b).abs() < 6.0 * (a + b).sqrt(), "{a} {b}");
    }
}
