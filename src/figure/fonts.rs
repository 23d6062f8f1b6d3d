//! Fonts for characters that the font of the window and the figures lacks: a built-in one for emoji, and those of
//! this machine for the rest.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, OnceLock},
};

use epaint_default_fonts::NOTO_EMOJI_REGULAR;
use fontdb::{Database, FaceInfo, ID, Source, Stretch, Style};
use skrifa::{
    FontRef, MetadataProvider as _,
    instance::{LocationRef, Size},
    outline::{DrawSettings, pen::ControlBoundsPen},
};

/// The bytes of a font file.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Parts of the names of fonts that stand in for every character with a box or with nothing.
const EMPTY: [&str; 3] = ["LastResort", "Last Resort", "Blank"];

/// Fonts to fall back on, the most suitable first.
pub struct Fallback {
    fonts: Database,
    order: Vec<ID>,
}

/// The fonts to fall back on. The first call reads the names of all fonts that are installed, which takes a moment:
/// call it off the main thread.
pub fn fallback() -> &'static Fallback {
    static FALLBACK: OnceLock<Fallback> = OnceLock::new();
    FALLBACK.get_or_init(Fallback::find)
}

impl Fallback {
    /// The upright font of usual weight and width of a family that is installed.
    pub fn face_of(&self, name: &str) -> Option<&FaceInfo> {
        let mut faces = self.order.iter().filter_map(|&id| self.fonts.face(id));
        faces.find(|face| {
            let usual = face.style == Style::Normal && face.stretch == Stretch::Normal;
            usual && face.weight.0 == 400 && family(face) == Some(name)
        })
    }

    /// The files of a family, those of all weights and slopes, each once.
    pub fn files_of(&self, name: &str) -> Vec<&Source> {
        let faces = self.fonts.faces();
        let sources = faces.filter(|face| family(face) == Some(name));
        let files = sources.filter_map(|face| match &face.source {
            Source::Binary(_) => None,
            Source::File(path) | Source::SharedFile(path, _) => Some((path, &face.source)),
        });
        let files: BTreeMap<_, _> = files.collect();
        files.into_values().collect()
    }

    fn find() -> Self {
        let mut fonts = Database::new();
        fonts.load_font_data(NOTO_EMOJI_REGULAR.to_vec());
        fonts.load_system_fonts();
        let family = |face: &FaceInfo| face.families.first().map_or("", |f| &f.0).to_owned();
        let mut order: Vec<&FaceInfo> = fonts
            .faces()
            .filter(|face| !EMPTY.iter().any(|empty| family(face).contains(empty)))
            .collect();
        // Upright, of usual width and weight, and without serifs, as the text around is.
        order.sort_by_cached_key(|face| {
            (
                !matches!(face.source, Source::Binary(_)),
                face.style != Style::Normal,
                face.stretch != Stretch::Normal,
                face.weight.0.abs_diff(400),
                face.monospaced,
                !family(face).contains("Sans"),
                family(face),
            )
        });
        let order = order.into_iter().map(|face| face.id).collect();
        Self { fonts, order }
    }

    /// The most suitable font that draws the character. For Han, Kana and Hangul one of its own language comes first.
    pub fn font_for(&self, character: char) -> Option<&FaceInfo> {
        let faces = || self.order.iter().filter_map(|&id| self.fonts.face(id));
        let draws = |face: &&FaceInfo| {
            let test = |bytes: &[u8], index| draws(bytes, index, character);
            self.fonts.with_face_data(face.id, test) == Some(true)
        };
        let of_language = |face: &&FaceInfo| {
            let suffix = language(character);
            suffix.is_some_and(|suffix| face.families.iter().any(|f| f.0.ends_with(suffix)))
        };
        faces()
            .filter(of_language)
            .find(draws)
            .or_else(|| faces().find(draws))
    }
}

/// Families that figures are asked for most often, in the order of a menu.
const USUAL: [&str; 8] = [
    "Arial",
    "Helvetica",
    "Helvetica Neue",
    "Liberation Sans",
    "DejaVu Sans",
    "Noto Sans",
    "Times New Roman",
    "Liberation Serif",
];

static FAMILIES: OnceLock<Vec<String>> = OnceLock::new();

