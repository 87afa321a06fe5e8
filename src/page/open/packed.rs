//! A text with open spots, for who reads gzip: what is the same for all is compressed once.
//!
//! Owns the bytes: the gzip stream of RFC 1952 around deflate blocks of RFC 1951. What is filled in
//! stands in blocks that are stored and not compressed. That takes no time; and nobody learns from
//! the length of a page whether a text of theirs is like one that is another's secret (BREACH).

use flate2::{Compress, Compression, Crc, FlushCompress};

use super::{Open, Piece};

/// Deflate, no name, no time, an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// A last block, which is empty.
const LAST_BLOCK: [u8; 2] = [3, 0];
/// Sum and size of the text.
const FOOT_BYTES: usize = 8;
/// Bytes of one stored block, and what stands before them.
const STORED_BYTES_MAX: usize = 0xffff;
const STORED_HEAD_BYTES: usize = 5;

/// [`Open`] as a gzip stream.
pub struct Packed<const N: usize>(Vec<Part>);

enum Part {
    /// The same for all: the text, and its blocks.
    Fixed(String, Vec<u8>),
    Spot(usize),
}

impl<const N: usize> Packed<N> {
    /// Compresses what is the same for all.
    pub fn new(text: &Open<N>) -> Self {
        let part = |piece: &Piece| match piece {
            Piece::Fixed(text) => Part::Fixed(text.clone(), compressed(text.as_bytes())),
            Piece::Spot(spot) => Part::Spot(*spot),
        };
        Self(text.0.iter().map(part).collect())
    }

    /// The stream of the text with this in its spots.
    pub fn with(&self, given: [&str; N]) -> Vec<u8> {
        let size = |part: &Part| match part {
            Part::Fixed(_, blocks) => blocks.len(),
            Part::Spot(spot) => stored_bytes(given[*spot].len()),
        };
        let blocks: usize = self.0.iter().map(size).sum();
        let whole = HEAD.len() + blocks + LAST_BLOCK.len() + FOOT_BYTES;
        let mut stream = Vec::with_capacity(whole);
        stream.extend(HEAD);
        let mut sum = Crc::new();
        for part in &self.0 {
            let text = match part {
                Part::Fixed(text, blocks) => {
                    stream.extend_from_slice(blocks);
                    text
                }
                Part::Spot(spot) => {
                    store(given[*spot].as_bytes(), &mut stream);
                    given[*spot]
                }
            };
            sum.update(text.as_bytes());
        }
        stream.extend(LAST_BLOCK);
        stream.extend(sum.sum().to_le_bytes());
        stream.extend(sum.amount().to_le_bytes());
        stream
    }
}

/// The blocks of a text, the last of which ends with a byte: stored, where that is shorter.
fn compressed(text: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(stored_bytes(text.len()));
    store(text, &mut stored);
    let mut blocks = Vec::with_capacity(stored.len());
    let mut compress = Compress::new(Compression::default(), false);
    compress.compress_vec(text, &mut blocks, FlushCompress::Full).expect("its input is all there");
    // Where there is no room left, not all of it may be there.
    if blocks.len() < stored.len() { blocks } else { stored }
}

/// Bytes of this many when they are stored.
fn stored_bytes(bytes: usize) -> usize {
    bytes + bytes.div_ceil(STORED_BYTES_MAX) * STORED_HEAD_BYTES
}

fn store(text: &[u8], stream: &mut Vec<u8>) {
    for block in text.chunks(STORED_BYTES_MAX) {
        let bytes = block.len() as u16;
        stream.push(0);
        stream.extend(bytes.to_le_bytes());
        stream.extend((!bytes).to_le_bytes());
        stream.extend_from_slice(block);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use minijinja::value::Value;

    use super::*;

    /// Two spots, one of them twice, with this between them.
    fn open(between: &str) -> Open<2> {
        let spot = |spots: &Value, name| spots.get_attr(name).expect("it has a name").to_string();
        Open::new([Some("a"), Some("b")], |spots| {
            let (a, b) = (spot(&spots, "a"), spot(&spots, "b"));
            format!("{a}{between}{b}{between}{a}.")
        })
    }

    fn unpacked(stream: &[u8]) -> String {
        let (mut decoder, mut text) = (GzDecoder::new(stream), String::new());
        decoder.read_to_string(&mut text).expect("a good stream, with its sum and size");
        assert!(decoder.into_inner().is_empty(), "something follows it");
        text
    }

    #[test]
    fn whoever_unpacks_it_reads_the_same_text() {
        let long = "Der Einlaß beginnt. ".repeat(10_000);
        for between in ["", "-", "<p>Guten Abend</p>", &long] {
            let text = open(between);
            let packed = Packed::new(&text);
            for given in [["", ""], ["4,711", ""], ["one", "two"], [&long, "x"], [&long, &long]] {
                assert_eq!(unpacked(&packed.with(given)), text.with(given));
            }
        }
    }

    #[test]
    fn its_length_tells_nothing_of_what_is_filled_in_but_its_length() {
        let packed = Packed::new(&open("the secret is 4711"));
        let bytes = |guess: &str| packed.with([guess, "4711"]).len();
        assert_eq!(bytes("4711"), bytes("0815"));
    }

    #[test]
    fn what_is_the_same_for_all_is_compressed() {
        let text = open(&"Einlaß ".repeat(1_000));
        assert!(Packed::new(&text).with(["", ""]).len() < text.with(["", ""]).len() / 50);
    }
}
