//! The cells of one column within one row group, one after another; one page of it is held at a time.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
};

use super::{
    fault::Fault,
    footer::Chunk,
    hybrid::Hybrid,
    memory::Memory,
    thrift::{Kind, Thrift},
    unpack::Codec,
    values::{Dictionary, Physical, Values, length},
};

/// Bytes that a page's header is looked for in, at first and at most: it may hold the smallest and the largest value.
const HEADER: u64 = 512;
const LARGEST_HEADER: u64 = 16 << 20;

/// Bytes of the file between two places.
pub(super) fn bytes_of(file: &mut File, at: u64, length: u64) -> Result<Vec<u8>, Fault> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == length {
        true => Ok(bytes),
        false => Err(Fault::Ended),
    }
}

/// The cells of a column within a row group.
#[derive(Debug)]
pub(super) struct Cells {
    physical: Physical,
    /// Whether there may be nulls.
    optional: bool,
    codec: Codec,
    /// Where the next page begins, and where the last ends.
    at: u64,
    end: u64,
    dictionary: Option<Dictionary>,
    page: Page,
}

/// A page that is read.
#[derive(Debug)]
struct Page {
    bytes: Vec<u8>,
    /// Cells left.
    left: u64,
    /// Whether each of them holds a value, if not all do.
    present: Option<Hybrid>,
    values: Values,
    /// The last value, where it does not stand in one piece.
    scratch: Vec<u8>,
}

impl Cells {
    pub fn new(physical: Physical, optional: bool, chunk: &Chunk) -> Result<Self, Fault> {
        Ok(Self {
            physical,
            optional,
            codec: Codec::of(chunk.codec)?,
            at: chunk.start,
            end: chunk.end,
            dictionary: None,
            page: Page {
                bytes: Vec::new(),
                left: 0,
                present: None,
                values: Values::plain(physical, 0),
                scratch: Vec::new(),
            },
        })
    }

    /// Whether the next cell stands in a page that must be read first.
    #[inline]
    pub fn wants_page(&self) -> bool {
        self.page.left == 0
    }

    /// The next cell, none if it is null. Its page must have been read.
    #[inline]
    pub fn next(&mut self) -> Result<Option<&[u8]>, Fault> {
        let page = &mut self.page;
        page.left = page.left.checked_sub(1).ok_or(Fault::Ended)?;
        if let Some(present) = &mut page.present
            && present.next(&page.bytes)? == 0
        {
            return Ok(None);
        }
        let dictionary = self.dictionary.as_ref();
        let value = page.values.next(&page.bytes, dictionary, &mut page.scratch);
        value.map(Some)
    }

    /// Nothing may be left at the end of a row group. Gives back what was held.
    pub fn finish(self, memory: &mut Memory) -> Result<(), Fault> {
        memory.give(self.page.bytes.len() as u64);
        memory.give(self.dictionary.as_ref().map_or(0, Dictionary::size));
        match self.page.left {
            0 => Ok(()),
            left => Err(Fault::damaged(format!("has {left} values more than rows"))),
        }
    }

    /// Reads the next page that holds cells.
    pub fn read_page(&mut self, file: &mut File, memory: &mut Memory) -> Result<(), Fault> {
        memory.give(self.page.bytes.len() as u64);
        self.page.bytes = Vec::new();
        while self.page.left == 0 {
            if self.at >= self.end {
                return Err(Fault::damaged("has fewer values than rows"));
            }
            let header = self.header(file)?;
            let packed_at = self.at;
            self.at += header.packed;
            match &header.kind {
                &PageKind::Dictionary { count, encoding } => {
                    if self.dictionary.is_some() || !matches!(encoding, 0 | 2) {
                        return Err(Fault::damaged("has a dictionary that is not at its place"));
                    }
                    let bytes = self.unpacked(file, packed_at, &header, 0, true, memory)?;
                    let dictionary = Dictionary::new(bytes, self.physical, count, memory)?;
                    self.dictionary = Some(dictionary);
                }
                PageKind::Data(data) if data.count > 0 => {
                    let (levels, packed) = (data.levels.unwrap_or(0), data.packed);
                    let bytes = self.unpacked(file, packed_at, &header, levels, packed, memory)?;
                    self.begin(bytes, data)?;
                }
                PageKind::Data(_) | PageKind::Other => {}
            }
        }
        Ok(())
    }

    /// Prepares a page for reading.
    fn begin(&mut self, bytes: Vec<u8>, data: &Data) -> Result<(), Fault> {
        let (mut at, mut present) = (0, None);
        match (data.levels, self.optional) {
            (Some(levels), optional) => {
                at = usize::try_from(levels).unwrap_or(usize::MAX);
                present = optional.then(|| Hybrid::new(0, at, 1));
            }
            (None, true) => {
                if data.level_encoding != 3 {
                    return Err(Fault::damaged("marks its nulls in an unknown way"));
                }
                let length = length(&bytes, 0)?;
                at = 4 + length;
                present = Some(Hybrid::new(4, at, 1));
            }
            (None, false) => {}
        }
        self.page.values = Values::new(data.encoding, self.physical, &bytes, at, data.count)?;
        self.page.present = present.transpose()?;
        self.page.left = data.count;
        self.page.bytes = bytes;
        self.page.scratch.clear();
        Ok(())
    }

