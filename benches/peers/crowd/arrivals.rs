//! A long queue, soon: visitors join through few connections, many requests a write.
//!
//! Every one of them is a join over HTTP, answered like any other. Nothing is measured here.

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Connections that share the visitors.
const DOORS: usize = 32;
/// Requests under way in each.
const PER_WRITE: usize = 64;

/// Lets visitors join; with the place tokens of every so manieth.
pub(crate) async fn arrive(
    address: &str,
    sale: &str,
    visitors: usize,
    sample: usize,
) -> anyhow::Result<Vec<String>> {
    let every = (visitors / sample.max(1)).max(1);
    let join = format!(
        "POST /v1/sales/{sale}/places HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    );
    let mut doors = JoinSet::new();
    for door in 0..DOORS {
        let share = visitors / DOORS + usize::from(door < visitors % DOORS);
        let stream = TcpStream::connect(address).await?;
        doors.spawn(join_all(stream, join.clone(), share, every));
    }
    let mut tokens = Vec::new();
    while let Some(joined) = doors.join_next().await {
        tokens.extend(joined??);
    }
    Ok(tokens)
}

async fn join_all(
    mut stream: TcpStream,
    join: String,
    visitors: usize,
    every: usize,
) -> anyhow::Result<Vec<String>> {
    let (mut tokens, mut joined) = (Vec::new(), 0);
    let mut answers = Vec::new();
    while joined < visitors {
        let asked = PER_WRITE.min(visitors - joined);
        stream.write_all(join.repeat(asked).as_bytes()).await?;
        answers.clear();
        let mut at = 0;
        for _ in 0..asked {
            let length = whole_answer(&mut stream, &mut answers, at).await?;
            let answer = &answers[at..at + length];
            at += length;
            match answer.get(9..12) {
                Some(b"201") => {
                    if joined % every == 0 {
                        tokens.push(token_in(answer)?);
                    }
                    joined += 1;
                }
                // No number is ready: faster than any crowd, we come again.
                Some(b"503") => {}
                _ => bail!("not joined: {}", String::from_utf8_lossy(answer)),
            }
        }
    }
    Ok(tokens)
}

/// Reads until the answer that begins there is whole: its bytes.
async fn whole_answer(
    stream: &mut TcpStream,
    read: &mut Vec<u8>,
    at: usize,
) -> anyhow::Result<usize> {
    loop {
        if let Some(length) = length_of(&read[at..]).filter(|length| at + length <= read.len()) {
            return Ok(length);
        }
        ensure!(stream.read_buf(read).await? > 0, "the connection was closed");
    }
}

/// Bytes of the first answer, once its head is there.
fn length_of(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let lines = std::str::from_utf8(read.get(..head)?).ok()?;
    let length = lines.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(head + length.parse::<usize>().ok()?)
}

fn token_in(answer: &[u8]) -> anyhow::Result<String> {
    let text = std::str::from_utf8(answer)?;
    let (_, rest) = text.split_once("\"token\":\"").context("a joined visitor has a token")?;
    let (token, _) = rest.split_once('"').context("a token ends")?;
    Ok(token.to_owned())
}
