//! Samples held out, to find out how long the uncertainty should learn.

use std::io;

use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use crate::data::Masked;

/// More samples are not overfitted within the epochs of the recipe, and cost time.
pub(super) const MOST: usize = 10_000;
/// Fewer say nothing.
const LEAST: usize = 10;

/// The data in two parts, drawn at random.
pub(super) struct HoldOut {
    /// To learn from.
    pub trained: Vec<Masked>,
    /// To be tested on.
    pub held_out: Vec<Masked>,
}

impl HoldOut {
    /// How many of so many samples are held out at this share; none where that is not asked for, or they are too many or
    /// too few.
    pub fn held(samples: usize, share: f64) -> Option<usize> {
        let held = (share * samples as f64).round() as usize;
        (held >= LEAST && samples <= MOST).then_some(held)
    }

    /// Holds a share of the samples out, see [`HoldOut::held`].
    pub fn of(inputs: &[Masked], share: f64, seed: u64) -> io::Result<Option<Self>> {
        let samples = inputs.first().map_or(0, |x| x.values.samples());
        let Some(held) = Self::held(samples, share) else {
            return Ok(None);
        };
        let mut order: Vec<u32> = (0..samples as u32).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let (held, trained) = order.split_at_mut(held);
        held.sort_unstable();
        trained.sort_unstable();
        let part = |rows: &[u32]| {
            let each = inputs.iter().map(|x| x.select(x.values.storage(), rows));
            each.collect::<io::Result<Vec<Masked>>>()
        };
        Ok(Some(Self {
            trained: part(trained)?,
            held_out: part(held)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Values;
    use ndarray::Array2;

    #[test]
    fn every_sample_is_in_one_part() {
        let values = Values::from(Array2::from_shape_fn((100, 1), |(i, _)| i as f32));
        let inputs = [values.into()];
        let hold_out = HoldOut::of(&inputs, 0.2, 3).unwrap().unwrap();
        let rows = |part: &[Masked]| part[0].values.array().unwrap().column(0).to_vec();
        let mut all = rows(&hold_out.held_out);
        assert_eq!(all.len(), 20);
        all.extend(rows(&hold_out.trained));
        all.sort_by(f32::total_cmp);
        assert_eq!(all, (0..100).map(|i| i as f32).collect::<Vec<_>>());
        assert!(HoldOut::of(&inputs, 0.0, 3).unwrap().is_none());
        assert!(HoldOut::of(&inputs, 0.05, 3).unwrap().is_none());
    }
}
