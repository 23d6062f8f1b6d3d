//! Samples that lie between clusters for a known reason, made of others.

use ndarray::{Array2, ArrayView1, Axis, stack};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Binomial, Distribution as _, StandardNormal};

use super::{LEAST, scene::Scene, space::Rows};

/// Which share of its counts a thinned sample keeps.
const KEPT: [f64; 2] = [0.05, 0.3];

/// How much of what tells it from the mean a sample without counts keeps, and how many standard deviations of its cluster are added as noise.
const LEFT: f32 = 0.6;
const NOISE: f32 = 1.5;

/// Where on a path from one cluster to another samples may lie.
const ON_PATH: [f64; 2] = [0.15, 0.85];

/// Samples on one path, fewest and most, and their share of the smaller cluster.
const PATH: [usize; 2] = [LEAST, 40];
const PATH_SHARE: usize = 3;

/// Nearest clusters that a path may lead to.
const NEAR: usize = 3;

/// Samples that were made.
pub(super) struct Planted {
    /// What would have been measured of them in every modality.
    pub rows: Vec<Rows>,
    /// The clusters that each was made of.
    pub between: Vec<[u32; 2]>,
}

/// Makes samples of those in clusters.
pub(super) struct Planter<'a> {
    rows: &'a [Rows],
    /// The samples of every cluster.
    members: Vec<Vec<usize>>,
    /// The cluster of every sample in a cluster that is large enough.
    pool: Vec<(usize, u32)>,
    /// The large clusters, the nearest others of each, the nearest first.
    near: Vec<(u32, Vec<u32>)>,
    /// Of modalities without counts: the mean of every feature, its deviation within clusters, and its mean in every cluster.
    plain: Vec<Option<Plain>>,
}

struct Plain {
    mean: Vec<f32>,
    deviation: Vec<f32>,
    centres: Vec<Vec<f32>>,
}

impl<'a> Planter<'a> {
    pub fn new(rows: &'a [Rows], labels: &[u32], count: usize) -> Self {
        let mut members = vec![Vec::new(); count];
        for (sample, &label) in labels.iter().enumerate() {
            members[label as usize].push(sample);
        }
        let large = |(_, label): &(usize, u32)| members[*label as usize].len() >= LEAST;
        let pool = labels.iter().copied().enumerate().filter(large).collect();
        let plain = rows.iter().map(|rows| {
            let counts = rows.totals.is_some();
            (!counts).then(|| Plain::of(rows.values.view(), &members))
        });
        Self {
            plain: plain.collect(),
            rows,
            members,
            pool,
            near: Vec::new(),
        }
    }

    /// Learns which clusters are near each other.
    pub fn measure(&mut self, scene: &Scene) {
        let large: Vec<(u32, &Vec<f32>)> = (0..)
            .zip(scene.centres())
            .filter(|(cluster, _)| self.members[*cluster as usize].len() >= LEAST)
            .filter_map(|(cluster, centre)| Some((cluster, centre.as_ref()?)))
            .collect();
        let near = large.iter().map(|&(own, centre)| {
            let far = |other: &Vec<f32>| -> f32 {
                let each = other.iter().zip(centre);
                each.map(|(a, b)| (a - b) * (a - b)).sum()
            };
            let others = large.iter().filter(|(other, _)| *other != own);
            let mut others: Vec<(f32, u32)> = others.map(|&(c, at)| (far(at), c)).collect();
            others.sort_by(|a, b| a.0.total_cmp(&b.0));
            others.truncate(NEAR);
            (own, others.into_iter().map(|(_, c)| c).collect())
        });
        self.near = near.collect();
    }

    /// Two samples of different clusters, with their clusters.
    fn two(&self, rng: &mut ChaCha8Rng) -> ([usize; 2], [u32; 2]) {
        loop {
            let [a, b] = [(); 2].map(|()| self.pool[rng.random_range(0..self.pool.len())]);
            // There are two clusters at least.
            if a.1 != b.1 {
                return ([a.0, b.0], [a.1, b.1]);
            }
        }
    }

