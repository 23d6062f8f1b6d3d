//! The maps of a training, to be gone through once more.

use std::sync::Arc;

use ndarray::Array2;

/// Maps that are kept at most, and bytes that they take at most.
const MOST: usize = 96;
const BYTES: usize = 64 << 20;

/// A map as it was.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its number among all maps of the training, which it keeps.
    pub number: usize,
    /// Of which UMAP it is: 1 or 2; 0 for principal components of the embedding.
    pub stage: u8,
    /// The last epoch before it in words, if there was one.
    pub epoch: Option<String>,
    /// Samples x 2.
    pub coordinates: Arc<Array2<f32>>,
    /// Clusters of the moment.
    pub labels: Option<Arc<Vec<u32>>>,
}

/// The maps so far, evenly over what was seen.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    frames: Vec<Frame>,
    seen: usize,
    /// Of so many maps that come, one is kept; a power of two, from 0.
    thinned: u32,
}

impl Replay {
    /// The maps, the first first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The place of the map of that number, or of the last one kept before it.
    pub fn place(&self, number: usize) -> Option<usize> {
        let after = self.frames.partition_point(|frame| frame.number <= number);
        after.checked_sub(1)
    }

    /// Keeps a map. Where there are too many, every other one goes, and of those to come fewer are kept.
    pub(super) fn add(&mut self, mut frame: Frame) {
        let wanted = self.seen.is_multiple_of(1 << self.thinned);
        frame.number = self.seen;
        self.seen += 1;
        if !wanted {
            return;
        }
        let bytes = frame.coordinates.len() * size_of::<f32>();
        self.frames.push(frame);
        if self.frames.len() > MOST || self.frames.len() * bytes > BYTES {
            let mut at = 0;
            self.frames.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.thinned += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_kept_evenly() {
        let mut replay = Replay::default();
        for at in 0..1000 {
            replay.add(Frame {
                stage: 0,
                epoch: None,
                number: 0,
                coordinates: Arc::new(Array2::from_elem((2, 2), at as f32)),
                labels: None,
            });
        }
        let kept: Vec<f32> = replay
            .frames()
            .iter()
            .map(|f| f.coordinates[[0, 0]])
            .collect();
        assert!((MOST / 2..=MOST).contains(&kept.len()), "{}", kept.len());
        let step = kept[1] - kept[0];
        assert!(
            kept.windows(2).all(|pair| pair[1] - pair[0] == step),
            "{kept:?}"
        );
        let place = replay.place(501).unwrap();
        assert!(kept[place] <= 501.0 && kept[place] > 501.0 - step);
        assert!(kept[0] == 0.0 && kept[kept.len() - 1] > 980.0);
    }
}
