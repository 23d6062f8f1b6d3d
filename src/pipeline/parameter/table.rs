//! The table itself.

use super::{
    Kind, Parameter,
    ReadBy::{self, Grouping, Maps, Part, Several, Stages},
};
use crate::{
    analysis::umap::limits as map,
    model::limits as model,
    pipeline::Node::{Stage1, Stage2, Starts, Uncertainty, Votes},
    train::limits as train,
};

/// Every parameter of training and of the maps, in the order in which they are told.
pub static PARAMETERS: &[Parameter] = &[
    row(
        ["starts", "starts", "Starts"],
        Part(Starts),
        "Starts from other weights; with several they vote on the clusters, and the one that shows these most plainly goes on. A handful is too few for votes to even out what is chance",
        Kind::Count(|s| &mut s.train.starts, [1, train::STARTS.count()]),
    ),
    row(
        ["start_samples", "start-samples", "Samples of a start"],
        Several(Starts),
        "Samples, drawn at random, that each of several starts is trained on at most",
        Kind::Count(
            |s| &mut s.train.start_samples,
            [32, train::START_SAMPLES.count()],
        ),
    ),
    row(
        ["graph_votes", "graph-votes", "Graph votes"],
        Several(Votes),
        "Clusterings of neighbour graphs, each of another look at the data, that vote beside several starts; 0 for none",
        Kind::Count(
            |s| &mut s.train.graph_votes,
            [0, train::GRAPH_VOTES.count()],
        ),
    ),
    row(
        ["small_data", "small-data", "Small data"],
        Several(Votes),
        "Data of up to so many samples get four times the graph votes: small data leave more to chance; 0 for never",
        Kind::Count(|s| &mut s.train.small_data, [0, train::SMALL_DATA.count()]),
    ),
    row(
        ["large_data", "large-data", "Large data"],
        Several(Votes),
        "Data of more than so many samples get half of the graph votes: they leave less to chance, and votes on them cost much; 0 for never",
        Kind::Count(|s| &mut s.train.large_data, [0, train::LARGE_DATA.count()]),
    ),
    row(
        [
            "finetune_samples",
            "finetune-samples",
            "Uncertainty samples",
        ],
        Part(Uncertainty),
        "Samples that an epoch of the uncertainty looks at, at most, drawn in turn; 0 takes all in every epoch",
        Kind::SomeCount(
            |s| &mut s.train.finetune_samples,
            [0, train::FINETUNE_SAMPLES.count()],
        ),
    ),
    row(
        ["ensemble", "ensemble", "Models"],
        Several(Votes),
        "Of several starts, so many learn the uncertainty at most, which is averaged: what one alone takes for clean, others do not",
        Kind::Count(|s| &mut s.train.ensemble, [1, train::ENSEMBLE.count()]),
    ),
    row(
        ["epochs", "epochs", "Epochs"],
        Stages,
        "Epochs that learn to reproduce the data (of each start), that learn how noisy each value is (of each model), and that sharpen the clusters (which may end sooner)",
        Kind::Counts(
            |s| &mut s.train.epochs,
            [0, train::RECONSTRUCTION_EPOCHS.count()],
        ),
    ),
    row(
        ["batch", "batch", "Batch"],
        Part(Starts),
        "Samples of a training step; 0 takes all at once, as published",
        Kind::SomeCount(|s| &mut s.train.batch, [0, train::BATCH.count()]),
    ),
    row(
        ["learning_rates", "learning-rates", "Learning rate"],
        Stages,
        "Adam's learning rate in reconstruction, uncertainty and clustering",
        Kind::Numbers(
            |s| &mut s.train.learning_rates,
            [1e-9, train::LEARNING_RATE.most],
        ),
    ),
    row(
        ["embedding", "embedding", "Embedding"],
        Part(Starts),
        "Width of the embedding: numbers that stand for a sample",
        Kind::Count(|s| &mut s.train.embedding, [1, model::EMBEDDING.count()]),
    ),
    row(
        ["hidden", "hidden", "Hidden"],
        Part(Starts),
        "Width of the hidden layers",
        Kind::Count(|s| &mut s.train.hidden, [1, model::HIDDEN.count()]),
    ),
    row(
        ["heads", "heads", "Heads"],
        Part(Starts),
        "Attention heads; must divide the width of the embedding",
        Kind::Count(|s| &mut s.train.heads, [1, model::HEADS.count()]),
    ),
    row(
        ["alpha", "alpha", "Alpha"],
        Part(Stage1),
        "Degrees of freedom of the soft assignment",
        Kind::Number(
            |s| &mut s.train.alpha,
            [model::LEAST_ALPHA, model::ALPHA.most],
        ),
    ),
    row(
        ["faithful", "faithful", "Uncertainty apart"],
        Part(Uncertainty),
        "Whether the uncertainty learns without changing the embedding, and is fitted to each sample",
        Kind::Switch(|s| &mut s.train.faithful),
    ),
    row(
        ["masked", "masked", "Masked"],
        Part(Starts),
        "Whether values that are missing in the files are left out of the losses; else the mean of each feature is learned there",
        Kind::Switch(|s| &mut s.train.masked),
    ),
    row(
        ["held_out", "held-out", "Held out"],
        Part(Uncertainty),
        "Share of the samples (of up to 10,000) held out to find out how long to learn the uncertainty; 0 takes all epochs",
        Kind::Number(|s| &mut s.train.held_out, [0.0, train::HELD_OUT]),
    ),
    row(
        ["held_out_trim", "held-out-trim", "Held out, trimmed"],
        Part(Uncertainty),
        "Share of the samples held out that is passed over at either end, so that no outlier decides; 0 counts all",
        Kind::Number(|s| &mut s.train.held_out_trim, [0.0, train::HELD_OUT_TRIM]),
    ),
    row(
        ["clustering_weight", "clustering-weight", "Cluster weight"],
        Part(Stage2),
        "Weight of the clustering beside the reconstruction that stage 2 keeps; 0 clusters alone, as published",
        Kind::SomeNumber(
            |s| &mut s.train.clustering_weight,
            [0.0, train::CLUSTERING_WEIGHT.most],
        ),
    ),
    row(
        ["guard", "guard", "Guard"],
        Part(Stage2),
        "Whether stage 2 goes back to its last sound epoch before a cluster is lost",
        Kind::Switch(|s| &mut s.train.guard),
    ),
    row(
        ["decay", "decay", "Decay"],
        Part(Stage2),
        "Factor on the clustering's learning rate",
        Kind::Number(|s| &mut s.train.decay, [1e-3, train::DECAY.most]),
    ),
    row(
        ["decay_every", "decay-every", "Decay every"],
        Part(Stage2),
        "Epochs between two decays of the clustering's learning rate",
        Kind::Count(
            |s| &mut s.train.decay_every,
            [1, train::DECAY_EVERY.count()],
        ),
    ),
    row(
        ["tolerance", "tolerance", "Tolerance"],
        Part(Stage2),
        "Converged when a smaller share of samples changes cluster; 0 never stops early",
        Kind::Number(|s| &mut s.train.tolerance, [0.0, 1.0]),
    ),
    row(
        ["patience", "patience", "Patience"],
        Part(Stage2),
        "Epochs, one after the other, in which so few samples change cluster",
        Kind::Count(|s| &mut s.train.patience, [1, train::PATIENCE.count()]),
    ),
    row(
        ["kmeans_restarts", "kmeans-restarts", "k-means restarts"],
        Grouping,
        "Tries of k-means; the best is kept",
        Kind::Count(
            |s| &mut s.train.kmeans_restarts,
            [1, train::KMEANS_RESTARTS.count()],
        ),
    ),
    row(
        ["kmeans_iterations", "kmeans-iterations", "k-means steps"],
        Grouping,
        "Iterations of each try of k-means at most",
        Kind::Count(
            |s| &mut s.train.kmeans_iterations,
            [1, train::KMEANS_ITERATIONS.count()],
        ),
    ),
    row(
        ["kmeans_tolerance", "kmeans-tolerance", "k-means tolerance"],
        Grouping,
        "k-means stops when its centres move less, as a share of the mean variance",
        Kind::Number(|s| &mut s.train.kmeans_tolerance, [0.0, 1.0]),
    ),
    row(
        ["neighbours", "umap-neighbours", "Neighbours"],
        Maps,
        "UMAP: neighbours of each sample; more show the large shape",
        Kind::Count(|s| &mut s.umap.neighbours, [2, map::NEIGHBOURS.count()]),
    ),
    row(
        ["min_dist", "umap-min-dist", "Distance"],
        Maps,
        "UMAP: smallest distance between points on the map",
        Kind::Single(|s| &mut s.umap.min_dist, [0.0, map::SPREAD.most as f32]),
    ),
    row(
        ["spread", "umap-spread", "Spread"],
        Maps,
        "UMAP: scale of the map",
        Kind::Single(|s| &mut s.umap.spread, [1e-3, map::SPREAD.most as f32]),
    ),
    row(
        ["epochs", "umap-epochs", "Iterations"],
        Maps,
        "UMAP: iterations of the layout; 0 is automatic: 500, or 200 above 10,000 samples",
        Kind::SomeCount(|s| &mut s.umap.epochs, [0, map::EPOCHS.count()]),
    ),
    row(
        ["negative_samples", "umap-negative-samples", "Repulsions"],
        Maps,
        "UMAP: random samples that each sample is pushed from, per attraction",
        Kind::Count(
            |s| &mut s.umap.negative_samples,
            [0, map::NEGATIVE_SAMPLES.count()],
        ),
    ),
    row(
        ["learning_rate", "umap-learning-rate", "Step"],
        Maps,
        "UMAP: learning rate of the layout",
        Kind::Single(
            |s| &mut s.umap.learning_rate,
            [1e-3, map::LEARNING_RATE.most as f32],
        ),
    ),
    row(
        ["initialisation", "umap-start", "Start"],
        Maps,
        "UMAP: where the layout begins: eigenvectors of the neighbour graph (spectral), or principal components (pca)",
        Kind::Start(|s| &mut s.umap.initialisation),
    ),
];

const fn row(
    [key, flag, name]: [&'static str; 3],
    read_by: ReadBy,
    about: &'static str,
    kind: Kind,
) -> Parameter {
    Parameter {
        key,
        flag,
        name,
        about,
        read_by,
        kind,
    }
}
