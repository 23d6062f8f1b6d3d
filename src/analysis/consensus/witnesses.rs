//! Whether looks that did not vote confirm what was elected.

use rayon::prelude::*;

use super::Ballot;
use crate::analysis::scores;

impl Ballot {
    /// Mean agreement of the witnesses with what was elected, or with each other, whichever is smaller (adjusted Rand index). `None` of fewer
    /// than two.
    pub(super) fn confirmed(&self, elected: &[u32]) -> Option<f64> {
        let witnesses = &self.witnesses;
        let mean = |of: Vec<f64>| of.iter().sum::<f64>() / of.len() as f64;
        if witnesses.len() < 2 {
            return None;
        }
        let pairs: Vec<(&[u32], &[u32])> = (1..witnesses.len())
            .flat_map(|at| {
                witnesses[..at]
                    .iter()
                    .map(move |other| (&*witnesses[at], &**other))
            })
            .collect();
        let alike = |(one, other): (&[u32], &[u32])| scores::adjusted_rand_index(one, other);
        let among = mean(pairs.into_par_iter().map(alike).collect());
        let with = mean(
            witnesses
                .par_iter()
                .map(|one| alike((one, elected)))
                .collect(),
        );
        Some(among.min(with))
    }
}

#[cfg(test)]
mod tests {
    use crate::{analysis::consensus::Ballot, job::CancelToken};

    #[test]
    fn witnesses_do_not_vote_and_tell_the_agreement() {
        let halves: Vec<u32> = (0..40).map(|at| u32::from(at >= 20)).collect();
        let pairs: Vec<u32> = (0..40).map(|at| at % 2).collect();
        let elect = |witnesses: [&Vec<u32>; 3]| {
            let mut ballot = Ballot::default();
            (0..4).for_each(|_| ballot.add_look(halves.clone()));
            witnesses
                .into_iter()
                .for_each(|one| ballot.add_witness(one.clone()));
            let elected = ballot.elect(2, &CancelToken::new()).unwrap();
            assert_eq!((&elected.labels, elected.looks), (&halves, 4));
            elected.agreement.unwrap()
        };
        assert_eq!(elect([&halves; 3]), 1.0);
        // They agree with each other, but on something else.
        assert!(elect([&pairs; 3]) < 0.1);
        let torn = elect([&halves, &halves, &pairs]);
        assert!((0.2..0.4).contains(&torn), "{torn}");
    }
}
