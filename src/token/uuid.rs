//! Sixteen bytes in the form of a UUID (RFC 9562, section 4), for clients that take nothing else.
//! Small letters alone, so that each has one text. Pure.

use std::ops::Range;

use data_encoding::HEXLOWER;

/// Bytes of it.
pub(super) const BYTES: usize = 16;
/// Where hyphens part the digits.
const PARTS: [Range<usize>; 5] = [0..8, 8..12, 12..16, 16..20, 20..32];

/// The text of these bytes.
pub(super) fn write(bytes: [u8; BYTES]) -> String {
    let digits = HEXLOWER.encode(&bytes);
    PARTS.map(|part| digits.get(part).unwrap_or_default().to_owned()).join("-")
}

/// The bytes of a text; `None` if it is not exactly what [`write`] makes of them.
pub(super) fn read(text: &str) -> Option<[u8; BYTES]> {
    let parts: Vec<_> = text.split('-').collect();
    if !parts.iter().map(|part| part.len()).eq(PARTS.map(|part| part.len())) {
        return None;
    }
    HEXLOWER.decode(parts.concat().as_bytes()).ok()?.try_into().ok()
}
