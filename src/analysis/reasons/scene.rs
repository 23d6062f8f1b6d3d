//! Samples in clusters, that others are held against.

use ndarray::{Array2, ArrayView1, Axis, concatenate};
use rand::{RngExt as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

use super::joint;
use crate::{
    analysis::{
        clusters::{centres, sizes},
        components::{Components, Scaling},
        neighbours,
        whitening::Whitening,
    },
    job::{CancelToken, Cancelled},
};

/// Share of the mean variance added to every direction, so that none counts for its lack of noise alone.
const RIDGE: f64 = 1e-2;

/// Nearest samples that are looked at for what lies around.
pub const AROUND: usize = 15;

/// Clusters that are cut in two, at most, and samples they have at least.
const CUTS: usize = 8;
const LEAST_CUT: usize = 20;

/// Samples that something is to be seen of.
pub struct Queries {
    /// Their places in every modality.
    pub places: Vec<Array2<f32>>,
    /// How much was measured of them in every modality; NaN without counts.
    pub depths: Vec<Vec<f32>>,
    /// Which of the scene's samples each is itself.
    pub own: Vec<Option<u32>>,
    /// Between which clusters they lie; else the two nearest.
    pub between: Option<Vec<[u32; 2]>>,
}

/// Samples in clusters, that others are held against.
#[derive(Debug)]
pub struct Scene {
    pub places: Vec<Array2<f32>>,
    pub depths: Vec<Vec<f32>>,
    pub labels: Vec<u32>,
    pub count: usize,
    /// Places of sums of pairs, in all modalities side by side.
    pub doublets: Array2<f32>,
    pub whitening: Whitening,
    /// All samples, and the doublets, whitened.
    pub white: [Array2<f32>; 2],
    /// Centres of the clusters, whitened.
    pub centres: Vec<Option<Vec<f32>>>,
    /// Of every modality and cluster: the median depth, or the squared distance of its centre from the mean of all.
    pub usual_depth: Vec<Vec<f32>>,
    /// The usual mean distance of the nearest.
    pub usual_distance: f32,
}

impl Scene {
    pub fn new(
        places: Vec<Array2<f32>>,
        depths: Vec<Vec<f32>>,
        labels: Vec<u32>,
        count: usize,
        doublets: Array2<f32>,
    ) -> Self {
        let points = joint(&places);
        let found = centres(points.view(), &labels, count);
        let whitening = Whitening::of(points.view(), &labels, &found, RIDGE);
        let white = [&points, &doublets].map(|points| whitening.apply_all(points.view()));
        let whitened = |centre: &Vec<f64>| -> Vec<f32> {
            let white = whitening.apply(centre.iter().copied());
            white.into_iter().map(|x| x as f32).collect()
        };
        let mut first = 0;
        let usual_depth = places.iter().zip(&depths).map(|(places, depths)| {
            let own = first..first + places.ncols();
            first = own.end;
            let of = |cluster: usize| {
                let inside = labels.iter().zip(depths);
                let inside = inside.filter(|(label, _)| **label as usize == cluster);
                let depth = median(inside.map(|(_, &depth)| depth).collect());
                match (depth.is_nan(), &found[cluster]) {
                    (true, Some(centre)) => {
                        centre[own.clone()].iter().map(|x| x * x).sum::<f64>() as f32
                    }
                    _ => depth,
                }
            };
            (0..count).map(of).collect()
        });
        Self {
            usual_depth: usual_depth.collect(),
            centres: found.iter().map(|c| c.as_ref().map(whitened)).collect(),
            places,
            depths,
            labels,
            count,
            doublets,
            whitening,
            white,
            usual_distance: 1.0,
        }
    }

    /// Measures what distance of the nearest is usual.
    pub fn settle(&mut self, cancel: &CancelToken) -> Result<(), Cancelled> {
        let [points, _] = &self.white;
        let step = (self.samples() / 1_000).max(1);
        let some: Vec<usize> = (0..self.samples()).step_by(step).collect();
        let own: Vec<_> = some.iter().map(|&at| Some(at as u32)).collect();
        let queries = points.select(Axis(0), &some);
        let near = neighbours::among(points.view(), queries.view(), &own, AROUND, cancel)?;
        let usual = median(near.iter().map(|near| mean_distance(near)).collect());
        self.usual_distance = if usual > 0.0 { usual } else { 1.0 };
        Ok(())
    }

    pub fn clusters(&self) -> usize {
        self.count
    }

    pub fn samples(&self) -> usize {
        self.labels.len()
    }

    /// The centres of all clusters that have samples, in all modalities side by side, whitened.
    pub fn centres(&self) -> &[Option<Vec<f32>>] {
        &self.centres
    }

    /// The same samples in other clusters: one more than there were.
    pub fn relabelled(&self, labels: Vec<u32>) -> Self {
        self.again(
            self.places.clone(),
            self.depths.clone(),
            labels,
            self.count + 1,
        )
    }

    /// These samples as well, each in the nearer of the clusters it was made of.
    pub fn with(&self, queries: &Queries, made_of: &[[u32; 2]]) -> Self {
        let white = self.whitening.apply_all(joint(&queries.places).view());
        let nearer = white.rows().into_iter().zip(made_of);
        let nearer = nearer.map(|(point, &[a, b])| {
            let far = |cluster: u32| self.far(point, cluster);
            if far(b) < far(a) { b } else { a }
        });
        let labels = self.labels.iter().copied().chain(nearer).collect();
        let places = self.places.iter().zip(&queries.places);
        let places = places.map(|(own, more)| {
            concatenate(Axis(0), &[own.view(), more.view()]).expect("places of one width")
        });
        let depths = self.depths.iter().zip(&queries.depths);
        let depths = depths.map(|(own, more)| [own.as_slice(), more].concat());
        self.again(places.collect(), depths.collect(), labels, self.count)
    }

    fn again(
        &self,
        places: Vec<Array2<f32>>,
        depths: Vec<Vec<f32>>,
        labels: Vec<u32>,
        count: usize,
    ) -> Self {
        Self {
            usual_distance: self.usual_distance,
            ..Self::new(places, depths, labels, count, self.doublets.clone())
        }
    }

    /// Some of the scene's own samples.
    pub fn own_queries(&self, samples: &[usize]) -> Queries {
        let depths = self.depths.iter();
        Queries {
            places: self
                .places
                .iter()
                .map(|places| places.select(Axis(0), samples))
                .collect(),
            depths: depths
                .map(|depths| samples.iter().map(|&at| depths[at]).collect())
                .collect(),
            own: samples.iter().map(|&at| Some(at as u32)).collect(),
            between: None,
        }
    }

    /// Large clusters, each cut in two through its middle, along one of its main directions: the clusters of all samples with the new
    /// half last, and the number of the one that was cut.
    pub fn cuts(
        &self,
        rng: &mut ChaCha8Rng,
        cancel: &CancelToken,
    ) -> Result<Vec<(Vec<u32>, u32)>, Cancelled> {
        let points = joint(&self.places);
        let sizes = sizes(&self.labels, self.count);
        let mut large: Vec<usize> = (0..self.count).collect();
        large.retain(|&cluster| sizes[cluster] >= LEAST_CUT);
        large.shuffle(rng);
        large.truncate(CUTS);
        let mut found = Vec::new();
        for cluster in large {
            let inside: Vec<usize> = (0..self.samples())
                .filter(|&at| self.labels[at] as usize == cluster)
                .collect();
            let own = points.select(Axis(0), &inside);
            let main = Components::fit(own.view(), Scaling::Centred, 3, 0, cancel)?;
            let scores = main.apply(own.view(), cancel)?;
            let weights = ndarray::Array1::from_shape_simple_fn(scores.ncols(), || {
                rng.sample::<f32, _>(StandardNormal)
            });
            let along = scores.dot(&weights);
            let middle = median(along.to_vec());
            let mut labels = self.labels.clone();
            for (&at, &x) in inside.iter().zip(&along) {
                if x > middle {
                    labels[at] = self.count as u32;
                }
            }
            found.push((labels, cluster as u32));
        }
        Ok(found)
    }

    /// The samples that lie between two clusters and no others, the most undecided first: a quarter of both clusters at most.
    pub fn undecided(&self, pair: [u32; 2], most: usize) -> Vec<usize> {
        let [white, _] = &self.white;
        let inside = (0..self.samples()).filter(|&at| pair.contains(&self.labels[at]));
        let inside: Vec<usize> = inside.collect();
        let between = inside.par_iter().filter_map(|&at| {
            let point = white.row(at);
            let nearest = self.nearest_two(point)?;
            let here = nearest.contains(&pair[0]) && nearest.contains(&pair[1]);
            let [near, far] = nearest.map(|cluster| self.far(point, cluster));
            here.then_some((far - near, at))
        });
        let mut between: Vec<(f32, usize)> = between.collect();
        between.sort_by(|a, b| a.0.total_cmp(&b.0));
        between.truncate(most.min(inside.len() / 4));
        between.into_iter().map(|(_, at)| at).collect()
    }

    /// The squared distance to the centre of a cluster; infinite where that has no samples.
    pub fn far(&self, point: ArrayView1<'_, f32>, cluster: u32) -> f32 {
        let centre = self.centres.get(cluster as usize).and_then(Option::as_ref);
        centre.map_or(f32::INFINITY, |centre| {
            let each = centre.iter().zip(point);
            each.map(|(a, b)| (a - b) * (a - b)).sum()
        })
    }

    /// The two nearest clusters, if there are two.
    pub fn nearest_two(&self, point: ArrayView1<'_, f32>) -> Option<[u32; 2]> {
        let mut best = [(f32::INFINITY, 0); 2];
        for cluster in 0..self.count as u32 {
            let far = self.far(point, cluster);
            if far < best[0].0 {
                best = [(far, cluster), best[0]];
            } else if far < best[1].0 {
                best[1] = (far, cluster);
            }
        }
        (best[1].0 < f32::INFINITY).then(|| best.map(|(_, cluster)| cluster))
    }

    /// The two clusters that are nearest to a place, in all modalities side by side.
    #[cfg(test)]
    pub fn two_nearest(&self, place: ndarray::ArrayView2<'_, f32>) -> Option<[u32; 2]> {
        self.nearest_two(self.whitening.apply_all(place).row(0))
    }
}

pub fn mean_distance(near: &[(f32, u32)]) -> f32 {
    let near = &near[..near.len().min(AROUND)];
    near.iter().map(|(square, _)| square.sqrt()).sum::<f32>() / near.len().max(1) as f32
}

/// The median of numbers; NaN if any is missing, or there are none.
pub fn median(mut numbers: Vec<f32>) -> f32 {
    if numbers.iter().any(|x| x.is_nan()) {
        return f32::NAN;
    }
    let middle = numbers.len() / 2;
    match numbers.is_empty() {
        true => f32::NAN,
        false => *numbers.select_nth_unstable_by(middle, f32::total_cmp).1,
    }
}
