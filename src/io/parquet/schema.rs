//! The columns of a Parquet file: how their values are stored, and what they mean.

use super::{
    fault::Fault,
    thrift::{Kind, Thrift},
    values::Physical,
};

/// Digits of a decimal, at most: those of 128 bits.
const MOST_DIGITS: usize = 38;

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub name: String,
    pub physical: Physical,
    /// Whether there may be nulls.
    pub optional: bool,
    pub meaning: Meaning,
}

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Boolean,
    Signed,
    Unsigned,
    Float16,
    Float,
    Double,
    /// A whole number, of which so many digits stand behind the point; in bytes, the highest of them comes first.
    Decimal {
        scale: usize,
        bytes: bool,
    },
    /// Days since 1970.
    Date,
    /// Time of day.
    Time(Unit),
    /// Time since 1970, in UTC or at an unnamed place.
    Timestamp(Unit, bool),
    /// Time as Impala writes it.
    Int96,
    Text,
    Uuid,
}

/// Parts of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milli,
    Micro,
    Nano,
}

/// An entry of the schema, which lists a tree of columns: a parent, then its children.
#[derive(Debug, Default)]
pub(super) struct Element {
    name: String,
    physical: Option<i64>,
    width: i64,
    /// 0: a value a row; 1: a value or null; 2: any number of values.
    repetition: i64,
    children: i64,
    converted: Option<i64>,
    scale: i64,
    logical: Option<Logical>,
}

/// The newer way to say what is meant: its number in the format and its parts.
#[derive(Clone, Copy, Debug, Default)]
struct Logical {
    id: i16,
    scale: i64,
    unit: i16,
    utc: bool,
    signed: bool,
}

