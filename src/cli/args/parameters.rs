//! The flags of the parameters of training and map.

use clap::{Args, ValueEnum};

use crate::{
    analysis::umap::{Initialisation, UmapSpec},
    pipeline::Recipe,
    train::TrainSpec,
};

/// Hyperparameters; the defaults are those of the recipe.
#[derive(Debug, Args)]
#[command(next_help_heading = "Training (defaults of the recipes robust | published)")]
pub struct TrainArguments {
    /// Starts of the reconstruction; with several they vote on the clusters [default: 16 | 1]
    #[arg(long, value_name = "N")]
    pub starts: Option<usize>,
    /// Samples that each of several starts is trained on at most [default: 4096]
    #[arg(long, value_name = "N")]
    pub start_samples: Option<usize>,
    /// Clusterings of neighbour graphs that vote beside several starts [default: 96 | 0]
    #[arg(long, value_name = "N")]
    pub graph_votes: Option<usize>,
    /// Data of up to so many samples get four times the graph votes [default: 1024 | 0]
    #[arg(long, value_name = "N")]
    pub small_data: Option<usize>,
    /// Of several starts, so many learn the uncertainty, which is averaged [default: 4 | 1]
    #[arg(long, value_name = "N")]
    pub ensemble: Option<usize>,
    /// Epochs of reconstruction, uncertainty and clustering [default: 40,200,40 | 200,100,100]
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub epochs: Vec<usize>,
    /// Samples of a training step [default: all at once]
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// Adam's learning rates in the three [default: 0.003,0.001,0.0003 | 0.005,0.001,0.001]
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub learning_rates: Vec<f64>,
    /// Width of the embedding [default: 20]
    #[arg(long, value_name = "D")]
    pub embedding: Option<usize>,
    /// Width of the hidden layers [default: 512]
    #[arg(long, value_name = "N")]
    pub hidden: Option<usize>,
    /// Attention heads; divides the embedding [default: 10]
    #[arg(long, value_name = "N")]
    pub heads: Option<usize>,
    /// Degrees of freedom of the soft assignment [default: 1]
    #[arg(long, value_name = "A")]
    pub alpha: Option<f64>,
    /// Whether uncertainty learns without changing the embedding [default: true | false]
    #[arg(long, value_name = "BOOL")]
    pub faithful: Option<bool>,
    /// Whether values that are missing in the files are left out of the losses [default: true | false]
    #[arg(long, value_name = "BOOL")]
    pub masked: Option<bool>,
    /// Share of up to 10,000 samples held out to find out how long to learn the uncertainty [default: 0.2 | 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub held_out: Option<f64>,
    /// Share of them passed over at either end, so that no outlier decides [default: 0.05 | 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub held_out_trim: Option<f64>,
    /// Weight of the clustering beside the reconstruction kept in stage 2; 0 clusters alone [default: 0.1 | 0]
    #[arg(long, value_name = "W")]
    pub clustering_weight: Option<f64>,
    /// Whether stage 2 goes back before a cluster is lost [default: true | false]
    #[arg(long, value_name = "BOOL")]
    pub guard: Option<bool>,
    /// Factor on the clustering's learning rate ... [default: 0.9]
    #[arg(long, value_name = "F")]
    pub decay: Option<f64>,
    /// ... every so many epochs [default: 20]
    #[arg(long, value_name = "N")]
    pub decay_every: Option<usize>,
    /// Converged when a smaller share of samples changes cluster ... [default: 0.001]
    #[arg(long, value_name = "SHARE")]
    pub tolerance: Option<f64>,
    /// ... in so many epochs, one after the other [default: 10 | 1]
    #[arg(long, value_name = "N")]
    pub patience: Option<usize>,
    /// Restarts of k-means [default: 20]
    #[arg(long, value_name = "N")]
    pub kmeans_restarts: Option<usize>,
    /// Iterations of k-means at most [default: 300]
    #[arg(long, value_name = "N")]
    pub kmeans_iterations: Option<usize>,
    /// Tolerance of k-means, of the mean variance [default: 0.0001]
    #[arg(long, value_name = "T")]
    pub kmeans_tolerance: Option<f64>,
}

/// Where a layout begins.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StartArgument {
    /// Eigenvectors of the neighbour graph
    Spectral,
    /// Principal components of the embedding
    Pca,
}