/// The installed families whose upright font has Latin letters and figures, those that are usual in figures first. The first call opens
/// every family once: call it off the main thread.
pub fn families() -> &'static [String] {
    FAMILIES.get_or_init(|| {
        let all = fallback();
        let mut names: Vec<&str> = all.fonts.faces().filter_map(family).collect();
        names.sort_unstable();
        names.dedup();
        let place = |name: &str| USUAL.iter().position(|usual| *usual == name);
        names.sort_by_key(|name| place(name).unwrap_or(USUAL.len()));
        let latin = names.into_iter().filter(|name| {
            all.face_of(name).is_some_and(|face| {
                let test =
                    |bytes: &[u8], index| "Aj\u{e9}\u{b5}7".chars().all(|c| draws(bytes, index, c));
                all.fonts.with_face_data(face.id, test) == Some(true)
            })
        });
        latin.map(str::to_owned).collect()
    })
}

/// The same, if somebody has looked for them.
pub fn known_families() -> &'static [String] {
    FAMILIES.get().map_or(&[], Vec::as_slice)
}

/// The name of a font's family, unless it is one that hdumec brings, or a hidden one.
fn family(face: &FaceInfo) -> Option<&str> {
    let own = matches!(face.source, Source::Binary(_));
    let first = face.families.first().filter(|_| !own);
    // A system's hidden fonts begin with a dot.
    let name = first.map(|(name, _)| name.as_str());
    name.filter(|name| !name.starts_with('.'))
}

/// The whole file of a font.
///
/// # Errors
/// When the file cannot be read any more.
pub fn read(source: &Source) -> io::Result<Bytes> {
    match source {
        Source::Binary(bytes) | Source::SharedFile(_, bytes) => Ok(bytes.clone()),
        Source::File(path) => Ok(Arc::new(std::fs::read(path)?)),
    }
}

/// How families of fonts that are made for one language of several with the same characters end.
fn language(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{3040}'..='\u{30FF}' => " JP",
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7AF}' => " KR",
        '\u{2E80}'..='\u{2FDF}' | '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}' => " SC",
        _ => return None,
    })
}

/// Whether the font has lines for the character; fonts of coloured pictures have none.
fn draws(bytes: &[u8], index: u32, character: char) -> bool {
    let outline = || {
        let font = FontRef::from_index(bytes, index).ok()?;
        let glyph = font.charmap().map(character)?;
        if character.is_whitespace() {
            return Some(true);
        }
        let mut pen = ControlBoundsPen::new();
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        let outline = font.outline_glyphs().get(glyph)?;
        outline.draw(settings, &mut pen).ok()?;
        Some(pen.bounding_box().is_some())
    };
    outline() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_have_a_font_everywhere() {
        for emoji in ['\u{1F600}', '\u{1F52C}'] {
            let font = fallback().font_for(emoji).unwrap();
            assert!(matches!(font.source, Source::Binary(_)), "{font:?}");
            assert!(!read(&font.source).unwrap().as_ref().as_ref().is_empty());
        }
        assert!(fallback().font_for('\u{10FFFD}').is_none());
    }

    #[test]
    fn a_family_draws_latin_letters() {
        let all = families();
        assert_eq!(known_families(), all);
        let Some(name) = all.first() else {
            eprintln!("skipped: no font is installed");
            return;
        };
        assert!(fallback().face_of(name).is_some());
        assert!(!fallback().files_of(name).is_empty());
        assert!(fallback().face_of("no such family").is_none());
        let mut once: Vec<&String> = all.iter().collect();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len());
    }

    #[test]
    fn scripts_get_a_font_that_draws_them() {
        for (script, character, family) in [
            ("Han", '细', " SC"),
            ("Kana", 'ひ', " JP"),
            ("Hangul", '세', " KR"),
            ("Hebrew", 'ת', ""),
            ("Arabic", 'خ', ""),
        ] {
            let Some(font) = fallback().font_for(character) else {
                eprintln!("skipped: no font for {script} is installed");
                continue;
            };
            assert_eq!(font.style, Style::Normal, "{font:?}");
            let noto = |name: &str| name.starts_with("Noto") && name.contains("CJK");
            if font.families.iter().any(|f| noto(&f.0)) {
                assert!(font.families.iter().any(|f| f.0.ends_with(family)));
                assert!(font.families.iter().any(|f| f.0.contains("Sans")));
            }
            let bytes = read(&font.source).unwrap();
            assert!(draws((*bytes).as_ref(), font.index, character));
        }
    }
}
