//! The parts of a workbook: a zip archive of XML files that refer to each other.

use std::{
    borrow::Cow,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::format::{
    FormatError,
    packed::{self, Archive, Unpacked},
};

/// Bytes that are read of a part at once.
const BLOCK: usize = 1 << 16;

/// The parts of a workbook.
pub(super) struct Package {
    path: PathBuf,
    archive: Archive,
    /// Bytes that a part, or what is made of one, may take.
    pub memory: u64,
}

/// A reference of one part to another.
pub(super) struct Relation {
    pub id: String,
    /// The last word of its type: `worksheet`.
    pub kind: String,
    /// The name of the other part in the archive.
    pub target: String,
}

impl Package {
    pub fn new(path: &Path, archive: Archive, memory: u64) -> Self {
        Self {
            path: path.to_owned(),
            archive,
            memory,
        }
    }

    /// Opens a part by its name, in any case; `None` if there is none.
    pub fn part(&mut self, name: &str) -> Result<Option<Xml>, FormatError> {
        let fits = |other: &str| other.replace('\\', "/").eq_ignore_ascii_case(name);
        let Some(place) = self.archive.names().position(fits) else {
            return Ok(None);
        };
        let unpacked = self.archive.file(place, self.memory)?;
        Ok(Some(Xml::new(&self.path, name, unpacked)))
    }

    /// The same for a part that must be there.
    pub fn needed(&mut self, name: &str) -> Result<Xml, FormatError> {
        self.part(name)?
            .ok_or_else(|| damaged(&self.path, name, "this part of the workbook is missing"))
    }

    /// What a part refers to; an empty name stands for the workbook as a whole.
    pub fn relations(&mut self, part: &str) -> Result<Vec<Relation>, FormatError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = match folder {
            "" => format!("_rels/{file}.rels"),
            _ => format!("{folder}/_rels/{file}.rels"),
        };
        let mut relations = Vec::new();
        let Some(mut xml) = self.part(&name)? else {
            return Ok(relations);
        };
        while let Some(event) = xml.next()? {
            let Event::Start(start) = event else { continue };
            if start.local_name().as_ref() == b"Relationship" {
                let of = |name: &[u8]| attribute(&start, name).unwrap_or_default();
                relations.push(Relation {
                    id: of(b"Id"),
                    kind: of(b"Type")
                        .rsplit('/')
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    target: absolute(folder, &of(b"Target")),
                });
            }
        }
        Ok(relations)
    }
}

/// The name in the archive of a part that is named from a folder.
fn absolute(folder: &str, target: &str) -> String {
    let start = if target.starts_with('/') { "" } else { folder };
    let mut names: Vec<&str> = Vec::new();
    for name in start.split('/').chain(target.split('/')) {
        match name {
            "" | "." => {}
            ".." => _ = names.pop(),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// The value of an attribute by its name without a prefix.
pub(super) fn attribute(start: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten();
    let mut named = attributes.filter(|found| found.key.local_name().as_ref() == name);
    let value = named.next()?;
    let value = value.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

fn damaged(path: &Path, part: &str, what: impl Into<String>) -> FormatError {
    FormatError::Damaged {
        path: path.to_owned(),
        place: part.to_owned(),
        what: what.into(),
    }
}

/// One part, tag by tag.
pub(super) struct Xml {
    path: PathBuf,
    part: String,
    reader: Reader<BufReader<Kept>>,
    buffer: Vec<u8>,
}

/// Keeps the error for which reading stopped, which the parser would hide.
struct Kept {
    path: PathBuf,
    unpacked: Unpacked,
    failed: Option<FormatError>,
}

impl Read for Kept {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(out);
        read.map_err(|error| {
            self.failed = Some(packed::format_error(&self.path, error));
            io::ErrorKind::Other.into()
        })
    }
}

impl Xml {
    fn new(path: &Path, part: &str, unpacked: Unpacked) -> Self {
        let kept = Kept {
            path: path.to_owned(),
            unpacked,
            failed: None,
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(BLOCK, kept));
        reader.config_mut().expand_empty_elements = true;
        Self {
            path: path.to_owned(),
            part: part.to_owned(),
            reader,
            buffer: Vec::new(),
        }
    }

    /// The next tag or text; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, FormatError> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Eof) => Ok(None),
            Ok(event) => Ok(Some(event)),
            Err(error) => {
                let failed = self.reader.get_mut().get_mut().failed.take();
                Err(failed.unwrap_or_else(|| damaged(&self.path, &self.part, error.to_string())))
            }
        }
    }

    /// Something about this part takes more memory than there is.
    pub fn too_large(&self, place: &str, needed: u64, allowed: u64) -> FormatError {
        FormatError::TooLarge {
            path: self.path.clone(),
            place: place.to_owned(),
            needed,
            allowed,
        }
    }

    /// An error about this part.
    pub fn damaged(&self, what: impl Into<String>) -> FormatError {
        damaged(&self.path, &self.part, what)
    }
}

/// Adds the text that an event brings, if it brings any; whether it can be read.
pub(super) fn add_text(event: &Event<'_>, text: &mut String) -> bool {
    let read: Option<Cow<'_, str>> = match event {
        Event::Text(part) => part.xml10_content().ok(),
        Event::CData(part) => part.xml10_content().ok(),
        Event::GeneralRef(name) => match name.resolve_char_ref() {
            Ok(Some(letter)) => Some(letter.to_string().into()),
            Ok(None) => match &**name {
                b"amp" => Some("&".into()),
                b"lt" => Some("<".into()),
                b"gt" => Some(">".into()),
                b"quot" => Some("\"".into()),
                b"apos" => Some("'".into()),
                _ => None,
            },
            Err(_) => None,
        },
        _ => return true,
    };
    match read {
        Some(read) => text.push_str(&read),
        None => return false,
    }
    true
}
