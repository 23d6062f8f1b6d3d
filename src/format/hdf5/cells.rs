//! Values of any type as a column: of a data set, of a field of a table, of an attribute.

use hdf5_reader::{
    ByteOrder, Datatype, EnumMember, RawAttribute, StringPadding, StringSize, VarLenKind,
    messages::attribute::AttributeMessage, reference::resolve_object_reference,
};

use super::{File, number::half};
use crate::{
    data::{Category, Column},
    format::FormatError,
};

/// Values of one type in raw bytes: one every `stride` bytes from `offset` on.
pub(super) struct Cells<'a> {
    pub datatype: &'a Datatype,
    pub bytes: &'a [u8],
    pub offset: usize,
    pub stride: usize,
    pub count: usize,
}

impl<'a> Cells<'a> {
    /// The bytes of every value, `size` each.
    fn each(&self, size: usize) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        let &Self {
            bytes,
            offset,
            stride,
            count,
            ..
        } = self;
        let last = count
            .saturating_sub(1)
            .checked_mul(stride)?
            .checked_add(offset)?;
        let fits = count == 0 || last.checked_add(size)? <= bytes.len();
        let at = move |index| &bytes[offset + index * stride..][..size];
        fits.then(|| (0..count).map(at))
    }
}

impl File {
    /// The values of an attribute.
    pub(super) fn decode(&self, place: &str, found: &RawAttribute) -> Result<Column, FormatError> {
        let message = found.message();
        let place = format!("{place}, attribute {}", message.name);
        let size = self.size_of(&place, &message.datatype)?;
        let count = message.dataspace.num_elements().unwrap_or(u64::MAX);
        let cells = Cells {
            datatype: &message.datatype,
            bytes: &message.raw_data,
            offset: 0,
            stride: size,
            count: usize::try_from(count).unwrap_or(usize::MAX),
        };
        column(self, &place, &cells)
    }

    /// Bytes of one value of a type.
    pub(super) fn size_of(&self, place: &str, datatype: &Datatype) -> Result<usize, FormatError> {
        let variable = usize::from(self.inner.superblock().offset_size) + 8;
        match datatype {
            Datatype::VarLen { .. }
            | Datatype::String {
                size: StringSize::Variable,
                ..
            } => Ok(variable),
            Datatype::Enum { base, .. } => self.size_of(place, base),
            other => {
                hdf5_reader::dtype_element_size(other).map_err(|error| self.failed(place, error))
            }
        }
    }
}

/// Where in the file a reference points.
pub(super) fn reference(
    file: &File,
    place: &str,
    message: &AttributeMessage,
) -> Result<u64, FormatError> {
    match message.datatype {
        Datatype::Reference { .. } => {
            let size = file.inner.superblock().offset_size;
            resolve_object_reference(&message.raw_data, size)
                .map_err(|error| file.failed(place, error))
        }
        _ => Err(file.damaged(
            place,
            "has an attribute that should point to another place and does not",
        )),
    }
}

