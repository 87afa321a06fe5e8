//! Somebody who asks for one thing after the other: how soon the first byte of an answer is there.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// The whole page stays below 40 KB.
const ANSWER_BYTES_MAX: usize = 1 << 16;

/// Asks for a path over one connection, each time with the next token of a file in the header that
/// begins like this, and prints the median of the microseconds to the first byte and to the last.
#[expect(clippy::print_stdout, reason = "whoever drives it reads the figures")]
pub(crate) fn look(address: &str, path: &str, header: &str, file: &str) -> anyhow::Result<()> {
    let tokens = std::fs::read_to_string(file)?;
    let mut door = TcpStream::connect(address)?;
    door.set_nodelay(true)?;
    let (mut firsts, mut lasts) = (Vec::new(), Vec::new());
    for token in tokens.lines() {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}{token}\r\n\r\n");
        let begun_at = Instant::now();
        door.write_all(request.as_bytes())?;
        firsts.push(read(&mut door)?.duration_since(begun_at));
        lasts.push(begun_at.elapsed());
    }
    println!("{:.3} {:.3}", median_us(&mut firsts)?, median_us(&mut lasts)?);
    Ok(())
}

/// Reads one good answer to its end, and tells when it began.
fn read(door: &mut TcpStream) -> anyhow::Result<Instant> {
    let (mut answer, mut end, mut began_at) = (vec![0; ANSWER_BYTES_MAX], 0, None);
    loop {
        let more = door.read(&mut answer[end..])?;
        let began_at = *began_at.get_or_insert_with(Instant::now);
        ensure!(more > 0, "an answer broke off, or is too long");
        end += more;
        if bytes_of(&answer[..end])?.is_some_and(|bytes| bytes <= end) {
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
