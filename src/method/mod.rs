//! Ways to cluster the same samples: what votes beside the network's starts.

pub mod graph_votes;
