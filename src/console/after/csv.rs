//! Comma-separated values: RFC 4180, and nothing that a spreadsheet would run.
//!
//! A table is made line by line as it is sent, so that a long one is never in memory as a whole.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

use crate::net::reply::OutBody;

/// Bytes of one piece of a table: some hundred lines, and a moment's work.
const PIECE_BYTES: usize = 32 << 10;

/// One line of a table.
pub(super) fn line<C: AsRef<str>>(cells: impl IntoIterator<Item = C>) -> String {
    let cells = cells.into_iter().map(|text| cell(text.as_ref()));
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A table with a heading, sent as its lines are made.
pub(super) fn body<I>(heading: &[&str], lines: I) -> OutBody
where
    I: Iterator<Item = String> + Send + Unpin + 'static,
{
    OutBody::foreign(Lines(std::iter::once(line(heading)).chain(lines)))
}

/// A text as a cell. What a spreadsheet would take for a formula begins with an apostrophe, which
/// it takes for text; numbers stay numbers.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number(text);
    let quoted = text.contains([',', '"', '\r', '\n']);
    match (formula, quoted) {
        (false, false) => text.to_owned(),
        (true, false) => format!("'{text}"),
        (false, true) => format!("\"{}\"", text.replace('"', "\"\"")),
        (true, true) => format!("\"'{}\"", text.replace('"', "\"\"")),
    }
}

/// Digits with at most one sign before and one point among them.
fn number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain(whole) && plain(part)
}

/// Lines that are made when they are wanted.
struct Lines<I>(I);

impl<I: Iterator<Item = String> + Unpin> Body for Lines<I> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut piece = String::new();
        while piece.len() < PIECE_BYTES {
            let Some(line) = self.0.next() else { break };
            piece.push_str(&line);
        }
        let piece = (!piece.is_empty()).then(|| Ok(Frame::data(piece.into())));
        Poll::Ready(piece)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        for (text, told) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+44 20", "'+44 20"),
            ("-12.50", "-12.50"),
            ("+7", "+7"),
            ("-1-1", "'-1-1"),
            ("-", "'-"),
            ("-.5", "'-.5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
        ] {
            assert_eq!(cell(text), told, "{text:?}");
        }
        assert_eq!(line(["a", "b,c"]), "a,\"b,c\"\r\n");
    }

    #[tokio::test]
    async fn a_long_table_comes_in_pieces() {
        let lines = (0..10_000).map(|at| line([at.to_string(), "x".repeat(20)]));
        let mut table = Lines(lines);
        let (mut all, mut pieces) = (Vec::new(), 0);
        while let Some(piece) = table.frame().await {
            let piece = piece.expect("nothing fails").into_data().expect("data");
            assert!(piece.len() < PIECE_BYTES + 64);
            all.extend_from_slice(&piece);
            pieces += 1;
        }
        let text = String::from_utf8(all).expect("text");
        assert!(pieces > 5 && text.lines().count() == 10_000);
        assert!(text.starts_with("0,xxxx") && text.ends_with("x\r\n"));
    }
}
