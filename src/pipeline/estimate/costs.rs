//! What the parts of a run take, from the shapes.
//!
//! Everything is counted in floating point, so nothing overflows whatever the settings are.

use super::{
    super::{helpers::Crew, hold_out, starts::BATCH},
    Contributor, recently_available_memory,
};
use crate::{
    analysis::{neighbours, silhouette},
    data::Storage,
    model::{DeviceChoice, NetworkSpec},
    pipeline::AnalysisSpec,
    train::Resting,
};

/// Operations a second of one thread in matrix products, and in everything else.
const PRODUCTS: f64 = 5e10;
const SCALAR: f64 = 1e9;

/// Bytes a second from disk.
const DISK: f64 = 1e9;

/// Iterations that a restart of k-means takes, about.
const KMEANS_ITERATIONS: f64 = 25.0;

/// Components that a vote of neighbour graphs looks at in a modality, at most.
const COMPONENTS: f64 = 30.0;

/// Components of a modality in which contradictions are looked for, at most.
const PLACES: f64 = 20.0;

/// How many times as much an engine takes that trains beside others, as measured with sixteen: states that wait to be taken over,
/// and what the allocator keeps for every thread.
const BESIDE: f64 = 4.0;

/// Bytes of a 32-bit and of a 64-bit number.
const SINGLE: f64 = 4.0;
const DOUBLE: f64 = 8.0;

/// The shapes of a run.
pub(super) struct Costs<'a> {
    spec: &'a AnalysisSpec,
    storage: Storage,
    /// Samples, and those that a start is trained on.
    n: f64,
    few: f64,
    /// Features of all modalities, of the widest, and the sum of their squares where the covariance is kept.
    features: f64,
    widest: f64,
    squares: f64,
    /// Modalities, widths of the embedding and the hidden layers, clusters.
    v: f64,
    d: f64,
    hidden: f64,
    k: f64,
    starts: f64,
    models: f64,
    epochs: [f64; 3],
    /// Parameters of the network.
    parameters: f64,
    /// Samples of the hold-out, learned from and held out.
    hold_out: f64,
}

impl<'a> Costs<'a> {
    pub fn of(
        spec: &'a AnalysisSpec,
        network: &NetworkSpec,
        samples: usize,
        storage: Storage,
    ) -> Self {
        let train = &spec.train;
        let (n, v) = (samples as f64, network.modalities() as f64);
        let (d, k) = (network.embedding as f64, network.clusters as f64);
        let hidden = network.hidden.next_multiple_of(32) as f64;
        let each = || network.features.iter().map(|&features| features as f64);
        let features: f64 = each().sum();
        let several = train.starts > 1;
        let blocks = 3.0 * hidden * (features + v * (d + 3.0)) + 2.0 * features + v * d;
        Self {
            spec,
            storage,
            n,
            few: match several {
                true => n.min(train.start_samples as f64),
                false => n,
            },
            features,
            widest: each().fold(0.0, f64::max),
            squares: each().filter(|&f| f <= n.min(1024.0)).map(|f| f * f).sum(),
            v,
            d,
            hidden,
            k,
            starts: train.starts as f64,
            models: train.models() as f64,
            epochs: train.epochs.map(|epochs| epochs as f64),
            parameters: blocks + (4.0 + v) * d * (d + 1.0) + k * d,
            hold_out: match train.held_out * n >= 1.0 && samples <= hold_out::MOST {
                true => n,
                false => 0.0,
            },
        }
    }

    fn threads() -> f64 {
        rayon::current_num_threads() as f64
    }

    fn several(&self) -> bool {
        self.starts > 1.0
    }

    /// What is as large as the data, once.
    fn values(&self, samples: f64) -> f64 {
        samples * self.features * SINGLE
    }

    /// Bytes of the data that are loaded already.
    pub fn loaded(&self) -> f64 {
        match self.storage {
            Storage::Memory => self.values(self.n),
            Storage::Disk => 0.0,
        }
    }

    /// Weights with their gradient and moments, and the sums and working memory of an engine's lanes.
    fn engine(&self, samples: f64) -> f64 {
        let row = self.parameters * SINGLE;
        let blocks = (samples / 64.0).ceil().max(1.0);
        let most = (512e6 / row).clamp(2.0, 48.0);
        let lanes = (blocks / 16.0).max(blocks.min(4.0)).min(most).floor();
        let scratch =
            64.0 * SINGLE * (3.0 * self.hidden + 3.0 * self.widest + 8.0 * self.v * self.d);
        // Norms hold a step's weights twice more in double precision.
        9.0 * row + lanes * (row + scratch) + self.squares * DOUBLE
    }

    /// Bytes of an engine that trains starts beside others.
    pub fn start_engine(&self) -> f64 {
        BESIDE * (self.engine(self.few) + self.values(self.few))
    }

