//! Methods without a network: what people use today, as their own programs do it by default (scikit-learn, muon and leidenalg,
//! snfpy), and the looks that vote in hdumec by themselves.

use std::io;

use ndarray::{Array2, ArrayView2, Axis, concatenate};

use super::{
    Method, SpaceError,
    graph_votes::{GraphVotesSpec, Looks, graph_votes},
    space::{in_memory, of_unit_length, place},
    views,
};
use crate::{
    analysis::{
        components::Scaling,
        consensus::Ballot,
        fusion::{self, FusionError, FusionSpec},
        kmeans::{self, KMeansError, KMeansSpec},
        leiden::leiden_k,
        spectral::{self, SpectralError},
        wnn::{self, WnnError, WnnSpec},
    },
    data::Values,
    job::{CancelToken, Cancelled, MaybeCancelled},
    train::TrainSpec,
};

/// Components of a modality for k-means, at most.
const FOR_KMEANS: usize = 20;

/// Components of a modality whose neighbours are looked for, at most.
const FOR_NEIGHBOURS: usize = 30;

/// Why a method gave no clusters.
#[derive(Debug, thiserror::Error)]
pub enum UsualError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Values held on disk cannot be read.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// k-means could not be run.
    #[error(transparent)]
    KMeans(#[from] KMeansError),
    /// There are no weighted nearest neighbours.
    #[error(transparent)]
    Wnn(#[from] WnnError),
    /// Networks could not be fused: there are too many samples.
    #[error(transparent)]
    Fusion(#[from] FusionError),
    /// The fused network could not be cut: there are too many clusters.
    #[error(transparent)]
    Spectral(#[from] SpectralError),
    /// The method trains a network, which is not done here.
    #[error("{0} trains a network")]
    Trains(Method),
}

impl From<SpaceError> for UsualError {
    fn from(error: SpaceError) -> Self {
        match error {
            SpaceError::Cancelled(cancelled) => cancelled.into(),
            SpaceError::Disk(error) => error.into(),
        }
    }
}

impl MaybeCancelled for UsualError {
    fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled(_)
                | Self::KMeans(KMeansError::Cancelled(_))
                | Self::Wnn(WnnError::Cancelled(_))
                | Self::Fusion(FusionError::Cancelled(_))
                | Self::Spectral(SpectralError::KMeans(KMeansError::Cancelled(_)))
        )
    }
}

/// Clusters the samples of `modalities` (`n x f_v` each, finite) by a method that trains no network; labels are below
/// `clusters`. Takes memory for the values once or twice, and similarity network fusion for some `n x n` numbers besides.
///
/// # Errors
/// See [`UsualError`].
pub fn cluster(
    method: Method,
    modalities: &[&Values],
    clusters: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Vec<u32>, UsualError> {
    let spaces = |scaling, most| -> Result<Vec<Array2<f32>>, UsualError> {
        let of = |values: &&Values| space(values, scaling, most, seed, cancel);
        modalities.iter().map(of).collect()
    };
    let fit = KMeansSpec::new(clusters, seed);
    match method {
        Method::Components | Method::CentredComponents => {
            let scaling = match method {
                Method::Components => Scaling::Standardised,
                _ => Scaling::Centred,
            };
            let spaces = spaces(scaling, FOR_KMEANS)?;
            let blocks: Vec<Array2<f32>> = spaces
                .iter()
                .map(|space| of_unit_length(space.view()))
                .collect();
            let views = views(&blocks);
            let joint = concatenate(Axis(1), &views).unwrap_or_default();
            Ok(kmeans::fit(joint.view(), &fit, cancel)?.assignment)
        }
        Method::Wnn => {
            let spaces = spaces(Scaling::Standardised, FOR_NEIGHBOURS)?;
            let views = views(&spaces);
            let samples = views.first().map_or(0, ArrayView2::nrows);
            let neighbours = wnn::fit(&views, &WnnSpec::for_samples(samples), cancel)?;
            Ok(leiden_k(&neighbours.graph, clusters, seed, cancel)?.labels)
        }
        Method::Snf => {
            // Before anything is computed of too many.
            fusion::SAMPLES
                .check_count(modalities.first().map_or(0, |values| values.samples()))
                .map_err(FusionError::from)?;
            let scaled = modalities.iter().map(|values| standardised(values));
            let scaled = scaled.collect::<io::Result<Vec<_>>>()?;
            let views = views(&scaled);
            let fused = fusion::fuse(&views, &FusionSpec::default(), cancel)?;
            Ok(spectral::cluster(fused.view(), &fit, cancel)?.labels)
        }
        Method::Looks => {
            let train = TrainSpec::robust();
            let samples = modalities.first().map_or(0, |values| values.samples());
            let [votes, feature_sets] = train.graph_votes_of(samples);
            let spec = GraphVotesSpec {
                votes,
                feature_sets,
                clusters,
                samples: train.start_samples,
                seed,
            };
            let mut ballot = Ballot::default();
            let looks = graph_votes(modalities, &spec, Looks::default(), cancel, &mut |_| {})?;
            let looks = looks.votes.into_iter();
            looks.for_each(|look| ballot.add_look(look.0.to_vec()));
            Ok(ballot.elect(clusters, cancel)?.labels)
        }
        network => Err(UsualError::Trains(network)),
    }
}

/// The scores of the samples on the leading components of a modality.
fn space(
    values: &Values,
    scaling: Scaling,
    most: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Array2<f32>, UsualError> {
    let held = in_memory(values, None)?;
    let empty = Array2::zeros((0, 0));
    let points = held.array().unwrap_or(&empty).view();
    let all: Vec<usize> = (0..values.features()).collect();
    Ok(place(values, points, &all, scaling, most, seed, cancel)?)
}

/// Every feature with mean 0 and standard deviation 1; 0 where it does not vary.
fn standardised(values: &Values) -> io::Result<Array2<f32>> {
    let (means, deviations) = (values.means()?, values.deviations()?);
    let held = in_memory(values, None)?;
    let mut points = held.array().cloned().unwrap_or_default();
    for (mut column, (mean, deviation)) in points
        .columns_mut()
        .into_iter()
        .zip(means.iter().zip(&deviations))
    {
        let scale = match *deviation > 1e-12 * mean.abs() {
            true => 1.0 / deviation,
            false => 0.0,
        };
        column.mapv_inplace(|x| ((f64::from(x) - mean) * scale) as f32);
    }
    Ok(points)
}

#[cfg(test)]
mod tests;
