//! No file descriptor is left: who is connected is served, who comes waits, and it passes.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::night::clients::{Manner, Visitor};
use crate::night::server::{LONG, Plan, Server, Site};
use crate::night::shopper::Shopper;
use crate::night::web::{Ask, Web};
use crate::night::{Night, alone, desk, seed, until};

/// Open files of the server: what it needs for itself, and some dozens of connections.
const FILES_MAX: u32 = 96;
/// Connections that say nothing.
const SILENT: usize = 300;
/// Looks while it lasts. Silence is ended after five seconds; this is over before.
const LOOKS: usize = 20;
const NOBODY: Manner =
    Manner { visitors: 0, visits: 0, wanted: 4, paid_percent: 0, hurried: false, lingers_ms: 0 };

fn starved(site: &Site) -> Server {
    let mut command = Command::new("prlimit");
    command.arg(format!("--nofile={FILES_MAX}")).arg(env!("CARGO_BIN_EXE_stanchion"));
    site.start_as(command.args(site.arguments()))
}

/// Processor time that the server has used, in ticks of 10 ms.
fn worked(server: &Server) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.pid())).expect("it runs");
    let fields = stat.rsplit(')').next().expect("a name in brackets");
    let fields: Vec<_> = fields.split_whitespace().collect();
    [11, 12].iter().map(|at| fields[*at].parse::<u64>().expect("a number")).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_file_descriptors_who_is_connected_is_served_and_nothing_spins() {
    let _turn = alone().await;
    let seed = seed("descriptors");
    let site = Site::new(&Plan { cap: 16, policy: LONG, opens_at: None });
    let server = starved(&site);
    let night = Night::begin(site, server, NOBODY, seed).await;
    let shopper = Shopper::enter(&night.crowd, seed, "S-A-1").await;
    let (web, staff) = (&night.crowd.web, &night.site.staff);
    desk(web, staff).await;

    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(TcpStream::connect(night.server.public).await.expect("the kernel accepts"));
    }
    until("it has no descriptor left", async || {
        night.site.log().contains("cannot accept connections").then_some(())
    })
    .await;
    let (began, before) = (Instant::now(), worked(&night.server));
    let mut slowest = Duration::ZERO;
    for _ in 0..LOOKS {
        let asked = Instant::now();
        assert_eq!(shopper.stands().await, "active");
        desk(web, staff).await;
        slowest = slowest.max(asked.elapsed());
    }
    let place = Visitor::new(&night.crowd, seed).join().await.expect("who is connected joins");
    shopper.pay().await;
    until("a second has passed", async || (began.elapsed() > Duration::from_secs(1)).then_some(()))
        .await;
    let passed_ms = began.elapsed().as_millis() as u64;
    let worked_ms = 10 * (worked(&night.server) - before);
    assert!(worked_ms < passed_ms / 2, "it worked {worked_ms} of {passed_ms} ms");

    drop(silent);
    let freed_at = Instant::now();
    let stranger = Web::new();
    stranger.reach(&night.server);
    let ask = Ask::get("poll", "/places/me").bearer(&place.token);
    let seen = stranger.insist(&ask).await.and_then(|seen| seen.is(200));
    seen.expect("who comes anew is let in");
    let recovered = freed_at.elapsed();
    assert!(!night.site.log().contains("panic"), "{}", night.site.log());
    println!("descriptors: slowest {slowest:?}, {worked_ms} of {passed_ms} ms of work");
    println!("descriptors: who came anew was in after {recovered:?}");
    night.reckon().await;
}
