//! A crowd that waits: how soon the next visitor is called, and how soon everybody sees a change.
//!
//! `crowd call ADDRESS SALE CAP WAITING TIMES` fills the shop, lets so many more wait and poll, and
//! has one visitor after the other leave while the first in line asks every 5 ms. Prints a line
//! each: milliseconds from the request to leave to its answer, and to the poll that shows the call.
//!
//! `crowd streams ADDRESS OPS KEY SALE STREAMS TIMES PROCESS` opens event streams and posts
//! notices. Prints a line each: milliseconds from the request to its answer, to the first stream
//! that has it, to half of them, to 99 in 100 and to the last; then those of a processor that this
//! client took, and the MiB of the server, which is that process.
//!
//! `crowd fill ADDRESS SALE VISITORS SAMPLE` lets visitors join, as fast as the server lets them,
//! and prints some of their place tokens, a line each.
//!
//! `crowd look FILE SECONDS SIDE ...` asks for several things in turn, one at a time, each time
//! with the next token of a file; a side is ADDRESS PATH HEADER. Prints a line for each: the
//! medians of the microseconds to the first byte and to the last.
//!
//! One thread. Knows none of the server's code.

mod arrivals;
mod audience;
mod desk;
mod door;
mod line;
mod looks;

use std::time::Duration;

use anyhow::bail;

use audience::Audience;
use desk::Desk;
use line::Line;

/// What is measured begins at any moment of the server's rhythm, which is shorter.
const PAUSE_MS: std::ops::Range<u64> = 200..600;
/// Nothing waits longer.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    match asked[..] {
        ["call", address, sale, cap, waiting, times] => {
            let (line, shop) = Line::form(address, sale, cap.parse()?, waiting.parse()?).await?;
            line.call(shop, times.parse()?).await
        }
        ["streams", address, ops, key, sale, streams, times, process] => {
            let mut audience = Audience::open(address, sale, streams.parse()?).await?;
            let mut desk = Desk::open(ops, key, sale).await?;
            for number in 1..=times.parse()? {
                audience.watch(&mut desk, number, process.parse()?).await?;
            }
            Ok(())
        }
        ["fill", address, sale, visitors, sample] => {
            fill(address, sale, visitors.parse()?, sample.parse()?).await
        }
        ["look", file, seconds, ref sides @ ..] => looks::look(file, seconds.parse()?, sides),
        _ => bail!(
            "crowd call ADDRESS SALE CAP WAITING TIMES | \
             crowd streams ADDRESS OPS KEY SALE STREAMS TIMES PROCESS | \
             crowd fill ADDRESS SALE VISITORS SAMPLE | \
             crowd look FILE SECONDS ADDRESS PATH HEADER ..."
        ),
    }
}

#[expect(clippy::print_stdout, reason = "whoever drives it polls with the tokens")]
async fn fill(address: &str, sale: &str, visitors: usize, sample: usize) -> anyhow::Result<()> {
    for token in arrivals::arrive(address, sale, visitors, sample).await? {
        println!("{token}");
    }
    Ok(())
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(rand::random_range(PAUSE_MS))).await;
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
