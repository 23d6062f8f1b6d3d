//! Numbers in files as the bytes they are, with `#[serde(with = "crate::store::bits")]`: quick, and bit for bit the same.

use std::{fmt, sync::Arc};

use bytemuck::Pod;
use ndarray::{Array1, Array2, ArrayD, Dimension, IxDyn};
use serde::{
    Deserializer, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::SerializeTuple as _,
};

#[cfg(target_endian = "big")]
compile_error!(
    "numbers in files are little-endian, as they are in memory on all systems that hdumec runs on"
);

/// Numbers in an order, of a shape.
pub trait Numbers: Sized {
    /// The extents.
    fn shape(&self) -> Vec<u64>;

    /// Gives the bytes of all numbers to `take`.
    fn with_bytes<T>(&self, take: impl FnOnce(&[u8]) -> T) -> T;

    /// The same numbers again; nothing if there are not as many bytes as the shape needs.
    fn of(shape: &[u64], bytes: &[u8]) -> Option<Self>;
}

/// Numbers, if there are as many as an array of this shape holds.
fn numbers<T: Pod>(shape: &[u64], bytes: &[u8]) -> Option<Vec<T>> {
    let count = shape.iter().try_fold(1_u64, |all, &n| all.checked_mul(n))?;
    let fits = count.checked_mul(size_of::<T>() as u64)? == bytes.len() as u64;
    // The bytes may stand anywhere in memory.
    fits.then(|| bytemuck::pod_collect_to_vec(bytes))
}

impl<T: Pod> Numbers for Vec<T> {
    fn shape(&self) -> Vec<u64> {
        vec![self.len() as u64]
    }

    fn with_bytes<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
        take(bytemuck::cast_slice(self))
    }

    fn of(shape: &[u64], bytes: &[u8]) -> Option<Self> {
        (shape.len() == 1).then(|| numbers(shape, bytes))?
    }
}

/// Gives the bytes of an array, copied if it does not stand in order.
fn of_array<T: Pod, D: Dimension, R>(
    array: &ndarray::Array<T, D>,
    take: impl FnOnce(&[u8]) -> R,
) -> R {
    match array.as_slice() {
        Some(all) => take(bytemuck::cast_slice(all)),
        None => take(bytemuck::cast_slice(
            &array.iter().copied().collect::<Vec<T>>(),
        )),
    }
}

macro_rules! numbers_of {
    ($array:ident) => {
        impl<T: Pod> Numbers for $array<T> {
            fn shape(&self) -> Vec<u64> {
                self.shape().iter().map(|&n| n as u64).collect()
            }

            fn with_bytes<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
                of_array(self, take)
            }

            fn of(shape: &[u64], bytes: &[u8]) -> Option<Self> {
                let all = numbers(shape, bytes)?;
                let extents: Option<Vec<usize>> =
                    shape.iter().map(|&n| usize::try_from(n).ok()).collect();
                let array = ArrayD::from_shape_vec(IxDyn(&extents?), all).ok()?;
                array.into_dimensionality().ok()
            }
        }
    };
}

numbers_of!(Array1);
numbers_of!(Array2);
numbers_of!(ArrayD);

impl<N: Numbers> Numbers for Arc<N> {
    fn shape(&self) -> Vec<u64> {
        (**self).shape()
    }

    fn with_bytes<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
        (**self).with_bytes(take)
    }

    fn of(shape: &[u64], bytes: &[u8]) -> Option<Self> {
        N::of(shape, bytes).map(Arc::new)
    }
}

/// No numbers have the shape of a single number without a byte, which is none.
impl<N: Numbers> Numbers for Option<N> {
    fn shape(&self) -> Vec<u64> {
        self.as_ref().map_or(Vec::new(), Numbers::shape)
    }

    fn with_bytes<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Some(numbers) => numbers.with_bytes(take),
            None => take(&[]),
        }
    }

    fn of(shape: &[u64], bytes: &[u8]) -> Option<Self> {
        match (shape, bytes) {
            ([], []) => Some(None),
            _ => N::of(shape, bytes).map(Some),
        }
    }
}

/// Bytes as one piece, not as a list of numbers.
pub(crate) struct Bytes<'a>(pub &'a [u8]);

impl serde::Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

/// Bytes that were read.
pub(crate) struct Owned(pub Vec<u8>);

