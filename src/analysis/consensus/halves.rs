//! Whether half of the clusterings elect what the other half elects.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{Ballot, Cast, elected};
use crate::{
    analysis::scores,
    job::{CancelToken, Cancelled},
};

/// Splits into halves; the mean of a few is steady.
const SPLITS: usize = 4;

/// Samples whose votes are counted at most.
const SAMPLES: usize = 4_096;

/// Clusterings that judge, of a half, at least.
const JUDGES: usize = 4;

impl Ballot {
    /// Mean agreement of the clusters that two halves of the clusterings elect (adjusted Rand index), the halves being drawn at
    /// random: whether another draw of clusterings would elect the same. `None` of too few.
    pub(super) fn halves(
        &self,
        clusters: usize,
        cancel: &CancelToken,
    ) -> Result<Option<f64>, Cancelled> {
        let all = self.labels.len();
        if self.agreement().is_none() {
            return Ok(None);
        }
        let step = self.labels[0].len().div_ceil(SAMPLES);
        let some = |labels: &Vec<u32>| labels.iter().step_by(step).copied().collect();
        let some: Vec<Vec<u32>> = self.labels.par_iter().map(some).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let halves = (0..SPLITS).flat_map(|_| {
            let mut one = vec![false; all];
            for member in rand::seq::index::sample(&mut rng, all, all / 2) {
                one[member] = true;
            }
            let other = one.iter().map(|member| !member).collect();
            [one, other]
        });
        let halves: Vec<Vec<bool>> = halves.collect();
        if halves.iter().any(|half| self.judges(half).count() < JUDGES) {
            return Ok(None);
        }
        let elect = |half: &Vec<bool>| {
            let cast = Cast {
                labels: &some,
                weights: &self.weights(half),
            };
            let first = self
                .first(half)
                .map_or_else(Vec::new, |at| some[at].clone());
            Ok(elected(cast, first, clusters, cancel)?.0)
        };
        let found: Vec<Vec<u32>> = halves.par_iter().map(elect).collect::<Result<_, _>>()?;
        let pairs = found.chunks_exact(2);
        let agree = pairs.map(|pair| scores::adjusted_rand_index(&pair[0], &pair[1]));
        Ok(Some(agree.sum::<f64>() / SPLITS as f64))
    }
}
