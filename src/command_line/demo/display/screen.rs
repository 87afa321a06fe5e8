//! A block of lines in a terminal, drawn over itself.
//!
//! Leaves the terminal as it was. Where there is none, the first line says it all, once for as long
//! as it is the same.

use std::fmt::Write as _;
use std::io::{self, Write};

/// Where the lines go. A terminal is given back with its cursor and its wrapping when this is
/// dropped.
pub(super) struct Screen<W: Write> {
    out: W,
    in_place: bool,
    drawn: usize,
    said: String,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(mut out: W, in_place: bool) -> Self {
        if in_place {
            // No cursor, and no wrapping: a wrapped line would be counted as one.
            let _ = out.write_all(b"\x1b[?25l\x1b[?7l");
        }
        Self { out, in_place, drawn: 0, said: String::new() }
    }

    pub(super) fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        if !self.in_place {
            return self.say(lines.first().map_or("", String::as_str));
        }
        let mut text = String::new();
        if self.drawn > 0 {
            let _ = write!(text, "\x1b[{}F", self.drawn);
        }
        lines.iter().for_each(|line| {
            // Over what is there, then the rest of the line: nothing is dark in between.
            let _ = writeln!(text, "{line}\x1b[K");
        });
        // What a longer block left below.
        text.push_str("\x1b[J");
        self.drawn = lines.len();
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        if self.said == line {
            return Ok(());
        }
        line.clone_into(&mut self.said);
        writeln!(self.out, "{line}")
    }
}

impl<W: Write> Drop for Screen<W> {
    fn drop(&mut self) {
        if self.in_place {
            let _ = self.out.write_all(b"\x1b[?25h\x1b[?7h");
            let _ = self.out.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_its_cursor_back_and_a_file_gets_each_line_once() {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, true);
        screen.draw(&["one".to_owned(), "two".to_owned()]).expect("memory takes all bytes");
        screen.draw(&["three".to_owned()]).expect("memory takes all bytes");
        drop(screen);
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("two\x1b[K\n\x1b[J\x1b[2Fthree\x1b[K"), "{text:?}");
        assert!(text.ends_with("\x1b[?25h\x1b[?7h"), "{text:?}");

        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, false);
        for first in ["one", "one", "three"] {
            screen.draw(&[first.to_owned(), "two".to_owned()]).expect("memory takes all bytes");
        }
        drop(screen);
        assert_eq!(out, b"one\nthree\n");
    }
}
