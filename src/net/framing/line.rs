//! The request line: a method, a target and a version, with one space between.

use super::ending::{ENDING, ENDING_FEED, ENDING_FIELD, ENDING_RETURN, ENDING_VERSION};
use super::refused::Ambiguity;
use super::{of_name, stray};

const VERSION: &[u8] = b"HTTP/1.";

/// Follows a request line. One empty line before it is skipped: some put it after a body.
#[derive(Debug, Default)]
pub(super) struct Line {
    at: At,
    skipped: bool,
    old: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum At {
    #[default]
    Start,
    SkippedFeed,
    Method,
    TargetStart,
    Target,
    /// So many bytes of the version were there.
    Version(usize),
    Return,
    Feed,
    End,
}

impl Line {
    /// Whether nothing of the request was there yet.
    pub(super) fn fresh(&self) -> bool {
        matches!(self.at, At::Start)
    }

    /// Whether it says HTTP/1.0.
    pub(super) fn old(&self) -> bool {
        self.old
    }

    /// What ends a head in the middle of this line, so that it reads.
    pub(super) fn ending(&self) -> &'static [u8] {
        let from = match self.at {
            At::Start | At::SkippedFeed | At::Method => 0,
            At::TargetStart => 1,
            At::Target => 2,
            At::Version(count) => ENDING_VERSION + count,
            At::Return => ENDING_RETURN,
            At::Feed => ENDING_FEED,
            At::End => ENDING_FIELD,
        };
        ENDING.get(from..).unwrap_or_default()
    }

    /// Reads on; says where the line ended, if it did.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, Ambiguity> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            // Of a method or a target, as much as there is at once.
            let run = match self.at {
                At::Method => rest.iter().position(|byte| !of_name(*byte)),
                At::Target => rest.iter().position(|byte| !of_target(*byte)),
                _ => Some(0),
            };
            let Some((run, byte)) = run.and_then(|run| Some((run, *rest.get(run)?))) else {
                return Ok(None);
            };
            at += run + 1;
            self.at = self.after(byte)?;
            if let At::End = self.at {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    fn after(&mut self, byte: u8) -> Result<At, Ambiguity> {
        match (self.at, byte) {
            (At::Start, b'\r') if !self.skipped => {
                self.skipped = true;
                Ok(At::SkippedFeed)
            }
            (At::SkippedFeed, b'\n') => Ok(At::Start),
            (At::Start, byte) if of_name(byte) => Ok(At::Method),
            (At::Method, b' ') => Ok(At::TargetStart),
            (At::TargetStart, byte) if of_target(byte) => Ok(At::Target),
            (At::Target, b' ') => Ok(At::Version(0)),
            (At::Version(count), b'0' | b'1') if count == VERSION.len() => {
                self.old = byte == b'0';
                Ok(At::Return)
            }
            (At::Version(count), byte) if VERSION.get(count) == Some(&byte) => {
                Ok(At::Version(count + 1))
            }
            (At::Version(_), byte) => Err(stray(byte, Ambiguity::Version)),
            (At::Return, b'\r') => Ok(At::Feed),
            (At::Feed, b'\n') => Ok(At::End),
            (At::SkippedFeed | At::Feed, _) => Err(Ambiguity::BareReturn),
            (_, byte) => Err(stray(byte, Ambiguity::Line)),
        }
    }
}

fn of_target(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f
}
