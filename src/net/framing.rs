//! Where each HTTP/1 request begins and ends, told from the raw bytes; and what could be read in
//! two ways.
//!
//! hyper is forgiving where others are not: it takes a bare line feed as the end of a line, drops a
//! Content-Length beside chunks, skips chunk extensions, and reads on after a head that asks for
//! another protocol. Whoever stands before or behind us may understand such bytes otherwise, and
//! then one of us sees a request where the other sees a body. So every byte of a connection passes
//! here before hyper gets it, and what is not plain is refused.
//!
//! Pure, and without a heap: one pass, a few words of state, the same verdict however the bytes are
//! split. Does not judge what a request means: [`super::vet`] does, of what hyper understood.

mod chunks;
mod fields;
mod line;

use chunks::Chunks;
use fields::Fields;
use line::Line;

/// Why two readers could disagree about a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ambiguity {
    /// A line feed that does not end a line with a carriage return before it.
    BareLineFeed,
    /// A carriage return without a line feed after it.
    BareReturn,
    /// A line that goes on in the next.
    Folding,
    /// A NUL.
    Nul,
    /// A request line that is not a method, a target and a version with one space between.
    Line,
    /// Not HTTP/1.0 or HTTP/1.1.
    Version,
    /// A field's name that is none, or one that some take for another.
    Name,
    /// A Content-Length twice, or one that is not a plain number.
    Length,
    /// A Transfer-Encoding twice, or another than `chunked`, or in HTTP/1.0.
    Coding,
    /// A Content-Length beside a Transfer-Encoding.
    TwoFramings,
    /// A chunk's size or end that is not plain, or with an extension.
    Chunk,
    /// Trailers that are too long, or tell how the request is framed.
    Trailer,
    /// Bytes after a request for another protocol, before it was answered.
    Early,
}

impl Ambiguity {
    /// Its name in logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::BareLineFeed => "bare_line_feed",
            Self::BareReturn => "bare_return",
            Self::Folding => "folding",
            Self::Nul => "nul",
            Self::Line => "line",
            Self::Version => "version",
            Self::Name => "name",
            Self::Length => "length",
            Self::Coding => "coding",
            Self::TwoFramings => "two_framings",
            Self::Chunk => "chunk",
            Self::Trailer => "trailer",
            Self::Early => "early",
        }
    }
}

/// What has been answered on a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Answered {
    /// Requests of which the answer has begun.
    pub heads: u64,
    /// The last of them with 101: what follows is no HTTP/1.
    pub switched: bool,
}

/// The host that [`STAND_IN`] names. Nobody has it: a visitor who says so is refused as well.
pub const STAND_IN_HOST: &str = "?ambiguous";
/// Stands in for a refused request of which nothing was passed on: hyper reads it after what came
/// before, and [`super::vet`] refuses it.
pub const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: ?ambiguous\r\n\r\n";
/// Goes on after a part of a head, so that hyper refuses the whole: no head has a NUL.
pub const BREAK: &[u8] = b"\0\r\n\r\n";

/// Bytes that are not to be passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Why.
    pub why: Ambiguity,
    /// What of the refused request was passed on before.
    pub passed: Passed,
}

/// What the reader behind has of a request that is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passed {
    /// Nothing: it begins at this offset of the bytes last read.
    Nothing(usize),
    /// Some of its head.
    Head,
    /// All of its head.
    Body,
}

/// Follows the bytes of one connection.
#[derive(Debug)]
pub struct Framing {
    at: At,
    /// Heads that have ended.
    heads: u64,
    /// The request under way asks for another protocol.
    upgrades: bool,
}

#[derive(Debug)]
enum At {
    Line(Line),
    Fields {
        fields: Fields,
        old: bool,
    },
    Length(u64),
    Chunks(Chunks),
    /// After a request for another protocol.
    Held,
    /// It speaks another protocol.
    Unseen,
}

impl Framing {
    /// Before the first byte of a connection of HTTP/1.
    pub fn new() -> Self {
        Self { at: At::Line(Line::default()), heads: 0, upgrades: false }
    }

    /// Of a connection that speaks something else: everything passes.
    pub fn unseen() -> Self {
        Self { at: At::Unseen, ..Self::new() }
    }