    /// Sums of two samples of different clusters: of counts, the counts of both; else their mean.
    pub fn doublets(&self, count: usize, rng: &mut ChaCha8Rng) -> Planted {
        self.make((0..count).map(|_| self.two(rng)), |modality, [a, b]| {
            let (x, y) = (modality.row(a), modality.row(b));
            let halves = if modality.counts() { 1.0 } else { 0.5 };
            let values = (&x + &y) * halves;
            (values, modality.total(a) + modality.total(b))
        })
    }

    /// Samples of which little was measured: thinned counts; else values pulled to the mean, with noise.
    pub fn thinned(&self, count: usize, rng: &mut ChaCha8Rng) -> Planted {
        let drawn: Vec<_> = (0..count).map(|_| self.two(rng)).collect();
        let kept: Vec<f64> = drawn
            .iter()
            .map(|_| rng.random_range(KEPT[0]..KEPT[1]))
            .collect();
        let mut kept = kept.into_iter().cycle();
        self.make(drawn.into_iter(), |modality, [a, _]| {
            let share = kept.next().unwrap_or(KEPT[1]);
            let x = modality.row(a);
            match modality.plain {
                None => modality.thinned(a, share, rng),
                Some(plain) => {
                    let each = x.iter().zip(&plain.mean).zip(&plain.deviation);
                    let value = |((x, mean), deviation): ((&f32, &f32), &f32)| {
                        let noise: f32 = rng.sample(StandardNormal);
                        mean + LEFT * (x - mean) + NOISE * deviation * noise
                    };
                    (each.map(value).collect(), 0.0)
                }
            }
        })
    }

    /// One modality of a sample, all others of a sample of another cluster.
    pub fn contradicting(&self, count: usize, rng: &mut ChaCha8Rng) -> Planted {
        let drawn: Vec<_> = (0..count).map(|_| self.two(rng)).collect();
        let other: Vec<usize> = (0..count)
            .map(|_| rng.random_range(0..self.rows.len()))
            .collect();
        let mut at = 0;
        self.make(drawn.into_iter(), |modality, [a, b]| {
            let from = if other[at % count] == modality.number {
                b
            } else {
                a
            };
            at += 1;
            (modality.row(from).to_owned(), modality.total(from))
        })
    }

    /// Samples along paths between clusters that are near each other, several on each, at most so many in all: counts of a sample of each
    /// cluster, mixed at the depth of one; else a sample moved along the line of both centres.
    pub fn paths(&self, most: usize, rng: &mut ChaCha8Rng) -> Planted {
        let mut drawn = Vec::new();
        let mut tries = 0;
        while drawn.len() < most && tries < most {
            tries += 1;
            let Some((a, near)) = self.near.choose(rng) else {
                break;
            };
            let Some(&b) = near.choose(rng) else { continue };
            let of = |cluster: u32| &self.members[cluster as usize];
            let smaller = of(*a).len().min(of(b).len());
            let on_path = (smaller / PATH_SHARE).clamp(PATH[0], PATH[1]);
            for _ in 0..on_path.min(most - drawn.len()) {
                let one = |cluster: u32, rng: &mut ChaCha8Rng| {
                    let members = of(cluster);
                    members[rng.random_range(0..members.len())]
                };
                drawn.push(([one(*a, rng), one(b, rng)], [*a, b]));
            }
            // As many samples on paths as in clusters would be another tissue.
            if drawn.len() > self.pool.len() / 2 {
                break;
            }
        }
        let steps: Vec<(f64, bool)> = drawn
            .iter()
            .map(|_| (rng.random_range(ON_PATH[0]..ON_PATH[1]), rng.random()))
            .collect();
        let clusters: Vec<[u32; 2]> = drawn.iter().map(|&(_, between)| between).collect();
        let count = drawn.len().max(1);
        let mut at = 0;
        self.make(drawn.into_iter(), |modality, [a, b]| {
            let (step, from_first) = steps[at % count];
            let [first, second] = clusters[at % count];
            at += 1;
            let Some(plain) = modality.plain else {
                let (x, total) = modality.thinned(a, 1.0 - step, rng);
                let (y, other) = modality.thinned(b, step, rng);
                return (x + y, total + other);
            };
            let (from, step) = match from_first {
                true => (a, step as f32),
                false => (b, step as f32 - 1.0),
            };
            let (start, end) = (
                &plain.centres[first as usize],
                &plain.centres[second as usize],
            );
            let row = modality.row(from);
            let each = row.iter().zip(start.iter().zip(end));
            let values = each.map(|(x, (start, end))| x + step * (end - start));
            (values.collect(), 0.0)
        })
    }

