//! The clusters of several starts and of looks at the data vote: which clusters there are, and which starts show them.

use std::{io, sync::Arc};

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{
    Ensemble, Event, Milestone, Node, Part, RunError,
    run::{Ready, Run},
};
use crate::{
    analysis::{ambiguity::distances, consensus::Ballot},
    data::{Modality, Values},
    method::graph_votes::{GraphVotesSpec, Looks, graph_votes},
    train::{self, ResumePoint, Snapshot, Stage},
};

/// Looks that do not vote, and the sets of features that they take turns with.
const WITNESSES: [usize; 2] = [24, 4];

/// What was made so far to vote, besides the starts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Votes {
    /// Clusterings of neighbour graphs.
    pub(super) looks: Looks,
    /// Those that do not vote.
    pub(super) witnesses: Looks,
}

impl Votes {
    /// Whether all labels are of so many samples and clusters.
    pub(super) fn fit(&self, samples: usize, clusters: usize) -> bool {
        let mut all = self.looks.votes.iter().chain(&self.witnesses.votes);
        all.all(|look| {
            look.0.len() == samples && look.0.iter().all(|&label| (label as usize) < clusters)
        })
    }
}

impl Run<'_> {
    /// Lets the clusters of all starts and looks at the data vote, and puts the weights whose embedding shows the elected clusters most
    /// plainly into the engine. The next of them learn the uncertainty, too.
    pub(super) fn votes(&mut self, ready: &mut Ready) -> Result<(), RunError> {
        let mut ballot = Ballot::default();
        for start in &self.so_far.starts {
            ballot.add(start.found.to_vec());
        }
        self.make_looks()?;
        let Votes { looks, witnesses } = std::mem::take(&mut self.so_far.votes);
        let labels = |looks: Looks| looks.votes.into_iter().map(|look| look.0.to_vec());
        labels(witnesses).for_each(|look| ballot.add_witness(look));
        labels(looks).for_each(|look| ballot.add_look(look));
        self.clock.start(Part::Consensus);
        let clusters = self.network.clusters;
        let mut consensus = ballot.elect(clusters, self.cancel)?;
        let starts = std::mem::take(&mut self.so_far.starts);
        let plain: Vec<&[u32]> = starts.iter().map(|start| start.seen.as_slice()).collect();
        let order = consensus.likeness(&plain);
        let models = order.iter().take(self.spec.train.models());
        let engine = ready.engine.as_mut();
        // What is clear in one embedding may not be in another: all are asked how far samples are from the clusters.
        let mut mean = Array2::zeros(consensus.votes.dim());
        let share = 1.0 / starts.len() as f32;
        for start in &starts {
            self.cancel.check()?;
            engine.restore(&*start.trained.get()?)?;
            let embedding = self.embed(engine)?;
            let found = distances(embedding.view(), &consensus.labels, clusters);
            mean.scaled_add(share, &found);
        }
        consensus.distances = Some(mean);
        let models = models.map(|&start| starts[start].trained.get().map(Arc::unwrap_or_clone));
        let models: Vec<Snapshot> = models.collect::<io::Result<_>>()?;
        let mut models = models.into_iter();
        engine.restore(&models.next().unwrap_or_default())?;
        self.so_far.ensemble = Ensemble::of(models);
        let elected = consensus.labels.clone();
        self.so_far.consensus = Some(Arc::new(consensus));
        self.sink.event(Event::Labels(Arc::new(elected)));
        if self.sink.wants_pictures() {
            let embedding = self.embed(engine)?;
            self.show(&embedding)?;
        }
        // From here on, a device that fails need not repeat the starts.
        self.so_far.point = Some(ResumePoint {
            position: train::Position {
                stage: Stage::UncertaintyFinetune,
                epoch: 0,
            },
            snapshot: engine.snapshot()?,
            labels: None,
        });
        self.checkpoint(Milestone::After(Node::Votes));
        Ok(())
    }

    /// The votes of neighbour graphs, and those of witnesses.
    fn make_looks(&mut self) -> Result<(), RunError> {
        let train = &self.spec.train;
        if train.graph_votes == 0 {
            return Ok(());
        }
        let votes = train.graph_votes_of(self.dataset.samples());
        self.clock.start(Part::GraphVotes);
        let modalities: Vec<&Values> = self.dataset.modalities.iter().map(|m| &m.values).collect();
        self.looks(&modalities, votes, true)?;
        if self.so_far.votes.looks.votes.is_empty() {
            return Ok(());
        }
        self.witnesses()
    }

    /// Looks that do not vote, where the network gets mixtures of features; else none. Half of some principal components lacks what the
    /// other half has, so that looks at such halves agree little even on sound clusters; halves of the features that were mixed have all
    /// there is, each with noise of its own.
    fn witnesses(&mut self) -> Result<(), RunError> {
        let modalities = self.dataset.modalities.iter();
        let mixed = |modality: &Modality| modality.measured.mixture.is_some();
        if !modalities.clone().any(mixed) {
            return Ok(());
        }
        let unmixed: Vec<&Values> = modalities.map(Modality::unmixed).collect();
        self.looks(&unmixed, WITNESSES, false)
    }

    /// So many looks, at so many sets of features; those of them that are not made yet.
    fn looks(
        &mut self,
        modalities: &[&Values],
        [votes, feature_sets]: [usize; 2],
        vote: bool,
    ) -> Result<(), RunError> {
        let spec = GraphVotesSpec {
            votes,
            feature_sets,
            clusters: self.network.clusters,
            samples: self.spec.train.start_samples,
            seed: self.spec.seed,
        };
        let before = match vote {
            true => self.so_far.votes.looks.clone(),
            false => self.so_far.votes.witnesses.clone(),
        };
        let cancel = self.cancel;
        let mut keep = |made: &Looks| {
            if vote {
                let done = made.tried;
                self.sink.event(Event::Share { done, of: votes });
                self.so_far.votes.looks = made.clone();
            } else {
                self.so_far.votes.witnesses = made.clone();
            }
            self.checkpoint(Milestone::Within);
        };
        graph_votes(modalities, &spec, before, cancel, &mut keep)?;
        Ok(())
    }
}
