//! The uncertainty, learned by several models and averaged.

use std::{collections::VecDeque, io, ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    Milestone, Part, RunError,
    helpers::{Helpers, Work},
    reported::States,
    run::{Ready, Run},
};
use crate::{
    analysis::uncertainty::{self, UncertaintySummary},
    data::{Mask, Masked, Values},
    preprocess::FeatureScale,
    train::{self, Decoder, Engine, ResumePoint, Snapshot, Stage},
};

/// Models that learn the uncertainty, and what those that have learned it say.
///
/// Which features a single model copies, noise and all, through its narrow embedding is a matter of chance: it takes these
/// for cleaner than they are. Others copy others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ensemble {
    /// After the reconstruction, those that wait, without the one that training goes on with.
    waiting: VecDeque<Snapshot>,
    /// How many have learned.
    learned: usize,
    /// The one that learns: epochs that it has learned for, and its state.
    learning: Option<(usize, Snapshot)>,
    /// The logarithm of their mean variance, `n x f_v` for each modality.
    log_variance: Vec<Values>,
}

/// What turns the values of a modality into those that the network learns.
pub(super) struct Scaling {
    scale: FeatureScale,
    /// Which values were measured, where the others are left out of what is learned.
    mask: Option<Mask>,
}

impl Scaling {
    /// That of every modality, from its scale and what the network gets of it.
    pub fn of(scales: Vec<FeatureScale>, inputs: &[Masked]) -> Vec<Self> {
        let masks = inputs.iter().map(|input| input.mask.clone());
        let both = scales.into_iter().zip(masks);
        both.map(|(scale, mask)| Self { scale, mask }).collect()
    }
}

impl Ensemble {
    /// Models that wait.
    pub(super) fn of(waiting: impl IntoIterator<Item = Snapshot>) -> Self {
        Self {
            waiting: waiting.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Epochs that the one that learns has learned for, after those of the others.
    pub(super) fn learning(&self) -> usize {
        self.learning.as_ref().map_or(0, |(done, _)| *done)
    }

    /// Takes the state of the one that learns, after so many epochs.
    pub(super) fn learns(&mut self, done: usize, state: Snapshot) {
        self.learning = Some((done, state));
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        let learning = self.learning.iter().map(|(_, snapshot)| snapshot);
        let states = self.waiting.iter().chain(learning);
        let weights: usize = states.map(|snapshot| snapshot.weights.len()).sum();
        let said = self.log_variance.iter();
        let said: usize = said
            .map(|values| values.samples() * values.features())
            .sum();
        4 * (weights + said) as u64
    }

    /// Whether any model waits.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl Run<'_> {
    /// The models that wait learn the uncertainty for so many epochs, from `few` samples if there is such an engine, and say
    /// what it is; then `engine` is as it was.
    pub(super) fn train_ensemble(
        &mut self,
        ready: &mut Ready,
        epochs: usize,
    ) -> Result<(), RunError> {
        let Ready {
            engine,
            scales,
            subsample,
            shared,
            maker,
            ..
        } = ready;
        let engine = engine.as_mut();
        let goes_on = engine.snapshot()?;
        let mut subsample = subsample.take().map(|mut subsample| {
            // All at once, unlike the starts: what learns in many steps copies more.
            subsample.use_batches(self.batches());
            subsample
        });
        let first = self.so_far.ensemble.learned;
        let from: Arc<[Snapshot]> = self.so_far.ensemble.waiting.iter().cloned().collect();
        let work = Work::Model(epochs);
        let (pieces, batches) = (first..first + from.len(), self.batches());
        let states = from.clone();
        let state = move |model: usize| states[model - first].clone();
        let shared = shared.take();
        let mut helpers = Helpers::begin(
            self,
            &**maker,
            shared.as_deref(),
            batches,
            pieces,
            state.clone(),
            work,
        );
        drop(shared);
        while !self.so_far.ensemble.waiting.is_empty() {
            let model = self.so_far.ensemble.learned;
            let learner = subsample.as_deref_mut().unwrap_or(engine);
            let trained = helpers.trained(self, learner, model, &state, |run, engine, from| {
                run.one_model(engine, model, from, epochs)
            })?;
            self.so_far.ensemble.learning = None;
            engine.restore(&trained.snapshot)?;
            self.so_far.ensemble.log_variance = self.decode_log_variance(engine, scales)?;
            self.so_far.ensemble.learned += 1;
            self.so_far.ensemble.waiting.pop_front();
            self.so_far.point = Some(ResumePoint {
                position: train::Position {
                    stage: Stage::UncertaintyFinetune,
                    epoch: self.so_far.ensemble.learned * epochs,
                },
                snapshot: goes_on.clone(),
                labels: None,
            });
            self.checkpoint(Milestone::Done);
        }
        helpers.finish(self, subsample.as_deref_mut().unwrap_or(engine));
        Ok(engine.restore(&goes_on)?)
    }

    /// A model learns the uncertainty, on from where it was cut off.
    fn one_model(
        &mut self,
        engine: &mut dyn Engine,
        model: usize,
        from: &Snapshot,
        epochs: usize,
    ) -> Result<(), RunError> {
        let done = match &self.so_far.ensemble.learning {
            Some((done, learning)) => {
                engine.restore(learning)?;
                *done
            }
            None => {
                engine.restore(from)?;
                0
            }
        };
        self.training(false, States::OfModel(model * epochs), |spec, context| {
            train::finetune(engine, spec, model, done, epochs, context)
        })
    }

    /// The logarithm of the mean variance of those that have learned, and of the model in `engine`.
    fn decode_log_variance(
        &mut self,
        engine: &mut dyn Engine,
        scales: &[Scaling],
    ) -> Result<Vec<Values>, RunError> {
        self.clock.start(Part::Uncertainty);
        let said = engine.decode(Decoder::LogVariance)?;
        let means = match self.spec.train.faithful {
            true => Some(engine.decode(Decoder::Mean)?),
            false => None,
        };
        let mut means = means.map(Vec::into_iter);
        let modalities = self.dataset.modalities.iter().zip(scales);
        // What is done with is let go of at once: these are as large as the data.
        let joined = modalities.zip(said).enumerate().map(|(at, (of, said))| {
            let (modality, Scaling { scale, mask }) = of;
            let said = match means.as_mut().and_then(Iterator::next) {
                Some(mean) => {
                    let data = |rows: Range<usize>, out: &mut [f32]| {
                        modality.values.copy_rows(rows, out);
                        scale.apply(out);
                    };
                    let fitted = uncertainty::fit_to_samples(&said, &mean, mask.as_ref(), data)?;
                    modality.values.check()?;
                    fitted
                }
                None => said,
            };
            match self.so_far.ensemble.log_variance.get(at) {
                Some(mean) => uncertainty::mean_variance(mean, self.so_far.ensemble.learned, &said),
                None => Ok(said),
            }
        });
        Ok(joined.collect::<io::Result<_>>()?)
    }

    /// What the whole ensemble says, the model in `engine` being the last to learn.
    pub(super) fn uncertainty(
        &mut self,
        ready: &mut Ready,
    ) -> Result<UncertaintySummary, RunError> {
        let log_variance = self.decode_log_variance(ready.engine.as_mut(), &ready.scales)?;
        Ok(UncertaintySummary::from_log_variance(log_variance)?)
    }
}