    /// The bytes of a page, of which the first `levels` are not packed, nor the others unless `packed`.
    fn unpacked(
        &self,
        file: &mut File,
        at: u64,
        header: &Header,
        levels: u64,
        packed: bool,
        memory: &mut Memory,
    ) -> Result<Vec<u8>, Fault> {
        let codec = if packed { self.codec } else { Codec::Plain };
        let body = header.unpacked.checked_sub(levels).ok_or(Fault::Ended)?;
        if codec == Codec::Plain {
            if header.packed != header.unpacked {
                return Err(Fault::damaged("has a page of two sizes that differ"));
            }
            memory.take(header.packed)?;
            return bytes_of(file, at, header.packed);
        }
        memory.check(header.packed.saturating_add(header.unpacked))?;
        memory.take(header.unpacked)?;
        let bytes = bytes_of(file, at, header.packed)?;
        let levels = usize::try_from(levels).unwrap_or(usize::MAX);
        let (levels, rest) = bytes.split_at_checked(levels).ok_or(Fault::Ended)?;
        let mut page = levels.to_vec();
        codec.unpack(
            rest,
            usize::try_from(body).map_err(|_| Fault::Ended)?,
            &mut page,
        )?;
        Ok(page)
    }

    /// The header of the next page; what is packed begins behind it.
    fn header(&mut self, file: &mut File) -> Result<Header, Fault> {
        let mut look = HEADER;
        loop {
            let length = look.min(self.end - self.at);
            let bytes = bytes_of(file, self.at, length)?;
            let mut thrift = Thrift::new(&bytes);
            match Header::read(&mut thrift) {
                Ok(header) => {
                    self.at += (bytes.len() - thrift.left()) as u64;
                    return match header.packed <= self.end - self.at {
                        true => Ok(header),
                        false => Err(Fault::damaged("has a page that goes beyond its end")),
                    };
                }
                Err(Fault::Ended) if length == look && look < LARGEST_HEADER => look *= 8,
                Err(fault) => return Err(fault),
            }
        }
    }
}

/// The header of a page.
#[derive(Debug)]
struct Header {
    /// Bytes in the file.
    packed: u64,
    /// Bytes once unpacked.
    unpacked: u64,
    kind: PageKind,
}

#[derive(Debug)]
enum PageKind {
    Dictionary { count: u64, encoding: i64 },
    Data(Data),
    Other,
}

/// What is said of a page of cells.
#[derive(Debug, Default)]
struct Data {
    /// Its cells, nulls included.
    count: u64,
    encoding: i64,
    level_encoding: i64,
    /// In a page of the second version: bytes that mark nulls.
    levels: Option<u64>,
    /// Whether the values are packed.
    packed: bool,
}

impl Header {
    fn read(thrift: &mut Thrift<'_>) -> Result<Self, Fault> {
        let (mut kind, mut packed, mut unpacked) = (None, None, None);
        let (mut dictionary, mut first, mut second) = (None, None, None);
        thrift.structure(Kind::Struct, |thrift, id, field| {
            match id {
                1 => kind = Some(thrift.number(field)?),
                2 => unpacked = Some(count(thrift, field)?),
                3 => packed = Some(count(thrift, field)?),
                5 => first = Some(Data::first(thrift, field)?),
                7 => {
                    let (mut values, mut encoding) = (0, 0);
                    thrift.structure(field, |thrift, id, field| {
                        match id {
                            1 => values = count(thrift, field)?,
                            2 => encoding = thrift.number(field)?,
                            _ => thrift.skip(field)?,
                        }
                        Ok(())
                    })?;
                    dictionary = Some(PageKind::Dictionary {
                        count: values,
                        encoding,
                    });
                }
                8 => second = Some(Data::second(thrift, field)?),
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        let kind = match kind {
            Some(0) => first.map(PageKind::Data),
            Some(2) => dictionary,
            Some(3) => second.map(PageKind::Data),
            Some(_) => Some(PageKind::Other),
            None => None,
        };
        match (packed, unpacked, kind) {
            (Some(packed), Some(unpacked), Some(kind)) => Ok(Self {
                packed,
                unpacked,
                kind,
            }),
            _ => Err(Fault::damaged("has a page whose header lacks something")),
        }
    }
}

impl Data {
    fn first(thrift: &mut Thrift<'_>, field: Kind) -> Result<Self, Fault> {
        let mut data = Self {
            packed: true,
            ..Self::default()
        };
        thrift.structure(field, |thrift, id, field| {
            match id {
                1 => data.count = count(thrift, field)?,
                2 => data.encoding = thrift.number(field)?,
                3 => data.level_encoding = thrift.number(field)?,
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        Ok(data)
    }

    fn second(thrift: &mut Thrift<'_>, field: Kind) -> Result<Self, Fault> {
        let (mut levels, mut repetitions) = (0, 0);
        let mut data = Self {
            packed: true,
            ..Self::default()
        };
        thrift.structure(field, |thrift, id, field| {
            match id {
                1 => data.count = count(thrift, field)?,
                4 => data.encoding = thrift.number(field)?,
                5 => levels = count(thrift, field)?,
                6 => repetitions = count(thrift, field)?,
                7 => data.packed = thrift.truth(field)?,
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        if repetitions > 0 {
            return Err(Fault::damaged("repeats values, but is no list"));
        }
        data.levels = Some(levels);
        Ok(data)
    }
}

/// A number that is not negative.
pub(super) fn count(thrift: &mut Thrift<'_>, field: Kind) -> Result<u64, Fault> {
    let number = thrift.number(field)?;
    u64::try_from(number)
        .map_err(|_| Fault::damaged(format!("has {number} where a count should be")))
}
