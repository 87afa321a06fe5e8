//! What is not passed on of a connection: why, from where, and what stands in its place.

/// Bytes that are not to be passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Why.
    pub why: Why,
    /// The first of them, of those last read.
    pub from: usize,
    /// What is passed on in their place, so that the request is refused in its turn; nothing if it
    /// has no more than a body to come, and the connection is to be closed.
    pub instead: &'static [u8],
}

/// Why nothing more is passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// It could be read in two ways.
    Ambiguous(Ambiguity),
    /// The head is too large.
    Large,
}

/// What the reader behind has of a request that is refused.
#[derive(Clone, Copy)]
pub(super) enum Passed {
    /// Nothing: it begins at this offset of the bytes last read.
    Nothing(usize),
    /// Some of its head.
    Head,
    /// All of its head.
    Body,
}

impl Passed {
    /// What is not passed on, and what is in its place.
    pub(super) fn refused(self, why: Ambiguity) -> Refused {
        let (from, instead) = match self {
            Self::Nothing(from) => (from, STAND_IN),
            Self::Head => (0, BREAK),
            Self::Body => (0, &[][..]),
        };
        Refused { why: Why::Ambiguous(why), from, instead }
    }
}

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

/// The host that [`STAND_IN`] names. Nobody has it: a visitor who says so is refused as well.
pub const STAND_IN_HOST: &str = "?ambiguous";
/// Stands in for a refused request of which nothing was passed on: hyper reads it after what came
/// before, and [`super::vet`] refuses it.
pub(super) const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: ?ambiguous\r\n\r\n";
/// Goes on after a part of a head, so that hyper refuses the whole: no head has a NUL.
const BREAK: &[u8] = b"\0\r\n\r\n";