/// The values as a column.
///
/// # Errors
/// If they are of a type that is not read, do not stand there, or take too much memory.
pub(super) fn column(file: &File, place: &str, cells: &Cells<'_>) -> Result<Column, FormatError> {
    let short = || file.damaged(place, "holds fewer bytes than its values take");
    let size = file.size_of(place, cells.datatype)?;
    let each = || cells.each(size).ok_or_else(short);
    // What stands there bounds what is held.
    drop(each()?);
    let count = cells.count as u64;
    match cells.datatype {
        Datatype::FixedPoint {
            signed,
            byte_order,
            size: 1..=8,
        } => {
            file.hold(place, count.saturating_mul(16))?;
            let whole = |bytes: &[u8]| integer(bytes, *signed, *byte_order);
            let narrow = each()?.map(|bytes| i64::try_from(whole(bytes)).ok().map(Some));
            Ok(match narrow.collect() {
                Some(values) => Column::Integer(values),
                None => Column::Number(each()?.map(|bytes| whole(bytes) as f64).collect()),
            })
        }
        Datatype::FloatingPoint {
            size: 2 | 4 | 8,
            byte_order,
        } => {
            file.hold(place, count.saturating_mul(8))?;
            Ok(Column::Number(
                each()?.map(|bytes| float(bytes, *byte_order)).collect(),
            ))
        }
        Datatype::Bitfield { size: 1, .. } => {
            file.hold(place, count)?;
            Ok(Column::Bool(
                each()?.map(|bytes| Some(bytes[0] != 0)).collect(),
            ))
        }
        Datatype::Enum { members, .. } => {
            file.hold(place, count.saturating_mul(8))?;
            Ok(enumerated(members, each()?))
        }
        Datatype::String {
            size: StringSize::Fixed(_),
            padding,
            ..
        } => {
            file.hold(place, count.saturating_mul(size as u64 + 40))?;
            let texts = each()?.map(|bytes| text(file, place, trimmed(bytes, *padding)).map(Some));
            Ok(Column::Text(texts.collect::<Result<_, _>>()?))
        }
        Datatype::String {
            size: StringSize::Variable,
            padding,
            ..
        }
        | Datatype::VarLen {
            kind: VarLenKind::String,
            padding,
            ..
        } => {
            file.hold(place, count.saturating_mul(40))?;
            let texts = each()?.map(|reference| {
                let bytes = file.resolve(place, reference)?;
                file.hold(place, bytes.len() as u64)?;
                text(file, place, trimmed(&bytes, *padding)).map(Some)
            });
            Ok(Column::Text(texts.collect::<Result<_, _>>()?))
        }
        other => Err(file.damaged(
            place,
            format!("holds values of a type that is not read: {}", kind(other)),
        )),
    }
}

/// What a type is called.
fn kind(datatype: &Datatype) -> &'static str {
    match datatype {
        Datatype::Compound { .. } => "records",
        Datatype::Array { .. } => "arrays",
        Datatype::Reference { .. } => "references",
        Datatype::VarLen { .. } => "lists of any length",
        Datatype::Opaque { .. } => "opaque bytes",
        _ => "numbers of an unusual size",
    }
}

/// A whole number of up to eight bytes.
fn integer(bytes: &[u8], signed: bool, order: ByteOrder) -> i128 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    if order == ByteOrder::BigEndian {
        wide[..bytes.len()].reverse();
    }
    let value = u64::from_le_bytes(wide);
    let unused = 64 - 8 * bytes.len() as u32;
    match signed {
        true => i128::from(((value << unused) as i64) >> unused),
        false => i128::from(value),
    }
}

/// A number of two, four or eight bytes.
fn float(bytes: &[u8], order: ByteOrder) -> f64 {
    let bits = integer(bytes, false, order) as u64;
    match bytes.len() {
        2 => f64::from(half(bits as u16)),
        4 => f64::from(f32::from_bits(bits as u32)),
        _ => f64::from_bits(bits),
    }
}

/// Yes or no as h5py writes it, or names of an enumeration.
fn enumerated<'a>(members: &[EnumMember], each: impl Iterator<Item = &'a [u8]>) -> Column {
    let find = |value: &[u8]| members.iter().position(|member| member.value == value);
    let is = |name: &str, yes: &str| name.eq_ignore_ascii_case(yes);
    let truths: Vec<Option<bool>> = members
        .iter()
        .map(|member| match member.name.as_str() {
            name if is(name, "true") => Some(true),
            name if is(name, "false") => Some(false),
            _ => None,
        })
        .collect();
    if !members.is_empty() && truths.iter().all(Option::is_some) {
        return Column::Bool(each.map(|value| truths[find(value)?]).collect());
    }
    Column::Category(Category {
        codes: each.map(|value| find(value).map(|at| at as u32)).collect(),
        names: members.iter().map(|member| member.name.clone()).collect(),
        colours: None,
    })
}

/// A text without what fills it up.
fn trimmed(bytes: &[u8], padding: StringPadding) -> &[u8] {
    let end = bytes
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(bytes.len());
    let filled = |byte: &u8| *byte == b' ' && padding == StringPadding::SpacePad;
    let spaces = bytes[..end].iter().rev().take_while(|byte| filled(byte));
    &bytes[..end - spaces.count()]
}

fn text(file: &File, place: &str, bytes: &[u8]) -> Result<String, FormatError> {
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned)
        .map_err(|_| file.damaged(place, "holds text that is not UTF-8"))
}
