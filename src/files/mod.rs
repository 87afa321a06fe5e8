//! Files that people write: seat plans, sale definitions, themes and gate files.
//!
//! Text becomes a tree (`json`, `toml`), a tree is read node by node (`node`), and whatever is
//! wrong is collected with its place (`problem`, `document`). A file is taken whole or refused with
//! all of its mistakes; nothing is half-imported. Never panics on what a file says, never touches a
//! running sale.

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub mod problem;
mod tree;
mod document;
mod node;
mod json;
mod toml;
pub mod plan;
pub mod sale;
pub mod theme;
pub mod gate;
pub mod kind;

/// The largest file read: a pretix plan of 131,072 seats at about 120 bytes each, rounded up.
pub const FILE_BYTES_MAX: usize = 16 << 20;

/// What happens to mistakes that could be repaired.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// They are refused like all others.
    #[default]
    Strict,
    /// They are repaired where that is safe, and each repair is remarked on.
    Lenient,
}

/// Why there is no text: what is wrong with the file, and what to do.
pub type Unreadable = (String, &'static str);

/// The text of a file, without a byte order mark.
pub fn text_of(path: &Path) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too large from one that just fits.
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        .map_err(|fault| (format!("cannot be read: {fault}"), "check the path and who may read"))?;
    decoded(&bytes).map(str::to_owned)
}

/// Bytes as text, if they are few enough and UTF-8.
fn decoded(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.len() > FILE_BYTES_MAX {
        let wrong = format!("is larger than {FILE_BYTES_MAX} bytes");
        return Err((wrong, "split it, or leave out what is only drawn"));
    }
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        (format!("is not UTF-8 from byte {} on", fault.valid_up_to()), "save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
