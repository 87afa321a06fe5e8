//! Disks that are full, taken by somebody else, or forget what was not synced.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::night::clients::{Manner, Visitor};
use crate::night::power::make_device;
use crate::night::server::{LONG, Plan, SALE, Site, run};
use crate::night::web::Ask;
use crate::night::{Night, alone, desk, refused, seed, until};

const SOME: Manner = Manner {
    visitors: 12,
    visits: usize::MAX,
    wanted: 8,
    paid_percent: 30,
    hurried: false,
    lingers_ms: 0,
};
/// What is left on the full disk beside the journal: a growing journal needs megabytes.
const LEFT_KIB: u64 = 64;

fn site() -> Site {
    Site::new(&Plan { cap: 16, policy: LONG, opens_at: None })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_selling_alone_and_room_resumes_it() {
    let _turn = alone().await;
    let seed = seed("full disk");
    let mut site = site();
    site.mount(&["-t", "tmpfs", "-o", "size=12m", "tmpfs"])
        .expect("this test mounts a small tmpfs; run it as root, or where mounting is permitted");
    let server = site.start();
    let night = Night::begin(site, server, SOME, seed).await;
    until("people buy", async || (night.orders() > 3).then_some(())).await;
    fill(&night.site.data());
    let web = &night.crowd.web;
    let visitor = Visitor::new(&night.crowd, seed);

    let refused = until("the disk is full", async || refused(&night).await).await;
    let full_at = Instant::now();
    assert_eq!((refused.status, refused.code()), (503, "down"), "{refused:?}");
    assert!(refused.retry_after().is_some(), "{refused:?}");
    let cause = until("operators see the cause", async || {
        desk(web, &night.site.staff).await.body["health"]["cause"].as_str().map(str::to_owned)
    })
    .await;
    let seen_ms = full_at.elapsed().as_millis();
    assert!(cause.contains("no space left"), "{cause}");

    let place = visitor.join().await.expect("joining goes on");
    for _ in 0..20 {
        let seen = visitor.place(&place).await.expect("the queue stays up");
        assert_eq!(seen.body["time_running"], false, "{seen:?}");
        let board = web.ask(&Ask::get("board", "/board")).await.expect("the board stays up");
        assert_eq!((board.status, &board.body["time_running"]), (200, &false.into()), "{board:?}");
    }
    let still = desk(web, &night.site.staff).await;
    assert_eq!(still.body["health"]["well"], false, "{still:?}");

    let at = night.site.data();
    run(Command::new("mount").args(["-o", "remount,size=256m"]).arg(&at)).expect("it can grow");
    let grown_at = Instant::now();
    let orders = night.orders();
    until("it sells again", async || (night.orders() > orders).then_some(())).await;
    let resumed_ms = grown_at.elapsed().as_millis();
    let reckoning = night.reckon().await;
    println!("full disk: \"{cause}\" after {seen_ms} ms, sold again after {resumed_ms} ms");
    println!("full disk: {reckoning:?}");
}

/// Fills a disk but for a little.
pub(super) fn fill(at: &Path) {
    let said = Command::new("df").args(["--output=avail", "-k"]).arg(at).output().expect("df");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let free: u64 = said.lines().last().and_then(|line| line.trim().parse().ok()).expect("KiB");
    let filler = vec![0; usize::try_from(free.saturating_sub(LEFT_KIB) * 1_024).expect("small")];
    fs::write(at.join("filler"), filler).expect("there was room");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_data_refuses_and_disturbs_nobody() {
    let _turn = alone().await;
    let seed = seed("second process");
    let site = site();
    let server = site.start();
    let night = Night::begin(site, server, SOME, seed).await;
    for _ in 0..3 {
        let orders = night.orders();
        let second = night.site.command().output().expect("it can be run");
        let said = String::from_utf8_lossy(&second.stderr).into_owned();
        assert_eq!(second.status.code(), Some(1), "{said}");
        let journal = night.site.journal().display().to_string();
        assert!(said.contains(&journal), "it names {journal}: {said}");
        until("the first goes on selling", async || (night.orders() > orders).then_some(())).await;
    }
    let tries = night.crowd.web.tries();
    let failed: Vec<_> = tries
        .iter()
        .filter(|one| one.status.is_none_or(|status| status >= 500) && one.operation != "join")
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    let reckoning = night.reckon().await;
    println!("second process: {reckoning:?}");
}

/// Power cuts.
const CUTS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_power_cut() {
    let _turn = alone().await;
    let seed = seed("power cut");
    let mut site = site();
    let device = site.file("device");
    let mounted = make_device(&device).and_then(|()| site.mount_device(&device));
    if let Err(fault) = mounted {
        println!("power cut: NOT RUN, no loop device can be mounted here: {fault}");
        return;
    }
    let server = site.start();
    let mut night = Night::begin(site, server, SOME, seed).await;
    for cut in 1..=CUTS {
        let orders = night.orders();
        until("people buy", async || (night.orders() > orders + cut).then_some(())).await;
        // Nobody hears an answer that was given after the cut.
        night.server.signal("STOP");
        night.site.cut_power();
        night.kill();
        night.site.unmount();
        night.site.mount_device(&device).expect("it was mounted before");
        assert!(night.site.data().join(SALE).is_dir(), "the journal's folder is there");
        night.restart();
        night.require_truth();
    }
    let reckoning = night.reckon().await;
    println!("power cut: {CUTS} cuts; {reckoning:?}");
    assert!(reckoning.orders > 0);
}
