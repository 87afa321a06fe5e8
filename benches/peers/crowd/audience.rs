//! Everybody who follows the board: an event stream each.

use std::net::Ipv4Addr;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

use crate::desk::Desk;
use crate::door::{Door, request};
use crate::{PATIENCE, ms, pause};

/// Event streams from one address of this machine.
const STREAMS_PER_SOURCE: usize = 500;

/// Everybody who follows the board.
pub(crate) struct Audience {
    /// The number of a change, and when a stream had it.
    arrivals: UnboundedReceiver<(u32, Instant)>,
    streams: usize,
    /// Fails when a stream does.
    following: JoinSet<anyhow::Result<()>>,
}

impl Audience {
    pub(crate) async fn open(address: &str, sale: &str, streams: usize) -> anyhow::Result<Self> {
        let (tell, arrivals) = mpsc::unbounded_channel();
        let mut following = JoinSet::new();
        let path = format!("/v1/sales/{sale}/board/stream");
        for stream in 0..streams {
            let source = Ipv4Addr::new(127, 0, 0, u8::try_from(2 + stream / STREAMS_PER_SOURCE)?);
            let mut door = Door::open(address, source).await?;
            let answer = door.send(request(Method::GET, &path, "", None)?).await?;
            ensure!(answer.status() == StatusCode::OK, "no stream: {}", answer.status());
            following.spawn(follow(door, answer.into_body(), tell.clone()));
        }
        Ok(Self { arrivals, streams, following })
    }

    /// Makes a change and waits until every stream has it; `server` is the process that has them.
    #[expect(clippy::print_stdout, reason = "whoever drives it reads the figures")]
    pub(crate) async fn watch(
        &mut self,
        desk: &mut Desk,
        number: u32,
        server: u32,
    ) -> anyhow::Result<()> {
        pause().await;
        let (began, busy_ms) = (Instant::now(), processor_ms()?);
        let answered = async {
            desk.post(number).await?;
            anyhow::Ok(began.elapsed())
        };
        let (streams, arrivals, following) =
            (self.streams, &mut self.arrivals, &mut self.following);
        let seen = async {
            let mut seen = Vec::with_capacity(streams);
            while seen.len() < streams {
                tokio::select! {
                    Some((change, at)) = arrivals.recv() => {
                        ensure!(change == number, "change {change} came again");
                        seen.push(at - began);
                    }
                    Some(ended) = following.join_next() => ended??,
                }
            }
            anyhow::Ok(seen)
        };
        let both = async { tokio::try_join!(answered, seen) };
        let (answered, seen) =
            tokio::time::timeout(PATIENCE, both).await.context("a stream missed a change")??;
        let at = |percent: usize| ms(seen[(streams - 1) * percent / 100]);
        let busy_ms = processor_ms()? - busy_ms;
        let (answered, first, half, most, last) = (ms(answered), at(0), at(50), at(99), at(100));
        let memory = memory_mb(server)?;
        println!("{answered:.3} {first:.3} {half:.3} {most:.3} {last:.3} {busy_ms:.3} {memory:.3}");
        Ok(())
    }
}

/// Tells when each change came, as long as the stream lasts.
async fn follow(
    _door: Door,
    mut stream: Incoming,
    tell: UnboundedSender<(u32, Instant)>,
) -> anyhow::Result<()> {
    let mut newest = None;
    while let Some(frame) = stream.frame().await {
        let frame = frame?.into_data().unwrap_or_default();
        let change = std::str::from_utf8(&frame).ok().and_then(change_of);
        if let Some(change) = change.filter(|_| change != newest) {
            newest = Some(change);
            tell.send((change, Instant::now()))?;
        }
    }
    bail!("a stream ended")
}

/// The number in the notice of a head.
fn change_of(head: &str) -> Option<u32> {
    let (_, rest) = head.split_once("\"change ")?;
    rest.split_once('"')?.0.parse().ok()
}

/// Milliseconds of a processor that this thread, which is all there is, has had.
fn processor_ms() -> anyhow::Result<f64> {
    let read = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = read.split(' ').next().context("a first number")?.parse()?;
    Ok(nanoseconds / 1e6)
}

/// What of a process is in memory.
fn memory_mb(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a size")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1_024.0)
}
