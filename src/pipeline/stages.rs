//! What follows each stage of training.

use std::{io, sync::Arc};

use super::{
    AnalysisResult, Part, StageResult,
    run::{Run, TrainOrOther},
};
use crate::{
    analysis::{
        ambiguity::Ambiguity,
        consensus, kmeans,
        uncertainty::{self, UncertaintyError, UncertaintySummary},
    },
    error::Error,
    model::DeviceInfo,
    preprocess::FeatureScale,
    train::{self, Assignment, Decoder, Engine, ResumePoint, Stage, StopReason, TrainError},
};

impl From<UncertaintyError> for TrainOrOther {
    fn from(error: UncertaintyError) -> Self {
        Self::Other(match error {
            UncertaintyError::Disk(error) => error.into(),
            other => Error::Panicked(other.to_string()),
        })
    }
}

impl Run<'_> {
    pub(super) fn stage_one(
        &mut self,
        engine: &mut dyn Engine,
        device: DeviceInfo,
        scales: &[FeatureScale],
    ) -> Result<AnalysisResult, TrainOrOther> {
        let from = self.point.as_ref().map(|p| p.position).unwrap_or_default();
        self.training(true, |spec, context| {
            train::reconstruct(engine, spec, from, context)
        })?;
        self.clock.start(Part::Uncertainty);
        let uncertainty = self.uncertainty(engine, scales)?;
        self.clock.start(Part::KMeans);
        let embedding = engine.embed()?;
        let (labels, centres) = match &self.consensus {
            Some(consensus) => self.elected(consensus, &embedding)?,
            None => {
                let fit = kmeans::fit(embedding.view(), &self.kmeans_spec(), self.cancel)
                    .map_err(TrainError::from)?;
                (fit.assignment, fit.centres)
            }
        };
        engine.set_centres(centres.view())?;
        self.clock.start(Part::Scores);
        let assignment = engine.assign()?;
        let scores = train::score(
            assignment.embedding.view(),
            &labels,
            self.truth(),
            self.cancel,
        )?;
        // From here on, a device that fails need not repeat stage 1.
        self.point = Some(ResumePoint {
            position: train::Position {
                stage: Stage::Clustering,
                epoch: 0,
            },
            snapshot: engine.snapshot()?,
            labels: None,
        });
        let result = AnalysisResult {
            dataset: self.dataset.clone(),
            spec: self.spec.clone(),
            clusters: self.network.clusters,
            device,
            stage1: self.stage(assignment, labels, scores, None),
            stage2: None,
            uncertainty: Arc::new(uncertainty),
            consensus: self.consensus.clone(),
            history: self.history.clone(),
            weights: Arc::new(engine.weights()?),
            seconds: self.clock.seconds(),
        };
        self.keep(&result);
        Ok(result)
    }

    pub(super) fn stage_two(
        &mut self,
        engine: &mut dyn Engine,
    ) -> Result<StageResult, TrainOrOther> {
        if let Some(consensus) = &self.consensus {
            engine.set_prior(consensus.prior().view())?;
        }
        let (from, labels) = self
            .point
            .as_ref()
            .map(|p| (p.position, p.labels.clone()))
            .unwrap_or_default();
        let mut clustered = self.history.iter().filter(|e| e.stage == Stage::Clustering);
        let before = train::Before {
            labels,
            sizes: clustered.next().map_or(Vec::new(), |e| e.sizes.clone()),
        };
        let dataset = self.dataset.clone();
        let truth = dataset.labels.as_ref().map(|l| l.codes.as_slice());
        let end = self.training(true, |spec, context| {
            train::cluster(engine, spec, truth, from, before, context)
        })?;
        Ok(self.stage(end.assignment, end.labels, end.scores, Some(end.stop)))
    }

    fn stage(
        &self,
        assignment: Assignment,
        labels: Vec<u32>,
        scores: crate::analysis::scores::ClusterScores,
        stop: Option<StopReason>,
    ) -> StageResult {
        let Assignment { q, embedding } = assignment;
        let votes = self.consensus.as_ref().map(|c| c.votes.view());
        StageResult {
            margin: Arc::new(uncertainty::margin(q.view())),
            ambiguity: Arc::new(Ambiguity::of(embedding.view(), &labels, q.ncols())),
            disagreement: votes.map(|votes| Arc::new(consensus::disagreement(votes, &labels))),
            embedding: Arc::new(embedding),
            q: Arc::new(q),
            clusters: Arc::new(labels),
            scores,
            stop,
            umap: None,
            umap_recall: None,
        }
    }

    fn uncertainty(
        &self,
        engine: &mut dyn Engine,
        scales: &[FeatureScale],
    ) -> Result<UncertaintySummary, TrainOrOther> {
        let mut log_variances = engine.decode(Decoder::LogVariance)?;
        if self.spec.train.faithful {
            let means = engine.decode(Decoder::Mean)?;
            let modalities = self.dataset.modalities.iter().zip(scales).zip(&means);
            for (((modality, scale), mean), log_variance) in modalities.zip(&mut log_variances) {
                let of = |rows: std::ops::Range<usize>, out: &mut [f32]| {
                    modality.values.copy_rows(rows, out);
                    scale.apply(out);
                };
                let fitted = uncertainty::fit_to_samples(log_variance, mean, of);
                *log_variance = fitted
                    .and_then(|fitted| modality.values.check().map(|()| fitted))
                    .map_err(|e: io::Error| TrainOrOther::Other(e.into()))?;
            }
        }
        Ok(UncertaintySummary::from_log_variance(log_variances)?)
    }
}
