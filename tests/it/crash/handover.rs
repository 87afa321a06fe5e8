//! Replaced by a new version in the rush: the sockets outlive the process, and no request is lost.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::night::clients::{Manner, Visitor};
use crate::night::server::{LONG, Plan, SALE, Site};
use crate::night::{Night, alone, seed, until};

/// How often it is replaced.
const VERSIONS: usize = 3;
/// Who asks all the time, each time over a connection of their own.
const ASKERS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_in_the_rush_loses_no_request_and_no_place() {
    let _turn = alone().await;
    let seed = seed("handover");
    let site = Site::new(&Plan { cap: 16, policy: LONG, opens_at: None });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/crash/handover.py");
    let mut manager = Command::new("python3");
    manager.arg(script).arg(env!("CARGO_BIN_EXE_stanchion")).args(site.arguments());
    let server = site.start_as(manager.arg("--until-input-ends"));
    let manner = Manner {
        visitors: 16,
        visits: usize::MAX,
        wanted: 8,
        paid_percent: 60,
        hurried: false,
        lingers_ms: 0,
    };
    let night = Night::begin(site, server, manner, seed).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut askers = Vec::new();
    for _ in 0..ASKERS {
        let place = Visitor::new(&night.crowd, seed).join().await.expect("a place");
        let request = format!(
            "GET /v1/sales/{SALE}/places/me HTTP/1.1\r\nHost: night.test\r\n\
             Authorization: Bearer {}\r\nConnection: close\r\n\r\n",
            place.token
        );
        let (stop, public) = (Arc::clone(&stop), night.server.public);
        askers.push(tokio::spawn(async move {
            let mut told = BTreeMap::<String, u64>::new();
            while !stop.load(Ordering::Relaxed) {
                let status = ask(public, &request).await.unwrap_or_else(|fault| fault.to_string());
                *told.entry(status).or_default() += 1;
            }
            told
        }));
    }

    for version in 1..=VERSIONS {
        let orders = night.orders();
        until("people buy", async || (night.orders() > orders + 3).then_some(())).await;
        night.server.signal("HUP");
        until("it is told to stop", async || (stops(&night) == version).then_some(())).await;
    }
    let orders = night.orders();
    until("people go on buying", async || (night.orders() > orders + 3).then_some(())).await;
    stop.store(true, Ordering::Relaxed);
    let mut told = BTreeMap::<String, u64>::new();
    for asker in askers {
        for (status, count) in asker.await.expect("no panic") {
            *told.entry(status).or_default() += count;
        }
    }
    println!("handover: {told:?}");
    assert_eq!(told.keys().collect::<Vec<_>>(), ["HTTP/1.1 200 OK"], "{}", night.site.log());
    assert_eq!(stops(&night), VERSIONS);
    println!("handover: {:?}", night.reckon().await);
}

/// How many versions were told to stop.
fn stops(night: &Night) -> usize {
    night.site.log().matches("stopping: no new connections").count()
}

/// Asks once, over a connection of its own: the first line of an answer that came whole.
async fn ask(public: SocketAddr, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(public).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let whole = answer.trim_end().ends_with('}');
    let line = answer.lines().next().filter(|_| whole).unwrap_or("cut short");
    Ok(line.to_owned())
}
