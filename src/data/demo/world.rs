//! The fixed part of the simulation: how every cell type looks in every modality, and how noisy every feature is.
//!
//! It does not depend on the user's seed, so that the data are equally difficult whatever the seed.

use super::immune::{BRANCHES, MARKERS, TYPES};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Drives the fixed part; another value would be another tissue, of another difficulty.
const WORLD_SEED: u64 = 0x7EA5_E90F;

/// Factors that describe a cell's biology apart from its type: two shared by all types, one along its own axis.
pub(super) const FACTORS: usize = 3;

/// One modality of the simulation.
pub(super) struct View {
    /// Its name.
    pub name: &'static str,
    /// Names of its features.
    pub features: Vec<String>,
    /// Standard deviation of the noise of every feature.
    pub noise: Vec<f32>,
    /// Mean of every type, types x features.
    pub means: Vec<Vec<f32>>,
    /// Mean over all cells, by feature: what a poor cell fades towards.
    pub centre: Vec<f32>,
    /// Effect of every factor, (types x FACTORS) x features.
    pub effects: Vec<Vec<f32>>,
    /// How much the logarithm of a cell's noise shows in a feature: the sequencing depth.
    pub depth: Vec<f32>,
}

/// What makes one modality differ from another.
struct Character {
    name: &'static str,
    /// How far types of different branches, and types of one branch, lie apart (in units of the noise).
    branch: f32,
    kind: f32,
    /// Spread of the biology within a type.
    within: f32,
    /// Feature number over which the signal fades to 1/e.
    fading: f32,
}

/// The modalities in the order of their names.
pub(super) fn views() -> [View; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(WORLD_SEED);
    let atac = Character {
        name: "atac",
        branch: 1.3,
        kind: 2.0,
        within: 0.45,
        fading: 9.0,
    };
    let rna = Character {
        name: "rna",
        branch: 1.4,
        kind: 2.6,
        within: 0.5,
        fading: 11.0,
    };
    let lsi = (1..=30).map(|i| format!("LSI_{i}")).collect();
    let pcs = (1..=50).map(|i| format!("PC_{i}")).collect();
    let mut atac = reduced(&atac, lsi, &mut rng);
    // The first LSI component of real data follows the number of fragments.
    for mean in &mut atac.means {
        mean[0] *= 0.2;
    }
    atac.depth[0] = -1.5;
    let protein = protein(&mut rng);
    let mut views = [atac, protein, reduced(&rna, pcs, &mut rng)];
    for view in &mut views {
        let shares = || TYPES.iter().zip(&view.means);
        view.centre = (0..view.features.len())
            .map(|j| shares().map(|(t, m)| t.share as f32 * m[j]).sum())
            .collect();
    }
    views
}

/// Components of a reduced modality (PCA, LSI): the first carry the signal, the last hardly any.
fn reduced(character: &Character, features: Vec<String>, rng: &mut ChaCha8Rng) -> View {
    let width = features.len();
    let strength: Vec<f32> = (0..width)
        .map(|j| (-(j as f32) / character.fading).exp())
        .collect();
    let mut direction =
        |scale: f32| -> Vec<f32> { strength.iter().map(|s| scale * s * normal(rng)).collect() };
    let branches: Vec<Vec<f32>> = (0..BRANCHES).map(|_| direction(character.branch)).collect();
    let means = TYPES
        .iter()
        .map(|cell_type| {
            let mut mean = direction(character.kind);
            for (depth, &branch) in cell_type.branches.iter().enumerate() {
                // Branches further out differ less: related types stay close.
                let weight = 0.75_f32.powi(depth as i32);
                add(&mut mean, &branches[branch], weight);
            }
            mean
        })
        .collect();
    let shared: Vec<Vec<f32>> = (1..FACTORS).map(|_| direction(character.within)).collect();
    let effects = TYPES
        .iter()
        .flat_map(|_| {
            let own = direction(character.within);
            shared.iter().cloned().chain([own]).collect::<Vec<_>>()
        })
        .collect();
    View {
        name: character.name,
        noise: feature_noise(width, 0.55, rng),
        means,
        centre: Vec::new(),
        effects,
        depth: vec![0.0; width],
        features,
    }
}

/// Surface proteins, centred log-ratio: on or off, with known markers.
fn protein(rng: &mut ChaCha8Rng) -> View {
    const RANGE: f32 = 2.6;
    const WITHIN: f32 = 0.18;
    let width = MARKERS.len();
    let level = |marker: usize, kind: usize| f32::from(MARKERS[marker].1[kind] - b'0') / 9.0;
    let means: Vec<Vec<f32>> = (0..TYPES.len())
        .map(|kind| (0..width).map(|m| RANGE * level(m, kind)).collect())
        .collect();
    // Only what is expressed varies with the state of the cell.
    let mut effects = Vec::new();
    let shared: Vec<Vec<f32>> = (1..FACTORS)
        .map(|_| (0..width).map(|_| WITHIN * normal(rng)).collect())
        .collect();
    for kind in 0..TYPES.len() {
        let own: Vec<f32> = (0..width).map(|_| WITHIN * normal(rng)).collect();
        for effect in shared.iter().chain([&own]) {
            let scaled = effect.iter().enumerate();
            effects.push(scaled.map(|(m, e)| e * (0.3 + level(m, kind))).collect());
        }
    }
    let mut depth = vec![0.0; width];
    // Poor cells bind antibodies unspecifically.
    depth[width - 1] = 0.9;
    View {
        name: "protein",
        features: MARKERS.iter().map(|m| m.0.to_owned()).collect(),
        noise: feature_noise(width, 0.45, rng),
        means,
        centre: Vec::new(),
        effects,
        depth,
    }
}

/// Noise of every feature: log-uniform over a factor of 4.5 around `middle`.
fn feature_noise(width: usize, middle: f32, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let half = 4.5_f32.ln() / 2.0;
    (0..width)
        .map(|_| middle * (half * (2.0 * rng.random::<f32>() - 1.0)).exp())
        .collect()
}

fn add(to: &mut [f32], from: &[f32], weight: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += weight * from;
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f32 {
    rng.sample(StandardNormal)
}
