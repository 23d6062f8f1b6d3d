//! Weights that nobody works with for now.

use std::{io, sync::Arc};

use ndarray::ArrayD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Snapshot, engine::CENTRES};
use crate::{data::Spill, model::Weights};

/// Snapshots of more bytes than this rest on the disk: of a few starts of a network for tens of thousands of features, weights take
/// gigabytes.
const LARGE: usize = 32 << 20;

/// Bytes that may rest on the disk, of all.
const MOST_ON_DISK: f64 = (64_u64 << 30) as f64;

/// A snapshot that nobody works with for now: in memory, or, if it is large, in a file without a name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Resting(Held);

#[derive(Clone, Debug)]
enum Held {
    Memory(Arc<Snapshot>),
    Disk(Arc<OnDisk>),
}

/// Weights in a file, one tensor after the other.
#[derive(Debug)]
struct OnDisk {
    file: Spill,
    /// Names and shapes, in the order of the file.
    tensors: Vec<(String, Vec<usize>)>,
    /// Values in all.
    length: usize,
}

impl Resting {
    /// Lays a snapshot to rest: in memory, too, where there is no place for it on the disk.
    pub fn new(snapshot: Snapshot) -> Self {
        Self::beyond(LARGE, snapshot)
    }

    fn beyond(large: usize, snapshot: Snapshot) -> Self {
        let bytes = size_of::<f32>() * snapshot.weights.len();
        // What a step of training left is not written: nobody who rests goes on within a training.
        let fresh = snapshot.steps == 0 && snapshot.first_moments.is_empty();
        if bytes <= large || !fresh {
            return Self(Held::Memory(Arc::new(snapshot)));
        }
        Self(match OnDisk::write(&snapshot.weights) {
            Ok(held) => Held::Disk(Arc::new(held)),
            Err(error) => {
                tracing::warn!("weights that rest stay in memory: {error}");
                Held::Memory(Arc::new(snapshot))
            }
        })
    }

    /// The snapshot.
    ///
    /// # Errors
    /// If it cannot be read back from the disk.
    pub fn get(&self) -> io::Result<Arc<Snapshot>> {
        match &self.0 {
            Held::Memory(snapshot) => Ok(snapshot.clone()),
            Held::Disk(held) => held.read().map(Arc::new),
        }
    }

    /// Bytes of main memory that so many of so many values are to be counted with: more than fit on any cache's disk are not to be
    /// counted on there.
    pub fn bytes_in_memory(count: f64, values: f64) -> f64 {
        let each = size_of::<f32>() as f64 * values;
        match each > LARGE as f64 && count * each <= MOST_ON_DISK {
            true => 0.0,
            false => count * each,
        }
    }

    /// Values of its weights.
    pub fn values(&self) -> usize {
        match &self.0 {
            Held::Memory(snapshot) => snapshot.weights.len(),
            Held::Disk(held) => held.length,
        }
    }

    /// Makes it one for another number of clusters, of whose centres nothing is known yet.
    ///
    /// # Errors
    /// If it cannot be read back from the disk.
    pub(crate) fn forget_centres(&mut self, clusters: usize) -> io::Result<()> {
        let known = match &self.0 {
            Held::Memory(snapshot) => snapshot.centres(),
            Held::Disk(held) => {
                let centres = held.tensors.iter().find(|(name, _)| name == CENTRES);
                centres.and_then(|(_, shape)| shape.first().copied())
            }
        };
        if known.is_none_or(|known| known == clusters) {
            return Ok(());
        }
        let mut snapshot = Arc::unwrap_or_clone(self.get()?);
        snapshot.forget_centres(clusters);
        *self = Self::new(snapshot);
        Ok(())
    }
}

impl OnDisk {
    fn write(weights: &Weights) -> io::Result<Self> {
        let mut file = Spill::create()?;
        let (mut tensors, mut length) = (Vec::new(), 0);
        for (name, array) in &weights.tensors {
            let values = array.as_standard_layout();
            file.append(values.as_slice().unwrap_or_default())?;
            tensors.push((name.clone(), array.shape().to_vec()));
            length += array.len();
        }
        Ok(Self {
            file,
            tensors,
            length,
        })
    }

    fn read(&self) -> io::Result<Snapshot> {
        let (mut weights, mut at) = (Weights::default(), 0);
        for (name, shape) in &self.tensors {
            let mut array = ArrayD::zeros(shape.as_slice());
            let values = array.as_slice_mut().unwrap_or_default();
            self.file.read(at, values);
            at += values.len() as u64;
            weights.tensors.insert(name.clone(), array);
        }
        self.file.check()?;
        Ok(Snapshot::from_weights(weights))
    }
}

/// In files it is a snapshot like any other.
impl Serialize for Resting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let snapshot = self.get().map_err(serde::ser::Error::custom)?;
        snapshot.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Resting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Snapshot::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NetworkSpec;

    #[test]
    fn what_rests_on_the_disk_comes_back_as_it_was() {
        let spec = NetworkSpec {
            features: vec![30, 11],
            embedding: 4,
            hidden: 16,
            heads: 2,
            clusters: 3,
            alpha: 1.0,
        };
        let snapshot = Snapshot::from_weights(Weights::initialise(&spec, 7));
        let rests = Resting::beyond(0, snapshot.clone());
        assert!(matches!(rests.0, Held::Disk(_)));
        assert_eq!(*rests.get().unwrap(), snapshot);
        assert_eq!(rests.values(), snapshot.weights.len());
        // In a file it is as one that rests in memory.
        let small = Resting::new(snapshot.clone());
        assert!(matches!(small.0, Held::Memory(_)));
        let written = [&rests, &small].map(|rests| {
            let mut bytes = Vec::new();
            ciborium::into_writer(rests, &mut bytes).unwrap();
            bytes
        });
        assert_eq!(written[0], written[1]);
        let read: Resting = ciborium::from_reader(&*written[0]).unwrap();
        assert_eq!(*read.get().unwrap(), snapshot);
        // Within a training, more than weights counts.
        let mut learning = snapshot.clone();
        learning.steps = 1;
        let learning = Resting::beyond(0, learning);
        assert_eq!(learning.get().unwrap().steps, 1);
        let mut fewer = rests.clone();
        fewer.forget_centres(2).unwrap();
        assert_eq!(
            fewer.get().unwrap().weights.tensors["centres"].shape(),
            [2, 4]
        );
        assert_eq!(*rests.get().unwrap(), snapshot);
    }
}