/// Parameters of the map.
#[derive(Debug, Args)]
#[command(next_help_heading = "UMAP")]
pub struct UmapArguments {
    /// Neighbours of each sample [default: 15]
    #[arg(long, value_name = "N")]
    pub umap_neighbours: Option<usize>,
    /// Smallest distance between points on the map [default: 0.1]
    #[arg(long, value_name = "X")]
    pub umap_min_dist: Option<f32>,
    /// Scale of the map [default: 1]
    #[arg(long, value_name = "X")]
    pub umap_spread: Option<f32>,
    /// Iterations of the layout [default: 500, or 200 above 10,000 samples]
    #[arg(long, value_name = "N")]
    pub umap_epochs: Option<usize>,
    /// Random samples each sample is pushed from, per attraction [default: 5]
    #[arg(long, value_name = "N")]
    pub umap_negative_samples: Option<usize>,
    /// Learning rate of the layout [default: 1]
    #[arg(long, value_name = "X")]
    pub umap_learning_rate: Option<f32>,
    /// Where the layout begins [default: spectral]
    #[arg(long, value_enum, value_name = "START")]
    pub umap_start: Option<StartArgument>,
}

impl TrainArguments {
    /// As the pipeline wants it.
    pub(super) fn spec(&self, recipe: Recipe) -> Result<TrainSpec, String> {
        let mut spec = recipe.train();
        let Self {
            starts,
            start_samples,
            graph_votes,
            small_data,
            ensemble,
            faithful,
            masked,
            held_out,
            held_out_trim,
            clustering_weight,
            guard,
            epochs,
            batch,
            learning_rates,
            embedding,
            hidden,
            heads,
            alpha,
            decay,
            decay_every,
            tolerance,
            patience,
            kmeans_restarts,
            kmeans_iterations,
            kmeans_tolerance,
        } = self;
        three("--epochs", epochs, &mut spec.epochs)?;
        three("--learning-rates", learning_rates, &mut spec.learning_rates)?;
        set(&mut spec.starts, starts);
        set(&mut spec.start_samples, start_samples);
        set(&mut spec.graph_votes, graph_votes);
        set(&mut spec.small_data, small_data);
        set(&mut spec.ensemble, ensemble);
        set(&mut spec.faithful, faithful);
        set(&mut spec.masked, masked);
        set(&mut spec.held_out, held_out);
        set(&mut spec.held_out_trim, held_out_trim);
        set(&mut spec.guard, guard);
        if let Some(weight) = *clustering_weight {
            spec.clustering_weight = (weight != 0.0).then_some(weight);
        }
        set(&mut spec.embedding, embedding);
        set(&mut spec.hidden, hidden);
        set(&mut spec.heads, heads);
        set(&mut spec.alpha, alpha);
        set(&mut spec.decay, decay);
        set(&mut spec.decay_every, decay_every);
        spec.batch = batch.or(spec.batch);
        set(&mut spec.tolerance, tolerance);
        set(&mut spec.patience, patience);
        set(&mut spec.kmeans_restarts, kmeans_restarts);
        set(&mut spec.kmeans_iterations, kmeans_iterations);
        set(&mut spec.kmeans_tolerance, kmeans_tolerance);
        Ok(spec)
    }
}

impl UmapArguments {
    /// As the pipeline wants it.
    pub(super) fn spec(&self) -> UmapSpec {
        let mut spec = UmapSpec::default();
        set(&mut spec.neighbours, &self.umap_neighbours);
        set(&mut spec.min_dist, &self.umap_min_dist);
        set(&mut spec.spread, &self.umap_spread);
        set(&mut spec.negative_samples, &self.umap_negative_samples);
        set(&mut spec.learning_rate, &self.umap_learning_rate);
        if let Some(start) = self.umap_start {
            spec.initialisation = match start {
                StartArgument::Spectral => Initialisation::Spectral,
                StartArgument::Pca => Initialisation::Pca,
            };
        }
        if self.umap_epochs.is_some() {
            spec.epochs = self.umap_epochs;
        }
        spec
    }
}

fn set<T: Copy>(field: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        *field = *value;
    }
}

fn three<T: Copy>(flag: &str, given: &[T], field: &mut [T; 3]) -> Result<(), String> {
    match given {
        [] => Ok(()),
        [a, b, c] => {
            *field = [*a, *b, *c];
            Ok(())
        }
        _ => Err(format!(
            "{flag} takes three numbers, for reconstruction, uncertainty and clustering: \
             {flag} A,B,C"
        )),
    }
}
