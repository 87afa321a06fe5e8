//! The theme file: how a venue's waiting page looks and what it says. `docs/waiting-page.md`
//! describes every key.
//!
//! Reads it with the files it names, or refuses it with all mistakes at once. Knows no page: which
//! messages there are is checked by who speaks them.

use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::node::{Node, Table};
use super::problem::{Problem, Problems};
use super::{Mode, text_of, toml};
pub use colour::Palette;

mod colour;
#[cfg(test)]
mod tests;

/// A logo is shown once at the top of the page: a drawing, not a photograph.
const LOGO_BYTES_MAX: usize = 64 << 10;
/// A font with the letters of one alphabet.
const FONT_BYTES_MAX: usize = 256 << 10;
/// Regular, bold, and one more of each.
const FONTS_MAX: usize = 4;
/// All of our own words take 6 KB.
const WORDS_BYTES_MAX: usize = 64 << 10;
/// Languages that a venue adds or changes.
const LANGUAGES_MAX: usize = 64;
/// Hexadecimal digits of a file's print in its name: 64 bits tell a handful of files apart.
const PRINT_DIGITS: usize = 16;

/// How a page looks, and what it says otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Theme {
    /// By day.
    pub light: Palette,
    /// By night.
    pub dark: Palette,
    /// Whether the first asset is a logo.
    pub logo: bool,
    /// The fonts, in the order of the assets that follow.
    pub fonts: Vec<Font>,
    /// The files that are served with the page.
    pub assets: Vec<Asset>,
    /// Messages by language, those that count last.
    pub texts: Vec<Texts>,
    /// Where the venue is: the sale file says it, for who sees no times of their own.
    pub time_zone: TimeZone,
}

/// A font of the venue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Font {
    /// 100 to 900.
    pub weight: u64,
}

/// A file that is served with the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asset {
    /// What it is.
    pub kind: Kind,
    /// What it is told apart by: the beginning of its SHA-256.
    pub print: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A drawing.
    Svg,
    /// A picture.
    Png,
    /// A font.
    Woff2,
}

/// Messages in one language, as Fluent writes them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Texts {
    /// The tag of the language.
    pub language: String,
    /// The file they are from.
    pub file: String,
    /// The messages.
    pub messages: String,
}

impl Default for Theme {
    fn default() -> Self {
        let (light, dark) = (Palette::LIGHT, Palette::DARK);
        let (fonts, assets, texts) = Default::default();
        let time_zone = TimeZone::UTC;
        Self { light, dark, logo: false, fonts, assets, texts, time_zone }
    }
}

/// Loads a theme file and the files it names.
pub fn load(path: &Path) -> Result<Theme, Problems> {
    let name = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new(""));
    let text = text_of(path);
    let text = text.map_err(|(wrong, remedy)| Problems::of_file(&name, wrong, remedy))?;
    let document = toml::document(&name, &text, Mode::Strict)?;
    let mut files = Files { folder, theme: name.clone(), problems: Problems::default() };
    let theme = Node::root(&document).table().map(|root| read(root, &mut files));
    let mut problems = document.finish().err().unwrap_or_default();
    problems.absorb(files.problems);
    problems.or_else_ok()?;
    Ok(theme.expect("a TOML text is a table"))
}

/// Where the files of a theme are sought, and what was found in them.
struct Files<'p> {
    folder: &'p Path,
    theme: String,
    problems: Problems,
}

fn read(mut root: Table<'_>, files: &mut Files<'_>) -> Theme {
    let light = colour::read(root.get("light"), Palette::LIGHT);
    let dark = colour::read(root.get("dark"), Palette::DARK);
    let logo = root.get("logo").and_then(|node| files.logo(node));
    let mut theme = Theme { light, dark, logo: logo.is_some(), ..Theme::default() };
    theme.assets.extend(logo);
    for node in root.items("fonts") {
        if theme.fonts.len() == FONTS_MAX {
            node.refuse("is one font too many", format!("use at most {FONTS_MAX}"));
            break;
        }
        if let Some((font, asset)) = files.font(node) {
            theme.fonts.push(font);
            theme.assets.push(asset);
        }
    }
    if let Some(node) = root.get("words") {
        theme.texts = files.words(node);
    }
    if let Some(texts) = root.get("texts").and_then(Node::table) {
        theme.texts.extend(texts.entries().filter_map(|(tag, node)| files.texts(tag, node)));
    }
    root.finish();
    theme
}

