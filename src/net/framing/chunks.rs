//! A body in chunks: sizes of plain digits, without extensions; and the trailers after it.

use super::fields::Fields;
use super::refused::Ambiguity;
use super::stray;

/// Digits of a chunk's size: 16 are 64 bits.
const DIGITS_MAX: u8 = 16;
/// Bytes of the trailers. Nothing here reads them; those who send any send a checksum.
const TRAILER_BYTES_MAX: usize = 4_096;

/// Follows a body in chunks to its end.
#[derive(Debug)]
pub(super) struct Chunks {
    at: At,
    /// Of a chunk's size while it is read, then of what is left of the chunk.
    size: u64,
    digits: u8,
}

#[derive(Debug)]
enum At {
    Size,
    SizeFeed,
    Data,
    DataReturn,
    DataFeed,
    /// The fields after the last chunk, and how many bytes of them there were.
    Trailers(Fields, usize),
}

impl Default for Chunks {
    fn default() -> Self {
        Self { at: At::Size, size: 0, digits: 0 }
    }
}

impl Chunks {
    /// Reads on; says where the body ended, if it did.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, Ambiguity> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if let At::Trailers(fields, count) = &mut self.at {
                let end = fields.read(rest)?;
                *count += end.unwrap_or(rest.len());
                let framed = fields.length().is_some() || fields.chunked();
                if framed || *count > TRAILER_BYTES_MAX {
                    return Err(Ambiguity::Trailer);
                }
                return Ok(end.map(|end| at + end));
            }
            at += self.step(rest)?;
        }
        Ok(None)
    }

    fn step(&mut self, rest: &[u8]) -> Result<usize, Ambiguity> {
        if let At::Data = self.at {
            let count = rest.len().min(usize::try_from(self.size).unwrap_or(usize::MAX));
            self.size -= u64::try_from(count).unwrap_or(self.size);
            if self.size == 0 {
                self.at = At::DataReturn;
            }
            return Ok(count);
        }
        if let Some(byte) = rest.first() {
            self.at = self.after(*byte)?;
        }
        Ok(1)
    }

    fn after(&mut self, byte: u8) -> Result<At, Ambiguity> {
        match (&self.at, byte) {
            (At::Size, b'\r') if self.digits > 0 => {
                self.digits = 0;
                Ok(At::SizeFeed)
            }
            (At::Size, byte) => {
                let digit = char::from(byte).to_digit(16).filter(|_| self.digits < DIGITS_MAX);
                let digit = digit.ok_or_else(|| stray(byte, Ambiguity::Chunk))?;
                self.digits += 1;
                self.size = self.size << 4 | u64::from(digit);
                Ok(At::Size)
            }
            (At::SizeFeed, b'\n') if self.size == 0 => {
                // As many as there is room for.
                Ok(At::Trailers(Fields::at_most(usize::MAX), 0))
            }
            (At::SizeFeed, b'\n') => Ok(At::Data),
            (At::DataReturn, b'\r') => Ok(At::DataFeed),
            (At::DataFeed, b'\n') => Ok(At::Size),
            (At::SizeFeed | At::DataFeed, _) => Err(Ambiguity::BareReturn),
            (_, byte) => Err(stray(byte, Ambiguity::Chunk)),
        }
    }
}
