//! How the board is written: compact JSON that may also stand inside a page.
//!
//! `<` is written as `\u003c`, so that no name and no notice can end a script element that a page
//! puts the board into. Nothing else is escaped beyond what JSON asks for.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

/// Ready-made bytes of a response.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The JSON.
    pub bytes: Bytes,
    /// The same, compressed with gzip.
    pub gzip: Bytes,
    /// For the `ETag` header, quotes included. Weak, since it names both forms.
    pub etag: Bytes,
}

impl Rendered {
    /// Bytes with their compressed form. `version`: a number that no other bytes of this resource
    /// have.
    pub fn new(bytes: Vec<u8>, version: u64) -> Self {
        let gzip = compress(&bytes);
        Self { bytes: bytes.into(), gzip, etag: etag(version) }
    }
}

/// The `ETag` of a version.
pub fn etag(version: u64) -> Bytes {
    format!("W/\"{version:x}\"").into()
}

/// A value as JSON that may stand inside a page.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    serde_json::to_writer(&mut bytes, value).expect("plain data with text keys is always JSON");
    // It can only be in a text. Looked for once in the whole, since there is hardly ever one.
    if !bytes.contains(&b'<') {
        return bytes;
    }
    let between: Vec<_> = bytes.split(|byte| *byte == b'<').collect();
    between.join(&br"\u003c"[..])
}

fn compress(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    let whole = encoder.write_all(bytes).and_then(|()| encoder.finish());
    whole.expect("memory takes all bytes").into()
}