impl Files<'_> {
    /// The bytes of a file that a node names.
    fn bytes(&self, node: Node<'_>, bytes_max: usize) -> Option<Vec<u8>> {
        let path = self.folder.join(node.name()?);
        match fs::read(&path) {
            Err(fault) => {
                node.refuse(format!("cannot be read: {fault}"), "check the path and who may read");
            }
            Ok(bytes) if bytes.len() > bytes_max => {
                let wrong = format!("has {} bytes", bytes.len());
                node.refuse(wrong, format!("use at most {bytes_max}"));
            }
            Ok(bytes) => return Some(bytes),
        }
        None
    }

    fn logo(&self, node: Node<'_>) -> Option<Asset> {
        let bytes = self.bytes(node, LOGO_BYTES_MAX)?;
        let drawn = || std::str::from_utf8(&bytes).is_ok_and(|text| text.contains("<svg"));
        let kind = match () {
            () if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Kind::Png,
            () if drawn() => Kind::Svg,
            () => {
                node.refuse("is neither SVG nor PNG", "save the logo as one of these");
                return None;
            }
        };
        Some(Asset::new(kind, bytes))
    }

    fn font(&self, node: Node<'_>) -> Option<(Font, Asset)> {
        let mut table = node.table()?;
        let weight = table.get("weight").map_or(Some(400), |node| node.whole(100..=900));
        let file = table.need("file");
        table.finish();
        let bytes = self.bytes(file?, FONT_BYTES_MAX)?;
        if !bytes.starts_with(b"wOF2") {
            file?.refuse("is no WOFF2 font", "save the font as WOFF2");
            return None;
        }
        Some((Font { weight: weight? }, Asset::new(Kind::Woff2, bytes)))
    }

    /// Every `<tag>.ftl` of a folder, in the order of their names.
    fn words(&mut self, node: Node<'_>) -> Vec<Texts> {
        let Some(name) = node.name() else { return Vec::new() };
        let listed = fs::read_dir(self.folder.join(name)).and_then(Iterator::collect);
        let entries: Vec<fs::DirEntry> = listed.unwrap_or_else(|fault| {
            node.refuse(format!("cannot be read: {fault}"), "name a folder of <language>.ftl");
            Vec::new()
        });
        let mut paths: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "ftl"));
        paths.sort();
        if paths.len() > LANGUAGES_MAX {
            node.refuse("has too many languages", format!("use at most {LANGUAGES_MAX}"));
        }
        paths.iter().take(LANGUAGES_MAX).filter_map(|path| self.messages(path)).collect()
    }

    fn messages(&mut self, path: &Path) -> Option<Texts> {
        let file = path.display().to_string();
        let refused = |wrong: String, remedy: &str| Problem::of_file(&file, wrong, remedy);
        let problem = match text_of(path) {
            Err((wrong, remedy)) => refused(wrong, remedy),
            Ok(text) if text.len() > WORDS_BYTES_MAX => {
                let remedy = format!("use at most {WORDS_BYTES_MAX}");
                refused(format!("has {} bytes", text.len()), &remedy)
            }
            Ok(messages) => {
                let language = path.file_stem()?.to_str()?.to_owned();
                return Some(Texts { language, file, messages });
            }
        };
        self.problems.add(problem);
        None
    }

    /// Messages that stand in the theme file itself: each on a line of its own.
    fn texts(&self, tag: &str, node: Node<'_>) -> Option<Texts> {
        let table = node.table()?;
        let mut messages = String::new();
        for (name, node) in table.entries() {
            let text = node.words(WORDS_BYTES_MAX)?;
            messages.push_str(&format!("{name} = {text}\n"));
        }
        let file = format!("{}: texts.{tag}", self.theme);
        Some(Texts { language: tag.to_owned(), file, messages })
    }
}

impl Asset {
    fn new(kind: Kind, bytes: Vec<u8>) -> Self {
        let mut print = HEXLOWER.encode(&Sha256::digest(&bytes));
        print.truncate(PRINT_DIGITS);
        Self { kind, print, bytes }
    }
}
