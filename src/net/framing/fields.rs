//! The field lines of a head, or of trailers: where each ends, and those that tell of the framing.

use memchr::memchr3;

use super::ending::{ENDING, ENDING_FEED, ENDING_FIELD, ENDING_NAME, ENDING_RETURN};
use super::refused::Ambiguity;
use super::{of_name, stray};

/// Follows field lines to the empty line after them.
#[derive(Debug)]
pub(super) struct Fields {
    at: At,
    kind: Kind,
    /// Fields that may still begin.
    left: usize,
    /// What was there of a name, or of a value that counts, when the bytes ended.
    word: Word,
    length: Option<u64>,
    chunked: bool,
    upgrades: bool,
}

#[derive(Clone, Copy, Debug)]
enum At {
    LineStart,
    /// A field begins that is one too many.
    Full,
    Name,
    Value,
    Feed,
    LastFeed,
    End,
}

/// What a field tells.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Other,
    Length,
    Coding,
    Upgrade,
}

impl Fields {
    /// Before the first of at most so many.
    pub(super) fn at_most(count: usize) -> Self {
        Self {
            at: At::LineStart,
            kind: Kind::Other,
            left: count,
            word: Word::default(),
            length: None,
            chunked: false,
            upgrades: false,
        }
    }

    /// Whether the empty line was there.
    pub(super) fn ended(&self) -> bool {
        matches!(self.at, At::End)
    }

    /// Whether there are more fields than there may be.
    pub(super) fn full(&self) -> bool {
        matches!(self.at, At::Full)
    }

    /// What ends a head here, so that it reads. Not within what says how the request is framed,
    /// which is short, nor before the very last byte.
    pub(super) fn ending(&self) -> Option<&'static [u8]> {
        match (self.at, self.kind) {
            (At::Value, Kind::Length | Kind::Coding) | (At::LastFeed | At::End, _) => None,
            (At::Name, _) => Some(ENDING_NAME),
            (At::Value, _) => ENDING.get(ENDING_RETURN..),
            (At::Feed, _) => ENDING.get(ENDING_FEED..),
            (At::LineStart | At::Full, _) => ENDING.get(ENDING_FIELD..),
        }
    }

    /// The Content-Length.
    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether a Transfer-Encoding says that the body comes in chunks.
    pub(super) fn chunked(&self) -> bool {
        self.chunked
    }

    /// Whether another protocol is asked for.
    pub(super) fn upgrades(&self) -> bool {
        self.upgrades
    }

    /// Reads on; says where the empty line ended, or where a field begins that is one too many.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, Ambiguity> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let run = match (self.at, self.kind) {
                (At::Name, _) => rest.iter().position(|byte| !of_name(*byte)),
                (At::Value, _) => memchr3(b'\r', b'\n', 0, rest),
                _ => Some(0),
            };
            let Some((run, byte)) = run.and_then(|run| Some((rest.get(..run)?, rest.get(run)?)))
            else {
                self.keep(rest)?;
                return Ok(None);
            };
            let starts_name = matches!(self.at, At::LineStart) && of_name(*byte);
            self.at = if starts_name { self.begin() } else { self.after(run, *byte)? };
            match self.at {
                At::Full => return Ok(Some(at)),
                At::End => return Ok(Some(at + 1)),
                _ => {}
            }
            // The first byte of a name is read again, with the others.
            at += run.len() + usize::from(!starts_name);
        }
        Ok(None)
    }

    /// Begins a field, if there may be another.
    fn begin(&mut self) -> At {
        let Some(left) = self.left.checked_sub(1) else { return At::Full };
        self.left = left;
        At::Name
    }

    /// What follows on a byte, and on those that were before it.
    fn after(&mut self, run: &[u8], byte: u8) -> Result<At, Ambiguity> {
        match (self.at, byte) {
            (At::LineStart, b'\r') => Ok(At::LastFeed),
            (At::LineStart, b' ' | b'\t') => Err(Ambiguity::Folding),
            (At::Name, b':') => {
                self.kind = self.word.with(run, kind_of)?;
                Ok(At::Value)
            }
            (At::Value, b'\r') => {
                self.take(run)?;
                Ok(At::Feed)
            }
            (At::Feed, b'\n') => Ok(At::LineStart),
            (At::LastFeed, b'\n') => Ok(At::End),
            (At::Feed | At::LastFeed, _) => Err(Ambiguity::BareReturn),
            (_, byte) => Err(stray(byte, Ambiguity::Name)),
        }
    }

    /// Keeps what is needed of a name or a value that goes on in the next bytes.
    fn keep(&mut self, rest: &[u8]) -> Result<(), Ambiguity> {
        match (self.at, self.kind) {
            (At::Value, Kind::Other | Kind::Upgrade) => Ok(()),
            (At::Name, _) => {
                self.word.push(rest);
                Ok(())
            }
            (_, kind) => {
                self.word.push(rest);
                if self.word.long() { Err(wrong(kind)) } else { Ok(()) }
            }
        }
    }

    /// Takes the value of a field.
    fn take(&mut self, run: &[u8]) -> Result<(), Ambiguity> {
        match self.kind {
            Kind::Other => {}
            Kind::Upgrade => self.upgrades = true,
            Kind::Length if self.length.is_some() => return Err(Ambiguity::Length),
            Kind::Length => self.length = Some(self.word.with(run, length_of)?),
            Kind::Coding if self.chunked => return Err(Ambiguity::Coding),
            Kind::Coding => self.chunked = self.word.with(run, chunked)?,
        }
        Ok(())
    }
}

