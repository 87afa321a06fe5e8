//! The one form of a path: what is decided on, and what is passed on. Pure.
//!
//! Two readers of one path may come to different places: one decodes before it resolves dots, one
//! merges slashes, one drops what stands behind a semicolon. So a path is brought into a form that
//! all of them read alike, and what has no such form is refused, never guessed.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

#[cfg(test)]
mod tests;

/// Why a path has no single meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Ambiguous {
    /// It does not begin with a slash.
    #[error("it does not begin with a slash")]
    Rootless,
    /// An encoded slash, or a backslash of any kind.
    #[error("an encoded slash, or a backslash")]
    Slash,
    /// A control character, or one that ends a path.
    #[error("a character that no path has")]
    Character,
    /// A percent sign without two hexadecimal digits.
    #[error("a percent sign without two hexadecimal digits")]
    Percent,
    /// What is decoded once could be decoded again.
    #[error("a character that is encoded twice")]
    Twice,
    /// What it says is no text.
    #[error("bytes that are no UTF-8")]
    NotUtf8,
    /// Dots with something behind them, which some readers drop.
    #[error("a segment of dots with something behind them")]
    Dots,
    /// It leads out of the site.
    #[error("it climbs above the root")]
    AboveRoot,
    /// The pass of one sale opens it, or of another, by how capitals, semicolons and dots are read.
    #[error("whose pass opens it depends on how capitals, semicolons or dots are read")]
    Sales,
}

/// What stands behind a semicolon, however that is written.
const PARAMETERS: [&str; 2] = [";", "%3B"];

/// The normal form of a path without its query. A path that is in it already is given back as it
/// is; the form of a form is the same.
///
/// # Errors
/// Why there is none.
pub fn normal(path: &str) -> Result<Cow<'_, str>, Ambiguous> {
    if plain(path) {
        return Ok(Cow::Borrowed(path));
    }
    let decoded = decoded(path)?;
    let rest = decoded.strip_prefix('/').ok_or(Ambiguous::Rootless)?;
    let mut kept: Vec<&str> = Vec::new();
    for segment in rest.split('/') {
        match segment {
            "" | "." => {}
            ".." => kept.pop().map(|_| ()).ok_or(Ambiguous::AboveRoot)?,
            _ if name(segment).is_empty() => return Err(Ambiguous::Dots),
            _ => kept.push(segment),
        }
    }
    let ends_as_folder = matches!(rest.rsplit('/').next(), Some("" | "." | ".."));
    let end = if ends_as_folder && !kept.is_empty() { "/" } else { "" };
    Ok(Cow::Owned(format!("/{}{end}", kept.join("/"))))
}

/// A normal form without what some readers drop: what stands behind a semicolon, and dots and
/// spaces at the end of a segment. `None` if there is nothing of that.
pub fn bare(normal: &str) -> Option<String> {
    let dubious = normal.contains([';', '%']) || normal.contains("./") || normal.ends_with('.');
    let bare = || normal.split('/').map(name).collect::<Vec<_>>().join("/");
    dubious.then(bare).filter(|bare| bare != normal)
}

/// Whether a path is in its normal form at a glance, as nearly all are.
fn plain(path: &str) -> bool {
    let mut before = b' ';
    for byte in path.bytes() {
        let dubious = before == b'/' && matches!(byte, b'/' | b'.');
        if dubious || !(unreserved(byte) || matches!(byte, b'/' | b',' | b':' | b'@' | b'=')) {
            return false;
        }
        before = byte;
    }
    path.starts_with('/')
}

/// The path with what needs no encoding decoded, and what needs it encoded in capitals.
fn decoded(path: &str) -> Result<String, Ambiguous> {
    let mut form = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let pair = digit().zip(digit()).ok_or(Ambiguous::Percent)?;
            let byte = u8::try_from(pair.0 * 16 + pair.1).map_err(|_| Ambiguous::Percent)?;
            push_encoded(&mut form, byte)?;
        } else {
            push_raw(&mut form, byte)?;
        }
    }
    if form.match_indices("%25").any(|(at, _)| encodes(form.get(at + 3..).unwrap_or_default())) {
        return Err(Ambiguous::Twice);
    }
    percent_decode_str(&form).decode_utf8().map_err(|_| Ambiguous::NotUtf8)?;
    Ok(form)
}

/// A byte that was written with a percent sign.
fn push_encoded(form: &mut String, byte: u8) -> Result<(), Ambiguous> {
    match byte {
        b'/' | b'\\' => return Err(Ambiguous::Slash),
        _ if byte.is_ascii_control() => return Err(Ambiguous::Character),
        _ if unreserved(byte) => form.push(char::from(byte)),
        _ => form.push_str(percent_encoding::percent_encode_byte(byte)),
    }
    Ok(())
}

/// A byte that stood there as it is.
fn push_raw(form: &mut String, byte: u8) -> Result<(), Ambiguous> {
    match byte {
        b'\\' => return Err(Ambiguous::Slash),
        b'?' | b'#' => return Err(Ambiguous::Character),
        _ if byte.is_ascii_control() => return Err(Ambiguous::Character),
        _ if unreserved(byte) || b"/!$&'()*+,;=:@".contains(&byte) => form.push(char::from(byte)),
        _ => form.push_str(percent_encoding::percent_encode_byte(byte)),
    }
    Ok(())
}

/// What means the same with and without encoding (RFC 3986, section 2.3).
fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Whether a text begins with two hexadecimal digits.
fn encodes(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// A segment without its parameters, and then without dots and spaces at its end.
fn name(segment: &str) -> &str {
    let ends = PARAMETERS.iter().filter_map(|mark| segment.find(mark));
    let mut name = segment.get(..ends.min().unwrap_or(segment.len())).unwrap_or(segment);
    while let Some(shorter) = name.strip_suffix('.').or_else(|| name.strip_suffix("%20")) {
        name = shorter;
    }
    name
}
