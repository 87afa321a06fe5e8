//! Somebody who asks for one thing after the other: how soon the first byte of an answer is there.
//!
//! How long an answer takes depends on which cores its client and its server happen to sit on far
//! more than on what is asked for, and that lasts for seconds and then changes. So everything that
//! is compared is asked for in turn, in one thread, and over one connection where it is the same
//! server.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// The whole page stays below 40 KB.
const ANSWER_BYTES_MAX: usize = 1 << 16;

/// What browsers say, in every request: a poll comes from one, too.
const BROWSER: &str = "Accept-Encoding: gzip\r\n";

/// What is asked for.
struct Side<'a> {
    address: &'a str,
    path: &'a str,
    /// The header in which the token is, as it begins.
    header: &'a str,
    firsts: Vec<Duration>,
    lasts: Vec<Duration>,
}

/// Asks for so many seconds, each time with the next token of a file, for every side in turn:
/// `sides` are an address, a path and the beginning of a header each. Prints a line for each with
/// the medians of the microseconds to the first byte and to the last.
#[expect(clippy::print_stdout, reason = "whoever drives it reads the figures")]
pub(crate) fn look(file: &str, seconds: u64, sides: &[&str]) -> anyhow::Result<()> {
    let (mut sides, mut doors) = (read_sides(sides)?, HashMap::new());
    for side in &sides {
        let door = TcpStream::connect(side.address)?;
        door.set_nodelay(true)?;
        doors.insert(side.address, door);
    }
    let (tokens, mut room) = (std::fs::read_to_string(file)?, vec![0; ANSWER_BYTES_MAX]);
    let ends_at = Instant::now() + Duration::from_secs(seconds);
    for token in tokens.lines().cycle().take_while(|_| Instant::now() < ends_at) {
        // Whoever is first in one turn is last in the next.
        sides.rotate_left(1);
        for side in &mut sides {
            let door = doors.get_mut(side.address).context("a door for each")?;
            side.ask(door, token, &mut room)?;
        }
    }
    // As they were named.
    let turns = sides.first().map_or(0, |side| side.firsts.len()) % sides.len();
    sides.rotate_right(turns);
    for side in &mut sides {
        println!("{:.3} {:.3}", median_us(&mut side.firsts)?, median_us(&mut side.lasts)?);
    }
    Ok(())
}

fn read_sides<'a>(sides: &[&'a str]) -> anyhow::Result<Vec<Side<'a>>> {
    let side = |named: &[&'a str]| match *named {
        [address, path, header] => {
            Ok(Side { address, path, header, firsts: Vec::new(), lasts: Vec::new() })
        }
        _ => bail!("a side is an address, a path and a header"),
    };
    ensure!(!sides.is_empty(), "name what to ask for");
    sides.chunks(3).map(side).collect()
}

impl Side<'_> {
    fn ask(&mut self, door: &mut TcpStream, token: &str, room: &mut [u8]) -> anyhow::Result<()> {
        let Self { path, header, .. } = self;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{BROWSER}{header}{token}\r\n\r\n");
        let begun_at = Instant::now();
        door.write_all(request.as_bytes())?;
        let began_at = read(door, room)?;
        self.lasts.push(begun_at.elapsed());
        self.firsts.push(began_at.duration_since(begun_at));
        Ok(())
    }
}

/// Reads one good answer to its end, and tells when its first byte was there: alone, since taking
/// more would take longer the more there is.
fn read(door: &mut TcpStream, room: &mut [u8]) -> anyhow::Result<Instant> {
    door.read_exact(&mut room[..1])?;
    let (began_at, mut end) = (Instant::now(), 1);
    loop {
        let more = door.read(&mut room[end..])?;
        ensure!(more > 0, "an answer broke off, or is too long");
        end += more;
        if bytes_of(&room[..end])?.is_some_and(|bytes| bytes <= end) {
            return Ok(began_at);
        }
    }
}

/// How long an answer is, once all of its head is there.
fn bytes_of(answer: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|end| end == b"\r\n\r\n") else { return Ok(None) };
    let lines = std::str::from_utf8(&answer[..head])?.to_lowercase();
    ensure!(lines.starts_with("http/1.1 200"), "no good answer: {lines}");
    let body = lines.lines().find_map(|line| line.strip_prefix("content-length: "));
    Ok(Some(head + 4 + body.context("a length")?.parse::<usize>()?))
}

fn median_us(spans: &mut [Duration]) -> anyhow::Result<f64> {
    spans.sort_unstable();
    let middle = spans.get(spans.len() / 2).context("no token in the file")?;
    Ok(middle.as_secs_f64() * 1e6)
}
