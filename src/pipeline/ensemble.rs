//! The uncertainty, learned by several models and averaged.

use std::{collections::VecDeque, io, ops::Range};

use super::{
    Part,
    run::{Run, TrainOrOther},
    starts::only,
};
use crate::{
    analysis::uncertainty::{self, UncertaintySummary},
    data::Values,
    model::Weights,
    preprocess::FeatureScale,
    train::{self, Batches, Decoder, Engine, ResumePoint, Stage},
};

/// Models that learn the uncertainty, and what those that have learned it say.
///
/// Which features a single model copies, noise and all, through its narrow embedding is a matter of chance: it takes these
/// for cleaner than they are. Others copy others.
#[derive(Clone, Debug, Default)]
pub struct Ensemble {
    /// The reconstruction's weights of those that wait, without the one that training goes on with.
    waiting: VecDeque<Weights>,
    /// How many have learned.
    learned: usize,
    /// The logarithm of their mean variance, `n x f_v` for each modality.
    log_variance: Vec<Values>,
}

impl Ensemble {
    /// Models that wait.
    pub(super) fn of(waiting: impl IntoIterator<Item = Weights>) -> Self {
        Self {
            waiting: waiting.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Whether any model waits.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn add(&mut self, said: Vec<Values>) -> io::Result<()> {
        if self.learned > 0 {
            let both = self.log_variance.iter().zip(&said);
            let joined =
                both.map(|(mean, one)| uncertainty::mean_variance(mean, self.learned, one));
            self.log_variance = joined.collect::<io::Result<_>>()?;
        } else {
            self.log_variance = said;
        }
        self.learned += 1;
        Ok(())
    }
}

impl Run<'_> {
    /// The models that wait learn the uncertainty for so many epochs, from `few` samples if there is such an engine, and say
    /// what it is; then `engine` is as it was.
    pub(super) fn others(
        &mut self,
        engine: &mut dyn Engine,
        few: Option<Box<dyn Engine>>,
        scales: &[FeatureScale],
        epochs: usize,
    ) -> Result<(), TrainOrOther> {
        let goes_on = engine.snapshot()?;
        let mut few = few.map(|mut few| {
            // All at once, unlike the starts: what learns in many steps copies more.
            let size = self.spec.train.batch.unwrap_or(usize::MAX);
            few.use_batches(Batches::new(size, self.spec.seed, self.cancel.clone()));
            few
        });
        while let Some(weights) = self.ensemble.waiting.front() {
            let start = only(weights.clone());
            let model = self.ensemble.learned;
            let learner = few.as_deref_mut().unwrap_or(engine);
            learner.restore(&start)?;
            self.training(false, |spec, context| {
                // A device that fails begins with this model again.
                context.on_snapshot = None;
                train::finetune(learner, spec, model, 0, epochs, context)
            })?;
            if let Some(few) = &mut few {
                engine.restore(&few.snapshot()?)?;
            }
            self.listen(engine, scales)?;
            self.ensemble.waiting.pop_front();
            self.point = Some(ResumePoint {
                position: train::Position {
                    stage: Stage::UncertaintyFinetune,
                    epoch: self.ensemble.learned * epochs,
                },
                snapshot: goes_on.clone(),
                labels: None,
            });
        }
        Ok(engine.restore(&goes_on)?)
    }

    /// Adds what the model in `engine` says to the ensemble.
    fn listen(
        &mut self,
        engine: &mut dyn Engine,
        scales: &[FeatureScale],
    ) -> Result<(), TrainOrOther> {
        self.clock.start(Part::Uncertainty);
        let mut said = engine.decode(Decoder::LogVariance)?;
        let disk = |error: io::Error| TrainOrOther::Other(error.into());
        if self.spec.train.faithful {
            let means = engine.decode(Decoder::Mean)?;
            let modalities = self.dataset.modalities.iter().zip(scales).zip(&means);
            for (((modality, scale), mean), log_variance) in modalities.zip(&mut said) {
                let of = |rows: Range<usize>, out: &mut [f32]| {
                    modality.values.copy_rows(rows, out);
                    scale.apply(out);
                };
                let fitted = uncertainty::fit_to_samples(log_variance, mean, of);
                *log_variance = fitted
                    .and_then(|fitted| modality.values.check().map(|()| fitted))
                    .map_err(disk)?;
            }
        }
        self.ensemble.add(said).map_err(disk)
    }

    /// What the whole ensemble says, the model in `engine` being the last to learn.
    pub(super) fn uncertainty(
        &mut self,
        engine: &mut dyn Engine,
        scales: &[FeatureScale],
    ) -> Result<UncertaintySummary, TrainOrOther> {
        self.listen(engine, scales)?;
        let Ensemble { log_variance, .. } = std::mem::take(&mut self.ensemble);
        Ok(UncertaintySummary::from_log_variance(log_variance)?)
    }
}