fn wrong(kind: Kind) -> Ambiguity {
    if let Kind::Length = kind { Ambiguity::Length } else { Ambiguity::Coding }
}

/// What a field of this name tells. One with an underscore is not it, but many an application is
/// handed both as one variable.
fn kind_of(name: &[u8]) -> Result<Kind, Ambiguity> {
    let (known, kind) = match name.len() {
        7 => (&b"upgrade"[..], Kind::Upgrade),
        14 => (&b"content-length"[..], Kind::Length),
        17 => (&b"transfer-encoding"[..], Kind::Coding),
        _ => return Ok(Kind::Other),
    };
    let alike = |(byte, known): (&u8, &u8)| match byte {
        b'_' => *known == b'-',
        byte => byte.eq_ignore_ascii_case(known),
    };
    match name.iter().zip(known).all(alike) {
        true if name.contains(&b'_') => Err(Ambiguity::Name),
        true => Ok(kind),
        false => Ok(Kind::Other),
    }
}

/// A number in plain digits: no sign, no list, nothing before or after, no zero before others.
fn length_of(value: &[u8]) -> Result<u64, Ambiguity> {
    let digits = value.strip_prefix(b" ").unwrap_or(value);
    let plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() <= 19;
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let number = digits
        .iter()
        .try_fold(0_u64, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?));
    number.filter(|_| plain).ok_or(Ambiguity::Length)
}

fn chunked(value: &[u8]) -> Result<bool, Ambiguity> {
    let coding = value.strip_prefix(b" ").unwrap_or(value);
    if coding == b"chunked" { Ok(true) } else { Err(Ambiguity::Coding) }
}

/// Bytes of what is kept of a word: more than of any that counts.
const WORD_BYTES_MAX: usize = 24;

/// A word that may come in pieces.
#[derive(Debug, Default)]
struct Word {
    bytes: [u8; WORD_BYTES_MAX],
    /// Of the word; more than there is room for if it is too long to count.
    length: usize,
}

impl Word {
    fn push(&mut self, piece: &[u8]) {
        let end = self.length.saturating_add(piece.len());
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(piece);
        }
        self.length = end;
    }

    fn long(&self) -> bool {
        self.length > WORD_BYTES_MAX
    }

    /// What the whole word tells, of which this is the last piece.
    fn with<T>(
        &mut self,
        piece: &[u8],
        told: impl Fn(&[u8]) -> Result<T, Ambiguity>,
    ) -> Result<T, Ambiguity> {
        if self.length == 0 {
            return told(piece);
        }
        self.push(piece);
        let length = std::mem::take(&mut self.length);
        // One that is too long is as good as any other that is.
        told(self.bytes.get(..length).unwrap_or(&[0; WORD_BYTES_MAX + 1]))
    }
}
