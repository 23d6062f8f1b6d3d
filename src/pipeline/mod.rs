//! The whole analysis, from a data set to its result. No threads, no printing: the window and
//! the command line both call [`run`] and differ only in what they do with its [`Event`]s.

pub mod check;
mod checkpoint;
mod clock;
mod compare;
mod comparison;
mod described;
mod ensemble;
mod error;
mod estimate;
mod grouping;
mod helpers;
mod hold_out;
mod intervals;
mod kept;
mod lens;
mod node;
mod noise;
mod opener;
pub mod parameter;
mod products;
mod progress;
mod reasons;
mod reported;
mod result;
mod run;
mod run_slot;
mod run_store;
mod spec;
mod split_counts;
mod stages;
mod starts;
pub mod suggest;
mod train_on;
mod votes;
mod warning;

use std::sync::Arc;

use ndarray::Array2;

pub use checkpoint::{Checkpoint, DoneStart, Resumed};
pub use compare::{CompareEvent, CompareProgress, CompareSpec, compare};
pub use comparison::{Compared, Comparison, MethodClusters};
pub use ensemble::Ensemble;
pub use error::RunError;
pub use estimate::{Contributor, Estimate, MemoryShortage, recently_available_memory};
pub use grouping::{Given, GroupBy, Groups, OwnColour, cluster_group};
pub use helpers::{Helped, HelperNews};
pub use intervals::{Intervals, LEVEL, ModalityIntervals, check_intervals};
pub use kept::{KeptError, KeptResult, is_kept, keep, same_data};
pub use lens::Lens;
pub use node::Node;
pub use noise::{GOES_ON, NoiseCheck, NoiseInjection, NoiseInjectionSpec, check_noise, check_plan};
pub use opener::OpenDevice;
pub use parameter::{PARAMETERS, Parameter};
pub use progress::{Progress, time_in_words};
pub use reasons::{
    between_clusters, judge_of, measurements, most_ambiguous, most_frequent, settling, told,
};
pub use result::{AnalysisResult, PartSeconds, StageResult, agreement};
pub use run::{run, run_on, run_without_maps};
pub use run_slot::{RestingRun, RunSlot};
pub use run_store::{AboutRun, LeftRun, RunStore};
pub(crate) use spec::differences;
pub use spec::{AnalysisSpec, Recipe};
pub use split_counts::{SplitError, SplitMarkers, split_markers};
pub use train_on::{Earlier, TrainOn, TrainOnError};
pub use votes::Votes;
pub use warning::Warning;

use crate::{
    model::DeviceInfo,
    train::{EpochStats, Stage, StartStats},
};

/// The parts of an analysis, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Opening the device and moving the data there.
    Device,
    /// Scaling the features.
    Prepare,
    /// One of the three stages of training.
    Train(Stage),
    /// Clustering neighbour graphs, whose clusters vote too.
    GraphVotes,
    /// Starts and looks at the data vote on the clusters.
    Consensus,
    /// Finding out on samples held out how long the uncertainty should learn.
    HoldOut,
    /// The three levels of uncertainty after stage 1.
    Uncertainty,
    /// k-means on the embedding after stage 1.
    KMeans,
    /// The scores after stage 1.
    Scores,
    /// Whether modalities say different things about a sample.
    Contradiction,
    /// UMAP of the embedding after stage 1 or 2.
    Umap(u8),
    /// Finding out on samples held out what intervals hold.
    Intervals,
}

impl Part {
    /// Key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Prepare => "prepare",
            Self::Train(stage) => stage.key(),
            Self::GraphVotes => "graph_votes",
            Self::Consensus => "consensus",
            Self::HoldOut => "trial",
            Self::Uncertainty => "uncertainty",
            Self::KMeans => "kmeans",
            Self::Scores => "scores",
            Self::Contradiction => "contradiction",
            Self::Intervals => "intervals",
            Self::Umap(1) => "umap_stage1",
            Self::Umap(_) => "umap_stage2",
        }
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device => f.write_str("Preparing the device"),
            Self::Prepare => f.write_str("Preparing the data"),
            Self::Train(stage) => stage.fmt(f),
            Self::GraphVotes => f.write_str("Clustering neighbour graphs"),
            Self::Consensus => f.write_str("Counting the votes"),
            Self::HoldOut => f.write_str("Trying how long to learn the uncertainty"),
            Self::Uncertainty => f.write_str("Measuring uncertainty"),
            Self::KMeans => f.write_str("Finding the starting clusters"),
            Self::Scores => f.write_str("Scoring stage 1"),
            Self::Contradiction => f.write_str("Holding modalities against each other"),
            Self::Intervals => f.write_str("Trying intervals on samples held out"),
            Self::Umap(stage) => write!(f, "UMAP after stage {stage}"),
        }
    }
}

/// What an analysis tells while it runs.
#[derive(Clone, Debug)]
pub enum Event {
    /// The device it computes on.
    Device(DeviceInfo),
    /// News of another device that trains for it.
    Helper {
        /// What was asked for.
        name: String,
        /// What there is to tell of it.
        news: HelperNews,
    },
    /// The device cannot take more samples than these in a training step, so mini-batches are used.
    Limited {
        /// How many.
        samples: usize,
    },
    /// So many pieces, starts or models, are trained at once on this processor from now on.
    SideBySide(usize),
    /// A part has begun.
    Part(Part),
    /// An epoch is done.
    Epoch(EpochStats),
    /// One of several starts is done.
    Start(StartStats),
    /// So much of a part is done: of the neighbour graphs, or of what intervals are found out with.
    Share {
        /// How many.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// It goes on where a run was cut off, or from what an earlier run came to.
    Resumed(Arc<Resumed>),
    /// Picture: the hard labels of a start or of a stage-2 epoch.
    Labels(Arc<Vec<u32>>),
    /// Picture: a UMAP that settles, or in stage 1 the embedding's principal components.
    Layout {
        /// Which embedding: after stage 1 or 2; 0 while stage 1 runs.
        stage: u8,
        /// Iterations done.
        epoch: usize,
        /// Iterations in all.
        epochs: usize,
        /// Samples x 2.
        coordinates: Arc<Array2<f32>>,
    },
    /// What is finished so far; kept when the rest is cancelled or fails.
    Result(Arc<AnalysisResult>),
}

/// What [`Event::Limited`] says, in a sentence.
pub fn limited_in_words(samples: usize) -> String {
    let samples = crate::words::thousands(samples as u64);
    format!(
        "The device cannot take all samples in one step: it trains on mini-batches of at most {samples}."
    )
}

/// Where events go. A closure is a sink without pictures.
pub trait Sink {
    /// Takes an event.
    fn event(&self, event: Event);

    /// Whether anyone looks: pictures of the embedding in stage 1 are made only then.
    fn wants_pictures(&self) -> bool {
        false
    }

    /// How far the run is, to be made if it is to be kept.
    fn checkpoint(&self, _at: Milestone, _make: &mut dyn FnMut() -> Option<Checkpoint>) {}
}

/// Where in a run a checkpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// Within a part; it is offered about every second.
    Within,
    /// After a piece of work.
    Done,
    /// After a part of which other runs may go on.
    After(Node),
}

impl<F: Fn(Event)> Sink for F {
    fn event(&self, event: Event) {
        self(event);
    }
}

impl Event {
    /// Pictures may be dropped when they come too fast; everything else must arrive.
    pub fn is_picture(&self) -> bool {
        matches!(self, Self::Labels(_) | Self::Layout { .. })
    }
}