impl Element {
    pub fn read(thrift: &mut Thrift<'_>, kind: Kind) -> Result<Self, Fault> {
        let mut element = Self::default();
        thrift.structure(kind, |thrift, id, field| {
            match id {
                1 => element.physical = Some(thrift.number(field)?),
                2 => element.width = thrift.number(field)?,
                3 => element.repetition = thrift.number(field)?,
                4 => {
                    element.name = String::from_utf8_lossy(thrift.bytes(field)?).into_owned();
                }
                5 => element.children = thrift.number(field)?,
                6 => element.converted = Some(thrift.number(field)?),
                7 => element.scale = thrift.number(field)?,
                10 => element.logical = Some(Logical::read(thrift, field)?),
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        Ok(element)
    }

    /// What its values mean; none if that is nothing a table of text can show.
    fn meaning(&self, physical: Physical) -> Option<Meaning> {
        use Meaning::{Date, Signed, Text, Time, Timestamp, Unsigned};
        use Physical::{Bytes, Fixed, Int32, Int64};
        let whole = matches!(physical, Int32 | Int64);
        let bytes = matches!(physical, Bytes | Fixed(_));
        let scale = |scale: i64| {
            let scale = usize::try_from(scale)
                .ok()
                .filter(|scale| *scale <= MOST_DIGITS);
            scale.map(|scale| Meaning::Decimal { scale, bytes })
        };
        if let Some(logical) = self.logical {
            let unit = match logical.unit {
                1 => Some(Unit::Milli),
                2 => Some(Unit::Micro),
                3 => Some(Unit::Nano),
                _ => None,
            };
            return match (logical.id, physical) {
                (1 | 4 | 12, Bytes) => Some(Text),
                (5, _) if whole || bytes => scale(logical.scale),
                (6, Int32) => Some(Date),
                (7, _) if whole => unit.map(Time),
                (8, Int64) => unit.map(|unit| Timestamp(unit, logical.utc)),
                (10, _) if whole && logical.signed => Some(Signed),
                (10, _) if whole => Some(Unsigned),
                // Nulls alone.
                (11, _) => Self::plain(physical).or(Some(Text)),
                (14, Fixed(16)) => Some(Meaning::Uuid),
                (15, Fixed(2)) => Some(Meaning::Float16),
                _ => None,
            };
        }
        match (self.converted, physical) {
            (None, _) => Self::plain(physical),
            (Some(0 | 4 | 19), Bytes) => Some(Text),
            (Some(5), _) if whole || bytes => scale(self.scale),
            (Some(6), Int32) => Some(Date),
            (Some(7), Int32) => Some(Time(Unit::Milli)),
            (Some(8), Int64) => Some(Time(Unit::Micro)),
            // Before there was another way to say it, these were in UTC.
            (Some(9), Int64) => Some(Timestamp(Unit::Milli, true)),
            (Some(10), Int64) => Some(Timestamp(Unit::Micro, true)),
            (Some(11..=14), _) if whole => Some(Unsigned),
            (Some(15..=18), _) if whole => Some(Signed),
            _ => None,
        }
    }

    /// What values mean of which nothing is said.
    fn plain(physical: Physical) -> Option<Meaning> {
        match physical {
            Physical::Boolean => Some(Meaning::Boolean),
            Physical::Int32 | Physical::Int64 => Some(Meaning::Signed),
            Physical::Int96 => Some(Meaning::Int96),
            Physical::Float => Some(Meaning::Float),
            Physical::Double => Some(Meaning::Double),
            // Texts of old writers; that they are texts is checked one by one.
            Physical::Bytes => Some(Meaning::Text),
            Physical::Fixed(_) => None,
        }
    }
}

impl Logical {
    fn read(thrift: &mut Thrift<'_>, kind: Kind) -> Result<Self, Fault> {
        let mut logical = Self::default();
        thrift.structure(kind, |thrift, id, field| {
            logical.id = id;
            thrift.structure(field, |thrift, part, field| {
                match (id, part) {
                    (5, 1) => logical.scale = thrift.number(field)?,
                    (7 | 8, 1) => logical.utc = thrift.truth(field)?,
                    (7 | 8, 2) => thrift.structure(field, |thrift, unit, field| {
                        logical.unit = unit;
                        thrift.skip(field)
                    })?,
                    (10, 2) => logical.signed = thrift.truth(field)?,
                    _ => thrift.skip(field)?,
                }
                Ok(())
            })
        })?;
        Ok(logical)
    }
}

impl Column {
    /// The columns of a file by its schema: the table, then its columns. A column that has parts is refused by its name.
    pub fn all(elements: Vec<Element>) -> Result<Vec<Self>, Fault> {
        let mut elements = elements.into_iter();
        let table = elements.next();
        let said = table.map_or(0, |table| table.children);
        let columns = elements.map(Self::of).collect::<Result<Vec<_>, _>>()?;
        match columns.len() {
            0 => Err(Fault::damaged("has no columns")),
            some if i64::try_from(some) == Ok(said) => Ok(columns),
            _ => Err(Fault::damaged("has another number of columns than it says")),
        }
    }

    fn of(element: Element) -> Result<Self, Fault> {
        let refused = |what: &str| Fault::Unsupported {
            what: format!("has the column \"{}\", which holds {what}", element.name),
            advice: format!(
                "Write it without that column, such as df.drop(columns=[\"{}\"]) of pandas, or with a column of numbers or texts in its place.",
                element.name
            ),
        };
        if element.children > 0 {
            return Err(refused("lists or structures"));
        }
        if element.repetition == 2 {
            return Err(refused("lists"));
        }
        let physical = match (element.physical, usize::try_from(element.width)) {
            (Some(0), _) => Physical::Boolean,
            (Some(1), _) => Physical::Int32,
            (Some(2), _) => Physical::Int64,
            (Some(3), _) => Physical::Int96,
            (Some(4), _) => Physical::Float,
            (Some(5), _) => Physical::Double,
            (Some(6), _) => Physical::Bytes,
            (Some(7), Ok(width)) if width > 0 => Physical::Fixed(width),
            _ => return Err(refused("values of an unknown kind")),
        };
        let meaning = element.meaning(physical);
        Ok(Self {
            physical,
            optional: element.repetition == 1,
            meaning: meaning.ok_or_else(|| refused("neither numbers nor texts"))?,
            name: element.name,
        })
    }
}
