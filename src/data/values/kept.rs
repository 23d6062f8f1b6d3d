//! Values in files: block by block, so that those on disk are never in memory as a whole.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::{Error as _, SerializeSeq as _},
};

use super::{MemoryLimit, Values, ValuesWriter, rows_of_piece};
use crate::store::bits::{Bytes, Owned};

/// Pieces of one block.
const PIECES: usize = 8;

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (samples, features) = self.dim();
        let rows = PIECES * rows_of_piece(features);
        let mut list = to.serialize_seq(Some(2 + samples.div_ceil(rows)))?;
        list.serialize_element(&(samples as u64))?;
        list.serialize_element(&(features as u64))?;
        let mut buffer = Vec::new();
        for start in (0..samples).step_by(rows) {
            let rows = self.rows(start..samples.min(start + rows), &mut buffer);
            self.check().map_err(S::Error::custom)?;
            list.serialize_element(&Bytes(bytemuck::cast_slice(rows)))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("numbers of samples and features, and blocks of their values")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
                let mut extent = || -> Result<usize, A::Error> {
                    let extent: Option<u64> = list.next_element()?;
                    let extent = extent.and_then(|extent| usize::try_from(extent).ok());
                    extent.ok_or_else(|| A::Error::custom("an extent is missing"))
                };
                let (samples, features) = (extent()?, extent()?);
                let mut writer = ValuesWriter::new(features, MemoryLimit::of_machine());
                let mut read = 0_usize;
                while let Some(Owned(bytes)) = list.next_element()? {
                    if bytes.len() % size_of::<f32>() != 0 {
                        return Err(A::Error::custom("a value was cut off"));
                    }
                    let values: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
                    read = read.saturating_add(values.len());
                    writer.append(&values).map_err(A::Error::custom)?;
                }
                let expected = samples.checked_mul(features);
                if expected != Some(read) {
                    return Err(A::Error::custom("there are not as many values as told"));
                }
                match read {
                    // Without a feature nothing tells how many samples there are.
                    0 => Ok(
                        ndarray::Array2::zeros((samples.min(1 << 32), features.min(1 << 32)))
                            .into(),
                    ),
                    _ => Ok(writer.finish()),
                }
            }
        }
        from.deserialize_seq(Visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Storage;

    #[test]
    fn values_in_memory_and_on_disk_come_back() {
        for (samples, features) in [(70_000, 20), (3, 0), (0, 4), (1, 1)] {
            for storage in [Storage::Memory, Storage::Disk] {
                let values = Values::generate(storage, samples, features, |range, out| {
                    for (at, value) in out.iter_mut().enumerate() {
                        *value = (range.start * features + at) as f32 / 3.0;
                    }
                });
                let values = values.unwrap();
                let mut file = Vec::new();
                ciborium::into_writer(&values, &mut file).unwrap();
                let read: Values = ciborium::from_reader(&*file).unwrap();
                assert_eq!(read.dim(), (samples, features));
                assert_eq!(read, values);
            }
        }
        let mut file = Vec::new();
        ciborium::into_writer(&(3_u64, 2_u64, Bytes(&[0; 20])), &mut file).unwrap();
        assert!(ciborium::from_reader::<Values, _>(&*file).is_err());
        assert!(ciborium::into_writer(&Values::lost(), &mut file).is_err());
    }
}
