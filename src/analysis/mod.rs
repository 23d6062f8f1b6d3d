//! Analysis of plain arrays: clustering, scores, neighbours, pictures and uncertainty.
//!
//! Nothing here knows tensors, windows or files. Every long function takes a
//! [`CancelToken`](crate::job::CancelToken), looks at it at every chunk of rows and every iteration,
//! and gives bit-identical results for a given seed whatever the number of threads.
//!
//! | module | answers |
//! |---|---|
//! | [`ambiguity`] | between which clusters does a sample lie, and how undecided? |
//! | [`calibration`] | does an uncertainty follow known noise, and find known errors? |
//! | [`kmeans`] | which centres describe the samples best? |
//! | [`clusters`] | where are clusters centred, which is nearest? |
//! | [`components`] | in which directions do features vary together? |
//! | [`whitening`] | how far apart are samples, by the shape of the clusters? |
//! | [`distribution`] | how are numbers distributed in each group? |
//! | [`consensus`] | what do several clusterings agree on? |
//! | [`contradiction`] | do the modalities of a sample say different things? |
//! | [`scores`] | how well do clusters and known classes agree? |
//! | [`silhouette`] | how well are clusters separated in the embedding? |
//! | [`fusion`] | how similar are samples by all modalities together? |
//! | [`spectral`] | which groups of samples are joined by strong edges? |
//! | [`neighbours`] | which samples are nearest to each sample? |
//! | [`leiden`] | which groups of samples does a graph join? |
//! | [`markers`] | which features tell a group of samples from the others? |
//! | [`wnn`] | which samples are nearest across several modalities? |
//! | [`graph`] | which samples are joined, and how strongly? |
//! | [`umap`] | how does the embedding look in two dimensions? |
//! | [`group_noise`] | of which features is the model unsure in which group? |
//! | [`uncertainty`] | what is the model unsure of: values, modalities, samples, assignments? |
//! | [`reasons`] | why does a sample lie between two clusters? |
//! | [`rank`] | do two rankings agree, does a score find the positives? |

pub mod ambiguity;
pub mod calibration;
pub mod clusters;
pub mod components;
pub mod consensus;
pub mod contradiction;
pub mod distribution;
mod eigen;
pub mod fusion;
pub mod graph;
pub mod group_noise;
pub mod kmeans;
pub mod leiden;
pub mod markers;
pub mod neighbours;
pub mod rank;
pub mod reasons;
pub mod scores;
pub mod silhouette;
pub mod spectral;
mod tiles;
pub mod umap;
pub mod uncertainty;
pub mod whitening;
pub mod wnn;
