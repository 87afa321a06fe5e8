//! How the board is written: compact JSON that may also stand inside a page.
//!
//! `<` is written as `\u003c`, so that no name and no notice can end a script element that a page
//! puts the board into. Nothing else is escaped beyond what JSON asks for.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

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
    let mut serializer = Serializer::with_formatter(&mut bytes, InPage);
    value.serialize(&mut serializer).expect("plain data with text keys is always JSON");
    bytes
}

fn compress(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    let whole = encoder.write_all(bytes).and_then(|()| encoder.finish());
    whole.expect("memory takes all bytes").into()
}

/// Compact JSON without `<`.
struct InPage;

impl Formatter for InPage {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment.as_bytes();
        while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
            let (before, after) = rest.split_at(at);
            writer.write_all(before)?;
            writer.write_all(b"\\u003c")?;
            rest = after.get(1..).unwrap_or_default();
        }
        writer.write_all(rest)
    }
}
