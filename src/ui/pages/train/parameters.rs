//! The form of every parameter of training and map.

use eframe::egui::Ui;

use crate::{
    analysis::umap::{Initialisation, UmapSpec},
    train::TrainSpec,
    ui::widgets::form,
};

/// The parameters of training, each with what it does.
pub(super) fn train(ui: &mut Ui, train: &mut TrainSpec) {
    let mut batch = train.batch.unwrap_or(0);
    let tip = "Starts from other weights; with several they vote on the clusters, and the one that shows these most plainly \
               goes on. A handful is too few for votes to even out what is chance: the recipe has 16";
    form::number(ui, "Starts", tip, &mut train.starts, 1..=200);
    if train.starts > 1 {
        let tip = "Samples, drawn at random, that each start is trained on at most";
        let range = 32..=10_000_000;
        form::number(
            ui,
            "Samples of a start",
            tip,
            &mut train.start_samples,
            range,
        );
        let tip = "Clusterings of neighbour graphs, each of another look at the data, that vote beside the starts; 0 for none";
        form::number(ui, "Graph votes", tip, &mut train.graph_votes, 0..=1000);
        let tip = "Data of up to so many samples get four times the graph votes: small data leave more to chance; 0 for never";
        form::number(ui, "Small data", tip, &mut train.small_data, 0..=100_000);
        let tip = "Of the starts, so many learn the uncertainty at most, which is averaged: what one alone takes for clean, others do not";
        form::number(ui, "Models", tip, &mut train.ensemble, 1..=200);
    }
    let tip = "Whether the uncertainty learns without changing the embedding, and is fitted to each sample";
    form::row(ui, "Uncertainty apart", tip, |ui| {
        ui.checkbox(&mut train.faithful, "")
    });
    let tip = "Whether values that are missing in the files are left out of the losses; else the mean of each feature is learned there";
    form::row(ui, "Masked", tip, |ui| ui.checkbox(&mut train.masked, ""));
    let tip = "Share of the samples (of up to 10,000) held out to find out how long to learn the uncertainty; 0 takes all epochs";
    form::number(ui, "Held out", tip, &mut train.held_out, 0.0..=0.5);
    let tip = "Share of the samples held out that is passed over at either end, so that no outlier decides; 0 counts all";
    form::number(
        ui,
        "Held out, trimmed",
        tip,
        &mut train.held_out_trim,
        0.0..=0.4,
    );
    let mut weight = train.clustering_weight.unwrap_or(0.0);
    let tip = "Weight of the clustering beside the reconstruction that stage 2 keeps; 0 clusters alone, as published";
    if form::number(ui, "Cluster weight", tip, &mut weight, 0.0..=1000.0).changed() {
        train.clustering_weight = (weight > 0.0).then_some(weight);
    }
    let tip = "Whether stage 2 goes back to its last sound epoch before a cluster is lost";
    form::row(ui, "Guard", tip, |ui| ui.checkbox(&mut train.guard, ""));
    let tip = "Samples of a training step; 0 takes all at once, as published";
    if form::number(ui, "Batch", tip, &mut batch, 0..=10_000_000).changed() {
        train.batch = (batch > 0).then_some(batch);
    }
    let [first, second, third] = &mut train.learning_rates;
    let rate = 1e-6..=1.0;
    form::number(
        ui,
        "Rate 1",
        "Adam's learning rate of the reconstruction",
        first,
        rate.clone(),
    );
    form::number(
        ui,
        "Rate 2",
        "Adam's learning rate of the uncertainty",
        second,
        rate.clone(),
    );
    form::number(
        ui,
        "Rate 3",
        "Adam's learning rate of the clustering",
        third,
        rate,
    );
    form::number(
        ui,
        "Decay",
        "Factor on the clustering's learning rate",
        &mut train.decay,
        0.01..=1.0,
    );
    form::number(
        ui,
        "Decay every",
        "Epochs between two decays",
        &mut train.decay_every,
        1..=10_000,
    );
    form::number(
        ui,
        "Tolerance",
        "Converged when a smaller share of samples changes cluster; 0 never stops early",
        &mut train.tolerance,
        0.0..=1.0,
    );
    let tip = "Epochs, one after the other, in which so few samples change cluster";
    form::number(ui, "Patience", tip, &mut train.patience, 1..=1000);
    form::number(
        ui,
        "Embedding",
        "Numbers that stand for a sample",
        &mut train.embedding,
        1..=512,
    );
    form::number(
        ui,
        "Hidden",
        "Width of the hidden layers",
        &mut train.hidden,
        1..=8192,
    );
    form::number(
        ui,
        "Heads",
        "Attention heads; must divide the embedding",
        &mut train.heads,
        1..=512,
    );
    form::number(
        ui,
        "Alpha",
        "Degrees of freedom of the soft assignment",
        &mut train.alpha,
        0.01..=100.0,
    );
    form::number(
        ui,
        "k-means restarts",
        "Tries; the best is kept",
        &mut train.kmeans_restarts,
        1..=1000,
    );
    form::number(
        ui,
        "k-means steps",
        "Iterations of each try at most",
        &mut train.kmeans_iterations,
        1..=100_000,
    );
    form::number(
        ui,
        "k-means tolerance",
        "Stops when centres move less, of the mean variance",
        &mut train.kmeans_tolerance,
        0.0..=1.0,
    );
}

/// The parameters of the maps.
pub(super) fn umap(ui: &mut Ui, umap: &mut UmapSpec) {
    form::number(
        ui,
        "Neighbours",
        "UMAP: neighbours of each sample; more show the large shape",
        &mut umap.neighbours,
        2..=200,
    );
    form::number(
        ui,
        "Distance",
        "UMAP: smallest distance between points",
        &mut umap.min_dist,
        0.0..=10.0,
    );
    form::number(
        ui,
        "Spread",
        "UMAP: scale of the map",
        &mut umap.spread,
        0.1..=10.0,
    );
    let mut epochs = umap.epochs.unwrap_or(0);
    let tip = "UMAP: iterations of the layout; 0 is automatic: 500, or 200 above 10,000 samples";
    if form::number(ui, "Iterations", tip, &mut epochs, 0..=10_000).changed() {
        umap.epochs = (epochs > 0).then_some(epochs);
    }
    form::number(
        ui,
        "Repulsions",
        "UMAP: random samples that each sample is pushed from, per attraction",
        &mut umap.negative_samples,
        0..=100,
    );
    form::number(
        ui,
        "Step",
        "UMAP: learning rate of the layout",
        &mut umap.learning_rate,
        0.01..=10.0,
    );
    form::choice(
        ui,
        "Start",
        "UMAP: where the layout begins",
        &mut umap.initialisation,
        &[
            (Initialisation::Spectral, "spectral".into()),
            (Initialisation::Pca, "PCA".into()),
        ],
    );
}