impl<'de> serde::Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Owned;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Owned, E> {
                Ok(Owned(bytes.to_vec()))
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Owned, E> {
                Ok(Owned(bytes))
            }
        }
        from.deserialize_byte_buf(Visit)
    }
}

/// For `#[serde(with)]`.
pub fn serialize<N: Numbers, S: Serializer>(numbers: &N, to: S) -> Result<S::Ok, S::Error> {
    let mut pair = to.serialize_tuple(2)?;
    pair.serialize_element(&numbers.shape())?;
    numbers.with_bytes(|bytes| pair.serialize_element(&Bytes(bytes)))?;
    pair.end()
}

/// For `#[serde(with)]`.
pub fn deserialize<'de, N: Numbers, D: Deserializer<'de>>(from: D) -> Result<N, D::Error> {
    struct Visit<N>(std::marker::PhantomData<N>);
    impl<'de, N: Numbers> Visitor<'de> for Visit<N> {
        type Value = N;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a shape and as many numbers as it holds")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<N, A::Error> {
            let missing = || A::Error::invalid_length(0, &self);
            let shape: Vec<u64> = pair.next_element()?.ok_or_else(missing)?;
            let Owned(bytes) = pair.next_element()?.ok_or_else(missing)?;
            N::of(&shape, &bytes)
                .ok_or_else(|| A::Error::custom("the numbers do not have the shape that is told"))
        }
    }
    from.deserialize_tuple(2, Visit(std::marker::PhantomData))
}

/// The same for named numbers.
pub mod named {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Numbers;

    #[derive(Serialize)]
    #[serde(transparent, bound = "N: Numbers")]
    struct Lent<'a, N: Numbers>(#[serde(serialize_with = "lent")] &'a N);

    #[derive(Deserialize)]
    #[serde(transparent, bound = "N: Numbers")]
    struct Owned<N: Numbers>(#[serde(deserialize_with = "super::deserialize")] N);

    fn lent<N: Numbers, S: Serializer>(numbers: &&N, to: S) -> Result<S::Ok, S::Error> {
        super::serialize(*numbers, to)
    }

    /// For `#[serde(with)]`.
    pub fn serialize<N: Numbers, S: Serializer>(
        map: &BTreeMap<String, N>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(map.iter().map(|(name, numbers)| (name, Lent(numbers))))
    }

    /// For `#[serde(with)]`.
    pub fn deserialize<'de, N: Numbers, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<String, N>, D::Error> {
        let owned = BTreeMap::<String, Owned<N>>::deserialize(from)?;
        Ok(owned
            .into_iter()
            .map(|(name, owned)| (name, owned.0))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Some {
        #[serde(with = "super")]
        rows: Array2<f32>,
        #[serde(with = "super")]
        pairs: Arc<Vec<[u32; 2]>>,
        #[serde(with = "super")]
        none: Option<Arc<Vec<f32>>>,
        #[serde(with = "super")]
        there: Option<Vec<f32>>,
        #[serde(with = "super::named")]
        named: std::collections::BTreeMap<String, ArrayD<f32>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(transparent)]
    struct Only(
        #[serde(with = "super")]
        #[expect(dead_code)]
        Vec<f32>,
    );

    fn packed<T: Serialize>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn numbers_come_back_bit_for_bit() {
        let mut rows = array![[0.1, -0.0], [f32::INFINITY, f32::MIN_POSITIVE], [1.5, 2.0]];
        rows.swap_axes(0, 1);
        let value = Some {
            rows,
            pairs: Arc::new(vec![[1, 2], [3, u32::MAX]]),
            none: None,
            there: Option::Some(Vec::new()),
            named: [("a".into(), array![1.0_f32, 2.0].into_dyn())].into(),
        };
        let read: Some = ciborium::from_reader(&*packed(&value)).unwrap();
        assert_eq!(read, value);
        assert!(read.rows[(0, 1)].is_infinite());
    }

    #[test]
    fn shapes_that_lie_are_refused() {
        for (shape, bytes) in [
            (vec![2_u64], &[0_u8; 4][..]),
            (vec![u64::MAX, 2], &[0; 8]),
            (vec![u64::MAX, u64::MAX, 4], &[]),
            (vec![1, 2], &[0; 8]),
            (vec![2], &[0; 7]),
        ] {
            let file = packed(&(shape.clone(), Bytes(bytes)));
            let read: Result<Only, _> = ciborium::from_reader(&*file);
            assert!(read.is_err(), "{shape:?}");
        }
    }
}
