//! Started where nothing can be written: what is there is served, and selling waits for the disk.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::disk::fill;
use crate::night::clients::{Manner, Place, Visitor};
use crate::night::server::{LONG, Plan, Site, run};
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
/// A length that a journal of some hundred records grows to much later.
const GROWN: u64 = 12 << 20;

/// A night that was killed, on a small disk of its own.
async fn killed(seed: u64) -> (Night, Place) {
    let mut site = Site::new(&Plan { cap: 16, policy: LONG, opens_at: None });
    site.mount(&["-t", "tmpfs", "-o", "size=64m", "tmpfs"])
        .expect("this test mounts a small tmpfs; run it as root, or where mounting is permitted");
    let server = site.start();
    let mut night = Night::begin(site, server, SOME, seed).await;
    until("people buy", async || (night.orders() > 3).then_some(())).await;
    let place = Visitor::new(&night.crowd, seed).join().await.expect("a place");
    night.kill();
    (night, place)
}

/// Starts on a disk that cannot be written, looks at what is served, mends the disk.
async fn starts_down(killed: (Night, Place), cause: &str, mend: impl FnOnce(&Path)) {
    let (mut night, place) = killed;
    night.restart();
    let (web, staff) = (&night.crowd.web, &night.site.staff);
    let seen = desk(web, staff).await;
    assert_eq!(seen.body["health"]["well"], false, "{seen:?}");
    assert_eq!(seen.body["time"]["running"], false, "{seen:?}");
    let said = seen.body["health"]["cause"].as_str().unwrap_or_default();
    assert!(said.contains(cause), "{seen:?}");
    let answer = until("nothing that lasts is done", async || refused(&night).await).await;
    assert_eq!((answer.status, answer.code()), (503, "down"), "{answer:?}");
    assert!(answer.retry_after().is_some(), "{answer:?}");
    Visitor::new(&night.crowd, 0).place(&place).await.expect("the queue is up");
    let board = web.ask(&Ask::get("board", "/board")).await.expect("the board is up");
    assert_eq!(board.status, 200, "{board:?}");

    let orders = night.orders();
    mend(&night.site.data());
    let mended_at = Instant::now();
    until("it sells again", async || (night.orders() > orders).then_some(())).await;
    let resumed = mended_at.elapsed();
    let reckoning = night.reckon().await;
    println!("started down, {cause}: sold after {resumed:?}; {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_full_disk_keeps_the_queue_up_and_sells_once_there_is_room() {
    let _turn = alone().await;
    let seed = seed("start on a full disk");
    let killed = killed(seed).await;
    let night = &killed.0;
    // As if it had been killed while the store grew: even to open that needs room.
    let journal = night.site.journal().join("journal.redb");
    let file = fs::File::options().write(true).open(&journal).expect("it is there");
    file.set_len(GROWN).expect("holes take no room");
    fill(&night.site.data());
    starts_down(killed, "no space left", |data| {
        fs::remove_file(data.join("filler")).expect("it was written");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_read_only_disk_keeps_the_queue_up_and_sells_once_it_can_write() {
    let _turn = alone().await;
    let seed = seed("start on a read-only disk");
    let killed = killed(seed).await;
    let remount = |data: &Path, how: &str| {
        let how = format!("remount,{how}");
        run(Command::new("mount").args(["-o", &how]).arg(data)).expect("it can be mounted so");
    };
    remount(&killed.0.site.data(), "ro");
    starts_down(killed, "read-only", |data| remount(data, "rw")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_full_disk_whose_journal_cannot_be_read_is_refused() {
    let _turn = alone().await;
    let seed = seed("unreadable on a full disk");
    let (night, _) = killed(seed).await;
    let journal = night.site.journal().join("journal.redb");
    let mut bytes = fs::read(&journal).expect("it is there");
    let len = bytes.len();
    bytes[4_096..len / 2].fill(0x55);
    fs::write(&journal, bytes).expect("room");
    fill(&night.site.data());
    let output = night.site.command().output().expect("it can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("damaged"), "{said}");
}
