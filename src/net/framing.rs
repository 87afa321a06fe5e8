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
pub mod ending;
mod fields;
mod line;
pub mod refused;

use chunks::Chunks;
use fields::Fields;
use line::Line;
use refused::{Ambiguity, Passed, Refused, Why};

/// What has been answered on a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Answered {
    /// Requests of which the answer has begun.
    pub heads: u64,
    /// The last of them with 101: what follows is no HTTP/1.
    pub switched: bool,
}

/// How large a head may be.
#[derive(Clone, Copy, Debug)]
pub struct HeadLimits {
    /// Bytes.
    pub bytes_max: usize,
    /// Header fields.
    pub fields_max: usize,
}

/// Follows the bytes of one connection.
#[derive(Debug)]
pub struct Framing {
    at: At,
    limits: HeadLimits,
    /// Of the head under way.
    head_bytes: usize,
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
    pub fn new(limits: HeadLimits) -> Self {
        let at = At::Line(Line::default());
        Self { at, limits, head_bytes: 0, heads: 0, upgrades: false }
    }

    /// Of a connection that speaks something else: everything passes.
    pub fn unseen() -> Self {
        let limits = HeadLimits { bytes_max: usize::MAX, fields_max: usize::MAX };
        Self { at: At::Unseen, ..Self::new(limits) }
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
                self.look(answered).map_err(|why| passed.refused(why))?;
            }
            let from = bytes.len() - rest.len();
            if let Some(instead) = self.too_large() {
                return Err(Refused { why: Why::Large, from, instead });
            }
            match &self.at {
                At::Unseen => return Ok(()),
                At::Line(line) if line.fresh() => {
                    passed = Passed::Nothing(from);
                }
                _ => {}
            }
            let used = self.step(rest).map_err(|why| passed.refused(why))?;
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

    /// What ends a head that is too large, unless it cannot end here.
    fn too_large(&self) -> Option<&'static [u8]> {
        let full = self.head_bytes >= self.limits.bytes_max;
        match &self.at {
            At::Line(line) if full => Some(line.ending()),
            At::Fields { fields, .. } if full || fields.full() => fields.ending(),
            _ => None,
        }
    }

    /// Reads the next part of a head, or as much of it as there is or may be; returns how many
    /// bytes.
    fn step_head(&mut self, bytes: &[u8]) -> Result<usize, Ambiguity> {
        // One more where a head of this size cannot end.
        let room = self.limits.bytes_max.saturating_sub(self.head_bytes).max(1);
        let bytes = bytes.get(..room).unwrap_or(bytes);
        let done = match &mut self.at {
            At::Line(line) => {
                let done = line.read(bytes)?;
                if done.is_some() {
                    let fields = Fields::at_most(self.limits.fields_max);
                    self.at = At::Fields { old: line.old(), fields };
                }
                done
            }
            At::Fields { fields, old } => {
                let done = fields.read(bytes)?;
                if fields.ended() {
                    let body = body(fields, *old)?;
                    self.heads += 1;
                    self.head_bytes = 0;
                    self.upgrades = fields.upgrades();
                    self.begin(body);
                    return Ok(done.unwrap_or(bytes.len()));
                }
                done
            }
            _ => None,
        };
        let used = done.unwrap_or(bytes.len());
        self.head_bytes += used;
        Ok(used)
    }

    /// Reads the next part of a request, or as much of it as there is; returns how many bytes.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Ambiguity> {
        let done = match &mut self.at {
            At::Line(_) | At::Fields { .. } => return self.step_head(bytes),
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