    /// Engines beside the first that train starts on this processor.
    fn beside(&self) -> f64 {
        let here = matches!(self.spec.device, DeviceChoice::Auto | DeviceChoice::Cpu);
        if !here || self.storage == Storage::Disk {
            return 0.0;
        }
        let (starts, bytes) = (0..self.spec.train.starts, self.start_engine() as u64);
        let threads = rayon::current_num_threads();
        let crew = Crew::new(threads, starts, bytes, recently_available_memory());
        crew.engines.saturating_sub(1) as f64
    }

    /// Bytes of everything that grows, by what it grows with.
    pub fn memory(&self) -> [(Contributor, f64); 6] {
        let train = &self.spec.train;
        let row = self.parameters * SINGLE;
        let engines = [
            self.n,
            if self.few < self.n { self.few } else { 0.0 },
            self.hold_out,
            self.hold_out * train.held_out,
        ];
        let engines = engines.iter().filter(|&&samples| samples > 0.0);
        // States to go on from: the last one, that of the guard, and one on its way.
        let weights = engines.map(|&n| self.engine(n)).sum::<f64>() + 10.0 * row;
        let several = f64::from(u8::from(self.several()));
        let rest = Resting::bytes_in_memory(self.starts, self.parameters);
        // Those that learn the uncertainty wait in memory, each beside a copy for who trains it.
        let waiting = 2.0 * (self.models - 1.0).max(0.0) * row;
        let starts = several
            * (rest.max(waiting) + self.starts * 3.0 * SINGLE * self.n + self.votes_memory());
        let starts = starts + self.beside() * self.start_engine();
        // Each kind of vote has shares of its own.
        let kinds = if train.graph_votes > 0 { 2.0 } else { 0.0 };
        let shares = if self.several() { 11.0 + kinds } else { 6.0 };
        let clusters = shares * SINGLE * self.n * self.k + self.starts * self.k * self.k * DOUBLE;
        let planned = train.planned().map(|epochs| epochs as f64);
        let epochs = planned.iter().sum::<f64>() * 220.0 + planned[2] * self.k * DOUBLE;
        let neighbours = (self.spec.umap.neighbours as f64).min(self.n);
        let map = self.n * (100.0 * neighbours + 600.0);
        // The data, the scaled ones, and what a model says of them; means and what the ensemble has said.
        let mut copies = 3.0 + if train.faithful { 1.4 } else { 0.0 };
        copies += if self.models > 1.0 { 1.0 } else { 0.0 };
        let mut samples = self.loaded() * copies;
        samples += self.values(self.hold_out);
        samples += if self.few < self.n {
            self.values(self.few)
        } else {
            0.0
        };
        // Tokens and embeddings, some of them in double precision.
        samples += self.n * self.d * (SINGLE * (self.v + 10.0) + 2.0 * DOUBLE);
        if self.v > 1.0 {
            // Places in every modality, and what they contradict each other in, after both stages.
            samples += self.n * SINGLE * (self.v * PLACES + 10.0);
        }
        samples += self.few * self.d * SINGLE + Self::threads() * self.few * DOUBLE;
        [
            (Contributor::Hidden, weights),
            (Contributor::Starts, starts),
            (Contributor::Clusters, clusters),
            (Contributor::Epochs, epochs),
            (Contributor::Neighbours, map),
            (Contributor::Samples, samples),
        ]
    }

    /// How many votes of neighbour graphs there are.
    fn graph_votes(&self) -> f64 {
        self.spec.train.graph_votes_of(self.n as usize)[0] as f64
    }

    /// Votes of neighbour graphs: those made, the components of all samples, and those of every vote at work.
    fn votes_memory(&self) -> f64 {
        let votes = self.graph_votes();
        let components = self.v * COMPONENTS * SINGLE;
        match votes > 0.0 {
            true => {
                self.n * (votes * SINGLE + components * (1.0 + 2.0 * Self::threads()))
                    + self.values(self.few)
            }
            false => 0.0,
        }
    }

    /// Operations of one vote in fast products (its share of the components, neighbours, and the samples that it did not see)
    /// and in scattered steps.
    fn vote(&self) -> [f64; 2] {
        let width = self.v * COMPONENTS;
        let components = 20.0 * self.few * self.values(1.0) / SINGLE * COMPONENTS / 8.0;
        let unseen = if self.few < self.n { self.n } else { 0.0 };
        let products = components + 2.0 * (self.few + unseen) * self.few * width;
        [products, 40_000.0 * self.few]
    }

