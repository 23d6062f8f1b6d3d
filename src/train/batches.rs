//! Mini-batches: which samples each step of an epoch looks at.

use crate::job::{CancelToken, Cancelled};
use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

/// Mini-batches of about one size, drawn anew in every epoch so that every sample is in one of them.
#[derive(Clone, Debug)]
pub struct Batches {
    size: usize,
    seed: u64,
    /// Whether an epoch is one of them, and the next epoch the next.
    one: bool,
    cancel: CancelToken,
}

impl Batches {
    /// Mini-batches of at most `size` samples, at least 1. `cancel` is looked at before each.
    pub fn new(size: usize, seed: u64, cancel: CancelToken) -> Self {
        Self {
            size: size.max(1),
            seed,
            one: false,
            cancel,
        }
    }

    /// The same of at most `size` samples.
    pub fn at_most(self, size: usize) -> Self {
        Self {
            size: self.size.min(size.max(1)),
            ..self
        }
    }

    /// The same, but every epoch is one step: on the next mini-batch, until every sample was in one and all are drawn anew.
    pub fn one_each(self) -> Self {
        Self { one: true, ..self }
    }

    /// Whether to go on with the next mini-batch.
    pub(super) fn check(&self) -> Result<(), Cancelled> {
        self.cancel.check()
    }

    /// Samples in one, at most.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The samples of every mini-batch of the epoch that begins after so many steps. They differ by one sample
    /// at most, as the norms' statistics of a small rest would be poor.
    pub fn epoch(&self, samples: usize, steps: u32) -> Vec<Vec<u32>> {
        let mut order: Vec<u32> = (0..samples as u32).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let count = samples.div_ceil(self.size);
        // A run that goes on from a saved state draws what it would have drawn.
        let (drawn, wanted) = match (self.one, steps as usize / count.max(1)) {
            (true, before) => (
                before,
                steps as usize % count.max(1)..steps as usize % count.max(1) + 1,
            ),
            (false, _) => (steps as usize, 0..count),
        };
        rng.set_stream(drawn as u64 + 1);
        order.shuffle(&mut rng);
        wanted
            .map(|i| order[i * samples / count..(i + 1) * samples / count].to_vec())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_one_batch() {
        let batches = Batches::new(30, 7, CancelToken::new());
        let epoch = batches.epoch(100, 0);
        assert_eq!(epoch.len(), 4);
        assert!(epoch.iter().all(|b| b.len() == 25));
        let mut all = epoch.concat();
        assert_ne!(all, (0..100).collect::<Vec<u32>>());
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<u32>>());
        assert_eq!(epoch, batches.epoch(100, 0));
        assert_ne!(epoch, batches.epoch(100, 4));

        // One after the other, and then all anew.
        let one = batches.one_each();
        let steps: Vec<Vec<u32>> = (0..8).flat_map(|step| one.epoch(100, step)).collect();
        assert_eq!(steps.len(), 8);
        for pass in [&steps[..4], &steps[4..]] {
            let mut all = pass.concat();
            all.sort_unstable();
            assert_eq!(all, (0..100).collect::<Vec<u32>>());
        }
        assert_ne!(steps[..4], steps[4..]);
        assert_eq!(one.epoch(100, 6), [steps[6].clone()]);
    }
}