    /// Makes samples, modality by modality, each of two.
    fn make(
        &self,
        drawn: impl Iterator<Item = ([usize; 2], [u32; 2])>,
        mut one: impl FnMut(&Modality<'_>, [usize; 2]) -> (ndarray::Array1<f32>, f32),
    ) -> Planted {
        let (pairs, between): (Vec<[usize; 2]>, Vec<[u32; 2]>) = drawn.unzip();
        let modalities = self.rows.iter().zip(&self.plain).enumerate();
        let rows = modalities.map(|(number, (rows, plain))| {
            let modality = Modality {
                number,
                rows,
                plain: plain.as_ref(),
            };
            let made = pairs.iter().map(|&pair| one(&modality, pair));
            let (values, totals): (Vec<_>, Vec<f32>) = made.unzip();
            let views: Vec<_> = values.iter().map(|row| row.view()).collect();
            let empty = || Array2::zeros((0, rows.values.ncols()));
            Rows {
                values: stack(Axis(0), &views).unwrap_or_else(|_| empty()),
                totals: modality.counts().then_some(totals),
            }
        });
        Planted {
            rows: rows.collect(),
            between,
        }
    }
}

/// What was measured of samples in a modality.
struct Modality<'a> {
    number: usize,
    rows: &'a Rows,
    plain: Option<&'a Plain>,
}

impl Modality<'_> {
    fn counts(&self) -> bool {
        self.rows.totals.is_some()
    }

    fn row(&self, sample: usize) -> ArrayView1<'_, f32> {
        self.rows.values.row(sample)
    }

    fn total(&self, sample: usize) -> f32 {
        self.rows.totals.as_ref().map_or(0.0, |all| all[sample])
    }

    /// A share of the counts of a sample, each drawn or not.
    fn thinned(
        &self,
        sample: usize,
        share: f64,
        rng: &mut ChaCha8Rng,
    ) -> (ndarray::Array1<f32>, f32) {
        let mut keep = |x: f32| match Binomial::new(x.max(0.0) as u64, share) {
            Ok(_) if x <= 0.0 => 0.0,
            Ok(drawn) => drawn.sample(rng) as f32,
            Err(_) => 0.0,
        };
        let row = self.row(sample);
        let values = row.mapv(&mut keep);
        // What features that are not looked at have.
        let rest = keep((self.total(sample) - row.sum()).max(0.0));
        let total = values.sum() + rest;
        (values, total)
    }
}

impl Plain {
    fn of(values: ndarray::ArrayView2<'_, f32>, members: &[Vec<usize>]) -> Self {
        let features = values.ncols();
        let mean = |samples: &mut dyn Iterator<Item = usize>| {
            let (mut sums, mut count) = (vec![0.0_f64; features], 0);
            for sample in samples {
                count += 1;
                let row = values.row(sample);
                sums.iter_mut()
                    .zip(row)
                    .for_each(|(sum, &x)| *sum += f64::from(x));
            }
            let mean = |sum: f64| (sum / f64::from(count.max(1))) as f32;
            sums.into_iter().map(mean).collect::<Vec<f32>>()
        };
        let centres: Vec<Vec<f32>> = members
            .iter()
            .map(|members| mean(&mut members.iter().copied()))
            .collect();
        let mut squares = vec![0.0_f64; features];
        for (centre, members) in centres.iter().zip(members) {
            for &sample in members {
                let off = values.row(sample);
                let off = off.iter().zip(centre).map(|(x, c)| f64::from(x - c));
                squares
                    .iter_mut()
                    .zip(off)
                    .for_each(|(sum, x)| *sum += x * x);
            }
        }
        let samples = values.nrows().max(1) as f64;
        Self {
            mean: mean(&mut (0..values.nrows())),
            deviation: squares
                .iter()
                .map(|s| (s / samples).sqrt() as f32)
                .collect(),
            centres,
        }
    }
}
