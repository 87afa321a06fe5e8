//! An HTTP event stream, read line by line, within bounds.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::wire::Wire;
use crate::history::clock::RunClock;

/// Bytes of one line. A board's head is below 2 KiB; this is a page of memory more than thirty of
/// them.
const LINE_BYTES_MAX: usize = 64 << 10;
/// A stream that is alive says so much more often: every 15 s, if it has nothing else to say.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// An open stream. Dropping it closes its connection (of HTTP/2: ends the request).
pub struct Stream {
    status: StatusCode,
    body: Incoming,
    clock: RunClock,
    lines: Lines,
    _wire: Box<Wire>,
}

/// Something that a stream told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What it is called: `head`, `goodbye`; `message` if it has no name.
    pub name: String,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// What it says.
    pub data: String,
    /// When the end of it was there, on the run's clock.
    pub told_us: u64,
}

/// Bytes as they come, cut into pieces.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    /// Bytes before this one hold no end of a line.
    looked_at: usize,
    name: Option<String>,
    id: Option<String>,
    data: Option<String>,
}

/// A line without an end.
#[derive(PartialEq, Eq, Debug)]
struct Endless;

impl Stream {
    pub(super) fn new(response: Response<Incoming>, wire: Box<Wire>, clock: RunClock) -> Self {
        let (status, body) = (response.status(), response.into_body());
        Self { status, body, clock, lines: Lines::default(), _wire: wire }
    }

    /// The status: only one of 200 tells anything.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The next piece; `None` when the stream has ended, broke, fell silent, or makes no sense.
    pub async fn next(&mut self) -> Option<Piece> {
        loop {
            let now_us = self.clock.now_us();
            if let Some(piece) = self.lines.piece(now_us).ok()? {
                return Some(piece);
            }
            let frame = tokio::time::timeout(SILENCE_MAX, self.body.frame()).await.ok()?;
            let frame = frame?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.lines.take(&data);
            }
        }
    }
}

impl Lines {
    fn take(&mut self, bytes: &Bytes) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole piece, if there is one.
    fn piece(&mut self, told_us: u64) -> Result<Option<Piece>, Endless> {
        while let Some(line) = self.line()? {
            if !line.is_empty() {
                self.field(&line);
                continue;
            }
            let (name, id) = (self.name.take(), self.id.take());
            if let Some(data) = self.data.take() {
                let name = name.unwrap_or_else(|| "message".to_owned());
                return Ok(Some(Piece { name, id, data, told_us }));
            }
        }
        Ok(None)
    }

    /// The next whole line, without its end.
    fn line(&mut self) -> Result<Option<String>, Endless> {
        let rest = self.bytes.get(self.looked_at..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.looked_at = self.bytes.len();
            let endless = self.bytes.len() > LINE_BYTES_MAX;
            return if endless { Err(Endless) } else { Ok(None) };
        };
        let line: Vec<u8> = self.bytes.drain(..=self.looked_at + end).collect();
        self.looked_at = 0;
        let line = String::from_utf8_lossy(&line);
        Ok(Some(line.trim_end_matches(['\n', '\r']).to_owned()))
    }

    fn field(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.name = Some(value.to_owned()),
            "id" => self.id = Some(value.to_owned()),
            "data" => match &mut self.data {
                Some(data) if data.len() + value.len() < LINE_BYTES_MAX => {
                    data.push('\n');
                    data.push_str(value);
                }
                Some(_) => {}
                None => self.data = Some(value.to_owned()),
            },
            // Comments, and how soon to come back.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told when the bytes come in parts of this size.
    fn told(text: &str, size: usize) -> Vec<Piece> {
        let mut lines = Lines::default();
        let mut pieces = Vec::new();
        for part in text.as_bytes().chunks(size) {
            lines.take(&Bytes::copy_from_slice(part));
            while let Some(piece) = lines.piece(7).expect("lines end") {
                pieces.push(piece);
            }
        }
        pieces
    }

    #[test]
    fn a_stream_is_cut_into_pieces_wherever_the_network_cut_it() {
        let text =
            "retry: 5\n\n:\n\nevent: head\nid: 3\ndata: {\"a\":1}\n\ndata:x\r\ndata: y\r\n\r\n";
        for size in 1..text.len() {
            let pieces = told(text, size);
            let [head, other] = &pieces[..] else { panic!("{size}: {pieces:?}") };
            let shown = (head.name.as_str(), head.id.as_deref(), head.data.as_str());
            assert_eq!(shown, ("head", Some("3"), "{\"a\":1}"), "{size}");
            assert_eq!((other.name.as_str(), other.data.as_str()), ("message", "x\ny"), "{size}");
        }
    }

    #[test]
    fn a_line_without_an_end_ends_the_stream() {
        let mut lines = Lines::default();
        lines.take(&Bytes::from(vec![b'x'; LINE_BYTES_MAX + 1]));
        assert_eq!(lines.piece(0), Err(Endless));
    }
}