    /// Seconds of all parts on all threads.
    pub fn seconds(&self) -> f64 {
        let umap = &self.spec.umap;
        let threads = Self::threads();
        let [pretrain, finetune, cluster] = self.epochs;
        let products = match self.several() {
            true => {
                self.starts * (pretrain * self.step(self.few, 1.0) + 2.0 * self.embed(self.n))
                    + finetune * (self.models - 1.0) * self.step(self.few, 2.0)
            }
            false => pretrain * self.step(self.n, 1.0),
        };
        let clustering = match self.spec.train.clustering_weight {
            Some(_) => self.step(self.n, 1.0),
            None => self.step(self.n, 0.0),
        };
        let share = self.spec.train.finetune_share(self.n as usize);
        let learned = share * self.n;
        let products = products
            + finetune * (self.step(learned, 2.0) + self.step(self.hold_out, 2.0))
            + self.models * 2.0 * self.networks(self.n)
            + cluster * (clustering + 2.0 * self.embed(self.n))
            + (1.0 + cluster) * self.silhouette();
        let rounds = if self.several() {
            2.0 * self.starts
        } else {
            1.0
        };
        let kmeans = rounds * self.kmeans();
        let neighbours = (umap.neighbours as f64).min(self.n);
        let pushes = 1.0 + umap.negative_samples as f64;
        let layout = umap.epochs_for(self.n as usize) as f64 * self.n * neighbours * pushes * 6.0;
        let graph = self.n * neighbours * 4_000.0;
        let shares = cluster * self.n * self.k * (self.d + 40.0);
        let whiten = rounds * self.n * (self.d * self.d + 2.0 * self.k * self.d);
        let scalar = 2.0 * (layout + graph) + shares + whiten;
        let compared = match self.n <= neighbours::EXACT_SAMPLES as f64 {
            true => self.n,
            false => 20_000.0,
        };
        let search = 2.0 * self.n * compared * (3.0 * self.d + 10.0);
        // Clusters are matched on one thread.
        let votes = if self.several() {
            self.graph_votes()
        } else {
            0.0
        };
        let [in_products, scattered] = self.vote().map(|operations| votes * operations);
        let matching = (self.starts + votes) * 10.0 * self.k.powi(3) / SCALAR;
        (products + kmeans + search + in_products) / (PRODUCTS * threads)
            + (scalar + scattered) / (SCALAR * threads)
            + matching
            + self.reading(pretrain + share * finetune + cluster)
            + self.overhead()
    }

    /// Steps, however small, take their time.
    fn overhead(&self) -> f64 {
        let planned = self.spec.train.planned();
        1.0 + planned.map(|epochs| epochs as f64).iter().sum::<f64>() * 5e-4
    }

    /// Reading values back, in steps on all samples.
    fn reading(&self, steps: f64) -> f64 {
        match self.storage {
            Storage::Memory => 0.0,
            Storage::Disk => steps * 4.0 * self.values(self.n) / DISK,
        }
    }

    /// Operations of the encoders on so many samples: two for every multiply-add.
    fn embed(&self, samples: f64) -> f64 {
        let fusion = 5.0 * self.v * self.d * self.d;
        2.0 * samples * (self.hidden * (self.features + self.v * self.d) + fusion)
    }

    /// Operations of a network of every modality on top of the embedding.
    fn networks(&self, samples: f64) -> f64 {
        2.0 * samples * self.hidden * (self.features + self.v * self.d)
    }

    /// Operations of a training step that asks so many networks of every modality: backwards every product is there twice.
    /// An epoch of mini-batches does the same in pieces, but for the norms.
    fn step(&self, samples: f64, networks: f64) -> f64 {
        let batch = self.spec.train.batch.map_or(f64::INFINITY, |b| b as f64);
        let batch = match self.several() && samples < self.n {
            true => batch.min(BATCH as f64),
            false => batch,
        };
        let batches = (samples / batch).ceil().max(1.0);
        // In double precision.
        let norms = 4.0 * self.hidden * (self.squares + 2.0 * self.v * self.d * self.d);
        3.0 * self.embed(samples) + 3.0 * networks * self.networks(samples) + batches * norms
    }

    /// Operations of k-means on the samples of a start.
    fn kmeans(&self) -> f64 {
        let train = &self.spec.train;
        let iterations = (train.kmeans_iterations as f64).min(KMEANS_ITERATIONS);
        let seeding = 2.0 + self.k.ln();
        let distances = self.few * self.k * (3.0 * self.d + 8.0);
        2.0 * train.kmeans_restarts as f64 * (iterations + seeding) * distances
    }

    /// Operations of the silhouette, which is estimated from some samples where there are many.
    fn silhouette(&self) -> f64 {
        let exact = silhouette::EXACT_SAMPLES as f64;
        let looked_at = self.n.min((exact * exact / self.n).max(4_096.0));
        looked_at * self.n * (3.0 * self.d + 20.0)
    }
}
