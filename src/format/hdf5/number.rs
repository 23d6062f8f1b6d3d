//! Numbers of any type, read as the type that is wanted.
//!
//! Matrices are read block by block, and every block is converted as it comes, so that no second full copy is held.

use hdf5_reader::{ByteOrder, Datatype, H5Type, error::Error};

/// A type that numbers are wanted as.
pub(super) trait Number: Copy + Default + Send + Sync {
    /// From a whole number.
    fn signed(value: i64) -> Self;
    /// From a whole number that may be beyond those with a sign.
    fn unsigned(value: u64) -> Self;
    /// From a fraction.
    fn float(value: f64) -> Self;
    /// The type itself, whose values need no conversion.
    fn is(datatype: &Datatype) -> bool;
}

impl Number for f32 {
    fn signed(value: i64) -> Self {
        value as f32
    }
    fn unsigned(value: u64) -> Self {
        value as f32
    }
    fn float(value: f64) -> Self {
        value as f32
    }
    fn is(datatype: &Datatype) -> bool {
        Self::native_copy_compatible(datatype)
    }
}

/// A position: what cannot be one is the largest there is, which no matrix has.
impl Number for u32 {
    fn signed(value: i64) -> Self {
        value.try_into().unwrap_or(Self::MAX)
    }
    fn unsigned(value: u64) -> Self {
        value.try_into().unwrap_or(Self::MAX)
    }
    fn float(_: f64) -> Self {
        Self::MAX
    }
    fn is(datatype: &Datatype) -> bool {
        Self::native_copy_compatible(datatype)
    }
}

/// A count: what cannot be one is the largest there is.
impl Number for u64 {
    fn signed(value: i64) -> Self {
        value.try_into().unwrap_or(Self::MAX)
    }
    fn unsigned(value: u64) -> Self {
        value
    }
    fn float(_: f64) -> Self {
        Self::MAX
    }
    fn is(datatype: &Datatype) -> bool {
        Self::native_copy_compatible(datatype)
    }
}

/// A number that is read as `T`, whatever its type in the file.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct As<T>(pub T);

impl<T: Number + H5Type> H5Type for As<T> {
    fn hdf5_type() -> Datatype {
        T::hdf5_type()
    }

    fn from_bytes(bytes: &[u8], datatype: &Datatype) -> Result<Self, Error> {
        let values = convert(bytes, datatype)?;
        let short = || Error::InvalidData("a number that is cut off".into());
        values.first().copied().ok_or_else(short)
    }

    fn element_size(datatype: &Datatype) -> usize {
        hdf5_reader::dtype_element_size(datatype).unwrap_or(0)
    }

    fn decode_vec(
        raw: &[u8],
        datatype: &Datatype,
        count: usize,
    ) -> Option<Result<Vec<Self>, Error>> {
        let bytes = count.checked_mul(Self::element_size(datatype))?;
        Some(convert(raw.get(..bytes)?, datatype))
    }

    fn native_copy_compatible(datatype: &Datatype) -> bool {
        T::is(datatype)
    }
}

/// Whether numbers are read from a type.
pub(super) fn is_number(datatype: &Datatype) -> bool {
    match datatype {
        Datatype::FixedPoint { size, .. } => matches!(size, 1 | 2 | 4 | 8),
        Datatype::FloatingPoint { size, .. } => matches!(size, 2 | 4 | 8),
        Datatype::Enum { base, members } => members.len() <= 2 && is_number(base),
        _ => false,
    }
}

/// Whether numbers of a type are whole.
pub(super) fn is_integer(datatype: &Datatype) -> bool {
    matches!(datatype, Datatype::FixedPoint { .. }) && is_number(datatype)
}

fn convert<T: Number>(raw: &[u8], datatype: &Datatype) -> Result<Vec<As<T>>, Error> {
    macro_rules! each {
        ($from:ty, $order:expr, $into:expr) => {{
            let (values, _) = raw.as_chunks::<{ size_of::<$from>() }>();
            match $order {
                ByteOrder::LittleEndian => values
                    .iter()
                    .map(|&b| As($into(<$from>::from_le_bytes(b))))
                    .collect(),
                ByteOrder::BigEndian => values
                    .iter()
                    .map(|&b| As($into(<$from>::from_be_bytes(b))))
                    .collect(),
            }
        }};
    }
    Ok(match datatype {
        Datatype::FixedPoint {
            size,
            signed,
            byte_order,
        } => match (size, signed) {
            (1, true) => each!(i8, byte_order, |x| T::signed(i64::from(x))),
            (2, true) => each!(i16, byte_order, |x| T::signed(i64::from(x))),
            (4, true) => each!(i32, byte_order, |x| T::signed(i64::from(x))),
            (8, true) => each!(i64, byte_order, T::signed),
            (1, false) => each!(u8, byte_order, |x| T::unsigned(u64::from(x))),
            (2, false) => each!(u16, byte_order, |x| T::unsigned(u64::from(x))),
            (4, false) => each!(u32, byte_order, |x| T::unsigned(u64::from(x))),
            (8, false) => each!(u64, byte_order, T::unsigned),
            _ => return Err(not_read()),
        },
        Datatype::FloatingPoint { size, byte_order } => match size {
            2 => each!(u16, byte_order, |x| T::float(f64::from(half(x)))),
            4 => each!(f32, byte_order, |x| T::float(f64::from(x))),
            8 => each!(f64, byte_order, T::float),
            _ => return Err(not_read()),
        },
        Datatype::Enum { base, .. } => return convert(raw, base),
        _ => return Err(not_read()),
    })
}

fn not_read() -> Error {
    Error::UnsupportedEncoding("numbers of an unusual type".into())
}

/// A number of 16 bits (IEEE 754 binary16).
pub(super) fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2.0_f32.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_what_they_stand_for() {
        // 1, -2, the largest, the smallest of all, and what is none.
        let bits = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00];
        let values = bits.map(half);
        assert_eq!(
            values,
            [1.0, -2.0, 65504.0, 2.0_f32.powi(-24), f32::INFINITY]
        );
        assert!(half(0x7e00).is_nan() && half(0x8000).is_sign_negative());
    }

    #[test]
    fn numbers_of_all_types_become_the_one_that_is_wanted() {
        let big = |size, signed| Datatype::FixedPoint {
            size,
            signed,
            byte_order: ByteOrder::BigEndian,
        };
        let values: Vec<f32> = convert(&[0xff, 0xfe, 0, 7], &big(2, true))
            .unwrap()
            .iter()
            .map(|v| v.0)
            .collect();
        assert_eq!(values, [-2.0, 7.0]);
        let places: Vec<u32> = convert(&(-3_i64).to_be_bytes(), &big(8, true))
            .unwrap()
            .iter()
            .map(|v| v.0)
            .collect();
        assert_eq!(places, [u32::MAX]);
        assert!(convert::<f32>(&[0; 16], &big(16, true)).is_err());
    }
}
