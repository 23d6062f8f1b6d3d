//! Mini-batches: which samples each step of an epoch looks at.

use crate::job::{CancelToken, Cancelled};
use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

/// Mini-batches of about one size, drawn anew in every epoch so that every sample is in one of them.
#[derive(Clone, Debug)]
pub struct Batches {
    size: usize,
    seed: u64,
    /// Samples that an epoch looks at, at most: the next epoch looks at the next.
    part: usize,
    cancel: CancelToken,
}

impl Batches {
    /// Mini-batches of at most `size` samples, at least 1. `cancel` is looked at before each.
    pub fn new(size: usize, seed: u64, cancel: CancelToken) -> Self {
        Self {
            size: size.max(1),
            seed,
            part: usize::MAX,
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

    /// The same, but an epoch looks at `part` samples at most, at least 1, and the next at the next, until all were seen and are drawn
    /// anew.
    pub fn in_turn(self, part: usize) -> Self {
        Self {
            part: part.max(1),
            ..self
        }
    }

    /// Whether to go on with the next mini-batch.
    pub(super) fn check(&self) -> Result<(), Cancelled> {
        self.cancel.check()
    }

    /// Samples of one, of so many, at most.
    pub fn largest(&self, samples: usize) -> usize {
        self.size.min(self.part).min(samples)
    }

    /// The samples of every mini-batch of the epoch that begins after so many steps. They differ by one sample
    /// at most, as the norms' statistics of a small rest would be poor.
    pub fn epoch(&self, samples: usize, steps: u32) -> Vec<Vec<u32>> {
        let mut order: Vec<u32> = (0..samples as u32).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        // A run that goes on from a saved state draws what it would have drawn.
        let (parts, steps) = (samples.div_ceil(self.part).max(1), steps as usize);
        let count = samples.div_ceil(parts).div_ceil(self.size);
        let (drawn, part) = match parts {
            1 => (steps, 0),
            _ => {
                let epoch = steps / count.max(1);
                (epoch / parts, epoch % parts)
            }
        };
        rng.set_stream(drawn as u64 + 1);
        order.shuffle(&mut rng);
        let order = &order[part * samples / parts..(part + 1) * samples / parts];
        let each =
            |i: usize| order[i * order.len() / count..(i + 1) * order.len() / count].to_vec();
        (0..count).map(each).collect()
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
        let one = batches.clone().in_turn(30);
        let steps: Vec<Vec<u32>> = (0..8).flat_map(|step| one.epoch(100, step)).collect();
        assert_eq!(steps.len(), 8);
        for pass in [&steps[..4], &steps[4..]] {
            let mut all = pass.concat();
            all.sort_unstable();
            assert_eq!(all, (0..100).collect::<Vec<u32>>());
        }
        assert_ne!(steps[..4], steps[4..]);
        assert_eq!(one.epoch(100, 6), [steps[6].clone()]);

        // Parts in mini-batches: two steps an epoch, and all samples in two epochs.
        let parts = batches.in_turn(60);
        let epochs = [parts.epoch(100, 0), parts.epoch(100, 2)];
        assert!(epochs.iter().all(|epoch| epoch.len() == 2));
        let mut all = epochs.concat().concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<u32>>());
    }
}
