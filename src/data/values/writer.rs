//! Values that come in one after the other.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Held, OnDisk, Spill, Values};
use crate::data::available_memory;

/// How much a data set may take in memory, shared by all that is being read of it: values, of which more go to disk, and
/// names, which cannot.
#[derive(Clone, Debug)]
pub struct MemoryLimit(Arc<Left>);

/// Bytes that are left.
#[derive(Debug)]
struct Left {
    values: AtomicU64,
    names: AtomicU64,
}

/// More names than there is memory for, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyNames {
    /// What they would take.
    pub needed: u64,
    /// What was left for them.
    pub left: u64,
}

impl MemoryLimit {
    /// An eighth of the memory that is free now: beside the values there will be scaled ones and deviations, and means, log
    /// variances and their sums while those are made.
    pub fn of_machine() -> Self {
        Self::new(available_memory() / 8)
    }

    /// A limit to the values in bytes; names may take half of the memory that is free now.
    pub fn new(values: u64) -> Self {
        let names = match available_memory() {
            0 => u64::MAX,
            free => free / 2,
        };
        Self::of(values, names)
    }

    /// Limits to values and names in bytes.
    pub fn of(values: u64, names: u64) -> Self {
        let (values, names) = (values.into(), names.into());
        Self(Arc::new(Left { values, names }))
    }

    /// Takes memory for names.
    ///
    /// # Errors
    /// If there is less left.
    pub fn take_names(&self, bytes: u64) -> Result<(), TooManyNames> {
        taken(&self.0.names, bytes).map_err(|left| TooManyNames {
            needed: bytes,
            left,
        })
    }

    /// Bytes that names may still take.
    pub fn names_left(&self) -> u64 {
        self.0.names.load(Ordering::Relaxed)
    }

    /// Gives memory back that was taken for names.
    pub fn give_names_back(&self, bytes: u64) {
        self.0.names.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether so many bytes more of values are allowed; then they are taken.
    pub(in crate::data) fn take(&self, bytes: u64) -> bool {
        taken(&self.0.values, bytes).is_ok()
    }

    pub(in crate::data) fn give_back(&self, bytes: u64) {
        self.0.values.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Takes bytes, or says how many are left.
fn taken(left: &AtomicU64, bytes: u64) -> Result<(), u64> {
    let less = |left: u64| left.checked_sub(bytes);
    let order = Ordering::Relaxed;
    left.fetch_update(order, order, less).map(|_| ())
}

/// Takes up rows one after the other: in memory up to a limit, then on disk.
#[derive(Debug)]
pub struct ValuesWriter {
    features: usize,
    limit: MemoryLimit,
    to: To,
}

#[derive(Debug)]
enum To {
    Memory(Vec<f32>),
    /// A file, and the values in it.
    Disk(Spill, u64),
}

fn bytes_of(values: &[f32]) -> u64 {
    size_of_val(values) as u64
}

impl ValuesWriter {
    /// For rows of so many features.
    pub fn new(features: usize, limit: MemoryLimit) -> Self {
        Self {
            features,
            limit,
            to: To::Memory(Vec::new()),
        }
    }

    /// Makes room for about so many rows to come, so that they need not be moved as they grow.
    pub fn expect(&mut self, rows: usize) {
        let values = rows.saturating_mul(self.features);
        let left = self.limit.0.values.load(Ordering::Relaxed) / size_of::<f32>() as u64;
        if let To::Memory(held) = &mut self.to
            && values as u64 <= left
        {
            held.reserve(values);
        }
    }

    /// Adds whole rows.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn append(&mut self, rows: &[f32]) -> io::Result<()> {
        match &mut self.to {
            To::Memory(held) if self.limit.take(bytes_of(rows)) => held.extend_from_slice(rows),
            To::Memory(held) => {
                let mut file = Spill::create()?;
                file.append(held)?;
                file.append(rows)?;
                self.limit.give_back(bytes_of(held));
                self.to = To::Disk(file, (held.len() + rows.len()) as u64);
            }
            To::Disk(file, values) => {
                file.append(rows)?;
                *values += rows.len() as u64;
            }
        }
        Ok(())
    }

    /// All rows so far.
    pub fn finish(self) -> Values {
        let features = self.features;
        match self.to {
            To::Memory(held) => Values::held(held.len() / features.max(1), features, held),
            To::Disk(file, values) => Values(Held::Disk(Arc::new(OnDisk {
                file,
                samples: values as usize / features.max(1),
                features,
            }))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Storage;

    #[test]
    fn rows_past_the_limit_go_to_disk_and_stay_in_order() {
        let rows: Vec<f32> = (0..300).map(|x| x as f32).collect();
        let write = |bytes: u64| {
            let mut writer = ValuesWriter::new(3, MemoryLimit::new(bytes));
            writer.expect(100);
            for part in rows.chunks(30) {
                writer.append(part).unwrap();
            }
            writer.finish()
        };
        let (memory, disk) = (write(1_200), write(1_199));
        assert_eq!(
            (memory.storage(), disk.storage()),
            (Storage::Memory, Storage::Disk)
        );
        assert_eq!(memory, disk);
        assert_eq!(memory.rows(0..100, &mut Vec::new()), rows);

        // What went to disk leaves room for others.
        let limit = MemoryLimit::new(400);
        let mut first = ValuesWriter::new(3, limit.clone());
        first.append(&rows[..90]).unwrap();
        first.append(&rows[..90]).unwrap();
        let mut second = ValuesWriter::new(3, limit);
        second.append(&rows[..90]).unwrap();
        assert_eq!(first.finish().dim(), (60, 3));
        assert_eq!(second.finish().storage(), Storage::Memory);
    }
}