    /// Whether there is no more to be seen.
    pub fn blind(&self) -> bool {
        matches!(self.at, At::Unseen)
    }

    /// Looks at what was read.
    ///
    /// # Errors
    /// [`Refused`]; nothing of this connection may be passed on any more.
    pub fn read(&mut self, bytes: &[u8], answered: Answered) -> Result<(), Refused> {
        let mut passed = match &self.at {
            At::Line(_) | At::Fields { .. } => Passed::Head,
            _ => Passed::Body,
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            if let At::Held = self.at {
                self.look(answered).map_err(|why| Refused { why, passed })?;
            }
            match &self.at {
                At::Unseen => return Ok(()),
                At::Line(line) if line.fresh() => {
                    passed = Passed::Nothing(bytes.len() - rest.len());
                }
                _ => {}
            }
            let used = self.step(rest).map_err(|why| Refused { why, passed })?;
            rest = rest.get(used..).unwrap_or_default();
        }
        Ok(())
    }

    /// Goes on after a request for another protocol, if it was answered.
    fn look(&mut self, answered: Answered) -> Result<(), Ambiguity> {
        if answered.heads < self.heads {
            return Err(Ambiguity::Early);
        }
        self.at = if answered.switched { At::Unseen } else { At::Line(Line::default()) };
        Ok(())
    }

    /// Reads the next part of a request, or as much of it as there is; returns how many bytes.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Ambiguity> {
        let done = match &mut self.at {
            At::Line(line) => {
                let done = line.read(bytes)?;
                if done.is_some() {
                    self.at = At::Fields { old: line.old(), fields: Fields::default() };
                }
                done
            }
            At::Fields { fields, old } => {
                let done = fields.read(bytes)?;
                if done.is_some() {
                    let body = body(fields, *old)?;
                    self.heads += 1;
                    self.upgrades = fields.upgrades();
                    self.begin(body);
                }
                done
            }
            At::Length(left) => {
                let count = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= u64::try_from(count).unwrap_or(*left);
                if *left == 0 {
                    self.begin(None);
                }
                Some(count)
            }
            At::Chunks(chunks) => {
                let done = chunks.read(bytes)?;
                if done.is_some() {
                    self.begin(None);
                }
                done
            }
            At::Held | At::Unseen => None,
        };
        Ok(done.unwrap_or(bytes.len()))
    }

    /// Goes on to a body, or past the request.
    fn begin(&mut self, body: Option<At>) {
        self.at = match body {
            Some(body) => body,
            None if self.upgrades => At::Held,
            None => At::Line(Line::default()),
        };
    }
}

impl Default for Framing {
    fn default() -> Self {
        Self::new()
    }
}

/// The body that a head announces.
fn body(fields: &Fields, old: bool) -> Result<Option<At>, Ambiguity> {
    match (fields.length(), fields.chunked()) {
        (Some(_), true) => Err(Ambiguity::TwoFramings),
        (None, true) if old => Err(Ambiguity::Coding),
        (None, true) => Ok(Some(At::Chunks(Chunks::default()))),
        (Some(0) | None, false) => Ok(None),
        (Some(length), false) => Ok(Some(At::Length(length))),
    }
}

/// A byte that names of methods and fields are made of (RFC 9110, section 5.6.2).
fn of_name(byte: u8) -> bool {
    // Made once for all 256, so that there is nothing to compare.
    const NAMES: [bool; 256] = {
        let mut names = [false; 256];
        let marks = b"!#$%&'*+-.^_`|~";
        let mut at = 0;
        while at < 128 {
            names[at] = (at as u8).is_ascii_alphanumeric();
            at += 1;
        }
        at = 0;
        while at < marks.len() {
            names[marks[at] as usize] = true;
            at += 1;
        }
        names
    };
    NAMES[usize::from(byte)]
}

/// Why a byte does not belong where a line goes on.
fn stray(byte: u8, otherwise: Ambiguity) -> Ambiguity {
    match byte {
        b'\n' => Ambiguity::BareLineFeed,
        b'\r' => Ambiguity::BareReturn,
        0 => Ambiguity::Nul,
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests;
